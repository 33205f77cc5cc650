// The code blocks of a page of documentation, and where they stand.

/** `line`: of the block's first line of code, from 1. `name`: the words behind the language, such as a file's path. */
export type DocBlock = { page: string; language: string; name: string; text: string; line: number };

/** Every fenced block, in order; in a list, without the list's indentation. Throws where a fence is not closed. */
export function docBlocks(page: string, markdown: string): DocBlock[] {
  const blocks: DocBlock[] = [];
  let open: DocBlock | undefined;
  let margin = 0;
  for (const [index, line] of markdown.split('\n').entries()) {
    const [fence, indent = '', language = '', name = ''] = /^( *)```(\S*)\s*(.*)$/.exec(line) ?? [];
    if (fence === undefined) {
      if (open !== undefined) open.text += `${line.slice(Math.min(margin, line.search(/\S|$/)))}\n`;
    } else if (open === undefined) {
      open = { page, language, name, text: '', line: index + 2 };
      margin = indent.length;
    } else {
      blocks.push(open);
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`${page}:${open.line}: this block is never closed`);
  return blocks;
}

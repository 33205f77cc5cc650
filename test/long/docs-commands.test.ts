// The guides' commands: every one is run, block by block, in a copy of the program with a real daemon, as a person would.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DocBlock, docBlocks } from '../support/doc-blocks.ts';
import { folderFor, missingTool, runBlock, serves } from '../support/doc-world.ts';
import { copyProgram, type ProgramCopy } from '../support/program-copy.ts';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const blocks = readdirSync(docs)
  .filter((name) => name.endsWith('.md'))
  .flatMap((name) => docBlocks(`docs/${name}`, readFileSync(docs + name, 'utf8')))
  .filter(({ language }) => language === 'sh');
const where = ({ page, line }: DocBlock): string => `${page}:${line}`;
const pages = [...new Set(blocks.map(({ page }) => page))];

let program: ProgramCopy;
beforeAll(async () => {
  program = await copyProgram();
}, 180_000);
afterAll(() => program.remove());

test('most guides have commands', () => expect(pages.length).toBeGreaterThan(5));

test.each(pages)('%s: every block of it does what it says, one after the other', async (page) => {
  const here = blocks.filter((block) => block.page === page);
  const folder = await folderFor(program, here.some(serves));
  try {
    for (const block of here) {
      const tool = missingTool(block);
      if (tool !== undefined) {
        console.warn(`${where(block)}: not run, ${tool} is not installed`);
        continue;
      }
      const { code, out, err } = await runBlock(block, program, folder);
      expect([where(block), code, code === 0 ? '' : `${out}\n${err}`]).toEqual([where(block), 0, '']);
    }
  } finally {
    await program.stop();
  }
});

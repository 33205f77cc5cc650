// Rule editor: the part of a form in which somebody says by which rules something is tried: those in use, or a file edited here.
import { html } from 'hono/html';
import type { Who } from '../access/gate.ts';
import { allows } from '../access/roles.ts';
import type { ConsoleDeps } from '../deps.ts';
import type { Html } from '../http/route.ts';

export type Editing = { rules: 'used' | 'edited'; file: string; text: string };

const EMPTY = '{\n  "rules": []\n}\n';

/** What a page begins with: the file that its address names, as it lies on disk. */
export async function editingOf(
  query: Readonly<Record<string, string>>,
  { rules }: Pick<ConsoleDeps, 'rules'>,
): Promise<Editing> {
  const file = query.file ?? (query.rule === undefined ? undefined : rules.find(query.rule)?.file);
  if (file === undefined) {
    const [first = ''] = rules.files();
    return { rules: 'used', file: first, text: (await rules.text(first)) ?? EMPTY };
  }
  return { rules: 'edited', file, text: (await rules.text(file)) ?? EMPTY };
}

/** A form of its own: it loads another file into the editor. */
export const filePicker = (
  action: string,
  editing: Editing,
  hidden: Record<string, string>,
  files: readonly string[],
): Html =>
  html`<form class="filter" method="get" action="${action}">${Object.entries(hidden).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<label>Rule file to edit <select name="file" data-submit><option value="" ${editing.file === '' ? html`selected` : ''}>a new file beside the others</option>${files.map((file) => html`<option value="${file}" ${file === editing.file ? html`selected` : ''}>${file}</option>`)}</select></label><button>Load</button></form>`;

/** The fields. Whoever may only read tries the rules in use. */
export const editorFields = ({ rules, file, text }: Editing, who: Who): Html =>
  allows(who.role, 'operate')
    ? html`<fieldset><legend>By which rules</legend>
<label><input type="radio" name="rules" value="used" ${rules === 'used' ? html`checked` : ''}> those in use</label>
<label><input type="radio" name="rules" value="edited" ${rules === 'edited' ? html`checked` : ''}> with this text ${file === '' ? 'beside all rule files' : html`instead of <code>${file}</code>`}</label>
<input type="hidden" name="file" value="${file}">
<label for="text">Rule file, JSON with comments; nothing is saved</label>
<textarea id="text" name="text" rows="20" spellcheck="false" autocomplete="off" wrap="off">${leadingLine(text)}</textarea></fieldset>`
    : html`<p class="quiet">The rules in use are tried. To try edited ones you need the role operate.</p>`;

/** HTML drops one line break at the beginning of a textarea. */
const leadingLine = (text: string): string => (/^[\r\n]/.test(text) ? `\n${text}` : text);

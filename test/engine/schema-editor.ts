// What an editor makes of our schemas: VS Code's own JSON language service, on a text in which ▮ is the cursor.
import type { Hover } from 'vscode-json-languageservice';
import languages from 'vscode-json-languageservice';
import { DESTINATIONS } from '../../src/destinations/index.ts';
import { type JsonSchema, rulesSchema } from '../../src/engine/schema/index.ts';
import { MESSAGE_EXAMPLES } from '../../src/reference-examples.ts';
import { SCENARIOS } from '../../src/simulator/index.ts';

/** Names as in the config that comes with the program. */
export const CONNECTIONS = {
  house: { type: 'mqtt' },
  team: { type: 'slack' },
  office: { type: 'email' },
  crm: { type: 'webhook' },
  pocket: { type: 'ntfy' },
};

export const RULES: JsonSchema = rulesSchema({
  destinations: DESTINATIONS,
  connections: CONNECTIONS,
  examples: MESSAGE_EXAMPLES,
  scenarios: SCENARIOS,
});

export type Mark = { text: string; message: string; line: number; column: number };
export type Offer = { label: string; documentation: string; inserts: string };

export type Editor = {
  /** What is underlined, with its place counted from 1. */
  marks(text: string): Promise<Mark[]>;
  /** What is offered at the cursor. */
  offers(text: string): Promise<Offer[]>;
  /** What is shown when the mouse rests at the cursor. */
  hover(text: string): Promise<string>;
};

const CURSOR = '▮';
const QUIET = { comments: 'ignore', trailingCommas: 'ignore', schemaValidation: 'error' } as const;

/** An editor that has the schema for every file. */
export function editorWith(schema: JsonSchema): Editor {
  const text = JSON.stringify(schema);
  // A file that names the schema beside it finds the same one.
  const service = languages.getLanguageService({
    schemaRequestService: async (uri) => {
      if (uri.endsWith('.schema.json')) return text;
      throw new Error(`there is no ${uri}`);
    },
    workspaceContext: { resolveRelativePath: (path) => `file:///${path.replace('./', '')}` },
  });
  // It changes what it is given, so it gets a copy.
  service.configure({ schemas: [{ uri: 'schema://ours', fileMatch: ['*'], schema: JSON.parse(text) }] });
  const open = (text: string) => {
    const at = text.indexOf(CURSOR);
    const document = languages.TextDocument.create('file:///rules.jsonc', 'jsonc', 1, text.replace(CURSOR, ''));
    return { document, json: service.parseJSONDocument(document), position: document.positionAt(at) };
  };
  return {
    async marks(text) {
      const { document, json } = open(text);
      const found = await service.doValidation(document, json, QUIET);
      return found.map(({ message, range }) => ({
        text: document.getText(range),
        message: textOf(message),
        line: range.start.line + 1,
        column: range.start.character + 1,
      }));
    },
    async offers(text) {
      const { document, json, position } = open(text);
      const list = await service.doComplete(document, position, json);
      return (list?.items ?? []).map(({ label, documentation, insertText }) => ({
        label,
        documentation: textOf(documentation),
        inserts: insertText ?? '',
      }));
    },
    async hover(text) {
      const { document, json, position } = open(text);
      return textOf((await service.doHover(document, position, json))?.contents).replaceAll('\\', '');
    },
  };
}

function textOf(contents: Hover['contents'] | string | undefined): string {
  if (contents === undefined) return '';
  if (typeof contents === 'string') return contents;
  return Array.isArray(contents) ? contents.map(textOf).join('\n') : contents.value;
}

/** Every key of a schema with its path, those of definitions and choices too. */
export function keysOf(schema: JsonSchema, path = ''): { path: string; schema: JsonSchema }[] {
  const {
    properties = {},
    definitions = {},
    anyOf = [],
    allOf = [],
    items,
    additionalProperties,
    then: after,
  } = schema;
  const under = [
    ...Object.entries(definitions).map(([name, inner]) => [`${path}#${name}`, inner] as const),
    ...[...anyOf, ...allOf].map((inner, n) => [`${path}/${n}`, inner] as const),
    ...(items === undefined ? [] : [[`${path}[]`, items] as const]),
    ...(typeof additionalProperties === 'object' ? [[`${path}.*`, additionalProperties] as const] : []),
    ...(after === undefined ? [] : [[`${path}/then`, after] as const]),
  ];
  return [
    ...Object.entries(properties).flatMap(([name, inner]) => [
      { path: `${path}.${name}`, schema: inner },
      ...keysOf(inner, `${path}.${name}`),
    ]),
    ...under.flatMap(([at, inner]) => keysOf(inner, at)),
  ];
}

// Reads the repository's files and parses its TypeScript, so that the rules of the house judge syntax and not text.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast';
import { createVirtualFileSystem } from 'typescript/unstable/fs';
import { API } from 'typescript/unstable/sync';

/** Path from the root of the repository, with `/` → text. */
export type Files = Record<string, string>;
/** `path:line: what is wrong`. */
export type Offence = string;

const IGNORED = new Set(['node_modules', 'dist', 'data', 'coverage', '.git']);
const BINARY = /\.(?:png|jpg|gif|ico|woff2?|gz|tgz|db|db-wal|db-shm|tsbuildinfo)$/;

/** Every text file of the repository below `folder`. */
export function readFiles(root: string, folder = '.'): Files {
  const files: Files = {};
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
    if (IGNORED.has(entry.name) || path === 'config.json') continue;
    if (entry.isDirectory()) Object.assign(files, readFiles(root, path));
    else if (entry.isFile() && !BINARY.test(path)) files[path] = readFileSync(join(root, path), 'utf8');
  }
  return files;
}

const VIRTUAL_ROOT = '/house';

/** Parses the `.ts` files among them. Throws if one is not TypeScript. */
export function parse(files: Files): Map<string, SourceFile> {
  const paths = Object.keys(files).filter((path) => path.endsWith('.ts'));
  const options = { noLib: true, noResolve: true, types: [], module: 'nodenext', target: 'es2023' };
  const virtual: Files = {
    [`${VIRTUAL_ROOT}/tsconfig.json`]: JSON.stringify({ compilerOptions: options, files: paths }),
  };
  for (const path of paths) virtual[`${VIRTUAL_ROOT}/${path}`] = files[path] ?? '';
  const api = new API({ cwd: VIRTUAL_ROOT, fs: createVirtualFileSystem(virtual) });
  try {
    const project = api.updateSnapshot({ openProjects: [`${VIRTUAL_ROOT}/tsconfig.json`] }).getProjects()[0];
    const parsed = new Map<string, SourceFile>();
    for (const path of paths) {
      const name = `${VIRTUAL_ROOT}/${path}`;
      const source = project?.program.getSourceFile(name);
      const broken = project?.program.getSyntacticDiagnostics(name) ?? [];
      if (!source || broken.length > 0) throw new Error(`${path}: cannot be parsed`);
      parsed.set(path, source);
    }
    return parsed;
  } finally {
    api.close();
  }
}

/** Calls `visit` for every node, outer ones first, with the node around it. */
export function walk(node: Node, visit: (node: Node, parent: Node | undefined) => void, parent?: Node): void {
  visit(node, parent);
  node.forEachChild((child) => {
    walk(child, visit, node);
    return undefined;
  });
}

export const lineOf = (source: SourceFile, position: number): number =>
  source.getLineAndCharacterOfPosition(position).line + 1;

export const offence = (path: string, source: SourceFile, node: Node, message: string): Offence =>
  `${path}:${lineOf(source, node.getStart(source))}: ${message}`;

export type Import = { from: string; node: Node; typeOnly: boolean };

/** Every module that a file names: `import`, `export … from`, `import()`, `import type`, `typeof import()`. */
export function importsOf(source: SourceFile): Import[] {
  const found: Import[] = [];
  walk(source, (node) => {
    if (node.kind === SyntaxKind.ImportDeclaration || node.kind === SyntaxKind.ExportDeclaration) {
      const text = node.getText(source);
      const from = text.match(/(?:from|^import)\s*(['"])([^'"]+)\1[^'"]*(?:\{[^}]*\}\s*;?)?$/)?.[2];
      if (from) found.push({ from, node, typeOnly: /^(?:import|export)\s+type\b(?!\s+from\b)/.test(text) });
    } else if (node.kind === SyntaxKind.CallExpression) {
      const from = node.getText(source).match(/^(?:import|require|[\w$.]+\.require)\(\s*(['"])([^'"]+)\1/)?.[2];
      if (from) found.push({ from, node, typeOnly: false });
    } else if (node.kind === SyntaxKind.ImportType) {
      const from = node.getText(source).match(/import\(\s*(['"])([^'"]+)\1/)?.[2];
      if (from) found.push({ from, node, typeOnly: true });
    }
  });
  return found;
}

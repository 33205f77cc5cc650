// The import rules of the house (ARCHITECTURE.md §3): who may know whom, and where each package lives.
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { type SourceFile, SyntaxKind } from 'typescript/unstable/ast';
import { type Files, type Import, importsOf, type Offence, offence, walk } from './sources.ts';

type Sources = Map<string, SourceFile>;

/** Where a package may be imported for its values; a type leaves nothing behind in the program, so it may go anywhere. */
export const HOMES: Record<string, RegExp> = {
  zod: /^src\//,
  hono: /^src\/(?:receiver|console)\//,
  '@hono/node-server': /^src\/(?:(?:receiver|console)\/|(?:app|console-desk)\.ts$)/,
  mqtt: /^src\/destinations\/mqtt\//,
  aedes: /^src\/destinations\/mqtt\//,
  nodemailer: /^src\/destinations\/email\//,
  '@slack/web-api': /^src\/destinations\/slack\//,
  undici: /^src\/(?:destinations\/|caller-lookup)/,
  standardwebhooks: /^src\/destinations\/webhook\//,
  'ipaddr.js': /^src\/(?:receiver|engine|destinations\/webhook)\//,
  liquidjs: /^src\/engine\//,
  pino: /^src\/telemetry\//,
  'prom-client': /^src\/telemetry\//,
  uplot: /^src\/console-server\.ts$/,
  '@photostructure/sqlite': /^src\/store\/sqlite\//,
  commander: /^src\/(?:main\.ts$|commands\/)/,
  'jsonc-parser': /^src\/[^/]+$/,
  'csv-parse': /^src\/contacts\//,
  'ical.js': /^src\/(?:contacts|engine\/schedule\/calendar)\//,
  'libphonenumber-js': /^src\/engine\/phone-book\//,
};

/** Modules that reach time, randomness, the network or the file system: a room gets those passed in. */
const DOORS = new Set(
  'fs net tls http https http2 dns dgram timers child_process worker_threads cluster perf_hooks sqlite'
    .split(' ')
    .map((name) => `node:${name}`),
);

/** Who may open such a door, and why. */
export const EXCEPTIONS: { path: RegExp; doors: string[]; reason: string }[] = [
  {
    path: /^src\/store\/sqlite\//,
    doors: ['node:fs', 'node:worker_threads', 'node:sqlite'],
    reason: 'the database is a file, and it lives in a thread of its own',
  },
  {
    path: /^src\/destinations\/webhook\//,
    doors: ['node:dns'],
    reason: 'every address a name leads to is checked before the connection',
  },
  {
    path: /^src\/destinations\/slack\//,
    doors: ['fetch'],
    reason: "it is what Slack's library itself would call; wrapped, an answer is bounded and a connection ends",
  },
];

/** `src/core/x.ts` → `core`; a file of the hallway → `hallway`; a file outside src → undefined. */
function roomOf(path: string): string | undefined {
  const [top, room, ...rest] = path.split('/');
  if (top !== 'src') return undefined;
  return rest.length === 0 || room === 'commands' ? 'hallway' : room;
}

const packageOf = (from: string): string =>
  from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/');

/** The module, `node:dns` also for `dns` and `node:dns/promises`. */
const builtin = (from: string): string | undefined => {
  const name = from.replace(/^node:/, '').replace(/\/promises$/, '');
  return from.startsWith('node:') || builtinModules.includes(name) ? `node:${name}` : undefined;
};

/** `destinations/mqtt/open.ts` → `mqtt`, for the rooms whose members do not know each other. */
function memberOf(path: string): string | undefined {
  const [, room, ...rest] = path.split('/');
  if (room === 'destinations') return rest.length > 1 ? rest[0] : undefined;
  return room === 'vendors' && path.endsWith('.json') ? rest.at(-1) : undefined;
}

function localProblem(path: string, target: string, files: Files): string | undefined {
  const [room, other] = [roomOf(path), roomOf(target)];
  if (!(target in files)) return `${target} does not exist (local imports carry the extension .ts)`;
  if (other === undefined)
    return room === 'hallway' && target === 'package.json' ? undefined : `${target} is not part of src`;
  if (room === 'hallway') return undefined;
  if (room !== other && (other !== 'core' || room === 'core'))
    return `${room} must not import ${other}; a room knows itself and core only`;
  const [from, to] = [memberOf(path), memberOf(target)];
  const index = `src/${room}/index.ts`;
  if (to !== undefined && to !== from && path !== index) return `only ${index} imports members of ${room}`;
  if (from !== undefined && target === index) return `${from} must not import the list that it stands in`;
  return undefined;
}

const permitted = (path: string, door: string): boolean =>
  EXCEPTIONS.some((exception) => exception.path.test(path) && exception.doors.includes(door));

function doorProblem(path: string, door: string): string | undefined {
  if (roomOf(path) === 'core') return `core imports zod only, not ${door}`;
  if (roomOf(path) === 'hallway' || !DOORS.has(door)) return undefined;
  if (permitted(path, door)) return undefined;
  return `${door} belongs to the hallway; take it from the ports`;
}

function packageProblem(path: string, name: string): string | undefined {
  if (roomOf(path) === 'core' && name !== 'zod') return `core imports zod only, not ${name}`;
  const home = HOMES[name];
  if (!home) return `${name} has no home; see HOMES`;
  return home.test(path) ? undefined : `${name} is not at home here; its home is ${home.source}`;
}

function problemOf(path: string, { from, typeOnly }: Import, files: Files): string | undefined {
  if (from.startsWith('.')) return localProblem(path, posix.join(posix.dirname(path), from), files);
  const door = builtin(from);
  if (door !== undefined) return typeOnly ? undefined : doorProblem(path, door);
  if (typeOnly && roomOf(path) !== 'core') return undefined;
  return packageProblem(path, packageOf(from));
}

/** Imports that break a rule, in every file of src. */
export function importOffences(files: Files, sources: Sources): Offence[] {
  const found: Offence[] = [];
  for (const [path, source] of sources) {
    if (!path.startsWith('src/')) continue;
    for (const one of importsOf(source)) {
      const problem = problemOf(path, one, files);
      if (problem) found.push(offence(path, source, one.node, problem));
    }
  }
  return found;
}

/** Exceptions that nobody needs any more. */
export function idleExceptions(sources: Sources): string[] {
  const uses = (source: SourceFile, door: string): boolean =>
    importsOf(source).some(({ from }) => builtin(from) === door) || source.text.includes(`globalThis.${door}`);
  const used = (path: RegExp, door: string): boolean =>
    [...sources].some(([file, source]) => path.test(file) && uses(source, door));
  return EXCEPTIONS.flatMap(({ path, doors }) => doors.filter((door) => !used(path, door)));
}

/** Rings of files that import each other for their values. */
export function importRings(sources: Sources): Offence[] {
  const found: Offence[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: string[]): void => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    const source = sources.get(path);
    if (done.has(path) || !source) return;
    done.add(path);
    for (const { from, typeOnly } of importsOf(source))
      if (from.startsWith('.') && !typeOnly) visit(posix.join(posix.dirname(path), from), [...trail, path]);
  };
  for (const path of sources.keys()) visit(path, []);
  return found;
}

const FREE = new Set(['setTimeout', 'setInterval', 'fetch', 'WebSocket', 'EventSource', 'performance']);
const MEMBERS =
  /^(?:Date\.now|Math\.random|performance\.\w+|process\.(?:hrtime(?:\.bigint)?|uptime)|AbortSignal\.timeout)$/;
const RANDOM = /\b(?:randomBytes|randomUUID|randomInt|randomFill(?:Sync)?|getRandomValues|webcrypto)\b/;

/** Uses of time, randomness or the network in a room, other than through the ports. */
export function portOffences(sources: Sources): Offence[] {
  const found: Offence[] = [];
  for (const [path, source] of sources) {
    const room = roomOf(path);
    if (room === undefined || room === 'hallway') continue;
    const own = declaredNames(source);
    const starts = new Set<number>();
    walk(source, (node, parent) => {
      const text = node.kind === SyntaxKind.SourceFile ? '' : node.getText(source);
      const bad = (): void => {
        // The inner parts of `globalThis.performance.now` begin where it begins: one offence, not three.
        if (starts.has(node.getStart(source)) || permitted(path, text.replace('globalThis.', ''))) return;
        starts.add(node.getStart(source));
        found.push(offence(path, source, node, `${text} is reached through the ports only`));
      };
      if (node.kind === SyntaxKind.PropertyAccessExpression) {
        const plain = text.replace(/^globalThis\./, '').replaceAll('?.', '.');
        if (MEMBERS.test(plain) || (text.startsWith('globalThis.') && FREE.has(plain))) bad();
      } else if (node.kind === SyntaxKind.NewExpression && /^new Date\b\s*(?:\(\s*\))?$/.test(text)) bad();
      else if (node.kind === SyntaxKind.CallExpression && /^Date\s*\(/.test(text)) bad();
      else if (node.kind === SyntaxKind.ImportDeclaration && /crypto['"]/.test(text) && !/^import type/.test(text)) {
        if (RANDOM.test(text)) bad();
      } else if (node.kind === SyntaxKind.Identifier && FREE.has(text) && !own.has(text) && isValue(node, parent))
        bad();
    });
  }
  return found;
}

const DECLARING = [
  SyntaxKind.Parameter,
  SyntaxKind.VariableDeclaration,
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.BindingElement,
  SyntaxKind.ImportSpecifier,
];

/** Names that a file gives to something of its own: its `fetch` is not the global one. */
function declaredNames(source: SourceFile): Set<string> {
  const names = new Set<string>();
  walk(source, (node, parent) => {
    if (!parent || !DECLARING.includes(parent.kind) || node.kind !== SyntaxKind.Identifier) return;
    const value = parent.getText(source).match(/=\s*([\w$]+)\s*$/)?.[1];
    if (node.getText(source) !== value || node.end !== parent.end) names.add(node.getText(source));
  });
  return names;
}

type Visited = Parameters<Parameters<typeof walk>[1]>;

/** Whether an identifier stands for a value, not for a type, a key or the name of a member. */
function isValue(node: Visited[0], parent: Visited[1]): boolean {
  if (!parent || parent.kind === SyntaxKind.TypeQuery) return false;
  const named = [SyntaxKind.PropertyAccessExpression, SyntaxKind.QualifiedName];
  if (named.includes(parent.kind)) return false;
  const keyed = [
    SyntaxKind.PropertyAssignment,
    SyntaxKind.PropertySignature,
    SyntaxKind.MethodDeclaration,
    SyntaxKind.MethodSignature,
  ];
  if (keyed.includes(parent.kind)) return node.pos !== parent.pos;
  return parent.kind !== SyntaxKind.BindingElement && parent.kind !== SyntaxKind.TypeReference;
}

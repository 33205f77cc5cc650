// From a schema's complaints to Problems: one sentence each, with what would be right. Values of texts are not repeated,
// because a person may have put a secret into the wrong field.
import type { ZodType, z } from 'zod';
import { didYouMean, type Path, type Problem } from './problems.ts';
import { Secret } from './secret.ts';

type Issue = z.core.$ZodIssue;
type Def = {
  type: string;
  shape?: Record<string, ZodType>;
  innerType?: ZodType;
  in?: ZodType;
  valueType?: ZodType;
  element?: ZodType;
  options?: ZodType[];
  getter?: () => ZodType;
};

const KINDS: Record<string, string> = {
  string: 'text in double quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list [ … ]',
  object: 'an object { … }',
  record: 'an object { … }',
  null: 'null',
};

const FORMATS: Record<string, string> = {
  url: 'must be a URL like "https://example.net/path"',
  email: 'must be an address like "desk@example.net"',
  ipv4: 'must be an IPv4 address',
  ipv6: 'must be an IPv6 address',
  cidrv4: 'must be a network like "192.168.1.0/24"',
  cidrv6: 'must be a network like "2001:db8::/32"',
  uuid: 'must be a UUID',
};

/** Stands where the schema has no words of its own; what it means is then told from the issue's code. */
const STANDARD = '\u0000';

type Context = { schema: ZodType; value: unknown; rootKeys: readonly string[] };

/**
 * The value as the schema understands it, or every problem in it; paths start with `base`. `rootKeys`: keys that may stand
 * beside those of the schema (somebody else checks them), for "did you mean".
 */
export function checkWith<T>(
  schema: ZodType<T>,
  value: unknown,
  base: Path = [],
  rootKeys: readonly string[] = [],
): { value: T } | { problems: Problem[] } {
  const result = schema.safeParse(value, { error: () => STANDARD });
  if (result.success) return { value: result.data };
  const problems = result.error.issues.flatMap((issue) => fromIssue(issue, { schema, value, rootKeys }, []));
  return { problems: problems.map((problem) => ({ ...problem, path: [...base, ...problem.path] })) };
}

function fromIssue(issue: Issue, context: Context, above: Path): Problem[] {
  const path: Path = [...above, ...(issue.path as (string | number)[])];
  const found = valueAt(context.value, path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = [...keysAt(context.schema, path), ...(path.length === 0 ? context.rootKeys : [])];
      return issue.keys.map((key) =>
        withHint([...path, key], 'unknown key', ownMessage(issue) ?? didYouMean(key, known) ?? shortList(known)),
      );
    }
    case 'invalid_type':
      return [wrongType(issue, path, found)];
    case 'invalid_value':
      return [notAllowed(path, found, issue.values)];
    case 'invalid_union':
      return fromUnion(issue, context, path, found);
    case 'invalid_key':
      return issue.issues.map((inner) => withHint(path, 'this name is not allowed', ownMessage(inner)));
    case 'too_small':
    case 'too_big':
      return [{ path, message: ownMessage(issue) ?? outOfRange(issue) }];
    case 'invalid_format':
      return [{ path, message: ownMessage(issue) ?? FORMATS[issue.format] ?? 'is not written in the right way' }];
    default:
      return [{ path, message: ownMessage(issue) ?? 'is not allowed' }];
  }
}

const ownMessage = (issue: Issue): string | undefined => (issue.message === STANDARD ? undefined : issue.message);

function wrongType(issue: Issue & { code: 'invalid_type' }, path: Path, found: unknown): Problem {
  const own = ownMessage(issue);
  if (own !== undefined) return { path, message: own };
  const wanted = KINDS[issue.expected] ?? issue.expected;
  if (found === undefined) return withHint(path, 'is missing', `it must be ${wanted}`);
  return { path, message: `must be ${wanted}, not ${named(found)}` };
}

function notAllowed(path: Path, found: unknown, values: readonly unknown[]): Problem {
  const list = values.map((v) => (typeof v === 'string' ? JSON.stringify(v) : String(v))).join(', ');
  if (found === undefined) return withHint(path, 'is missing', `one of ${list}`);
  if (typeof found !== 'string')
    return { path, message: `${named(found)} is not allowed (${values.length === 1 ? 'only' : 'one of'} ${list})` };
  const words = values.filter((v): v is string => typeof v === 'string');
  return withHint(path, `${shown(found)} is not allowed`, didYouMean(found, words) ?? `one of ${list}`);
}

/** A choice complains about each of its branches: only the one that got deepest is worth hearing. */
function fromUnion(issue: Issue & { code: 'invalid_union' }, context: Context, path: Path, found: unknown): Problem[] {
  const branches = issue.errors.map((issues) => issues.flatMap((i) => fromIssue(i, context, path)));
  if (issue.discriminator !== undefined && 'options' in issue) return [notAllowed(path, found, issue.options ?? [])];
  if (branches.length === 0 || ownMessage(issue) !== undefined)
    return [{ path, message: ownMessage(issue) ?? 'is none of the forms allowed here' }];
  const depth = (problems: Problem[]): number => Math.max(0, ...problems.map((p) => p.path.length));
  const deepest = Math.max(...branches.map(depth));
  if (deepest > path.length)
    return branches.filter((b) => depth(b) === deepest).sort((a, b) => a.length - b.length)[0] ?? [];
  const wanted = issue.errors.flatMap((issues) => {
    const first = issues[0];
    return first?.code === 'invalid_type' ? [KINDS[first.expected] ?? first.expected] : [];
  });
  const values = issue.errors.flatMap((issues) => (issues[0]?.code === 'invalid_value' ? [issues[0].values] : []));
  if (values.length === branches.length) return [notAllowed(path, found, values.flat())];
  if (found === undefined)
    return [withHint(path, 'is missing', wanted.length > 0 ? `it must be ${wanted.join(' or ')}` : undefined)];
  if (wanted.length === branches.length)
    return [{ path, message: `must be ${wanted.join(' or ')}, not ${named(found)}` }];
  return branches.find((_, i) => issue.errors[i]?.[0]?.code !== 'invalid_type') ?? branches[0] ?? [];
}

function outOfRange(issue: Issue & { code: 'too_small' | 'too_big' }): string {
  const least = issue.code === 'too_small';
  const limit = String(least ? issue.minimum : issue.maximum);
  const edge = `${least ? 'at least' : 'at most'} ${limit}`;
  if (issue.origin === 'string') return least && limit === '1' ? 'must not be empty' : `must have ${edge} characters`;
  if (issue.origin === 'array') return `must have ${edge} ${limit === '1' ? 'entry' : 'entries'}`;
  return `must be ${edge}`;
}

/** What a value is, without saying what it says. */
function named(value: unknown): string {
  if (value === null) return 'null';
  if (value instanceof Secret) return 'a secret';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'object') return 'an object';
  return String(value);
}

/** Words of a fixed list hold no secrets; a long text is no such word. */
const shown = (text: string): string => (text.length <= 60 ? JSON.stringify(text) : 'this text');

const shortList = (known: readonly string[]): string | undefined =>
  known.length > 0 && known.length <= 12 ? `known: ${known.join(', ')}` : undefined;

const withHint = (path: Path, message: string, hint: string | undefined): Problem => ({
  path,
  message,
  ...(hint === undefined ? {} : { hint }),
});

function valueAt(value: unknown, path: Path): unknown {
  let here = value;
  for (const step of path) {
    if (here === null || typeof here !== 'object' || !Object.hasOwn(here, step)) return undefined;
    here = (here as Record<string | number, unknown>)[step];
  }
  return here;
}

/** The keys that an object may have at that path of a schema, in the order in which they were declared. */
export function keysAt(schema: ZodType, path: Path): string[] {
  let here = unwrapped(schema);
  for (const step of path) here = here.flatMap((def) => below(def, step)).flatMap(unwrapped);
  return [...new Set(here.flatMap((def) => Object.keys(def.shape ?? {})))];
}

function below(def: Def, step: string | number): ZodType[] {
  const next = typeof step === 'number' ? def.element : (def.shape?.[step] ?? def.valueType);
  return next === undefined ? [] : [next];
}

/** What lies under optional, default, transform and choice. */
function unwrapped(schema: ZodType): Def[] {
  const def = schema._zod.def as unknown as Def;
  if (def.options !== undefined) return def.options.flatMap(unwrapped);
  const inner = def.innerType ?? def.in ?? (def.type === 'lazy' ? def.getter?.() : undefined);
  return inner === undefined ? [def] : unwrapped(inner);
}

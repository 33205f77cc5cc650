// From a zod schema to JSON Schema as an author writes its value: what goes in, with descriptions, nothing of what comes out.
import { type ZodType, z } from 'zod';
import type { Json } from '../../core/delivery.ts';
import { Secret } from '../../core/secret.ts';
import { type JsonSchema, key, objectOf, TEXT, textLike } from './json-schema.ts';

/** Adds to the schema of one part, in place. */
export type Refine = (part: ZodType, schema: JsonSchema) => void;

const fromEnv = (): JsonSchema =>
  objectOf(
    {
      env: key(
        'Name of the environment variable that holds it.',
        ['SLACK_TOKEN'],
        textLike(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a name like "SLACK_TOKEN"'),
      ),
    },
    ['env'],
  );

const fromFile = (): JsonSchema =>
  objectOf({ file: key('Path of the file that holds it.', ['slack-token'], { ...TEXT, minLength: 1 }) }, ['file']);

const asHash = (): JsonSchema =>
  objectOf(
    {
      sha256: key(
        'SHA-256 of the token, as 64 hex digits.',
        ['0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'],
        textLike(/^[0-9A-Fa-f]{64}$/, 'must be 64 hex digits'),
      ),
    },
    ['sha256'],
  );

const accepts = (part: ZodType, value: unknown): boolean => part.safeParse(value).success;

/** What zod checks by a function of ours has no form in JSON Schema, so it is asked what it takes. */
function opaque(part: ZodType): JsonSchema {
  if (!accepts(part, new Secret('x'))) return {};
  const branches = [fromEnv(), fromFile()];
  if (accepts(part, { sha256: '0'.repeat(64) })) branches.push(asHash());
  const words = branches.map(({ required }) => `{ "${required?.[0]}": … }`).join(' or ');
  return { type: 'object', anyOf: branches, errorMessage: `must be ${words}, so that no secret stands in the file` };
}

/** The schema of what an author writes: keys that have a default may be missing. It holds no `$ref`. */
export function fromZod(schema: ZodType, refine: Refine = () => undefined): JsonSchema {
  const {
    $schema: _,
    definitions: __,
    ...json
  } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-07',
    unrepresentable: ({ zodSchema }) => opaque(zodSchema as unknown as ZodType) as never,
    override: ({ zodSchema, jsonSchema }) => refine(zodSchema as unknown as ZodType, jsonSchema as JsonSchema),
  });
  return withoutCycles(json as Json) as JsonSchema;
}

/** The only type of ours that holds itself is JSON, and that is any value at all. */
function withoutCycles(node: Json): Json {
  if (Array.isArray(node)) return node.map(withoutCycles);
  if (typeof node !== 'object' || node === null) return node;
  if ('$ref' in node) return {};
  const entries = Object.entries(node).map(([name, value]) => [name, withoutCycles(value)] as const);
  return Object.fromEntries(entries.filter(([name, value]) => name !== 'allOf' || JSON.stringify(value) !== '[{}]'));
}

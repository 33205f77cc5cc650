// JSON Schema (draft-07) as far as our schemas use it, with what editors add to it, and short ways to write it.
import type { Json } from '../../core/delivery.ts';

export type JsonSchema = {
  $schema?: string;
  $id?: string;
  $ref?: string;
  title?: string;
  description?: string;
  /** Editors offer them; the reference pages show the first. */
  examples?: Json[];
  default?: Json;
  type?: string | string[];
  enum?: Json[];
  const?: Json;
  properties?: { [key: string]: JsonSchema };
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  propertyNames?: JsonSchema;
  minProperties?: number;
  maxProperties?: number;
  items?: JsonSchema;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  format?: string;
  not?: JsonSchema;
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  if?: JsonSchema;
  then?: JsonSchema;
  definitions?: { [name: string]: JsonSchema };
  /** For editors only: one text for each entry of `enum`, what to say of a wrong text, and how strict the JSON is. */
  enumDescriptions?: string[];
  patternErrorMessage?: string;
  errorMessage?: string;
  allowComments?: boolean;
  allowTrailingCommas?: boolean;
};

export const DRAFT_07 = 'http://json-schema.org/draft-07/schema#';

/** A key: what it means, an example or several, and what may stand there. */
export const key = (description: string, examples: Json | readonly Json[], schema: JsonSchema): JsonSchema => ({
  description,
  examples: Array.isArray(examples) ? examples : [examples as Json],
  ...schema,
});

/** Refers to a definition. Inside `allOf`, because draft-07 ignores everything that stands beside a `$ref`. */
export const refTo = (name: string): JsonSchema => ({ allOf: [{ $ref: `#/definitions/${name}` }] });

/** An object with these keys and no others. */
export const objectOf = (
  properties: { [key: string]: JsonSchema },
  required: string[] = [],
  more: JsonSchema = {},
): JsonSchema => ({
  type: 'object',
  properties,
  ...(required.length > 0 ? { required } : {}),
  additionalProperties: false,
  ...more,
});

/** A list with at least one entry. */
export const listOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items, minItems: 1 });

/** An object whose keys are names that people choose. */
export const mapOf = (values: JsonSchema, names?: JsonSchema): JsonSchema => ({
  type: 'object',
  ...(names === undefined ? {} : { propertyNames: names }),
  additionalProperties: values,
});

export const TEXT: JsonSchema = { type: 'string' };
export const YES_OR_NO: JsonSchema = { type: 'boolean' };

/** A text of that form; `says` is what an editor says of any other. */
export const textLike = (pattern: RegExp, says: string): JsonSchema => ({
  type: 'string',
  pattern: pattern.source,
  patternErrorMessage: says,
});

/** A span of time such as "1h30m", as `core/durations.ts` reads it. */
export const DURATION: JsonSchema = textLike(
  /^(?!$)(?:\d{1,9}w)?(?:\d{1,9}d)?(?:\d{1,9}h)?(?:\d{1,9}m(?!s))?(?:\d{1,9}s)?(?:\d{1,9}ms)?$/,
  'must be a span of time like "20s", "15m" or "1h30m" (units: w, d, h, m, s, ms)',
);

/** A time of day. */
export const CLOCK_TIME: JsonSchema = textLike(
  /^(?:[01]\d|2[0-3]):[0-5]\d$/,
  'must be a time of day like "08:00" or "17:30"',
);

/** A MAC address in any usual spelling. */
export const MAC: JsonSchema = textLike(
  /^(?:[0-9A-Fa-f]{12}|[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5})$/,
  'must be a MAC address like "00:50:58:a1:b2:c3"',
);

// JSON trees whose texts are templates: a body is built as a structure, never as text, so no value can become structure.
import { wellFormed } from '../../core/caller-text.ts';
import type { Json } from '../../core/delivery.ts';
import type { Path } from '../../core/problems.ts';
import type { JsonOf } from './compiled.ts';
import { readTemplate, type TemplateContext } from './template/read.ts';
import { isTemplate } from './template/scan.ts';
import { isObject, kindOf } from './tree.ts';

/**
 * Reads a tree. A leaf that is exactly `"{{ path }}"` keeps the field's type, null included; every other text is well-formed
 * text. Keys are constants. Every problem is reported, and then nothing is returned. What is built is new for each event.
 */
export function readJsonTree(raw: unknown, path: Path, context: TemplateContext): JsonOf | undefined {
  if (typeof raw === 'string') {
    const template = readTemplate(raw, path, wellFormed, context, true);
    return template?.value ?? template?.render;
  }
  if (raw === null || typeof raw === 'number' || typeof raw === 'boolean') return () => raw;
  if (Array.isArray(raw)) return readList(raw, path, context);
  if (isObject(raw)) return readObject(raw, path, context);
  context.report(path, `must be a JSON value, not ${kindOf(raw)}`);
  return undefined;
}

function readList(raw: readonly unknown[], path: Path, context: TemplateContext): JsonOf | undefined {
  const entries = raw.map((entry, index) => readJsonTree(entry, [...path, index], context));
  if (!allThere(entries)) return undefined;
  return (event, known) => entries.map((entry) => entry(event, known));
}

const allThere = (entries: readonly (JsonOf | undefined)[]): entries is JsonOf[] => !entries.includes(undefined);

function readObject(raw: Record<string, unknown>, path: Path, context: TemplateContext): JsonOf | undefined {
  const keys = Object.keys(raw);
  const entries = keys.map((key) => readJsonTree(raw[key], [...path, key], context));
  const templates = keys.filter(isTemplate);
  for (const key of templates)
    context.report([...path, key], 'a key is no template', 'put the template into the value; keys stay as they are');
  if (!allThere(entries) || templates.length > 0) return undefined;
  const names = keys.map(wellFormed);
  return (event, known) => {
    const object: { [key: string]: Json } = {};
    for (let i = 0; i < names.length; i++) object[names[i] as string] = (entries[i] as JsonOf)(event, known);
    return object;
  };
}

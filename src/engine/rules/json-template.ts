// JSON trees whose texts are templates: a body is built as a structure, never as text, so no value can become structure.
import type { Json } from '../../core/delivery.ts';
import type { FieldValue } from '../../core/fields.ts';
import type { Path } from '../../core/problems.ts';
import { isObject, type Report, sayKind } from './report.ts';
import { isTemplate, readTemplate, type Scope, variable } from './template.ts';

export type Build = (scope: Scope) => Json;

const DEPTH_MAX = 32;
const LEAVES_MAX = 1_000;
const UNSAFE_KEYS = ['__proto__', 'constructor', 'prototype'];

/** A leaf that is exactly one variable keeps its type. */
const ONLY_VARIABLE = /^\{\{ *([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*) *\}\}$/;

/** A lone surrogate is no text that UTF-8 or JSON could carry; cutting a text may have made one. */
export const wellFormed = (text: string): string => text.toWellFormed();

/** Reads a tree; problems go to `report`, and undefined is returned. */
export function readJsonTemplate(raw: unknown, path: Path, report: Report): Build | undefined {
  const budget = { leaves: 0 };
  const build = readNode(raw, path, report, budget, 0);
  if (budget.leaves > LEAVES_MAX) {
    report(path, `has more than ${LEAVES_MAX} values`);
    return undefined;
  }
  return build;
}

function readNode(
  raw: unknown,
  path: Path,
  report: Report,
  budget: { leaves: number },
  depth: number,
): Build | undefined {
  if (depth > DEPTH_MAX) {
    report(path, `is nested deeper than ${DEPTH_MAX} levels`);
    return undefined;
  }
  if (Array.isArray(raw)) return readList(raw, path, report, budget, depth);
  if (isObject(raw)) return readObject(raw, path, report, budget, depth);
  budget.leaves += 1;
  if (typeof raw === 'string') return readLeaf(raw, path, report);
  if (raw === null || typeof raw === 'number' || typeof raw === 'boolean') return () => raw;
  report(path, `must be JSON, not ${sayKind(raw)}`);
  return undefined;
}

function readLeaf(source: string, path: Path, report: Report): Build | undefined {
  const name = ONLY_VARIABLE.exec(source)?.[1];
  const read = name === undefined ? undefined : variable(name);
  if (read !== undefined) return (scope) => asJson(read(scope));
  const render = readTemplate(source, path, wellFormed, report);
  return render === undefined || isTemplate(source) ? render : () => source;
}

const asJson = (value: FieldValue): Json =>
  Array.isArray(value) ? [...(value as string[])] : (value as string | number | null);

function readList(
  raw: unknown[],
  path: Path,
  report: Report,
  budget: { leaves: number },
  depth: number,
): Build | undefined {
  if (raw.length > LEAVES_MAX) {
    report(path, `has more than ${LEAVES_MAX} entries`);
    return undefined;
  }
  const builds = raw.map((item, i) => readNode(item, [...path, i], report, budget, depth + 1));
  if (builds.includes(undefined)) return undefined;
  return (scope) => builds.map((build) => (build as Build)(scope));
}

function readObject(
  raw: Record<string, unknown>,
  path: Path,
  report: Report,
  budget: { leaves: number },
  depth: number,
): Build | undefined {
  const entries: [string, Build][] = [];
  let good = true;
  for (const [key, value] of Object.entries(raw)) {
    if (UNSAFE_KEYS.includes(key)) report([...path, key], 'this name is not allowed');
    else if (isTemplate(key)) report([...path, key], 'a name cannot be a template', 'put the template into the value');
    const build = readNode(value, [...path, key], report, budget, depth + 1);
    if (build === undefined || UNSAFE_KEYS.includes(key) || isTemplate(key)) good = false;
    else entries.push([key, build]);
  }
  if (!good) return undefined;
  return (scope) => {
    const object: { [key: string]: Json } = {};
    for (const [key, build] of entries) object[key] = build(scope);
    return object;
  };
}

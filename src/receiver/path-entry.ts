// Path entry: what stands in `receiver.paths` for a URL that Hookswitch did not make, and what makes one wrong.
import { z } from 'zod';
import { SLUGS } from '../core/events.ts';
import { cidr } from './address.ts';
import { parsePattern, patternNames } from './path-pattern.ts';

const NAME = /^[A-Za-z0-9_.-]{1,64}$/;
const ID = /^[A-Za-z0-9_-]{1,64}$/;

const slug = z.enum(SLUGS);
const variableName = z.string().regex(NAME, 'must be 1 to 64 of A-Z a-z 0-9 _ . -');

const eventOfVariable = z.strictObject({
  var: variableName.describe('Name in the URL, in its query or its path'),
  map: z
    .record(z.string(), slug)
    .default({})
    .describe('From what the variable says to the event; without an entry it must be the event itself'),
});

const entry = z.strictObject({
  path: z
    .string()
    .describe('The path: fixed parts, ":name" for a variable, or "mac=:mac&local=:local" as its last part'),
  event: z.union([slug, eventOfVariable]).describe('The event, or the variable that says which it is'),
  vars: z
    .record(variableName, variableName)
    .default({})
    .describe('From the names in the URL to ours: { "IP": "ip" }; a name that is ours already needs no entry'),
  site: z.string().regex(ID).default('default').describe('The site of the phones'),
  phone: z
    .string()
    .regex(ID)
    .optional()
    .describe('The phone that uses this URL; otherwise "mac" tells, or the address'),
  allowFrom: z.array(cidr).min(1).optional().describe('Addresses that may use it'),
  allowUnauthenticated: z.literal(true).optional().describe('Anybody who can reach the port may use it'),
});

export type PathEntry = z.output<typeof entry>;

type Issue = { path: (string | number)[]; message: string };

function problemsOf(value: PathEntry): Issue[] {
  const pattern = parsePattern(value.path);
  if (typeof pattern === 'string') return [{ path: ['path'], message: pattern }];
  const names = patternNames(pattern);
  const issues: Issue[] = [];
  if (value.allowFrom === undefined && value.allowUnauthenticated === undefined && !names.includes('token')) {
    issues.push({
      path: [],
      message:
        'nothing protects this URL; add "allowFrom" with the addresses of the phones, a ":token" part in the path, or "allowUnauthenticated": true',
    });
  }
  if (value.phone !== undefined && names.includes('token')) {
    issues.push({
      path: ['phone'],
      message: 'the ":token" in the path tells the phone already; take one of them away',
    });
  }
  const targets = new Set<string>(names.filter((name) => !Object.hasOwn(value.vars, name)));
  for (const [written, name] of Object.entries(value.vars)) {
    if (targets.has(name)) issues.push({ path: ['vars', written], message: `"${name}" has a second source` });
    if (written === '_' || written === 'token')
      issues.push({ path: ['vars', written], message: `"${written}" cannot be mapped` });
    targets.add(name);
  }
  return issues;
}

/** The list under `receiver.paths`. */
export const pathEntries = z.array(entry).superRefine((entries, context) => {
  const seen = new Map<string, number>();
  for (const [index, value] of entries.entries()) {
    for (const issue of problemsOf(value)) {
      context.addIssue({ code: 'custom', path: [index, ...issue.path], message: issue.message });
    }
    const shape = value.path.replace(/:[A-Za-z0-9_.-]+/g, ':');
    const earlier = seen.get(shape);
    if (earlier === undefined) seen.set(shape, index);
    else
      context.addIssue({
        code: 'custom',
        path: [index, 'path'],
        message: `is never reached: paths[${earlier}] takes the same URLs`,
      });
  }
});

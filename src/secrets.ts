// Where secrets come from: { "env": NAME } and { "file": path } become Secret values; nothing else may hold one.
import { createHash } from 'node:crypto';
import { resolve, sep } from 'node:path';
import { FileError, type Files, fileErrorText } from './core/files.ts';
import type { Path, Problem } from './core/problems.ts';
import { Secret } from './core/secret.ts';

const SECRET_BYTES_MAX = 64 * 1024;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export type SecretSource = {
  env: Readonly<Record<string, string | undefined>>;
  files: Pick<Files, 'read'>;
  /** Relative paths start here: the folder of the config file. */
  folder: string;
};

/** What was found on the way. `unread`: paths where a Secret stands that is empty, because its source was not usable. */
export type SecretFindings = { problems: Problem[]; warnings: Problem[]; secrets: Secret[]; unread: Path[] };

export const noFindings = (): SecretFindings => ({ problems: [], warnings: [], secrets: [], unread: [] });

/**
 * A copy of `raw` in which every object that is exactly `{ "env": … }` or `{ "file": … }` is a Secret. What is missing,
 * empty or readable by others becomes a problem; with `optional` a missing one becomes a warning and an empty Secret.
 */
export async function readSecrets(
  raw: unknown,
  path: Path,
  source: SecretSource,
  optional: boolean,
  findings: SecretFindings,
): Promise<unknown> {
  if (Array.isArray(raw)) {
    return Promise.all(raw.map((item, index) => readSecrets(item, [...path, index], source, optional, findings)));
  }
  if (typeof raw !== 'object' || raw === null) return raw;
  const reference = referenceOf(raw as Record<string, unknown>);
  if (reference === undefined) {
    const copy: Record<string, unknown> = Object.create(null);
    for (const [key, value] of Object.entries(raw))
      copy[key] = await readSecrets(value, [...path, key], source, optional, findings);
    return copy;
  }
  const found = reference.from === 'env' ? fromEnv(reference.name, source) : await fromFile(reference.name, source);
  if (typeof found === 'string') {
    const secret = new Secret(found);
    findings.secrets.push(secret);
    return secret;
  }
  const problem = {
    path: [...path, reference.from],
    message: found.message,
    ...(found.hint ? { hint: found.hint } : {}),
  };
  if (optional && found.absent) {
    findings.warnings.push({ ...problem, hint: 'needed once dryRun is gone' });
  } else findings.problems.push(problem);
  findings.unread.push(path);
  return new Secret('');
}

type Reference = { from: 'env' | 'file'; name: string };

function referenceOf(raw: Record<string, unknown>): Reference | undefined {
  const [key, ...others] = Object.keys(raw);
  if (others.length > 0 || (key !== 'env' && key !== 'file')) return undefined;
  const name = raw[key];
  return typeof name === 'string' ? { from: key, name } : undefined;
}

type Missing = { message: string; hint?: string; absent: boolean };

function fromEnv(name: string, source: SecretSource): string | Missing {
  if (!ENV_NAME.test(name))
    return { message: 'is no name of an environment variable', hint: 'write it like "SMTP_PASSWORD"', absent: false };
  const value = source.env[name];
  if (value === undefined)
    return {
      message: `the environment variable ${name} is not set`,
      hint: 'set it, or use { "file": "path" }',
      absent: true,
    };
  if (value === '')
    return { message: `the environment variable ${name} is empty`, hint: 'give it a value', absent: true };
  return value;
}

async function fromFile(name: string, source: SecretSource): Promise<string | Missing> {
  const path = resolve(source.folder, name);
  try {
    const { text, state } = await source.files.read(path, SECRET_BYTES_MAX);
    // systemd gives credentials to a service's account by an ACL, which shows as the group's right to read.
    const credentials = source.env.CREDENTIALS_DIRECTORY;
    const kept = credentials !== undefined && path.startsWith(resolve(credentials) + sep);
    if ((state.mode & (kept ? 0o037 : 0o077)) !== 0 && !isCertificate(text))
      return { message: 'other accounts can read or change this file', hint: `chmod 600 ${name}`, absent: false };
    const value = text.replace(/\r?\n$/, '');
    return value === '' ? { message: 'the file is empty', hint: 'put the secret into it', absent: true } : value;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return { ...fileErrorText(error), absent: error.code === 'missing' };
  }
}

/** A certificate is no secret, and systems keep theirs readable for everybody. */
const isCertificate = (text: string): boolean => /-BEGIN CERTIFICATE-/.test(text) && !/PRIVATE KEY/.test(text);

/** SHA-256 as 64 lower-case hex digits: all that is kept of a token. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Fit for a URL, and at least 128 bits if it was made at random. */
export const isStrongToken = (token: string): boolean => /^[A-Za-z0-9_-]{22,128}$/.test(token);

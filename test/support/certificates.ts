// Certificates for tests, made by the openssl program: an authority, a server on 127.0.0.1, a client. Valid for a day.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type KeyPair = { cert: string; key: string };

/** Whether the openssl program is there. */
export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** PEM texts; `server` is valid for 127.0.0.1 and localhost, `client` has the common name `hookswitch`. */
export function makeCertificates(): { ca: KeyPair; server: KeyPair; client: KeyPair } {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  const path = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    const { status, stderr } = spawnSync('openssl', args);
    if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
  };
  const pair = (name: string): KeyPair => ({
    cert: readFileSync(path(`${name}.pem`), 'utf8'),
    key: readFileSync(path(`${name}.key`), 'utf8'),
  });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const sign = (name: string, commonName: string, usage: string): void => {
    writeFileSync(path('ext'), `subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=${usage}\n`);
    openssl('req', ...ec, '-subj', `/CN=${commonName}`, '-keyout', path(`${name}.key`), '-out', path(`${name}.csr`));
    const ca = ['-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-CAcreateserial'];
    openssl(
      'x509',
      '-req',
      '-in',
      path(`${name}.csr`),
      ...ca,
      '-days',
      '1',
      '-extfile',
      path('ext'),
      '-out',
      path(`${name}.pem`),
    );
  };
  try {
    openssl(
      'req',
      '-x509',
      ...ec,
      '-days',
      '1',
      '-subj',
      '/CN=Test CA',
      '-keyout',
      path('ca.key'),
      '-out',
      path('ca.pem'),
    );
    sign('server', 'localhost', 'serverAuth');
    sign('client', 'hookswitch', 'clientAuth');
    return { ca: pair('ca'), server: pair('server'), client: pair('client') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// The dashboard and the alert rules that come with Hookswitch ask only for what a running daemon really tells.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openConsoleDesk } from '../support/console-desk.ts';
import { eventually } from '../support/destination-contract.ts';
import { answer, startHttpServer } from '../support/http-server.ts';
import { sendRaw } from '../support/raw-http.ts';

const FOLDER = new URL('../../docs/monitoring/', import.meta.url);
const dashboard = readFileSync(new URL('grafana-dashboard.json', FOLDER), 'utf8');
const alerts = readFileSync(new URL('prometheus-alerts.yml', FOLDER), 'utf8');

const asked = (text: string): string[] => [...new Set(text.match(/\bhookswitch_[a-z0-9_]+/g) ?? [])].sort();

/** A daemon that received, refused, sent and gave up: counters come into being when something is counted. */
async function metrics(): Promise<string> {
  let status = 422;
  const place = await startHttpServer((socket, request) => answer(status)(socket, request));
  const desk = await openConsoleDesk(
    { connections: { crm: { type: 'webhook', url: place.url, allowPrivate: ['127.0.0.0/8'] } } },
    [{ id: 'tell', on: 'phone.dnd_on', do: [{ webhook: { to: 'crm', body: { phone: '{{ phone.id }}' } } }] }],
  );
  const token = { authorization: `Bearer ${desk.tokenOf('read')}` };
  const told = async (): Promise<string> => (await desk.ask('GET', '/metrics', { headers: token })).body;
  const until = (pattern: RegExp): Promise<void> =>
    eventually(async () => pattern.test(await told()), String(pattern), 10_000);
  await desk.hit('dnd_on', 'mac=005058a1b2c3');
  await until(/hookswitch_outbox_dead_total\{[^}]*to="crm"[^}]*\} 1/);
  status = 503;
  await desk.hit('dnd_on', 'mac=005058a1b2c3');
  await until(/hookswitch_outbox_failed_attempts_total\{[^}]*to="crm"/);
  status = 204;
  await until(/hookswitch_outbox_delivered_total\{[^}]*to="crm"[^}]*\} 1/);
  await desk.hit('dnd_on', 'mac=00aabbcc1000');
  await sendRaw(desk.hitPort, 'GET /a/wrong/dnd_on?_=. HTTP/1.1\r\nHost: x\r\n\r\n');
  await desk.ask('GET', '/calls');
  await until(/hookswitch_events_quarantined_total\{reason="unknown"\} 1/);
  const text = await told();
  await place.stop();
  return text;
}

test('every metric that they name is told, with the labels that they split it by', async () => {
  const text = await metrics();
  const names = new Set([...text.matchAll(/^(hookswitch_[a-z0-9_]+)/gm)].map(([, name]) => name));
  expect(names.size).toBeGreaterThan(15);
  const wanted = asked(dashboard + alerts);
  expect(wanted.length).toBeGreaterThan(15);
  expect(wanted.filter((name) => !names.has(name))).toEqual([]);
  for (const [, label, expression] of (dashboard + alerts).matchAll(
    /sum by \((\w+)\) \((?:rate|increase)\((hookswitch_[a-z_]+)/g,
  ))
    expect(text, `${expression} by ${label}`).toMatch(new RegExp(`^${expression}\\{[^}]*\\b${label}="`, 'm'));
  for (const reason of ['password', 'login-limit']) expect(alerts).toContain(reason);
}, 30_000);

test('both are what Grafana and Prometheus read', () => {
  const { panels, uid } = JSON.parse(dashboard) as {
    uid: string;
    panels: { id: number; gridPos: Record<string, number>; targets: { expr: string }[] }[];
  };
  expect(uid).toBe('hookswitch');
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  for (const { targets, gridPos } of panels) {
    expect((gridPos.x ?? 0) + (gridPos.w ?? 0)).toBeLessThanOrEqual(24);
    for (const { expr } of targets) expect(balanced(expr), expr).toBe(true);
  }
  const rules = alerts.split(/^ {6}- alert: /m).slice(1);
  expect(rules.length).toBeGreaterThan(10);
  expect(alerts).toMatch(/^groups:\n {2}- name: hookswitch\n {4}rules:\n/m);
  for (const rule of rules) {
    expect(rule).toMatch(
      /^Hookswitch\w+\n {8}expr: '[^'\n]+'\n(?: {8}for: \d+m\n)? {8}labels: \{ severity: (?:critical|warning|info) \}\n {8}annotations:\n {10}summary: '[^'\n]+'\n {10}description: '[^'\n]+'\n$/,
    );
    expect(balanced(/expr: '([^']+)'/.exec(rule)?.[1] ?? '('), rule).toBe(true);
  }
  expect(alerts).not.toMatch(/\t/);
});

const balanced = (text: string): boolean =>
  ['()', '[]', '{}'].every(([open = '', close = '']) => text.split(open).length === text.split(close).length);

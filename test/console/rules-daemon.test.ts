// Rules, bench and replay of a running daemon: a real hit, a real peer that hears of nothing else, and a reload that is refused.
import { createHash } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { hit, startDaemon, TOKEN_SHA256 } from '../running-daemon.ts';
import { eventually } from '../support/destination-contract.ts';
import { freePort } from '../support/free-port.ts';
import { answer, startHttpServer } from '../support/http-server.ts';
import { sendRaw } from '../support/raw-http.ts';
import { tempFolder } from '../support/temp-folder.ts';

const RULE = {
  id: 'told',
  on: 'phone.missed_call',
  do: [{ webhook: { to: 'crm', body: { who: '{{ remote.name }}' } } }],
};

async function house() {
  const folder = tempFolder();
  const [port, consolePort, crm] = [await freePort(), await freePort(), await startHttpServer(answer(204))];
  folder.write('config.json', {
    receiver: { host: '127.0.0.1', port },
    console: { port: consolePort },
    sites: { default: { token: { sha256: TOKEN_SHA256 } } },
    phones: [{ id: 'front-desk', mac: '00:50:58:a1:b2:c3' }],
    connections: { crm: { type: 'webhook', url: crm.url, allowPrivate: ['127.0.0.0/8'] } },
  });
  folder.write('rules/rules.json', { rules: [RULE] });
  const sha256 = createHash('sha256').update('the-token').digest('hex');
  folder.write('data/accounts.json', {
    version: 1,
    accounts: [],
    tokens: [{ name: 'probe', role: 'operate', sha256 }],
  });
  const daemon = await startDaemon(folder);
  expect(daemon.err()).toBe('');
  onTestFinished(async () => void (await daemon.stop()));
  const ask = async (path: string, body?: object): Promise<{ status: number; text: string }> => {
    const headers = { authorization: 'Bearer the-token', 'content-type': 'application/json' };
    const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const answered = await fetch(`http://127.0.0.1:${consolePort}${path}`, { headers, ...sent });
    return { status: answered.status, text: await answered.text() };
  };
  return { folder, daemon, ask, crm, port };
}

test('what the daemon did is counted; what is tried reaches nobody and is not stored; a refused reload is shown', async () => {
  const { folder, daemon, ask, crm, port } = await house();
  await sendRaw(port, hit('missed_call', 'Erika'));
  await eventually(() => crm.requests.length === 1, 'the webhook');
  expect(JSON.parse((await ask('/api/v1/rules')).text).rules).toMatchObject([
    { id: 'told', acted: 1, to: [{ name: 'crm' }] },
  ]);
  expect((await ask('/rules/told')).text).toContain('&quot;who&quot;: &quot;{{ remote.name }}&quot;');

  const stored = async () => (await ask('/api/v1/deliveries')).text + (await ask('/api/v1/events')).text;
  await eventually(async () => (await stored()).includes('"state":"delivered"'), 'the delivery to be settled');
  const before = await stored();
  const [{ id }] = JSON.parse((await ask('/api/v1/events')).text).events;
  const edited = { file: 'rules/rules.json', text: JSON.stringify({ rules: [RULE, { ...RULE, id: 'again' }] }) };
  const run = JSON.parse((await ask('/api/v1/bench', { past: id, edited })).text);
  expect(
    run.story[0].deliveries.map(({ rule, message }: { rule: string; message: object }) => [rule, message]),
  ).toEqual([
    ['told', { body: { who: 'Erika' } }],
    ['again', { body: { who: 'Erika' } }],
  ]);
  const composed = { event: 'phone.missed_call', phones: ['front-desk'], name: 'Max' };
  expect((await ask('/api/v1/bench', { composed })).status).toBe(200);
  const from = new Date(Date.now() - 3_600_000).toISOString();
  expect((await ask('/api/v1/replay', { from, edited })).status).toBe(202);
  const replay = async () => JSON.parse((await ask('/api/v1/replay')).text).replay;
  await eventually(async () => (await replay()).state === 'done', 'the replay', 10_000);
  expect((await replay()).figures).toMatchObject([
    { rule: 'again', counts: { added: 1 } },
    { rule: 'told', counts: { same: 1 } },
  ]);
  expect(await stored()).toBe(before);
  expect(crm.requests).toHaveLength(1);
  expect(JSON.parse((await ask('/api/v1/rules')).text).rules).toMatchObject([{ acted: 1 }]);

  folder.write('rules/rules.json', '{ "rules": [\n  { "id": "told", "on": "phone.mised_call", "do": [] }\n] }');
  daemon.reload();
  await eventually(async () => (await ask('/rules')).text.includes('did you mean'), 'the refused reload');
  const { text } = await ask('/rules');
  expect(text).toContain('2 |   { &quot;id&quot;: &quot;told&quot;, &quot;on&quot;: &quot;phone.mised_call&quot;');
  expect(text).toContain('<tr id="told">');
  expect((await ask('/health')).text).toContain('class="caret"');
});

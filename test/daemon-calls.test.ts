// Phones and calls, whole: real hits of ten phones in, one verdict out; what a restart keeps; who calls, from files and a service.
import { describe, expect, it, onTestFinished } from 'vitest';
import { command, type RunningDaemon, startDaemon, TOKEN, TOKEN_SHA256 } from './running-daemon.ts';
import { eventually } from './support/destination-contract.ts';
import { freePort } from './support/free-port.ts';
import { answer, startHttpServer } from './support/http-server.ts';
import { sendRaw } from './support/raw-http.ts';
import { type TempFolder, tempFolder } from './support/temp-folder.ts';

const PHONES = Array.from({ length: 10 }, (_, n) => ({
  id: `sales-${n}`,
  mac: `00:50:58:00:00:0${n}`,
  name: `Sales ${n}`,
  groups: ['sales'],
}));

const RULES = {
  rules: [
    {
      id: 'calls',
      on: 'call.*',
      do: [
        {
          log: {
            text: '{{ event.type }} {{ remote.contact | default: remote.number }} {{ remote.kind }} {{ phone.name }} {{ call.phones.size }}',
          },
        },
      ],
    },
  ],
};

type Place = { folder: TempFolder; port: number; daemon: RunningDaemon };

async function place(more: object = {}): Promise<Place> {
  const folder = tempFolder();
  const port = await freePort();
  folder.write('config.json', {
    receiver: { host: '127.0.0.1', port },
    sites: { default: { country: 'DE', token: { sha256: TOKEN_SHA256 } } },
    phones: PHONES,
    calls: { settle: '500ms' },
    ...more,
  });
  folder.write('rules/rules.json', RULES);
  const daemon = await startDaemon(folder);
  onTestFinished(async () => void (await daemon.stop()));
  return { folder, port, daemon };
}

async function say(port: number, phone: number, slug: string, remote = '030 12345'): Promise<void> {
  const target = `/a/${TOKEN}/${slug}?mac=00505800000${phone}&remote=${remote}&display_remote=Erika&_=.`;
  expect((await sendRaw(port, `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`)).status).toBe(200);
}

const everyone = (port: number, slug: string, except?: number): Promise<unknown> =>
  Promise.all(PHONES.flatMap((_, n) => (n === except ? [] : [say(port, n, slug)])));

/** What the rule said, in its order. */
const told = ({ out }: RunningDaemon): string[] =>
  out()
    .split('\n')
    .filter((line) => line.includes('rule_says'))
    .map((line) => (JSON.parse(line) as { text: string }).text);

describe('a ring group of ten', () => {
  it('one answers: nobody hears of a missed call', async () => {
    const { port, daemon } = await place();
    await everyone(port, 'incoming_call');
    await say(port, 4, 'established');
    await everyone(port, 'missed_call', 4);
    await say(port, 4, 'terminated');
    await eventually(() => told(daemon).length >= 3, 'the end of the call', 5_000);
    expect(told(daemon)).toEqual([
      expect.stringMatching(/^call\.ringing \+493012345 external Sales \d 1$/),
      'call.answered +493012345 external Sales 4 10',
      'call.ended +493012345 external Sales 4 10',
    ]);
  });

  it('nobody answers: one missed call, although the daemon was restarted in between', async () => {
    const { folder, port, daemon } = await place();
    await everyone(port, 'incoming_call');
    await eventually(() => told(daemon).length > 0, 'the ringing');
    expect(await daemon.stop()).toBe(0);
    const second = await startDaemon(folder);
    onTestFinished(async () => void (await second.stop()));
    await everyone(port, 'missed_call');
    await eventually(() => told(second).length > 0, 'the verdict', 5_000);
    expect(told(second)).toEqual(['call.missed +493012345 external  10']);
    const { out } = await command(folder, 'events', '--type', 'call.missed', '--json');
    expect(JSON.parse(out)).toMatchObject({
      type: 'call.missed',
      call: { outcome: 'missed', groups: ['sales'], remote: { number: '+493012345', name: 'Erika' } },
    });
  });
});

describe('who calls', () => {
  it('is known from the contact files, and again after they changed', async () => {
    const folder = tempFolder();
    folder.write('contacts.csv', 'name;phone\nMustermann GmbH;030/12345\n');
    const { port, daemon, folder: own } = await place({ contacts: folder.at('contacts.csv') });
    await say(port, 1, 'missed_call');
    await eventually(() => told(daemon).length > 0, 'the verdict', 5_000);
    expect(told(daemon)[0]).toBe('call.missed Mustermann GmbH external Sales 1 1');
    folder.write('contacts.csv', 'name;phone\nSchmidt;+49 30 99999\n');
    daemon.reload();
    await eventually(() => daemon.out().includes('config_swapped'), 'the new contacts', 10_000);
    await say(port, 2, 'missed_call', '0049 30 99999');
    await eventually(() => told(daemon).length > 1, 'the second verdict', 5_000);
    expect(told(daemon)[1]).toBe('call.missed Schmidt external Sales 2 1');
    expect((await command(own, 'check')).code).toBe(0);
  });

  it('is asked of a service, whose answer stands in the journal', async () => {
    const asked: string[] = [];
    const crm = await startHttpServer((socket, request) => {
      asked.push(request.target);
      answer(
        200,
        { 'content-type': 'application/json' },
        JSON.stringify({ name: 'Erika from the CRM' }),
      )(socket, request);
    });
    onTestFinished(() => crm.stop());
    const lookup = { url: `${crm.url}/callers/{{ number }}`, allowPrivate: ['127.0.0.0/8'] };
    const { folder, port, daemon } = await place({ contacts: { lookup } });
    await say(port, 1, 'incoming_call');
    const notes = async (): Promise<string> =>
      (await command(folder, 'events', '--type', 'note.contact', '--json')).out;
    await eventually(async () => (await notes()) !== '', 'the answer in the journal');
    await say(port, 1, 'missed_call');
    await eventually(() => told(daemon).length > 1, 'the verdict', 5_000);
    expect(told(daemon)[1]).toBe('call.missed Erika from the CRM external Sales 1 1');
    expect(asked).toEqual(['/callers/%2B493012345']);
    expect(JSON.parse(await notes())).toMatchObject({ contact: { number: '+493012345', name: 'Erika from the CRM' } });
  });
});

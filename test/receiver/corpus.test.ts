// The corpus: every row as a phone would send it, whole and byte by byte, against exactly the result it asks for.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Party } from '../../src/core/events.ts';
import { type Manner, sendRaw } from '../support/raw-http.ts';
import { type Desk, openDesk, PHONE, TOKEN } from './desk.ts';

type Row = {
  name: string;
  raw_b64: string;
  expect: {
    status: number;
    event: string | null;
    vars: Record<string, string>;
    remote: Party;
    local: Party;
    mac: string | null;
    suspect: string[];
  };
};

const rows: Row[] = readFileSync(new URL('../corpus/hits.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

/** The marks that the corpus speaks about; a receiver may add others. */
const SPOKEN_OF = /^(?:truncated|bad-mac|repeated:.+|late:.+)$/;

function requestOf(row: Row): Buffer {
  const text = Buffer.from(row.raw_b64, 'base64').toString('latin1');
  return Buffer.from(text.replaceAll('/a/TOKEN', `/a/${TOKEN}`), 'latin1');
}

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

test('the corpus is whole', () => {
  expect(rows).toHaveLength(156);
  expect(new Set(rows.map((row) => row.expect.event)).size).toBe(35);
});

describe.each(['whole', 'bytes'] as Manner[])('sent %s', (manner) => {
  test.each(rows)('$name', async (row) => {
    const before = desk.entries.length;
    const answer = await sendRaw(desk.port, requestOf(row), manner);
    expect(answer.status).toBe(row.expect.status);
    expect(answer.body).toBe('');
    expect(answer.headers['content-length']).toBe('0');
    expect(answer.headers.connection).toBe('close');
    expect(answer.reset).toBe(false);
    const events = desk.events().slice(before);
    if (row.expect.event === null) return expect(events).toEqual([]);
    expect(events).toHaveLength(1);
    const event = events[0];
    expect({
      event: event?.type,
      vars: { ...event?.vars },
      remote: event?.remote,
      local: event?.local,
      mac: event?.phone.mac ?? null,
      suspect: event?.suspect.filter((mark) => SPOKEN_OF.test(mark)),
    }).toEqual({
      event: row.expect.event,
      vars: row.expect.vars,
      remote: row.expect.remote,
      local: row.expect.local,
      mac: row.expect.mac,
      suspect: row.expect.suspect,
    });
    expect(event?.phone.id).toBe(PHONE.id);
    expect(Object.getPrototypeOf(event?.vars)).toBeNull();
    expect(Buffer.from(desk.entries[before]?.raw ?? []).includes(TOKEN)).toBe(false);
  });
});

// The log: one line per event whatever is put into it, and no secret, however it is encoded.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogFields } from '../../src/core/ports.ts';
import { createLog, type LogOptions, maskNumber } from '../../src/telemetry/index.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';

function recorded(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const clock = { wallMs: () => Date.UTC(2026, 10, 24, 9, 15, 2, 412) };
  const log = createLog({ level: 'debug', clock, write: (line) => lines.push(line), ...options });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown> };
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(...HOSTILE_STRINGS),
);

describe('a line', () => {
  test('says when, how important, what and the rest', () => {
    const { log, lines } = recorded();
    log.warn('connection_lost', { connection: 'house', attempts: 3, forced: true, code: null, unknown: undefined });
    expect(lines).toEqual([
      '{"level":"warn","time":"2026-11-24T09:15:02.412Z","connection":"house","attempts":3,"forced":true,"code":null,"event":"connection_lost"}\n',
    ]);
  });
  test('is one JSON value in printable ASCII, which says what was put in, for any text', () => {
    fc.assert(
      fc.property(
        anyText,
        anyText.filter((key) => key !== '__proto__'),
        (value, key) => {
          const { log, lines, last } = recorded();
          log.info('name', { name: value, [key]: value });
          expect(lines).toHaveLength(1);
          expect(lines[0]).toMatch(/^[\x20-\x7e]*\n$/);
          expect(last().name ?? last().field_name).toBe(value.length <= 4_000 ? value : `${value.slice(0, 4_000)}...`);
        },
      ),
      { numRuns: 500 },
    );
  });
  test('cannot be given another level, time or event by a field', () => {
    const { log, lines, last } = recorded();
    log.info('real', { level: 'error', time: 'never', event: 'forged' });
    expect(last()).toMatchObject({ level: 'info', event: 'real', field_level: 'error', field_event: 'forged' });
    expect(lines[0]?.match(/"event":/g)).toHaveLength(1);
  });
  test('has a limit in length and in fields', () => {
    const { log, lines } = recorded();
    log.info('much', Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`f${n}`, 'x'.repeat(100_000)])));
    expect(lines[0]?.length).toBeLessThan(200_000);
  });
  test('shows nothing of objects that slip past the types', () => {
    const { log, lines } = recorded();
    log.error('failed', {
      error: new Error('canary'),
      more: { deep: 'canary' },
      call: () => 'canary',
    } as unknown as LogFields);
    expect(lines.join()).not.toContain('canary');
  });
  test('below the level is not written; the level can change', () => {
    const { log, lines } = recorded({ level: 'warn' });
    log.info('quiet');
    log.setLevel('debug');
    log.debug('loud');
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(['loud']);
  });
});

describe('a secret', () => {
  const canary = 'c4n/Ary+"Ünï\\ 7=';
  const encodings: [string, (secret: string) => string][] = [
    ['raw', (s) => s],
    ['in JSON', (s) => JSON.stringify({ s })],
    [
      'in JSON, ASCII only',
      (s) => JSON.stringify(s).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ],
    ['percent-encoded', encodeURIComponent],
    ['percent-encoded in lower case', (s) => encodeURIComponent(s).replace(/%../g, (c) => c.toLowerCase())],
    ['in a form', (s) => new URLSearchParams({ s }).toString()],
    ['in a URL', (s) => `https://user:${encodeURIComponent(s)}@host/`],
    ['hex', (s) => Buffer.from(s).toString('hex')],
    ['Base64', (s) => Buffer.from(s).toString('base64')],
    ['Base64 for URLs', (s) => Buffer.from(s).toString('base64url')],
    ['as Basic authorization', (s) => `Basic ${Buffer.from(`user:${s}`).toString('base64')}`],
    ['in Base64 with more around it', (s) => Buffer.from(`ab${s}xyz`).toString('base64')],
  ];
  test.each(encodings)('is hidden %s', (_, encode) => {
    const { log, lines } = recorded();
    log.registerSecret(canary);
    log.info('sent', { url: `before ${encode(canary)} after`, [`key ${encode(canary)}`]: 1 });
    log.error(`failed ${encode(canary)}`);
    const text = lines.join('');
    expect(text).toContain('***');
    const inner = encode(canary).replace(/^.*(?:s=|user:)/, '');
    expect(text).not.toContain(inner);
    expect(text).not.toContain(inner.slice(4, -4));
  });
  test.each(encodings)('of any text is hidden %s', (_, encode) => {
    fc.assert(
      fc.property(fc.string({ minLength: 8, maxLength: 40, unit: 'grapheme-composite' }), (value) => {
        const { log, last } = recorded();
        log.registerSecret(value);
        log.info('sent', { text: encode(value) });
        const text = String(last().text);
        expect(text).toContain('***');
        expect(text).not.toContain(encode(value));
      }),
      { numRuns: 100 },
    );
  });
  test('that is part of another one does not leave its rest behind', () => {
    const { log, lines } = recorded();
    log.registerSecret('abcdef');
    log.registerSecret('abcdefghijkl');
    log.info('sent', { text: 'x abcdefghijkl y' });
    expect(lines.join()).toContain('x *** y');
  });
  test('that is very short is hidden where it stands alone, and does not eat other words', () => {
    const { log, last } = recorded();
    log.registerSecret('at');
    log.registerSecret('');
    log.info('sent', { pin: 'at', text: 'that bat' });
    expect(last()).toMatchObject({ pin: '***', text: 'that bat' });
  });
  test('that is a number is hidden in number fields too', () => {
    const { log, last } = recorded();
    log.registerSecret('48151623');
    log.info('sent', { code: 48151623, other: 5 });
    expect(last()).toMatchObject({ code: '***', other: 5 });
  });
});

describe('a phone number', () => {
  test.each([
    ['+15551234567', '+1555***4567'],
    ['+493023125100', '+4930***5100'],
    ['0302312510', '030***10'],
    ['12345', '***45'],
    ['201', '***'],
    ['', '***'],
  ])('%s is shown as %s', (number, shown) => expect(maskNumber(number)).toBe(shown));
  test('in a field that is named so', () => {
    const { log, last } = recorded();
    const value = '+15551234567';
    log.info('call', { number: value, 'remote.number': value, remoteNumber: value, numbers: value });
    expect(last()).toMatchObject({
      number: '+1555***4567',
      'remote.number': '+1555***4567',
      remoteNumber: '+1555***4567',
      numbers: value,
    });
  });
  test('is never shown whole', () => {
    const digits = fc.stringMatching(/^[+0-9]{1,20}$/);
    fc.assert(
      fc.property(digits, (number) => {
        expect(maskNumber(number)).not.toContain(number);
        expect(maskNumber(number).replace('***', '').length).toBeLessThanOrEqual(Math.max(0, number.length - 2));
      }),
    );
  });
});

describe('for human eyes', () => {
  test('one line each, fields as words, quotes where they are needed', () => {
    const { log, lines } = recorded({ form: 'human' });
    log.info('hit_accepted', { phone: 'desk', name: 'Jörg "X"', count: 3, none: null });
    log.error('failed');
    expect(lines).toEqual([
      '09:15:02.412 INFO  hit_accepted  phone=desk  name="Jörg \\"X\\""  count=3  none=null\n',
      '09:15:02.412 ERROR failed\n',
    ]);
  });
  test('with colours only where they are asked for, and no other control character from any text', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const plain = recorded({ form: 'human' });
        plain.log.info('name', { name: value });
        expect(plain.lines[0]?.slice(0, -1)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        const coloured = recorded({ form: 'human', color: true });
        coloured.log.info('name', { name: value });
        expect(coloured.lines[0]?.match(/\u001b/g)).toHaveLength(2);
      }),
    );
  });
  test('without secrets and whole numbers as well', () => {
    const { log, lines } = recorded({ form: 'human' });
    log.registerSecret('geheimnis');
    log.info('sent', { url: 'https://x/geheimnis', number: '+15551234567' });
    expect(lines.join()).toContain('url=https://x/***  number=+1555***4567');
  });
});

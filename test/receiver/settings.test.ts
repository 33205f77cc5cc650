// Settings and addresses: defaults, what is refused, and one spelling for each address.
import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../src/core/problems.ts';
import { checkWith } from '../../src/core/schema-problems.ts';
import { canonicalAddress, compileRanges, inRanges, peerAddress } from '../../src/receiver/address.ts';
import { receiverSettings } from '../../src/receiver/index.ts';
import { createRateLimit } from '../../src/receiver/limits.ts';
import { createVirtualTime } from '../support/virtual-clock.ts';

describe('settings', () => {
  test('need nothing', () => {
    expect(receiverSettings.parse({})).toEqual({
      host: '0.0.0.0',
      port: 8484,
      proxies: [],
      paths: [],
      limits: {
        lineBytesMax: 8192,
        headBytesMax: 16_384,
        headMsMax: 5000,
        parametersMax: 64,
        connectionsMax: 1024,
        connectionsPerAddressMax: 32,
        hitsPerSecondMax: 20,
        hitsBurstMax: 100,
        lingerMsMax: 2000,
        keepAliveMsMax: 75_000,
      },
    });
  });

  test.each([
    [{ prot: 1 }, 'prot: unknown key; did you mean "port"?'],
    [{ port: 70_000 }, 'port: '],
    [{ limits: { headMsMax: '5s' } }, 'limits.headMsMax: must be a number, not text'],
    [{ limits: { hitsPerSecondMax: 0 } }, 'limits.hitsPerSecondMax: '],
    [{ proxies: ['10.0.0.0/8', '10.1'] }, 'proxies[1]: must be an address or a range'],
  ])('%j is refused', (settings, message) => {
    const result = checkWith(receiverSettings, settings);
    const problems = 'problems' in result ? result.problems.map(formatProblem) : [];
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(message);
  });
});

describe('addresses', () => {
  test.each([
    ['10.0.0.7', '10.0.0.7'],
    [' 10.0.0.7 ', '10.0.0.7'],
    ['10.0.0.7:80', '10.0.0.7'],
    ['::ffff:10.0.0.7', '10.0.0.7'],
    ['::FFFF:a00:7', '10.0.0.7'],
    ['[::ffff:10.0.0.7]:80', '10.0.0.7'],
    ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['010.0.0.7', undefined],
    ['127.1', undefined],
    ['0x7f000001', undefined],
    ['2130706433', undefined],
    ['256.0.0.1', undefined],
    ['10.0.0.7/8', undefined],
    ['localhost', undefined],
    ['', undefined],
  ])('%j is %j', (text, address) => {
    expect(canonicalAddress(text)).toBe(address);
  });

  test('of sockets', () => {
    expect(['10.0.0.7', '::ffff:10.0.0.7', '::1', undefined].map(peerAddress)).toEqual([
      '10.0.0.7',
      '10.0.0.7',
      '::1',
      '',
    ]);
  });

  test.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.7', '10.0.0.7', true],
    ['10.0.0.7', '10.0.0.8', false],
    ['::ffff:10.0.0.0/104', '10.1.1.1', true],
    ['2001:db8::/32', '2001:db8:1::1', true],
    ['2001:db8::/32', '10.0.0.1', false],
    ['0.0.0.0/0', '::1', false],
    ['0.0.0.0/0', '', false],
    ['nonsense', '10.0.0.1', false],
  ])('%s and %s: %s', (range, address, inside) => {
    expect(inRanges(compileRanges([range]), address)).toBe(inside);
  });
});

test('the rate of made-up phones takes no more memory than that of real ones, and stays what it is for those in use', async () => {
  const time = createVirtualTime();
  const rates = createRateLimit(time.clock, 1, 2);
  const busy = (): boolean => rates.take('busy');
  expect([busy(), busy(), busy()]).toEqual([true, true, false]);
  for (let n = 0; n < 5000; n++) rates.take(`made-up-${n}`);
  expect(busy()).toBe(false);
  await time.advance(1000);
  expect([busy(), busy()]).toEqual([true, false]);
});

// `provision`: what phones are told follows from rules and config; tokens are new and shown once.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { USUAL_FIELDS } from '../src/action-url.ts';
import type { Vendor } from '../src/core/vendor.ts';
import { everyNeed } from '../src/provision-needs.ts';
import { planOf } from '../src/provision-plan.ts';
import { vendors } from '../src/vendors/index.ts';
import { testDaemon } from './commands/world.ts';
import { MAC, rule, sha256, world } from './provision-world.ts';

describe('files', () => {
  test('one phone: exactly the events and variables of the rules, a new token, readable by nobody else', async () => {
    const w = world([rule('dnd', ['phone.dnd_on', 'phone.dnd_off'], '{{ phone.ip }}')]);
    const { code, out, err } = await w.run('provision', '--phone', 'desk', '--out', 'files');
    expect([code, out]).toEqual([0, `${w.folder.at(`files/cfg${MAC}.xml`)}\n`]);
    expect(err).toContain('A new token was made');
    const text = readFileSync(w.folder.at(`files/cfg${MAC}.xml`), 'utf8');
    const token = /\/a\/([^/]+)\/dnd_on/.exec(text)?.[1] ?? '';
    expect(text).toBe(
      `<?xml version="1.0" encoding="UTF-8"?>\n<hl_provision version="1"><config version="1">\n` +
        `<P3711 para="ActionUrl.OpenDND">http://10.0.0.1:8484/a/${token}/dnd_on?mac=$mac&amp;ip=$ip&amp;_=.</P3711>\n` +
        `<P3712 para="ActionUrl.CloseDND">http://10.0.0.1:8484/a/${token}/dnd_off?mac=$mac&amp;ip=$ip&amp;_=.</P3712>\n` +
        `</config></hl_provision>\n`,
    );
    expect(statSync(w.folder.at(`files/cfg${MAC}.xml`)).mode & 0o777).toBe(0o600);
    const book = readFileSync(w.folder.at('data/tokens.json'), 'utf8');
    expect(JSON.parse(book).tokens).toMatchObject([{ sha256: sha256(token), site: 'default', phone: 'desk' }]);
    expect(book).not.toContain(token);
  });

  test('all phones: each in its own form, each with a token of its own; or one for all', async () => {
    const w = world([rule('dnd', 'phone.dnd_on')]);
    const tokens = () =>
      readdirSync(w.folder.at('files')).map(
        (name) => /\/a\/([^/]+)\//.exec(readFileSync(w.folder.at(`files/${name}`), 'utf8'))?.[1],
      );
    await w.run('provision', '--all', '--out', 'files');
    expect(readdirSync(w.folder.at('files')).sort()).toEqual(['001565000001.cfg', `cfg${MAC}.xml`]);
    expect(readFileSync(w.folder.at('files/001565000001.cfg'), 'utf8')).toMatch(
      /^#!version:1\.0\.0\.1\naction_url\.dnd_on = http:\/\/10\.0\.0\.1:8484\/a\/[^/]+\/dnd_on\?mac=\$mac&_=\.\n$/,
    );
    expect(new Set(tokens()).size).toBe(2);
    const { err } = await w.run('provision', '--all', '--out', 'files', '--shared-token');
    expect(err).toContain('Phones that keep a token of that site made before are refused in 24 hours');
    expect(new Set(tokens()).size).toBe(1);
  });

  test('MACs that the config does not know share the token of their site', async () => {
    const w = world([rule('dnd', 'phone.dnd_on')]);
    const macs = ['--mac', '00-15-65-00-00-09,00:15:65:00:00:0a', '--vendor', 'yealink'];
    expect((await w.run('provision', ...macs, '--out', 'files')).code).toBe(0);
    expect(readdirSync(w.folder.at('files')).sort()).toEqual(['001565000009.cfg', '00156500000a.cfg']);
    expect(JSON.parse(readFileSync(w.folder.at('data/tokens.json'), 'utf8')).tokens).toMatchObject([
      { site: 'default' },
    ]);
  });

  test('a running daemon makes the token', async () => {
    const w = world([rule('dnd', 'phone.dnd_on')]);
    const daemon = await testDaemon(w);
    const { code, out } = await w.run('provision', '--phone', 'desk');
    expect([code, daemon.made]).toEqual([0, [{ site: 'default', phone: 'desk' }]]);
    expect(out).toContain('<P3711 para="ActionUrl.OpenDND">');
  });

  test('--token-file: the token that there is, if it is known and for these phones', async () => {
    const token = 'a-token-of-22-characters';
    const w = world([rule('dnd', 'phone.dnd_on')], { sites: { default: { token: { sha256: sha256(token) } } } });
    w.folder.write('token', `${token}\n`);
    const { code, out, err } = await w.run('provision', '--phone', 'desk', '--token-file', 'token', '--format', 'url');
    expect([code, out]).toEqual([0, `dnd_on http://10.0.0.1:8484/a/${token}/dnd_on?mac=$mac&_=.\n`]);
    expect(err).not.toContain('token');
    w.folder.write('token', 'another-token-of-nobody');
    const refused = await w.run('provision', '--phone', 'desk', '--token-file', 'token');
    expect([refused.code, refused.out]).toEqual([1, '']);
    expect(refused.err).toContain('Hookswitch does not know this token');
    expect(refused.err).not.toContain('another-token');
  });

  test('--preview makes no token', async () => {
    const w = world([rule('dnd', 'phone.dnd_on')]);
    const { code, out } = await w.run('provision', '--phone', 'desk', '--preview', '--format', 'table');
    expect(code).toBe(0);
    expect(out).toMatch(/^Field +Setting +URL$/m);
    expect(out).toMatch(/^Open DND +P3711 +http:\/\/10\.0\.0\.1:8484\/a\/TOKEN\/dnd_on\?mac=\$mac&_=\.$/m);
    expect(readdirSync(w.folder.path)).not.toContain('data');
  });
});

describe('warnings and refusals', () => {
  const preview = async (rules: object[], ...args: string[]) =>
    world(rules).run('provision', '--preview', ...(args.length > 0 ? args : ['--phone', 'desk']));

  test('a setting with two meanings is written only where it is asked for', async () => {
    const rules = [rule('ip', ['phone.ip_changed', 'phone.dnd_on'])];
    const plain = await preview(rules);
    expect(plain.out).not.toContain('P3734');
    expect(plain.err).toContain('(warning) ip_changed is not written: P3734');
    const asked = await preview(rules, '--phone', 'desk', '--with-ip-changed');
    expect(asked.out).toContain('<P3734>http://10.0.0.1:8484/a/TOKEN/ip_changed?');
    const elsewhere = await preview(rules, '--phone', 'hall');
    expect([elsewhere.out.includes('action_url.ip_change = '), elsewhere.err]).toEqual([true, '']);
  });

  test('a variable that the maker does not have, with the rule that reads it', async () => {
    const { err } = await preview([rule('queue', 'phone.missed_call', '{{ vars.queue }}')]);
    expect(err).toBe('(warning) these phones have no variable for queue (wanted by rule "queue")\n');
  });

  test('an event that the maker does not have', async () => {
    const { err } = await preview(
      [rule('m', ['phone.mute', 'phone.off_hook'])],
      '--mac',
      '001565000009',
      '--vendor',
      'mitel',
    );
    expect(err).toContain('(warning) these phones have no setting for mute (wanted by rule "m")');
  });

  test('an address that phones cannot reach, and a habit that nobody confirmed', async () => {
    const w = world([rule('dnd', 'phone.dnd_on')], { receiver: { host: '127.0.0.1' } });
    const { err } = await w.run('provision', '--preview', '--mac', '0c11050000aa', '--vendor', 'akuvox');
    expect(err).toContain('phones cannot reach http://127.0.0.1:8484; set receiver.publicUrl');
    expect(err).toContain('that these phones send a GET is unconfirmed');
  });

  test('the token of one phone is not written into others', async () => {
    const token = 'a-token-of-22-characters';
    const w = world([rule('dnd', 'phone.dnd_on')], {
      phones: [
        { id: 'desk', mac: MAC, token: { sha256: sha256(token) } },
        { id: 'hall', mac: '001565000001' },
      ],
    });
    w.folder.write('token', token);
    const { code, err } = await w.run('provision', '--all', '--token-file', 'token', '--out', 'files');
    expect([code, err]).toEqual([1, 'token: this token is that of phone "desk", and not of hall\n']);
  });

  test('no secret of a phone is ever asked for', async () => {
    const { out, err } = await preview(
      [rule('s', 'phone.dnd_on', '{{ vars.cfg_all }} {{ vars.cfg_local }}')],
      '--phone',
      'hall',
    );
    expect(out).not.toContain('$cfg');
    expect(err).toContain('no variable for cfg_all');
  });

  test.each<[length: number, dropped: string | undefined, refused: boolean]>([
    [200, undefined, false],
    [285, 'host', false],
    [320, 'host, local, display_local', false],
    [400, 'host, local, display_local', true],
  ])(
    'an address of %d characters: a URL that is too long loses what matters least (%s), or is refused',
    (length, dropped, refused) => {
      const vendor = vendors.get('yealink') as Vendor;
      const [file] = vendor.provisioning.files;
      if (file === undefined) throw new Error('no form');
      const needs = new Map([...everyNeed(USUAL_FIELDS)].filter(([slug]) => slug === 'missed_call'));
      const base = `http://${'h'.repeat(length - 7)}`;
      const plan = planOf({ name: 'hall', vendor: 'yealink', mac: MAC }, file, {
        vendor,
        needs,
        base,
        token: 't'.repeat(24),
        doubtful: false,
      });
      expect(plan.warnings).toEqual(
        dropped === undefined
          ? []
          : [`missed_call: the URL was too long; left out: ${dropped} (wanted by --all-events)`],
      );
      const [setting] = plan.settings;
      expect(plan.problems.length).toBe(refused ? 1 : 0);
      if (refused)
        expect(plan.problems[0]).toMatch(/^missed_call: the URL has \d+ characters, and these phones take 511/);
      else expect(setting?.url.length).toBeLessThanOrEqual(511);
      expect(setting?.url).toMatch(/&remote=\$remote&display_remote=\$display_remote&_=\.$/);
    },
  );

  test.each<[string, string[], RegExp]>([
    ['no phones', [], /say which phones/],
    ['an unknown phone', ['--phone', 'dsk'], /no phone "dsk"; did you mean "desk"/],
    ['an unknown site', ['--all', '--site', 'nort'], /no site "nort"/],
    ['an unknown maker', ['--mac', MAC, '--vendor', 'yealnk'], /did you mean "yealink"/],
    ['no MAC', ['--mac', 'hall'], /write it like 00:50:58/],
    ['an unknown form', ['--phone', 'desk', '--variant', 'named'], /one form of file only/],
  ])('%s', async (_what, args, why) => {
    const { code, out, err } = await world([rule('dnd', 'phone.dnd_on')]).run('provision', ...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(why);
  });

  test('no rule needs anything: nothing is written, and what to do is said', async () => {
    const { code, err } = await preview([]);
    expect([code, err]).toEqual([
      1,
      'no rule that is switched on needs any event of phones; write a rule, or take all events: --all-events\n',
    ]);
    const all = await preview([], '--phone', 'desk', '--all-events');
    expect(all.out.match(/<P37\d\d /g)).toHaveLength(33);
  });
});

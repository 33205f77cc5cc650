// `provision --check` and `--existing`: what files say, compared with what rules need now.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MAC, rule, world } from './provision-world.ts';

describe('--check', () => {
  test('says nothing is wrong, until a rule takes another event or reads another variable', async () => {
    const w = world([rule('dnd', 'phone.dnd_on')]);
    await w.run('provision', '--all', '--out', 'files');
    expect(await w.run('provision', '--check', 'files')).toEqual({
      code: 0,
      out: '2 files say what the rules need\n',
      err: '',
    });

    w.folder.write('rules.json', {
      rules: [rule('dnd', 'phone.dnd_on', '{{ phone.ip }}'), rule('mute', 'phone.mute')],
    });
    const changed = await w.run('provision', '--check', 'files');
    expect(changed.code).toBe(1);
    expect(changed.out).toContain(`cfg${MAC}.xml: mute (P3724) is not in it`);
    expect(changed.out).toContain(`cfg${MAC}.xml: dnd_on (P3711) has other variables`);
    expect(changed.err).toContain('2 of 2 files differ; write them again: hookswitch provision --all --out files');

    await w.run('provision', '--all', '--out', 'files');
    expect((await w.run('provision', '--check', 'files')).code).toBe(0);

    w.folder.write('rules.json', { rules: [rule('mute', 'phone.mute')] });
    const fewer = await w.run('provision', '--check', 'files');
    expect([fewer.code, fewer.out.split('\n')[0]]).toEqual([
      1,
      `cfg${MAC}.xml: P3711 is in it, and nothing needs it any more`,
    ]);
  });
  test('a maker with one URL for all events: its flags are compared', async () => {
    const poly = { phones: [{ id: 'hall', mac: '0004f2000001', vendor: 'poly' }] };
    const w = world([rule('off', 'phone.off_hook')], poly);
    await w.run('provision', '--all', '--out', 'files');
    expect(readFileSync(w.folder.at('files/0004f2000001-hookswitch.cfg'), 'utf8')).toMatch(
      /<apps apps\.telNotification\.URL="http:\/\/10\.0\.0\.1:8484\/a\/[^/]+\/poly\?mac=0004f2000001&amp;_=\." apps\.telNotification\.offhookEvent="1"\/>/,
    );
    expect((await w.run('provision', '--check', 'files')).code).toBe(0);
    w.folder.write('rules.json', { rules: [rule('off', ['phone.off_hook', 'phone.on_hook'])] });
    const { code, out } = await w.run('provision', '--check', 'files');
    expect([code, out]).toEqual([
      1,
      '0004f2000001-hookswitch.cfg: on_hook (apps.telNotification.onhookEvent) is not in it\n',
    ]);
  });
  test('other tokens are no difference; another address and a missing file are', async () => {
    const w = world([rule('dnd', 'phone.dnd_on')]);
    await w.run('provision', '--all', '--out', 'files');
    await w.run('provision', '--phone', 'desk', '--out', 'files');
    expect((await w.run('provision', '--check', 'files')).code).toBe(0);
    w.folder.write('config.json', {
      ...JSON.parse(readFileSync(w.folder.at('config.json'), 'utf8')),
      receiver: { publicUrl: 'http://10.0.0.2' },
    });
    expect((await w.run('provision', '--check', 'files', '--phone', 'desk')).out).toContain(
      'leads to http://10.0.0.1:8484/a/…/dnd_on',
    );
    expect((await w.run('provision', '--check', 'elsewhere')).out).toContain('there is no such file');
  });
});

test('--existing: what would change in the file of a phone, without showing what others put there', async () => {
  const w = world([rule('dnd', ['phone.dnd_on', 'phone.dnd_off', 'phone.mute'])]);
  w.folder.write(
    'now.xml',
    '<hl_provision><config><!-- <P3724>http://old</P3724> --><P3711>http://u:secret@crm.example/dnd?key=4711</P3711><P3712>http://10.0.0.1:8484/a/tok/dnd_off?mac=$mac&amp;_=.</P3712></config></hl_provision>',
  );
  const { code, out } = await w.run('provision', '--phone', 'desk', '--existing', 'now.xml');
  expect(code).toBe(0);
  expect(out).toBe(
    'P3711 (dnd_on) leads to http://crm.example/dnd now, and would be replaced\nP3724 (mute) would be added\n',
  );
  expect(readdirSync(w.folder.path)).not.toContain('data');
});

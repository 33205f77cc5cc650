// Slack: what arrives in the channel, which marks a caller cannot make, and what each answer means.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeSlackText } from '../../src/destinations/slack/encode.ts';
import { slack } from '../../src/destinations/slack/index.ts';
import { readCleanLine } from '../support/clean-line.ts';
import { destinationContract } from '../support/destination-contract.ts';
import { HOSTILE_STRINGS } from '../support/hostile-strings.ts';
import { closedPort, startSilentServer } from '../support/http-server.ts';
import { startSlackServer } from '../support/slack-server.ts';
import { connect, LINKABLE, post, readSlack, settingsFor, TOKEN, withoutJoiners } from './slack-desk.ts';

destinationContract('slack', {
  declaration: slack,
  cases: {
    async live() {
      const server = await startSlackServer(TOKEN);
      return { settings: settingsFor(server.port), received: () => server.messages.length, stop: server.stop };
    },
    gone: async () => ({ settings: settingsFor(await closedPort()), stop: async () => undefined }),
    async silent() {
      const server = await startSilentServer();
      return { settings: settingsFor(server.port), stop: server.stop };
    },
    grammar: {
      text: {
        parse(encoded) {
          const { tokens, text } = readSlack(`<!here> call from ${encoded}, <https://example.net|more>`);
          expect(tokens).toEqual(['!here', 'https://example.net|more']);
          const [, value = ''] = /^ call from ([\s\S]*), $/.exec(text) ?? [];
          expect(value).not.toMatch(LINKABLE);
          return withoutJoiners(value);
        },
        expected: (value) => withoutJoiners(readCleanLine(value, 300)),
      },
    },
  },
});

describe('what arrives', () => {
  it('posts as the bot, to the channel of the message or else of the connection, with nothing linked or unfurled', async () => {
    const { server, connection } = await connect();
    await post(connection);
    await post(connection, { text: 'second', channel: '#sales', mrkdwn: true });
    const quiet = { parse: 'none', link_names: 'false', unfurl_links: 'false', unfurl_media: 'false' };
    expect(server.messages).toEqual([
      { text: 'hello', channel: '#reception', mrkdwn: 'false', ...quiet },
      { text: 'second', channel: '#sales', mrkdwn: 'true', ...quiet },
    ]);
  });

  it('posts to an incoming webhook without a channel', async () => {
    const { server, connection } = await connect('webhook');
    expect(await post(connection)).toEqual({ kind: 'delivered', code: 'ok' });
    expect(server.messages).toEqual([
      { text: 'hello', mrkdwn: false, parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false },
    ]);
  });

  it('keeps no connection between messages', async () => {
    const { server, connection, time } = await connect();
    for (let n = 0; n < 5; n++) {
      await post(connection);
      await time.advance(1_000);
    }
    expect(server.connections()).toBe(5);
    expect(server.requests.every(({ headers }) => headers.connection === 'close')).toBe(true);
  });
});

describe("a caller's text", () => {
  const marks = fc.constantFrom(
    '<!channel>',
    '<@U1>',
    '<#C1>',
    '<!subteam^S1>',
    '<!date^1^{date}^http://x|y>',
    '<',
    '>',
    '&',
    '|',
    '@here',
  );
  const links = fc.constantFrom(
    'http://evil.example',
    'www.evil.example',
    'evil.example',
    'a@evil.example',
    'slack://open',
    '&lt;!here&gt;',
  );
  const anything = fc.oneof(
    marks,
    links,
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...HOSTILE_STRINGS),
  );
  const value = fc.array(anything, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));

  it('makes no control token and no link, whatever it is', () => {
    fc.assert(
      fc.property(value, (text) => {
        const read = readSlack(`from ${encodeSlackText(text)}`);
        expect(read.tokens).toEqual([]);
        expect(read.text).not.toMatch(LINKABLE);
        expect(read.text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
        expect(withoutJoiners(read.text)).toBe(withoutJoiners(`from ${readCleanLine(text, 300)}`));
      }),
      { numRuns: 3_000 },
    );
  });

  it('is cut between graphemes and before it is escaped, wherever the cut falls', () => {
    for (let length = 280; length <= 320; length++) {
      const { text } = readSlack(encodeSlackText(`${'x'.repeat(length)}<&>👩‍👩‍👧`.repeat(3)));
      expect([...new Intl.Segmenter().segment(text)].length).toBe(300);
      expect(text.endsWith('…')).toBe(true);
    }
  });

  it('stays readable', () => {
    expect(withoutJoiners(encodeSlackText('Smith & Sons <100>'))).toBe('Smith &amp; Sons &lt;100&gt;');
    expect(encodeSlackText('Müller, 株式会社 👩‍👩‍👧')).toBe('Müller, 株式会社 👩‍👩‍👧');
    expect(encodeSlackText('+49 30 23125-100')).toBe('+49 30 23125-100');
  });

  it('arrives as it was encoded', async () => {
    const { server, connection, time } = await connect();
    for (const text of HOSTILE_STRINGS) {
      await post(connection, { text: `from ${encodeSlackText(text)}` });
      await time.advance(1_000);
    }
    expect(server.messages.map(({ text }) => text)).toEqual(
      HOSTILE_STRINGS.map((text) => `from ${encodeSlackText(text)}`),
    );
  });
});

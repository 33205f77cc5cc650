// Hostile texts without end, drawn from a seed: pieces of every grammar that a caller's name may be put into, whole, cut and mixed.
import { seeded } from '../long/waiting.ts';
import { HOSTILE_STRINGS } from './hostile-strings.ts';

/** By the grammar that they mean something in. */
const PIECES: Readonly<Record<string, readonly string[]>> = {
  slack: [
    '<!channel>',
    '<!here|x>',
    '<@U0123ABCD>',
    '<#C0123ABCD>',
    '<https://evil.example|pay>',
    '<mailto:a@b.example>',
  ],
  mrkdwn: ['*b*', '_i_', '~s~', '`c`', '```', '> quote', '• ', ':smile:', '&gt;', '&amp;lt;', '&#60;', '&'],
  links: [
    'https://evil.example/x',
    'www.evil.example',
    '@here',
    '@channel',
    'a@evil.example',
    'evil.example',
    'tel:110',
  ],
  html: [
    '<script>alert(1)</script>',
    '<img src=x onerror=a()>',
    '</div>',
    '<!--',
    '-->',
    '<![CDATA[',
    '<svg/onload=a>',
    '</style>',
    '<a href="',
    '"',
    "'",
    '`',
    '&lt;script&gt;',
    '&#x3c;',
    '&quot;',
    '>',
  ],
  script: ['javascript:alert(1)', "';alert(1)//", `\${x}`, '</script>', 'eval(', '\\u003c', '\\x3c'],
  css: ['expression(a)', '}body{display:none}', 'url(//evil.example)', '/*', '*/', '@import'],
  templates: ['{{ phone.id }}', '{% raw %}', '{%', '%}', '{{', '}}', '{{{', '<%= x %>', '#{x}', '{{ "x" | upcase }}'],
  json: ['{"a":1}', '"}', '","x":"', '\\', '\\"', '\\n', '[', ']', 'null', 'true', '"__proto__":', '\\u0000'],
  mqtt: ['/', '+', '#', '$SYS', '$share/g/', '//', '/#', 'a/b', '\u0000'],
  mail: [
    '\r\nBcc: v@evil.example',
    '\r\n\r\n',
    '\n.\n',
    '\r\n.\r\nQUIT\r\n',
    '=?utf-8?q?=0D=0ABcc:_x?=',
    '=?utf-8?b?DQo=?=',
    '=?',
    '?=',
    '=0D=0A',
    '<v@evil.example>',
    ', ',
    '; ',
    ':',
    '(',
    ')',
    '--boundary',
  ],
  paths: [
    '..',
    '.',
    '../',
    '..\\',
    '%2e%2e%2f',
    '%2F',
    '%00',
    '%',
    '%zz',
    '%E2%80',
    '?a=b',
    '&c=d',
    '#f',
    ';v=1',
    '//evil.example',
    '\\\\host',
    ' ',
  ],
  http: ['\r\nX-Evil: 1', '\r\nHost: evil', ' HTTP/1.1\r\n', 'Transfer-Encoding: chunked', '\u0085', '\u0100'],
  sql: ["' OR 1=1 --", '"; DROP TABLE x; --', '/**/', "''", '0x00'],
  shell: ['$(id)', '`id`', '; rm -rf /', '| cat', '&& x', '> /x', '$HOME', '!!', '*', '~'],
  sheets: ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '=cmd|x!A1'],
  bidi: ['\u202E', '\u202A', '\u202D', '\u202C', '\u2066', '\u2067', '\u2068', '\u2069', '\u200E', '\u200F', '\u061C'],
  invisible: [
    '\u200B',
    '\u200C',
    '\u200D',
    '\u2060',
    '\uFEFF',
    '\u00AD',
    '\u034F',
    '\u180E',
    '\u3164',
    '\u115F',
    '\uFE0F',
    '\u{E0041}',
    '\u{E007F}',
  ],
  breaks: [
    '\r',
    '\n',
    '\r\n',
    '\u2028',
    '\u2029',
    '\u0085',
    '\v',
    '\f',
    '\t',
    '\u0000',
    '\u001B[2J',
    '\u0007',
    '\u007F',
    '\u009F',
  ],
  broken: ['\uD800', '\uDC00', '\uDBFF', '\uDFFF', '\uFFFE', '\uFFFF', '\uFDD0', '\u{1FFFE}', '\u{10FFFF}', '\uFFFD'],
  marks: ['e\u0301', 'Z\u0351\u0352\u0357\u034A', '\u0301', '\u20DD', '\u0E47\u0E47\u0E47'],
  emoji: ['👩‍👩‍👧‍👦', '🏳️‍🌈', '👍🏽', '🇩🇪', '🇩', '1️⃣', '👩🏽‍❤️‍💋‍👨🏿', '\u{1F600}'],
  scripts: [
    'שלום',
    'مرحبا',
    'نامه\u200Cای',
    'अनुच्छेद',
    '株式会社',
    'Ελλάς',
    'раураl',
    'ﬀ',
    'İ',
    'ß',
    'ǅ',
    '\u1E9E',
    '＜script＞',
    '＠',
  ],
  plain: ['Erika', ' ', 'Smith & Sons', 'a', '0', '-', '.', ',', 'O’Neill'],
};
const GRAMMARS = Object.values(PIECES);

export type HostileText = () => string;

/** Texts of up to about 6,000 code units; the same seed gives the same ones. */
export function hostileTexts(seed: number): HostileText {
  const random = seeded(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const oneOf = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const piece = (): string => oneOf(oneOf(GRAMMARS));
  const mixed = (most: number): string => Array.from({ length: 1 + below(most) }, piece).join('');
  const units = (most: number): string =>
    String.fromCharCode(...Array.from({ length: below(most) }, () => below(random() < 0.5 ? 0x300 : 0x10000)));
  const points = (most: number): string =>
    String.fromCodePoint(...Array.from({ length: below(most) }, () => below(random() < 0.3 ? 0x80 : 0x110000)));
  const kinds: (() => string)[] = [
    () => oneOf(HOSTILE_STRINGS),
    piece,
    () => mixed(3),
    () => mixed(8),
    () => `Erika ${piece()}`,
    () => `${piece()}Mustermann`,
    () => units(12),
    () => points(12),
    () => `${mixed(3)}${units(4)}${mixed(3)}`,
    // A piece that is cut in the middle, as by a limit.
    () =>
      mixed(4)
        .slice(below(4))
        .slice(0, 1 + below(20)),
  ];
  return () => (random() < 0.01 ? piece().repeat(1 + below(400)) : oneOf(kinds)());
}

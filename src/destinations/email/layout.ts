// The shipped layout: an HTML part from the author's text, readable on a phone and in the dark, with nothing to load.
import { escapeHtml } from './encode-html.ts';

/** A constant: no value ever stands in it. Programs that drop it show headings, paragraphs and a table all the same. */
const STYLE = `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
body { margin: 0; padding: 0; background: #f3f4f6; color: #1f2937; }
.page { max-width: 600px; margin: 0 auto; padding: 24px 16px; font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; }
.card { background: #ffffff; border: 1px solid #e5e7eb; border-radius: 8px; padding: 20px; }
h1 { margin: 0 0 16px; font-size: 20px; line-height: 1.3; overflow-wrap: anywhere; }
p { margin: 0 0 16px; white-space: pre-wrap; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; margin: 0 0 16px; }
th, td { padding: 6px 12px 6px 0; border-bottom: 1px solid #e5e7eb; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { font-weight: 600; }
.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
.sent { margin: 12px 4px 0; font-size: 13px; color: #6b7280; }
@media (max-width: 480px) { .page { padding: 8px; } .card { padding: 16px; } }
@media (prefers-color-scheme: dark) {
  body { background: #111827; color: #e5e7eb; }
  .card { background: #1f2937; border-color: #374151; }
  th, td { border-color: #374151; }
  .sent { color: #9ca3af; }
}
`;

/** `format-detection`: a number stays a number, also in programs that make links of their own. */
const HEAD = [
  '<meta charset="utf-8">',
  '<meta name="viewport" content="width=device-width, initial-scale=1">',
  '<meta name="color-scheme" content="light dark">',
  '<meta name="supported-color-schemes" content="light dark">',
  '<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">',
].join('\n');

/** `headline` and `text` are final texts, nothing in them is a tag; `table` is HTML that is made here in the house. */
export type Page = { headline: string; text: string; table?: string | undefined; sentBy: string };

/** The HTML part: the author's paragraphs (parted by blank lines) and line breaks stay. `dir="auto"`: Arabic reads as Arabic. */
export function layOut({ headline, text, table, sentBy }: Page): string {
  return `<!DOCTYPE html>
<html>
<head>
${HEAD}
<title>${escapeHtml(headline)}</title>
<style>${STYLE}</style>
</head>
<body>
<div class="page">
<div class="card">
<h1 dir="auto">${escapeHtml(headline)}</h1>
${[...paragraphs(text), ...(table === undefined ? [] : [table])].join('\n')}
</div>
<p class="sent">${escapeHtml(sentBy)}</p>
</div>
</body>
</html>
`;
}

function paragraphs(text: string): string[] {
  const lines = text.replace(/\r\n?/g, '\n').replace(/^(?:[ \t]*\n)+|\s+$/g, '');
  if (lines === '') return [];
  return lines
    .split(/\n(?:[ \t]*\n)+/)
    .map((paragraph) => `<p dir="auto">${escapeHtml(paragraph).replaceAll('\n', '<br>')}</p>`);
}

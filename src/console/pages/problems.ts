// Problems as people read them: what is wrong, and the line of the file with a mark under the place.
import { html } from 'hono/html';
import { escapeUnprintable } from '../../core/printable.ts';
import { formatProblem } from '../../core/problems.ts';
import type { Html } from '../http/route.ts';
import type { ShownProblem } from '../rule-desk.ts';

/** A list; nothing where there is nothing wrong. */
export const problemList = (problems: readonly ShownProblem[]): Html =>
  problems.length === 0
    ? html``
    : html`<ul class="problems">${problems.map(
        ({ problem, excerpt }, n) =>
          html`<li><p>${formatProblem(problem)}</p>${excerpt === undefined ? '' : excerptOf(excerpt, problem.line ?? 1, n + 1)}</li>`,
      )}</ul>`;

/** Escaped first, so that the mark stands under the place and not as many characters before it as were escaped. */
function excerptOf({ text, caret }: NonNullable<ShownProblem['excerpt']>, line: number, n: number): Html {
  const plain = (part: string): string => escapeUnprintable(part.replaceAll('\t', ' '));
  const number = `${line} | `;
  const before = plain(text.slice(0, caret));
  return html`<pre class="excerpt" tabindex="0" role="region" aria-label="Line ${line}, of problem ${n}">${number}${before}${plain(text.slice(caret))}
<span class="caret" aria-hidden="true">${' '.repeat(number.length + before.length)}^</span></pre>`;
}

/** For programs: the same as text and fields. */
export const problemJson = ({ problem, excerpt }: ShownProblem) => ({
  text: formatProblem(problem),
  file: problem.file ?? null,
  line: problem.line ?? null,
  column: problem.column ?? null,
  excerpt: excerpt ?? null,
});

// Problem: something wrong in a file that a person wrote; where, what, and what would be right.

export type Path = readonly (string | number)[];

/** `file`, `line` and `column` are filled in by whoever read the text; a room that checks a plain value knows the path only. */
export type Problem = {
  path: Path;
  message: string;
  hint?: string;
  file?: string;
  line?: number;
  column?: number;
};

/** `rules[0].when["call.talkSeconds"]`: a path as people write it. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** `rules/bad.jsonc:7:13  rules[0].on: "call.mised" is not an event; did you mean "call.missed"?` */
export function formatProblem(problem: Problem): string {
  const place =
    problem.file === undefined
      ? ''
      : `${problem.file}${problem.line === undefined ? '' : `:${problem.line}:${problem.column ?? 1}`}  `;
  const path = formatPath(problem.path);
  return `${place}${path === '' ? '' : `${path}: `}${problem.message}${problem.hint === undefined ? '' : `; ${problem.hint}`}`;
}

/** The hint for a word that is not in the list: `did you mean "x"?`, or the list itself where it is short. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const near = nearest(word, known);
  if (near !== undefined) return `did you mean ${JSON.stringify(near)}?`;
  if (known.length > 0 && known.length <= 12) return `known: ${known.join(', ')}`;
  return undefined;
}

function nearest(word: string, known: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Edit distance in which a swap of two neighbours is one step ("mised", "nubmer"). */
function editDistance(a: string, b: string): number {
  if (a.length > 64 || b.length > 64) return a === b ? 0 : 64;
  const width = b.length + 1;
  const cells = new Array<number>((a.length + 1) * width).fill(0);
  const at = (i: number, j: number): number => cells[i * width + j] ?? 0;
  for (let i = 0; i <= a.length; i++) {
    for (let j = 0; j <= b.length; j++) {
      if (i === 0 || j === 0) {
        cells[i * width + j] = i + j;
        continue;
      }
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, at(i - 2, j - 2) + 1);
      cells[i * width + j] = cost;
    }
  }
  return at(a.length, b.length);
}

// Phone numbers as they may stand in a log: enough to recognise one's own, too little to call a stranger.

/** `+15551234567` → `+1555***4567`; the shorter the number, the less of it is shown. Never shows all of it. */
export function maskNumber(number: string): string {
  const length = number.length;
  const [head, tail] = length >= 11 ? [5, 4] : length >= 8 ? [3, 2] : length >= 5 ? [0, 2] : [0, 0];
  return `${number.slice(0, head)}***${tail === 0 ? '' : number.slice(-tail)}`;
}

// Wildcard: `*` for any text, `?` for one character. A linear scan, so that no pattern and no caller's name can stall a rule.

/** A matcher for one pattern; characters are code points. Worst case: pattern length × text length, without recursion. */
export function wildcard(pattern: string): (text: string) => boolean {
  const parts = [...pattern];
  return (text) => {
    const letters = [...text];
    let at = 0;
    let part = 0;
    let star = -1;
    let starAt = 0;
    while (at < letters.length) {
      if (part < parts.length && parts[part] === '*') {
        star = part++;
        starAt = at;
      } else if (part < parts.length && (parts[part] === '?' || parts[part] === letters[at])) {
        part++;
        at++;
      } else if (star >= 0) {
        part = star + 1;
        at = ++starAt;
      } else return false;
    }
    while (parts[part] === '*') part++;
    return part === parts.length;
  };
}

// What every open page has already, by its name: what is the same as before is not sent again.

export type Sent<One> = {
  /** Those that differ from what was sent last. */
  changed(now: readonly One[]): One[];
  /** Names of what is not there any more. */
  gone(now: readonly One[]): string[];
  clear(): void;
};

/** Nothing sent yet. */
export function createSent<One>(nameOf: (one: One) => string): Sent<One> {
  const sent = new Map<string, string>();
  return {
    changed: (now) =>
      now.filter((one) => {
        const [name, text] = [nameOf(one), JSON.stringify(one)];
        if (sent.get(name) === text) return false;
        sent.set(name, text);
        return true;
      }),
    gone(now) {
      const names = new Set(now.map(nameOf));
      const over = [...sent.keys()].filter((name) => !names.has(name));
      for (const name of over) sent.delete(name);
      return over;
    },
    clear: () => sent.clear(),
  };
}

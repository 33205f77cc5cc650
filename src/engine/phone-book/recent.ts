// Recent: the answers that were needed lately, in bounded memory. Two generations of maps: cheaper than a chain of least use.

export type Recent<Value> = {
  /** The value of that key, made by `make` where it is not remembered. */
  of(key: string, make: (key: string) => Value): Value;
};

/** Remembers at least the `sizeMax` keys that were asked for last, and never more than twice as many. */
export function createRecent<Value>(sizeMax: number): Recent<Value> {
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  return {
    of(key, make) {
      const known = young.get(key);
      if (known !== undefined || young.has(key)) return known as Value;
      const value = old.has(key) ? (old.get(key) as Value) : make(key);
      if (young.size >= sizeMax) [old, young] = [young, new Map<string, Value>()];
      young.set(key, value);
      return value;
    },
  };
}

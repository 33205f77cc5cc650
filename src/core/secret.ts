// Secret: a value that no log line, error, dump or JSON shows. The config holds references only.
import { z } from 'zod';

export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  /** The value itself; call it where it is sent, nowhere else. */
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return '***';
  }
  toJSON(): string {
    return '***';
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return 'Secret(***)';
  }
}

/** A field that holds a secret: `{ "env": "NAME" }` or `{ "file": "path" }` in the config, a Secret once it is read. */
export const secret = () =>
  z.custom<Secret>(
    (value) => value instanceof Secret,
    'must be { "env": "NAME" } or { "file": "path" }, so that no secret stands in the config',
  );

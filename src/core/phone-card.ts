// What the config says about a phone: its id, its name, where it stands, which groups it rings in.

export type PhoneCard = {
  /** The identity: `[A-Za-z0-9_-]{1,64}`; permanent, topics and state hang on it. */
  id: string;
  site: string;
  /** 12 lower-case hex digits. */
  mac?: string;
  name?: string;
  groups: string[];
  area?: string;
  /** The maker's profile in src/vendors, by file name; `sangoma` unless configured. */
  vendor?: string;
};

/** `00:50:58:A1:B2:C3`, `00-50-58-a1-b2-c3` or 12 hex digits → 12 lower-case hex digits; anything else → undefined.
 * One kind of separator, ASCII only. Source: spellings of the makers, notes on SIP phones' `$mac`. */
export function normaliseMac(text: string): string | undefined {
  if (!/^(?:[0-9a-f]{12}|[0-9a-f]{2}(?::[0-9a-f]{2}){5}|[0-9a-f]{2}(?:-[0-9a-f]{2}){5})$/i.test(text)) return undefined;
  return text.replace(/[:-]/g, '').toLowerCase();
}

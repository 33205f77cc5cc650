// Texts as SQLite's driver keeps them whole.

/**
 * SQLite's driver cuts a text at NUL, and UTF-8 has no lone surrogates; text in which either occurs (it may come from a
 * stranger) is kept as a JSON string. Injective, so that two keys never become one.
 */
export const writeText = (text: string): string => (/^"|[\0\ud800-\udfff]/.test(text) ? JSON.stringify(text) : text);
export const readText = (text: string): string => (text.startsWith('"') ? (JSON.parse(text) as string) : text);

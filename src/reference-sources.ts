// What schemas and reference pages take from a config: the names of its connections, for examples. Whether it is right is not asked.
import { FileError, type Files } from './core/files.ts';
import { DOCUMENT_BYTES_MAX, readDocument } from './document.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** By name, as far as they can be read; none where the file cannot be read. */
export async function connectionTypes(
  path: string,
  files: Pick<Files, 'read'>,
): Promise<Record<string, { type: string }>> {
  const value = await documentAt(path, files);
  const written = isObject(value) && isObject(value.connections) ? Object.entries(value.connections) : [];
  return Object.fromEntries(
    written.flatMap(([name, connection]) =>
      isObject(connection) && typeof connection.type === 'string' ? [[name, { type: connection.type }] as const] : [],
    ),
  );
}

async function documentAt(path: string, files: Pick<Files, 'read'>): Promise<unknown> {
  try {
    return readDocument((await files.read(path, DOCUMENT_BYTES_MAX)).text).value;
  } catch (error) {
    if (error instanceof FileError) return undefined;
    throw error;
  }
}

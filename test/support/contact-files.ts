// Contact files in a folder of a test's own, read as the config reads them, for a house in Germany.
import { writeFileSync } from 'node:fs';
import { CONTACT_DOCUMENTS } from '../../src/config-contacts.ts';
import { type ContactSource, readContacts } from '../../src/contacts/index.ts';
import { formatProblem } from '../../src/core/problems.ts';
import { readNumber } from '../../src/engine/phone-book/index.ts';
import { systemFiles } from '../../src/files.ts';
import { type TempFolder, tempFolder } from './temp-folder.ts';

export type FilesRead = { names: Record<string, string>; problems: string[]; warnings: string[] };

/** Reads these files (text, or bytes as they are) in their order. `more` replaces what the source says. */
export async function readFiles(
  files: Record<string, string | Uint8Array>,
  more: Partial<ContactSource> = {},
  folder: TempFolder = tempFolder(),
): Promise<FilesRead> {
  for (const [name, content] of Object.entries(files))
    if (typeof content === 'string') folder.write(name, content);
    else writeFileSync(folder.at(name), content);
  return readEntries(Object.keys(files), more, folder);
}

/** Reads what lies there already. */
export async function readEntries(
  entries: string[],
  more: Partial<ContactSource>,
  folder: TempFolder,
): Promise<FilesRead> {
  const listed = entries.map((entry, index) => ({ entry, path: ['contacts', index] }));
  const { contacts, problems, warnings } = await readContacts(listed, {
    folder: folder.path,
    files: systemFiles,
    documents: CONTACT_DOCUMENTS,
    shownAs: (path) => path.slice(folder.path.length + 1),
    readNumber: (text) => readNumber(text, { country: 'DE' }),
    hasCountry: true,
    ...more,
  });
  return {
    names: Object.fromEntries(contacts),
    problems: problems.map(formatProblem),
    warnings: warnings.map(formatProblem),
  };
}

// `hookswitch read`: how recorded hits are understood: a bundle of `hookswitch record`, or a text file of request lines.
import { resolve } from 'node:path';
import { FileError, fileErrorText } from '../core/files.ts';
import { DOCUMENT_BYTES_MAX } from '../document.ts';
import { type HitReading, type ReadField, readHitLine } from '../hit-reading.ts';
import { type BundleHit, lineOf, readRecording } from '../recording.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, cut, type Register, say, sayJson } from './io.ts';

type Options = { json?: boolean };

export const register: Register = (program, io, finish) => {
  program
    .command('read')
    .description('show how recorded hits are understood, field by field')
    .argument('<file>', 'what `hookswitch record` wrote, or a text file with request lines as phones send them')
    .option('--json', 'one JSON object a line')
    .action(async (file: string, options: Options) => finish(await read(file, options, io)));
};

async function read(file: string, options: Options, io: CommandIo): Promise<number> {
  const hits = await hitsOf(file, io);
  if ('problem' in hits) {
    say(io.err, `${file}: ${hits.problem}`);
    return EXIT.failed;
  }
  if (hits.length === 0) {
    say(io.err, `${file}: holds no request line; one looks like "GET /a/…/missed_call?mac=… HTTP/1.1"`);
    return EXIT.failed;
  }
  let refused = 0;
  for (const hit of hits) {
    const reading = readHitLine(lineOf(hit));
    if ('refused' in reading) refused += 1;
    if (options.json === true) sayJson(io.out, { ...hit, line: withoutToken(hit.line), reading });
    else tell(hit, reading, io);
  }
  if (options.json !== true) say(io.out, `${hits.length} ${hits.length === 1 ? 'hit' : 'hits'}, ${refused} refused`);
  return EXIT.ok;
}

async function hitsOf(file: string, { files, folder }: CommandIo): Promise<BundleHit[] | { problem: string }> {
  const path = resolve(folder, file);
  try {
    return readRecording((await files.read(path, DOCUMENT_BYTES_MAX)).text, 'utf8');
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    if (error.code !== 'encoding') return { problem: fileErrorText(error).message };
    // Phones that write Latin-1 make such files.
    return readRecording((await files.read(path, DOCUMENT_BYTES_MAX, 'windows-1252')).text, 'windows-1252');
  }
}

/** A text file may hold what a phone really sent. */
const withoutToken = (line: string): string => line.replace(/(\/a\/)[^/?\s]+(?=\/)/, '$1***');

function tell({ at, phone, line }: BundleHit, reading: HitReading | { refused: string }, io: CommandIo): void {
  const where = [at, phone].filter((text) => text !== '').join('  ');
  if ('refused' in reading) {
    say(io.out, [where, `refused: ${reading.refused}`].filter((text) => text !== '').join('  '));
    say(io.out, `  ${cut(withoutToken(line), 400)}`);
    return;
  }
  const event = reading.event ?? 'a URL of another shape: "paths" in the config says what it means';
  say(io.out, [where, event].filter((text) => text !== '').join('  '));
  say(io.out, `  ${cut(withoutToken(line), 400)}`);
  for (const field of reading.fields) say(io.out, `  ${field.name.padEnd(14)} ${fieldText(field)}`);
  const { number, name, uri } = reading.remote;
  const side = [number ?? 'no number', name === undefined ? undefined : JSON.stringify(name), uri];
  say(io.out, `  other side: ${side.filter((part) => part !== undefined).join('  ')}`);
  say(io.out, `  doubtful:   ${reading.suspect.length === 0 ? 'nothing' : reading.suspect.join(', ')}`);
  say(io.out, '');
}

const fieldText = ({ value, how }: ReadField): string =>
  `${value === null ? '(absent)' : JSON.stringify(cut(value, 200))}${how.length === 0 ? '' : `   ${how.join(', ')}`}`;

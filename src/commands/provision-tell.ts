// What `provision` shows: files, tables and URLs of plans, and warnings once for all phones that they concern.

import { fileNameOf, type Plan, planText } from '../provision-plan.ts';
import { EXIT } from './exit.ts';
import { type CommandIo, cut, say, sayTable } from './io.ts';
import { writePlans } from './provision-files.ts';

type Shown = { format: 'files' | 'table' | 'url'; out?: string | undefined };

/** Shows or writes all plans; resolves with the exit code. */
export async function tellPlans(plans: readonly Plan[], { format, out }: Shown, io: CommandIo): Promise<number> {
  if (format === 'files' && out !== undefined) return writePlans(plans, out, io);
  for (const [index, plan] of plans.entries()) {
    if (plans.length > 1) say(io.out, `${index === 0 ? '' : '\n'}${headingOf(plan, format)}`);
    if (format === 'files') io.out(planText(plan));
    else if (format === 'url') for (const { slug, url } of plan.settings) say(io.out, `${slug} ${url}`);
    else sayPage(plan, io);
  }
  return EXIT.ok;
}

const headingOf = (plan: Plan, format: Shown['format']): string =>
  format === 'files' ? `${plan.phone.name}: ${fileNameOf(plan)}` : `${plan.phone.name}:`;

/** For typing: where each URL goes on the phone's own web page. */
function sayPage({ file, settings }: Plan, io: CommandIo): void {
  if (file.webPage !== undefined) say(io.out, `On the phone's web page: ${file.webPage}`);
  if (file.form === 'flags') {
    say(io.out, `${file.urlKey}: ${settings[0]?.url ?? ''}`);
    sayTable(
      io.out,
      ['Event', 'Set to 1'],
      settings.map(({ label, slot }) => [label, slot]),
    );
    return;
  }
  sayTable(
    io.out,
    ['Field', 'Setting', 'URL'],
    settings.map(({ label, slot, url }) => [label, slot, url]),
  );
}

/** Each sentence once, with the phones that it is about. */
export function sayWarnings(plans: readonly Plan[], io: CommandIo): void {
  const said = new Map<string, string[]>();
  for (const { phone, file, warnings } of plans)
    for (const text of [...warnings, ...(file.note === undefined ? [] : [file.note])])
      said.set(text, [...(said.get(text) ?? []), phone.name]);
  for (const [text, names] of said) {
    const whom = plans.length > 1 ? `${cut(names.join(', '), 200)}: ` : '';
    say(io.err, `(warning) ${whom}${text}`);
  }
}

// Compares what a phone would be told with a file that is there: which settings differ, and which point somewhere else.
import type { Plan, PlannedSetting } from './provision-plan.ts';
import { readSettings } from './vendors/settings-read.ts';

/** `other`: it points to somebody else's address now. */
export type Change = { slot: string; slug: string; kind: 'added' | 'changed' | 'other'; now?: string };

/** A URL as it is compared and shown: the token out of it, and what may be a password before the host's `@`. */
export const withoutToken = (url: string): string =>
  url.replace(/^(https?:\/\/)[^/?#]*@/i, '$1').replace(/(\/a\/)[^/?]*/, '$1…');

const originOf = (url: string): string => url.replace(/^https?:\/\//i, '').split(/[/?]/)[0] ?? '';

/** What would change in a file of somebody's if the plan were written into it. */
export function changesTo(text: string, { file, settings }: Plan): Change[] {
  const there = readSettings(text, file);
  const { urlKey } = file;
  if (urlKey !== undefined) return flagChanges(there, urlKey, settings);
  return settings.flatMap((setting) => changeOf(there.get(setting.slot), setting));
}

function changeOf(now: string | undefined, { slot, slug, url }: PlannedSetting): Change[] {
  if (now === undefined || now === '') return [{ slot, slug, kind: 'added' }];
  if (withoutToken(now) === withoutToken(url)) return [];
  return [{ slot, slug, kind: originOf(now) === originOf(url) ? 'changed' : 'other', now: shortOf(now) }];
}

function flagChanges(
  there: ReadonlyMap<string, string>,
  urlKey: string,
  settings: readonly PlannedSetting[],
): Change[] {
  const [first] = settings;
  if (first === undefined) return [];
  const flags = settings.filter(({ slot }) => there.get(slot) !== '1');
  return [
    ...changeOf(there.get(urlKey), { ...first, slot: urlKey }),
    ...flags.map(({ slot, slug }): Change => ({ slot, slug, kind: 'added' })),
  ];
}

/** Query strings of others may hold anything. */
const shortOf = (url: string): string => withoutToken(url).split('?')[0]?.slice(0, 120) ?? '';

/** How a file that Hookswitch wrote once differs from what it would write now, tokens aside; in sentences. */
export function differences(text: string, plan: Plan): string[] {
  const said = changesTo(text, plan).map(({ slot, slug, kind, now }) =>
    kind === 'added'
      ? `${slug} (${slot}) is not in it`
      : kind === 'changed'
        ? `${slug} (${slot}) has other variables`
        : `${slug} (${slot}) leads to ${now}`,
  );
  const planned = new Set(plan.settings.map(({ slot }) => slot));
  const { file } = plan;
  for (const [slot, value] of readSettings(text, file)) {
    const ours = file.form === 'flags' ? value === '1' : /^https?:\/\/[^/?]+(?:\/[^?]*)?\/a\/[^/?]+\//.test(value);
    if (ours && !planned.has(slot)) said.push(`${slot} is in it, and nothing needs it any more`);
  }
  return said;
}

// Provision sheets for the console: the plan of one phone by the rules in use, as the console shows it.
import { phoneBase, USUAL_FIELDS } from './action-url.ts';
import type { Running } from './app.ts';
import type { MakeSheet, ProvisionSheet } from './console/index.ts';
import { everyNeed, needsOf } from './provision-needs.ts';
import { fileNameOf, fileOf, type Plan, planOf, planText } from './provision-plan.ts';
import { vendors } from './vendors/index.ts';

const NOTHING_NEEDED = 'no rule that is switched on needs any event of phones; write a rule, or take all events';
const NO_FILE =
  'a phone reads its file by its MAC address, and that of this one is not known yet: copy the table instead';

/** Sheets for the phones of the app that `up` answers with. */
export const provisionSheets =
  (up: () => Running): MakeSheet =>
  (id, token, all) => {
    const { config, listening, phones } = up();
    const card = config.phones.find((phone) => phone.id === id);
    if (card === undefined) return undefined;
    const refused = (problem: string): ProvisionSheet => ({ rows: [], warnings: [], problems: [problem] });
    const vendor = vendors.get(card.vendor ?? 'sangoma');
    if (vendor === undefined) return refused(`there is no profile of ${card.vendor}`);
    const file = fileOf(vendor, undefined);
    if ('problem' in file) return refused(file.problem);
    const needs = all ? everyNeed(USUAL_FIELDS) : needsOf(config);
    if (needs.size === 0) return refused(NOTHING_NEEDED);
    const base = phoneBase({ ...listening, publicUrl: config.receiver.publicUrl });
    // A MAC that was pinned is the phone's own word, with its token: good enough for the name of its file.
    const mac = card.mac ?? phones.all().find((view) => view.id === id)?.mac ?? undefined;
    return sheetOf(
      planOf({ name: id, vendor: card.vendor ?? 'sangoma', mac }, file, {
        vendor,
        needs,
        base,
        token,
        doubtful: false,
      }),
    );
  };

function sheetOf(plan: Plan): ProvisionSheet {
  const { phone, file, settings, warnings, problems } = plan;
  const hasFile = phone.mac !== undefined;
  const notes = [...(file.note === undefined ? [] : [file.note]), ...(hasFile ? [] : [NO_FILE])];
  return {
    ...(file.webPage === undefined ? {} : { webPage: file.webPage }),
    ...(file.form === 'flags' && file.urlKey !== undefined ? { urlSetting: file.urlKey } : {}),
    rows: settings.map(({ label, slot, slug, url }) => ({ label, slot, slug, url })),
    warnings: [...warnings, ...notes],
    problems,
    ...(hasFile && problems.length === 0 ? { file: { name: fileNameOf(plan), text: planText(plan) } } : {}),
  };
}

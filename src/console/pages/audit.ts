// Audit: who did what, the newest first. It only grows, and nobody can change it here.
import { html } from 'hono/html';
import { z } from 'zod';
import type { ConsoleDeps } from '../deps.ts';
import type { PageRoute } from '../http/route.ts';
import { checkedFilter, moreLink } from './filter.ts';
import { timeTag } from './time.ts';

const ENTRIES_SHOWN = 200;
const auditFilter = z.strictObject({
  before: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
});

export const auditPage = (deps: ConsoleDeps): PageRoute => ({
  path: '/audit',
  role: 'admin',
  title: 'Audit',
  async render({ query }) {
    const { value } = checkedFilter(auditFilter, query);
    const before = value.before === undefined ? {} : { beforeSeq: Number(value.before) };
    const entries = await deps.history.audit({ ...before, limit: ENTRIES_SHOWN });
    const last = entries.length < ENTRIES_SHOWN ? undefined : entries.at(-1);
    return html`${entries.length === 0 ? html`<p>Nothing yet.</p>` : ''}
<div class="scroll" tabindex="0" role="region" aria-label="Audit log"><table><thead><tr><th>Time</th><th>Who</th><th>What</th><th>Of</th></tr></thead><tbody>
${entries.map(({ atMs, who, action, detail }) => html`<tr><td>${timeTag(atMs, deps.timezone())}</td><td>${who}</td><td>${action}</td><td>${detail}</td></tr>`)}
</tbody></table></div>${moreLink('/audit', query, last === undefined ? undefined : String(last.seq))}`;
  },
});

// The replay by a program and by the form of its page: begun, looked at, called off.
import { z } from 'zod';
import type { Json } from '../../core/delivery.ts';
import { formatProblem } from '../../core/problems.ts';
import type { Who } from '../access/gate.ts';
import type { ConsoleDeps } from '../deps.ts';
import { type Answer, type ApiRoute, apiRoute } from '../http/route.ts';
import { page } from '../pages/layout.ts';
import { replayBodyOf } from '../pages/replay.ts';
import type { EditedRules, ShownProblem } from '../rule-desk.ts';
import { mayEdit, NEEDS_OPERATE } from './rules.ts';
import { checkedSpan, editedOf, type ReplayForm, replayBody, replayForm, type Span, spanOf } from './trial-input.ts';

const idBody = z.strictObject({ id: z.string().max(64) });

export const replayApi = (deps: ConsoleDeps): ApiRoute[] => [
  apiRoute({
    method: 'POST',
    path: '/api/v1/replay',
    role: 'read',
    summary: 'Begins to replay recorded events; one at a time. Sends nothing, stores nothing.',
    body: replayBody,
    async handle({ body, who }) {
      const toMs = body.to === undefined ? deps.ports.clock.wallMs() : Date.parse(body.to);
      const begun = await begin(checkedSpan({ fromMs: Date.parse(body.from), toMs }), body.edited, who, deps);
      if ('id' in begun) return { json: { id: begun.id }, status: 202 };
      if ('refused' in begun) return { problems: [begun.refused], status: begun.status };
      return { problems: begun.problems.map(({ problem }) => formatProblem(problem)), status: 400 };
    },
  }),
  apiRoute({
    method: 'GET',
    path: '/api/v1/replay',
    role: 'read',
    summary: 'The replay that runs, else the last one: how far it is, and what differs.',
    handle: () => ({ json: { replay: (deps.replay.state() ?? null) as unknown as Json } }),
  }),
  apiRoute({
    method: 'POST',
    path: '/api/v1/replay/cancel',
    role: 'read',
    summary: 'Calls a replay off: that of somebody else needs the role operate.',
    body: idBody,
    handle({ body, who }) {
      if (!mayCancel(who, deps)) return { problems: [NOT_YOURS], status: 403 };
      if (deps.replay.cancel(body.id)) return { json: { cancelled: body.id } };
      return { problems: ['no such replay runs'], status: 404 };
    },
  }),
  apiRoute({
    method: 'POST',
    path: '/replay',
    role: 'read',
    summary: 'What the form of the replay does.',
    body: replayForm,
    handle: ({ body, who }) => beginByForm(body, who, deps),
  }),
  apiRoute({
    method: 'POST',
    path: '/replay/cancel',
    role: 'read',
    summary: 'What the button of the replay does.',
    body: idBody,
    handle({ body, who }) {
      if (!mayCancel(who, deps)) return { problems: [NOT_YOURS], status: 403 };
      deps.replay.cancel(body.id);
      return { to: '/replay' };
    },
  }),
];

const NOT_YOURS = 'somebody else began it; to call it off you need the role "operate"';
const mayCancel = (who: Who, { replay }: ConsoleDeps): boolean => mayEdit(who) || replay.state()?.who === who.name;

type Begun = { id: string } | { problems: ShownProblem[] } | { refused: string; status: 403 | 404 | 409 };

async function begin(
  span: ReturnType<typeof checkedSpan>,
  edited: EditedRules | undefined,
  who: Who,
  { replay }: ConsoleDeps,
): Promise<Begun> {
  if ('problems' in span) return { problems: span.problems.map((problem) => ({ problem })) };
  if (edited !== undefined && !mayEdit(who)) return { refused: NEEDS_OPERATE, status: 403 };
  return replay.start({ ...(span as Span), ...(edited === undefined ? {} : { edited }) }, who.name);
}

async function beginByForm(form: ReplayForm, who: Who, deps: ConsoleDeps): Promise<Answer> {
  const span = spanOf(form, deps.ports.clock.wallMs(), deps.replay.momentOf);
  const begun = await begin(span, editedOf(form), who, deps);
  if ('id' in begun) return { to: '/replay' };
  const wrong = 'refused' in begun ? begun.refused : begun.problems;
  const body = replayBodyOf(form, who, deps, wrong);
  const shown = page({ title: 'Replay', path: '/replay', who, body, scripts: ['replay.js'] });
  return { text: String(await shown), type: 'text/html; charset=utf-8' };
}

// What is done about deliveries: sent again, called off; from the page's form and from the API; and the preview of a mail.
import type { Hono } from 'hono';
import { z } from 'zod';
import type { Json } from '../../core/delivery.ts';
import { type Env, needs } from '../access/gate.ts';
import { cancel, retry, type Which } from '../control-deliveries.ts';
import { WHICH_BODY } from '../control-input.ts';
import type { ConsoleDeps } from '../deps.ts';
import { PREVIEW_POLICY } from '../http/headers.ts';
import { type ApiRoute, apiRoute } from '../http/route.ts';

const ids = z.union([z.string().max(300), z.array(z.string().max(300)).max(500)]);

/** What the form of the page says: which button, what was picked, and the connection that the list is about. */
const formBody = z.strictObject({
  do: z.enum(['retry', 'cancel', 'retry-all', 'cancel-all']),
  ids: ids.optional(),
  to: z.string().max(64).optional(),
});

export const deliveryApi = (deps: ConsoleDeps): ApiRoute[] => [
  apiRoute({
    method: 'POST',
    path: '/api/v1/deliveries/retry',
    role: 'operate',
    summary: 'Deliveries that failed wait again: some by id, or all (of a connection).',
    body: WHICH_BODY,
    handle: async ({ body }) => ({ json: (await retry(deps, body)) as unknown as Json }),
  }),
  apiRoute({
    method: 'POST',
    path: '/api/v1/deliveries/cancel',
    role: 'operate',
    summary: 'Deliveries that wait are called off: some by id, or all (of a connection).',
    body: WHICH_BODY,
    handle: async ({ body }) => ({ json: (await cancel(deps, body)) as unknown as Json }),
  }),
  apiRoute({
    method: 'POST',
    path: '/deliveries',
    role: 'operate',
    summary: 'What the form of the page does.',
    body: formBody,
    async handle({ body }) {
      const to = body.to === undefined || body.to === '' ? undefined : body.to;
      const picked = body.ids === undefined ? [] : [body.ids].flat();
      const which: Which | undefined = body.do.endsWith('-all')
        ? { all: true, ...(to === undefined ? {} : { to }) }
        : picked.length === 0
          ? undefined
          : { ids: picked };
      if (which === undefined) return { problems: ['nothing was picked'], status: 400 };
      await (body.do.startsWith('retry') ? retry(deps, which) : cancel(deps, which));
      return { to: `/deliveries${to === undefined ? '' : `?to=${encodeURIComponent(to)}`}` };
    },
  }),
];

/** Mounts the document of a message: it is shown in a frame that may do nothing, and nowhere else. */
export function mountPreview(app: Hono<Env>, deps: ConsoleDeps): void {
  app.get('/deliveries/preview', needs('read', deps.ports), async (c) => {
    const [delivery] = await deps.history.deliveries({ ids: [c.req.query('id') ?? ''], limit: 1 });
    const document = delivery === undefined ? undefined : deps.previewOf(delivery).html;
    if (document === undefined) return c.text('there is nothing to be shown', 404);
    return c.body(document, 200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': PREVIEW_POLICY,
    });
  });
}

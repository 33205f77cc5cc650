// The vendors of the recipes, strictly by their documents: method, path, headers, fields, types, lists of words, lengths. What is not by
// the document is refused; a repeat is dropped where the vendor drops it. Where each format is from stands in the recipe's comment.
import { z } from 'zod';
import { e164, field, secret, text, type Vendor, vendor } from './vendor-plan.ts';

export type { Asked, Reply, Vendor } from './vendor-plan.ts';

const HUBSPOT_CALL = z.strictObject({
  hs_timestamp: z.iso.datetime(),
  hs_call_title: text(255),
  hs_call_direction: z.enum(['INBOUND', 'OUTBOUND']),
  hs_call_status: z.enum(
    'BUSY CALLING_CRM_USER CANCELED COMPLETED CONNECTING FAILED IN_PROGRESS NO_ANSWER QUEUED RINGING'.split(' '),
  ),
  hs_call_duration: z.union([z.number(), z.string().regex(/^\d+$/)]),
  hs_call_from_number: e164,
  hs_call_to_number: z.string().max(100),
  hs_call_body: text(65_536),
});

const CALL_OF_OURS = z.strictObject({
  call: text(255),
  event: z.enum(['call.ended', 'call.missed', 'call.corrected']),
  at: z.iso.datetime(),
  direction: z.enum(['in', 'out']),
  outcome: z.enum(['answered', 'missed', 'rejected', 'forwarded']).nullable(),
  answered_by: z.string().nullable(),
  talked_seconds: z.number().nullable(),
  number: e164.nullable(),
  name: z.string().nullable(),
});

const TEXT_RUN = z.strictObject({ type: z.literal('TextRun'), text: text(1_000), isSubtle: z.boolean().optional() });
const CARD_PART = z.union([
  z.strictObject({
    type: z.literal('TextBlock'),
    // Markdown is read here: nothing but what the author wrote may stand in it.
    text: z.literal('Missed call'),
    weight: z.enum(['Lighter', 'Default', 'Bolder']),
    size: z.enum(['Small', 'Default', 'Medium', 'Large', 'ExtraLarge']),
  }),
  z.strictObject({ type: z.literal('RichTextBlock'), inlines: z.array(TEXT_RUN).min(1) }),
]);

const RECORD_OF_OURS = CALL_OF_OURS.omit({ number: true, name: true }).extend({
  rang_seconds: z.number().nullable(),
  phones: z.array(z.string()),
  remote: z.strictObject({
    number: e164.nullable(),
    name: z.string().nullable(),
    contact: z.string().nullable(),
    kind: z.enum(['external', 'internal', 'withheld']),
  }),
});

/** A fresh vendor, by the name of its recipe. */
export const VENDORS: Readonly<Record<string, () => Vendor>> = {
  hubspot: () =>
    vendor({
      method: 'POST',
      path: /^\/crm\/v3\/objects\/calls\/batch\/upsert$/,
      headers: { authorization: `Bearer ${secret('HUBSPOT_TOKEN')}` },
      body: z.strictObject({
        inputs: z
          .array(z.strictObject({ idProperty: z.literal('hookswitch_call'), id: text(255), properties: HUBSPOT_CALL }))
          .min(1)
          .max(100),
      }),
      dropsRepeats: true,
      name: (asked) => field(asked, 'inputs', 0, 'id'),
    }),
  salesforce: () =>
    vendor({
      method: 'PATCH',
      path: /^\/services\/data\/v\d+\.0\/sobjects\/Task\/Hookswitch_Call__c\/[A-Za-z0-9_.~%-]{1,255}$/,
      headers: { authorization: `Bearer ${secret('salesforce-token')}` },
      body: z.strictObject({
        Subject: text(255),
        Status: z.enum(['Not Started', 'In Progress', 'Completed', 'Waiting on someone else', 'Deferred']),
        ActivityDate: z.iso.date(),
        CallType: z.enum(['Internal', 'Inbound', 'Outbound']),
        CallDurationInSeconds: z.int().min(0).nullable(),
        CallDisposition: text(255),
        Description: text(32_000),
      }),
      ok: 201,
      dropsRepeats: true,
      name: ({ path }) => decodeURIComponent(path.split('/').at(-1) ?? ''),
    }),
  'zoho-crm': () =>
    vendor({
      method: 'POST',
      path: /^\/crm\/v8\/Calls\/upsert$/,
      headers: { authorization: secret('zoho-authorization') },
      body: z.strictObject({
        data: z
          .array(
            z.strictObject({
              Hookswitch_Call: text(255),
              Subject: text(255),
              Call_Type: z.enum(['Inbound', 'Outbound', 'Missed']),
              Call_Start_Time: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/),
              Call_Duration: z.string().regex(/^\d\d:[0-5]\d$/),
              Description: text(32_000),
            }),
          )
          .min(1)
          .max(100),
        duplicate_check_fields: z.array(z.literal('Hookswitch_Call')).length(1),
      }),
      dropsRepeats: true,
      name: (asked) => field(asked, 'data', 0, 'Hookswitch_Call'),
      refuses: (asked, known) => {
        const typeOf = (body: unknown): string => field({ ...asked, body }, 'data', 0, 'Call_Type');
        return known === undefined || typeOf(known) === typeOf(asked.body)
          ? undefined
          : { status: 400, body: 'Call_Type' };
      },
    }),
  pipedrive: () =>
    vendor({
      method: 'POST',
      path: /^\/api\/v2\/activities$/,
      headers: { 'x-api-token': secret('PIPEDRIVE_TOKEN') },
      body: z.strictObject({
        subject: text(255),
        type: z.literal('call'),
        done: z.boolean(),
        due_date: z.iso.date(),
        due_time: z.string().regex(/^\d\d:\d\d$/),
        // HTML: only what is made here.
        note: z.string().regex(/^Hookswitch [A-Za-z0-9_-]+: [a-z]+, talked [\d.]+ s$/),
      }),
      ok: 201,
      dropsRepeats: false,
    }),
  zendesk: () =>
    vendor({
      method: 'POST',
      path: /^\/api\/v2\/tickets$/,
      headers: {
        authorization: `Basic ${Buffer.from(`agent@example.net/token:${secret('ZENDESK_TOKEN')}`).toString('base64')}`,
      },
      body: z.strictObject({
        ticket: z.strictObject({
          subject: text(150 + 'Missed call from '.length),
          comment: z.strictObject({ body: text(65_535), public: z.boolean() }),
          external_id: text(255),
          type: z.enum(['problem', 'incident', 'question', 'task']),
          priority: z.enum(['urgent', 'high', 'normal', 'low']),
          tags: z.array(z.string().regex(/^[a-z0-9_/-]+$/)),
        }),
      }),
      ok: 201,
      dropsRepeats: true,
      name: ({ headers }) => headers['idempotency-key'],
      refuses: ({ headers, body }, known) => {
        if ((headers['idempotency-key'] ?? '').length > 255) return { status: 400 };
        if (known === undefined) return undefined;
        return { status: JSON.stringify(known) === JSON.stringify(body) ? 201 : 409 };
      },
    }),
  'generic-crm': () =>
    vendor({
      method: 'PUT',
      path: /^\/api\/calls\/[A-Za-z0-9_.~%-]+$/,
      headers: { authorization: `Bearer ${secret('CRM_TOKEN')}` },
      body: RECORD_OF_OURS,
      dropsRepeats: true,
      name: ({ path }) => path,
      refuses: ({ headers }) => (/^v1,\S+$/.test(headers['webhook-signature'] ?? '') ? undefined : { status: 401 }),
    }),
  n8n: () =>
    vendor({
      method: 'POST',
      path: /^\/webhook\/calls$/,
      headers: { 'x-hookswitch-token': secret('N8N_TOKEN') },
      body: CALL_OF_OURS,
      dropsRepeats: true,
      name: (asked) => field(asked, 'call'),
    }),
  'node-red': () =>
    vendor({
      method: 'POST',
      path: /^\/hookswitch$/,
      headers: {
        authorization: `Basic ${Buffer.from(`hookswitch:${secret('NODE_RED_PASSWORD')}`).toString('base64')}`,
      },
      body: CALL_OF_OURS,
      dropsRepeats: true,
      name: (asked) => field(asked, 'call'),
    }),
  'home-assistant': () =>
    vendor({
      method: 'POST',
      path: /^\/api\/webhook\/missed-calls-4711$/,
      headers: {},
      body: z.strictObject({
        call: text(255),
        at: z.iso.datetime(),
        number: e164.nullable(),
        name: z.string().nullable(),
        kind: z.enum(['external', 'internal', 'withheld']),
        rang_seconds: z.number().nullable(),
        phones: z.array(z.string()),
      }),
      dropsRepeats: false,
    }),
  ntfy: () =>
    vendor({
      method: 'POST',
      path: /^\/$/,
      headers: {},
      body: z.strictObject({
        topic: z.literal(secret('NTFY_TOPIC')),
        title: text(250),
        message: text(4_096),
        priority: z.int().min(1).max(5),
        tags: z.array(z.string()),
      }),
      dropsRepeats: false,
    }),
  'microsoft-teams': () =>
    vendor({
      method: 'POST',
      path: /^\/workflows\/1\/triggers\/manual\/paths\/invoke$/,
      headers: {},
      query: { sig: 'abc', 'api-version': '2016-06-01' },
      body: z
        .strictObject({
          type: z.literal('message'),
          attachments: z
            .array(
              z.strictObject({
                contentType: z.literal('application/vnd.microsoft.card.adaptive'),
                contentUrl: z.null(),
                content: z.strictObject({
                  $schema: z.literal('http://adaptivecards.io/schemas/adaptive-card.json'),
                  type: z.literal('AdaptiveCard'),
                  version: z.string().regex(/^1\.[2-6]$/),
                  body: z.array(CARD_PART).min(1),
                }),
              }),
            )
            .length(1),
        })
        .refine((whole) => JSON.stringify(whole).length <= 28 * 1024, '28 KB'),
      ok: 202,
      dropsRepeats: false,
    }),
  discord: () =>
    vendor({
      method: 'POST',
      path: /^\/api\/webhooks\/1234\/token-4711$/,
      headers: {},
      body: z.strictObject({
        // Markdown and mentions are read here: nothing but what the author wrote may stand in it.
        content: z.literal('Missed call'),
        allowed_mentions: z.strictObject({ parse: z.array(z.string()).length(0) }),
        embeds: z
          .array(
            z.strictObject({
              author: z.strictObject({ name: text(256) }),
              timestamp: z.iso.datetime(),
              fields: z
                .array(
                  z.strictObject({
                    name: text(256),
                    value: z.string().regex(/^[\w+. ]{1,1024}$/),
                    inline: z.boolean(),
                  }),
                )
                .max(25),
            }),
          )
          .max(10),
      }),
      ok: 204,
      dropsRepeats: false,
    }),
};

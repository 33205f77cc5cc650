// Probes: rules that put a caller's texts into every field of every destination that may hold one, beside what ships.

const CALLER = '{{ remote.name }}';
const LINE = 'a {{ remote.name }} b {{ local.name }} c {{ remote.uri }} d';
const TREE = { whole: CALLER, part: LINE, list: [CALLER, { deep: '{{ vars.extra }}' }], user: '{{ line.user }}' };

const on = ['phone.incoming_call', 'phone.missed_call'];

/** By type of destination: what stands in a rule under that type, without `to`. */
export const PROBES: Readonly<Record<string, readonly object[]>> = {
  mqtt: [
    { topic: `a/${CALLER}/b`, payload: TREE, retain: true },
    { topic: '{{ vars.extra }}/{{ local.name }}', payload: LINE, qos: 1 },
    { topic: 'a', payload: CALLER, expiry: '30s', userProperties: { caller: CALLER, line: LINE } },
  ],
  slack: [{ text: CALLER }, { text: `*Call* from ${LINE} <https://crm.example.net/|CRM>`, mrkdwn: true }],
  email: [
    { subject: `${CALLER}?`, text: `Name: ${CALLER}` },
    { subject: LINE, text: `${LINE}\n\n${CALLER}\n.\nFrom here`, html: `<p>${LINE}</p><a href="tel:${CALLER}">x</a>` },
  ],
  webhook: [
    { body: TREE },
    { path: `calls/${CALLER}/x`, query: { name: CALLER, line: LINE, user: '{{ line.user }}' }, body: {} },
    { method: 'GET', query: { a: '{{ vars.extra }}' } },
  ],
  ntfy: [{ title: CALLER, text: LINE }],
};

/** The probes of these types as rules; `to` gives each type's connection. */
export const probeRules = (types: readonly string[], to: (type: string) => string): object[] =>
  types.flatMap((type) =>
    (PROBES[type] ?? []).map((message, n) => ({
      id: `probe-${type}-${n}`,
      on,
      do: [{ [type]: { ...message, to: to(type) } }],
    })),
  );

// A rule file in which every key of the language stands, and forty ways to get one wrong.
import type { Json } from '../../src/core/delivery.ts';

export type File = { [key: string]: Json };

/** Every key of a file, of rules and of their stages, of schedules and of tests. */
export const WHOLE: File = {
  $schema: './rules.schema.json',
  description: 'Everything that the language has.',
  schedules: {
    office: {
      description: 'When somebody is there.',
      timezone: 'Europe/Berlin',
      open: [
        { days: 'mon-fri', from: '09:00', to: '17:30' },
        { days: ['sat', 'sun,daily'], from: '22:00', to: '24:00' },
        { days: 'fri-mon, wed', from: '22:00', to: '02:00' },
      ],
      closed: ['2026-12-24/2026-12-26', '2026-05-01', { calendar: 'holidays.ics' }],
    },
  },
  lists: { vip: ['+493012345', '+4989555'] },
  rules: [
    {
      id: 'whole',
      description: 'All stages.',
      enabled: false,
      fallback: false,
      on: ['call.missed', 'phone.dnd_*', 'custom.vip_called'],
      when: {
        'remote.kind': 'external',
        'phone.mac': { prefix: '00:50:58', not: '00:50:58:a1:b2:c3' },
        'phone.ip': { cidr: '192.168.1.0/24', not: ['192.168.1.51', null] },
        'phone.groups': ['sales', null],
        'remote.number': { in: 'vip', not: { suffix: '100' } },
        'remote.name': { 'equals-ignore-case': 'erika', wildcard: 'E*', contains: 'r', exists: true },
        'local.number': { 'same-as': 'vars.user' },
        'call.talkSeconds': { '>=': 1, '<': 600 },
        'call.ringSeconds': [1, 2, null],
        'event.at': { prefix: '2026' },
        all: [{ site: 'default' }],
        any: [
          { 'phone.id': 'front-desk' },
          { 'call.ringSeconds': { '>': 1, '<=': 9 } },
          { not: { 'phone.area': null } },
        ],
        vars: { queue: { not: 'sales' } },
      },
      during: 'office',
      outside: 'office',
      after: { on: 'call.missed', when: { 'remote.kind': 'external' }, same: ['remote.number'], within: '1h30m' },
      count: { min: 3, within: '10m', by: ['remote.number', 'vars.queue'] },
      wait: {
        for: '15m',
        by: ['remote.number'],
        clock: 'office',
        extend: true,
        max: '1h',
        unless: { on: ['call.returned'], when: {}, same: ['remote.number'], before: '5m' },
      },
      limit: { max: 2, per: '30m', by: ['phone.id'] },
      do: [
        { slack: { to: 'team', text: '{{ count }} times {{ remote.number }}', channel: '#sales', mrkdwn: false } },
        {
          mqtt: {
            to: 'house',
            topic: 'a/{{ phone.id }}',
            payload: { a: ['{{ count }}', null] },
            qos: 1,
            retain: true,
            expiry: '30s',
            contentType: 'application/json',
            userProperties: { phone: '{{ phone.id }}' },
          },
        },
        { email: { to: 'office', subject: 'x', text: 'y', html: '<p>{{ remote.number }}</p>' } },
        {
          email: {
            to: 'office',
            subject: 'x',
            text: 'y',
            thread: false,
            digest: false,
            recipients: [{ during: 'office', use: 'day' }, { use: 'night' }],
          },
        },
        {
          webhook: {
            to: 'crm',
            body: ['x', 1],
            path: 'a/{{ phone.id }}',
            query: { n: 1 },
            headers: { 'x-site': 'a' },
            method: 'PUT',
            key: '{{ phone.id }}',
            once: true,
          },
        },
        {
          ntfy: {
            to: 'pocket',
            text: '{{ count }}',
            title: 'x',
            priority: 'high',
            tags: ['phone'],
            click: 'tel:+4930',
            actions: [{ label: 'x', url: 'https://crm.example.net', clear: true }],
          },
        },
        { emit: { event: 'custom.vip_called_again', vars: { queue: '{{ vars.queue }}' } } },
        { log: { text: 'x', level: 'warn' } },
      ],
    },
    { id: 'digest', on: '*', wait: { until: '08:00', by: ['site'] }, do: [{ log: { text: '{{ count }}' } }] },
    {
      id: 'card',
      on: ['call.ringing', 'call.missed'],
      wait: { for: '1m' },
      do: [
        { slack: { to: 'team', card: true } },
        { slack: { to: 'team', text: '{{ remote.number }}', thread: true, broadcast: true } },
        { slack: { to: 'team', digest: true, timezone: 'Europe/Berlin' } },
      ],
    },
    { id: 'maker', on: 'phone.missed_call', do: [{ emit: { event: 'custom.vip_called' } }] },
  ],
  tests: [
    {
      name: 'all of it',
      start: '2026-11-24T09:00:00',
      phones: [
        {
          id: 'desk',
          site: 'default',
          mac: '005058a1b2c3',
          name: 'Desk',
          groups: ['sales'],
          area: 'x',
          vendor: 'snom',
        },
      ],
      send: [
        { at: '0s', event: 'phone.missed_call', phone: 'desk', vars: { remote: 'sip:+493012345@pbx' } },
        { at: '1m', scenario: 'ring-group-missed', phones: 3, number: null, name: 'Erika' },
        { event: 'phone.dnd_on', phones: ['desk'] },
      ],
      expect: [{ rule: 'maker', times: 1, at: '0s', count: 1, text: 'x', to: 'team' }],
      until: '1h',
      only: true,
    },
  ],
};

const LOG = [{ log: { text: 'x' } }];

/** A file with one rule that is right but for these keys. */
export const withRule = (changes: File): File => ({ rules: [{ id: 'r', on: 'call.missed', do: LOG, ...changes }] });
const withWhen = (when: Json): File => withRule({ when });
const withDo = (...actions: Json[]): File => withRule({ do: actions });
const withSchedule = (schedule: File): File => ({ schedules: { office: schedule }, rules: [] });
const open = [{ days: 'mon-fri', from: '09:00', to: '17:30' }];
const withTest = (test: File): File => ({
  ...withRule({}),
  tests: [{ name: 't', send: [{ event: 'phone.missed_call' }], expect: [{ rule: 'r' }], ...test }],
});

/** What somebody writes, and the piece of it that an editor must mark. */
export const MISTAKES: [what: string, file: File, marked: string][] = [
  ['a misspelled key of a file', { ruels: [] }, '"ruels"'],
  ['no rules at all', { lists: {} }, '{'],
  ['a list that is no list', { lists: { vip: '+493012345' }, rules: [] }, '"+493012345"'],
  ['a misspelled key of a rule', withRule({ whne: {} }), '"whne"'],
  ['no id', { rules: [{ on: '*', do: LOG }] }, '{'],
  ['an id with capital letters', withRule({ id: 'Missed Call' }), '"Missed Call"'],
  ['a switch in quotes', withRule({ enabled: 'false' }), '"false"'],
  ['a misspelled event', withRule({ on: 'call.mised' }), '"call.mised"'],
  ['an event without its group', withRule({ on: 'missed_call' }), '"missed_call"'],
  ['a group of nothing', withRule({ on: 'phone.foward_*' }), '"phone.foward_*"'],
  ['no events', withRule({ on: [] }), '[]'],
  ['a condition as a text', withWhen('phone.id == "front-desk"'), '"phone.id =='],
  ['a misspelled field', withWhen({ 'remote.nubmer': '100' }), '"remote.nubmer"'],
  ['a field as an object', withWhen({ remote: { number: '100' } }), '"remote"'],
  ['a number in quotes', withWhen({ 'call.talkSeconds': '30' }), '"30"'],
  ['a number where a text stands', withWhen({ 'phone.id': 201 }), '201'],
  ['an operator of another type', withWhen({ 'call.talkSeconds': { prefix: '3' } }), '"prefix"'],
  ['an operator that does not exist', withWhen({ 'remote.name': { regex: '^E' } }), '"regex"'],
  ['an empty operand', withWhen({ 'remote.number': { prefix: '' } }), '""'],
  ['no operator', withWhen({ 'remote.number': {} }), '{}'],
  ['a network as an address', withWhen({ 'phone.ip': '192.168.1.0/24' }), '"192.168.1.0/24"'],
  ['an address as a network', withWhen({ 'phone.ip': { cidr: '192.168.1.1' } }), '"192.168.1.1"'],
  ['half a MAC address', withWhen({ 'phone.mac': '00:50:58' }), '"00:50:58"'],
  ['a choice as an object', withWhen({ any: { 'phone.id': 'x' } }), '{"phone.id":"x"}'],
  ['a raw variable among the fields', withWhen({ 'vars.queue': 'sales' }), '"vars.queue"'],
  ['a span without a unit', withRule({ wait: { for: '15' } }), '"15"'],
  ['a span as a number', withRule({ limit: { per: 30 } }), '30'],
  ['a span in words', withRule({ count: { min: 3, within: '10 minutes' } }), '"10 minutes"'],
  ['a count of one', withRule({ count: { min: 1, within: '10m' } }), '1'],
  ['a count without a time', withRule({ count: { min: 3 } }), '"count"'],
  ['a field that is not in a list', withRule({ limit: { per: '30m', by: 'phone.id' } }), '"phone.id"'],
  ['a misspelled field to go by', withRule({ limit: { per: '30m', by: ['phone.di'] } }), '"phone.di"'],
  ['a wait without an end', withRule({ wait: { by: ['phone.id'] } }), '"wait"'],
  ['a wait with two ends', withRule({ wait: { for: '1h', until: '08:00' } }), '{"for":"1h","until":"08:00"}'],
  ['a cap on nothing', withRule({ wait: { for: '1h', max: '2h' } }), '{"for":"1h","max":"2h"}'],
  ['a time of day with a dot', withRule({ wait: { until: '8.00' } }), '"8.00"'],
  ['a misspelled key of a stage', withRule({ wait: { for: '1h', unles: { on: '*' } } }), '"unles"'],
  ['nothing in common', withRule({ after: { on: 'call.missed', within: '1h' } }), '"after"'],
  ['an action as a text', withDo('slack'), '"slack"'],
  ['two actions in one', withDo({ log: { text: 'x' }, emit: { event: 'custom.x' } }), '{"log"'],
  ['a destination that does not exist', withDo({ teams: { to: 'team', text: 'x' } }), '"teams"'],
  ['a message to nobody', withDo({ slack: { text: 'x' } }), '"slack"'],
  [
    'a quality of service that does not exist',
    withDo({ mqtt: { to: 'house', topic: 'x', payload: 'x', qos: 3 } }),
    '3',
  ],
  ['a misspelled key of a message', withDo({ email: { to: 'office', subjct: 'x', text: 'y' } }), '"subjct"'],
  ['a method that does not exist', withDo({ webhook: { to: 'crm', body: {}, method: 'SEND' } }), '"SEND"'],
  ['an event of your own without custom', withDo({ emit: { event: 'vip_called' } }), '"vip_called"'],
  ['a level that does not exist', withDo({ log: { text: 'x', level: 'error' } }), '"error"'],
  ['a day that does not exist', withSchedule({ open: [{ ...open[0], days: 'mon-fry' }] }), '"mon-fry"'],
  ['an hour that does not exist', withSchedule({ open: [{ ...open[0], to: '25:00' }] }), '"25:00"'],
  ['a date in another order', withSchedule({ open, closed: ['24.12.2026'] }), '"24.12.2026"'],
  ['a schedule that never opens', withSchedule({ closed: [] }), '"office"'],
  ['a test that sends nothing', withTest({ send: [] }), '[]'],
  ['a test that sends what follows', withTest({ send: [{ event: 'call.missed' }] }), '"call.missed"'],
  ['a scenario that does not exist', withTest({ send: [{ scenario: 'ring-grup' }] }), '"ring-grup"'],
  ['an event and a scenario', withTest({ send: [{ event: 'phone.hold', scenario: 'call-missed' }] }), '{"event"'],
  ['an expectation of no rule', withTest({ expect: [{ times: 1 }] }), '{'],
];

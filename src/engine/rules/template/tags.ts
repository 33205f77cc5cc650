// Tags: the ones that templates may use, as the reference page tells them.
import type { TemplatePart } from './filters.ts';

/** Every tag that a template may use, in the order in which they are documented. */
export const TAG_ENTRIES: Readonly<Record<string, TemplatePart>> = {
  if: {
    meaning:
      'Only if a test holds; with elsif and else for the other cases. Tests: ==, !=, <, <=, >, >=, contains, and, or, not.',
    example: '{% if remote.contact %}known{% else %}unknown{% endif %}',
    gives: 'known',
  },
  unless: {
    meaning: 'Only if a test does not hold.',
    example: '{% unless vars.queue %}no queue{% endunless %}',
    gives: 'no queue',
  },
  case: {
    meaning: 'One of several texts, by a value.',
    example: '{% case call.direction %}{% when "in" %}from{% when "out" %}to{% endcase %}',
    gives: 'from',
  },
  for: {
    meaning: 'Once for each member of a list; forloop.index counts, forloop.last is true at the last one.',
    example: '{% for id in call.phones %}{{ id }}{% unless forloop.last %}, {% endunless %}{% endfor %}',
    gives: 'front-desk, sales-1',
  },
  assign: {
    meaning: 'Gives a value a name of your own.',
    example: '{% assign who = remote.contact | default: remote.number %}{{ who }}',
    gives: 'Mustermann GmbH',
  },
  comment: {
    meaning: 'For people; it prints nothing.',
    example: '{% comment %}for the night shift{% endcomment %}Missed call',
    gives: 'Missed call',
  },
};

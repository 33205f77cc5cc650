// The list of makers: one JSON profile each. A new maker is one file and one line here.
import type { Slug } from '../core/events.ts';
import { type Vendor, vendorSchema } from '../core/vendor.ts';
import akuvox from './akuvox.json' with { type: 'json' };
import fanvil from './fanvil.json' with { type: 'json' };
import flyingvoice from './flyingvoice.json' with { type: 'json' };
import gigaset from './gigaset.json' with { type: 'json' };
import grandstream from './grandstream.json' with { type: 'json' };
import htek from './htek.json' with { type: 'json' };
import mitel from './mitel.json' with { type: 'json' };
import poly from './poly.json' with { type: 'json' };
import sangoma from './sangoma.json' with { type: 'json' };
import snom from './snom.json' with { type: 'json' };
import yealink from './yealink.json' with { type: 'json' };

const PROFILES = {
  akuvox,
  fanvil,
  flyingvoice,
  gigaset,
  grandstream,
  htek,
  mitel,
  poly,
  sangoma,
  snom,
  yealink,
};

/** All profiles by name (`sangoma`, …), checked when this file is loaded. A profile that is wrong throws: it is part of the program. */
export const vendors: ReadonlyMap<string, Vendor> = new Map(
  Object.entries(PROFILES).map(([name, profile]) => [name, vendorSchema.parse(profile)]),
);

/** What people call the maker of that profile: `Sangoma`. */
export const makerOf = (name: string): string => vendors.get(name)?.vendor.split(' (')[0] ?? name;

/** The names that `vendor` may have in the config, in alphabetical order. */
export const vendorNames: readonly string[] = [...vendors.keys()].sort();

/**
 * Every variable that some maker's phones replace in a URL (`$remote`, `$call-id`, `$$REMOTENUMBER$$`). A value that is
 * exactly one of them was never filled in. Poly's names are XML elements and no URL variables, so they are not in it.
 */
export const vendorVariables: ReadonlySet<string> = new Set(
  [...vendors.values()].flatMap((vendor) => [
    ...vendor.variables.map((variable) => variable.name).filter((name) => name.startsWith('$')),
    ...Object.keys(vendor.variableMap).filter((name) => name.startsWith('$')),
  ]),
);

/** How the body of a maker's phones is read: by element, what happened, and what the parts of it are called here. */
export type VendorPost = NonNullable<Vendor['post']> & {
  name: string;
  events: ReadonlyMap<string, Slug>;
  fields: ReadonlyMap<string, string>;
};

/** The makers whose phones POST what happened, by name. */
export const vendorPosts: ReadonlyMap<string, VendorPost> = new Map(
  [...vendors].flatMap(([name, { post, events, variableMap }]) => {
    if (post === undefined) return [];
    const fields = Object.entries(variableMap).flatMap(([part, field]): [string, string][] =>
      field === null ? [] : [[part, field]],
    );
    return [
      [
        name,
        {
          ...post,
          name,
          events: new Map(events.flatMap(({ byElement }) => Object.entries(byElement ?? {}))),
          fields: new Map(fields),
        },
      ] as const,
    ];
  }),
);

// Vendor: a phone maker's dialect, as data. One JSON file a maker in src/vendors/.
import { z } from 'zod';
import { SLUGS } from './events.ts';

/** The fields that a receiver knows; a maker's own variable names are mapped onto them. */
export const vendorSchema = z.looseObject({
  vendor: z.string(),
  sources: z.array(z.string()).min(1),
  events: z.array(z.looseObject({ label: z.string(), key: z.string().nullable(), event: z.enum(SLUGS).nullable() })),
  variables: z.array(z.looseObject({ name: z.string(), meaning: z.string() })),
  /** From the maker's variable to our field name. */
  variableMap: z.record(z.string(), z.string().nullable()),
});

export type Vendor = z.infer<typeof vendorSchema>;

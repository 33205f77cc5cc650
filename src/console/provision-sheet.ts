// A provision sheet: what one phone has to be told so that it calls us, as its own file and as a table to type from.

export type SheetRow = {
  /** Name of the field on the phone's own web page. */
  label: string;
  /** Name of the setting in the maker's file. */
  slot: string;
  /** The event that is told by it. */
  slug: string;
  url: string;
};

export type ProvisionSheet = {
  /** Where the fields stand on the phone's own web page, where the maker says so. */
  webPage?: string;
  /** Where one URL serves all events: the setting that it goes into; each row is then switched on with 1. */
  urlSetting?: string;
  rows: SheetRow[];
  warnings: string[];
  /** Why nothing may be written. */
  problems: string[];
  /** The phone's own file; missing where it has no MAC address, or something is wrong. */
  file?: { name: string; text: string };
};

/** Stands where a token will stand. */
export const NO_TOKEN = 'TOKEN';

/** `token` in its URLs; `all`: every event with the usual variables, whatever rules need. undefined: there is no such phone. */
export type MakeSheet = (phone: string, token: string, all: boolean) => ProvisionSheet | undefined;

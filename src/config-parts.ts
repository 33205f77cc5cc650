// The rooms that have a say in what a config may hold: every destination, and the language of rules.
import type { ConfigParts } from './config.ts';
import { DESTINATIONS } from './destinations/index.ts';
import { type CompiledRules, compileRules } from './engine/index.ts';

/** What a daemon and its commands read a config with. */
export const CONFIG_PARTS: ConfigParts<CompiledRules> = { destinations: DESTINATIONS, compileRules };

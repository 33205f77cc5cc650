// A folder with a config and rules, in which `provision` is run.
import { createHash } from 'node:crypto';
import { type CommandWorld, commandWorld } from './commands/world.ts';

export const MAC = '005058a1b2c3';
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
export const rule = (id: string, on: string | string[], text = 'x') => ({ id, on, do: [{ log: { text } }] });

/** A folder whose config has two phones, with these rules; `more` replaces keys of the config. */
export function world(rules: object[], more: object = {}): CommandWorld {
  const made = commandWorld();
  made.folder.write('config.json', {
    rules: './rules.json',
    receiver: { publicUrl: 'http://10.0.0.1:8484' },
    phones: [
      { id: 'desk', mac: '00:50:58:a1:b2:c3' },
      { id: 'hall', mac: '00:15:65:00:00:01', vendor: 'yealink' },
    ],
    ...more,
  });
  made.folder.write('rules.json', { rules });
  return made;
}

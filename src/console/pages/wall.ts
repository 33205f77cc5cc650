// The wall: every phone as a tile, by group, and the calls that go on now; kept up to date by the live stream.
import { html } from 'hono/html';
import type { ConsoleDeps } from '../deps.ts';
import type { Html, PageRoute } from '../http/route.ts';
import { type Card, cardOf, type Tile, tileOf } from './tiles.ts';
import { timeTag } from './time.ts';

const CALLS_SHOWN = 100;
const NO_GROUP = 'Other phones';

export const wallPage = (deps: ConsoleDeps): PageRoute => ({
  path: '/',
  role: 'read',
  title: 'Wall',
  scripts: ['wall.js'],
  async render() {
    const tiles = deps.phones.all().map(tileOf);
    const calls = (await deps.history.calls({ state: 'open', limit: CALLS_SHOWN })).map(cardOf);
    return html`<p class="quiet" id="live" role="status">Live</p>
<section aria-labelledby="now"><h2 id="now">Calls now</h2>
<p id="no-calls" class="quiet" ${calls.length === 0 ? '' : html`hidden`}>No call at the moment.</p>
<ul class="tiles" id="calls">${calls.map((card) => cardItem(card, deps.timezone()))}</ul>
</section>
${groupsOf(tiles).map(([group, members]) => groupSection(group, members, deps.timezone()))}
${tiles.length === 0 ? html`<p>No phone is known yet. Write your phones into the config, or adopt one under <a href="/phones">Phones</a>.</p>` : ''}`;
  },
});

/** By group; a phone in several stands in the first of them. */
function groupsOf(tiles: readonly Tile[]): [string, Tile[]][] {
  const groups = new Map<string, Tile[]>();
  for (const tile of tiles) {
    const name = tile.groups[0] ?? NO_GROUP;
    groups.set(name, [...(groups.get(name) ?? []), tile]);
  }
  return [...groups].sort(([a], [b]) => (a === NO_GROUP ? 1 : b === NO_GROUP ? -1 : a < b ? -1 : 1));
}

const groupSection = (group: string, tiles: readonly Tile[], timezone: string): Html =>
  html`<section><h2>${group}</h2><ul class="tiles">${tiles.map((tile) => tileItem(tile, timezone))}</ul></section>`;

export const tileItem = (tile: Tile, timezone: string): Html =>
  html`<li class="tile ${tile.state}" data-phone="${tile.id}"><h3><a href="/phones/${encodeURIComponent(tile.id)}">${tile.name}</a></h3>
<p><strong data-word>${tile.word}</strong> <span data-since>${timeTag(tile.since, timezone)}</span></p>
<p data-who>${tile.who}</p>
<p class="quiet"><span data-missed>${tile.missed}</span> <span data-marks>${tile.marks.join(' · ')}</span></p></li>`;

const cardItem = (card: Card, timezone: string): Html =>
  html`<li class="tile ${card.state}" data-call="${card.key}"><h3><a href="/calls/${encodeURIComponent(card.key)}">${card.who}</a></h3>
<p><strong>${card.word}</strong> <span>${timeTag(card.since, timezone)}</span></p>
<p class="quiet">${card.phones}</p></li>`;

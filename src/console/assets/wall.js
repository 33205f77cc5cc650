// Keeps the wall up to date from the live stream. Everything that came from a phone becomes text, never an element.

const live = document.getElementById('live');
const calls = document.getElementById('calls');
const noCalls = document.getElementById('no-calls');

const put = (within, selector, text) => {
  const place = within.querySelector(selector);
  if (place !== null && place.textContent !== text) place.textContent = text;
};

// Times are shown as how long ago they were, and exactly where one points at them.
function ago(iso) {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(iso)) / 1000));
  if (Number.isNaN(seconds)) return '';
  const pad = (n) => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}

function timeElement(iso) {
  const time = document.createElement('time');
  time.dateTime = iso;
  time.textContent = ago(iso);
  return time;
}

function showTile(tile) {
  const item = document.querySelector(`[data-phone="${CSS.escape(tile.id)}"]`);
  if (item === null) return;
  item.className = `tile ${tile.state}`;
  put(item, '[data-word]', tile.word);
  put(item, '[data-who]', tile.who);
  put(item, '[data-missed]', tile.missed);
  put(item, '[data-marks]', tile.marks.join(' · '));
  item.querySelector('[data-since]')?.replaceChildren(...(tile.since === '' ? [] : [timeElement(tile.since)]));
}

function cardElement(card) {
  const item = document.createElement('li');
  item.dataset.call = card.key;
  item.className = `tile ${card.state}`;
  const heading = document.createElement('h3');
  const link = document.createElement('a');
  link.href = `/calls/${encodeURIComponent(card.key)}`;
  link.textContent = card.who;
  heading.append(link);
  const state = document.createElement('p');
  const word = document.createElement('strong');
  word.textContent = card.word;
  const since = document.createElement('span');
  since.append(timeElement(card.since));
  state.append(word, ' ', since);
  const phones = document.createElement('p');
  phones.className = 'quiet';
  phones.textContent = card.phones;
  item.append(heading, state, phones);
  return item;
}

// What changed, by key; with `all` there are no others. The newest call stands first.
function showCalls({ all, cards, gone }) {
  if (calls === null) return;
  const itemOf = (key) => calls.querySelector(`[data-call="${CSS.escape(key)}"]`);
  const keys = new Set(cards.map(({ key }) => key));
  const over = all === true ? [...calls.children].filter((item) => !keys.has(item.dataset.call)) : gone.map(itemOf);
  for (const item of over) item?.remove();
  for (const card of cards) {
    const before = itemOf(card.key);
    const item = cardElement(card);
    if (before === null) {
      const later = [...calls.children].find((each) => (each.querySelector('time')?.dateTime ?? '') <= card.since);
      calls.insertBefore(item, later ?? null);
      continue;
    }
    // A link that has the keyboard's focus keeps it.
    const focused = before.contains(document.activeElement);
    before.replaceWith(item);
    if (focused) item.querySelector('a')?.focus();
  }
  if (noCalls !== null) noCalls.hidden = calls.children.length > 0;
}

const stream = new EventSource('/live');
stream.addEventListener('open', () => {
  if (live !== null) live.textContent = 'Live';
});
stream.addEventListener('error', () => {
  if (live === null) return;
  // A refusal ends it for good: nobody is logged in any more, or too many pages are open.
  live.textContent =
    stream.readyState === EventSource.CLOSED
      ? 'Not connected: what is shown may be old. Load the page again.'
      : 'Not connected: what is shown may be old. Trying again…';
});
stream.addEventListener('tiles', (event) => {
  for (const tile of JSON.parse(event.data)) showTile(tile);
});
stream.addEventListener('calls', (event) => showCalls(JSON.parse(event.data)));
stream.addEventListener('reload', () => window.location.reload());

const tick = () => {
  for (const time of document.querySelectorAll('.tile time'))
    time.textContent = ago(time.getAttribute('datetime') ?? '');
};
tick();
setInterval(tick, 1000);

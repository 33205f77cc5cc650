// The frame of every page: head, navigation, and where its words go. Everything that is filled in is escaped by `html`.
import { html } from 'hono/html';
import type { Who } from '../access/gate.ts';
import { allows, type Role } from '../access/roles.ts';
import type { Html } from '../http/route.ts';

/** In the order in which they stand. */
export const NAVIGATION: readonly { path: string; title: string; role: Role }[] = [
  { path: '/', title: 'Wall', role: 'read' },
  { path: '/calls', title: 'Calls', role: 'read' },
  { path: '/events', title: 'Events', role: 'read' },
  { path: '/deliveries', title: 'Deliveries', role: 'read' },
  { path: '/rules', title: 'Rules', role: 'read' },
  { path: '/bench', title: 'Bench', role: 'read' },
  { path: '/replay', title: 'Replay', role: 'read' },
  { path: '/phones', title: 'Phones', role: 'read' },
  { path: '/charts', title: 'Charts', role: 'read' },
  { path: '/health', title: 'Health', role: 'read' },
  { path: '/audit', title: 'Audit', role: 'admin' },
];

export type Frame = {
  title: string;
  path: string;
  who: Who | undefined;
  body: Html;
  scripts?: readonly string[];
  styles?: readonly string[];
};

/** A whole page. `scripts`, `styles`: names of assets besides `console.js` and `console.css`. */
export function page({ title, path, who, body, scripts = [], styles = [] }: Frame): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="csrf" content="${who?.session?.csrf ?? ''}">
<title>${title} · Hookswitch</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/console.css">
${styles.map((name) => html`<link rel="stylesheet" href="/assets/${name}">`)}
<script src="/assets/console.js" defer></script>
${scripts.map((name) => html`<script src="/assets/${name}" defer></script>`)}
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header>
<p class="brand"><a href="/">Hookswitch</a></p>
${who === undefined ? '' : navigation(path, who)}
</header>
<main id="main" tabindex="-1">
<h1>${title}</h1>
${body}
</main>
</body>
</html>`;
}

function navigation(path: string, who: Who): Html {
  const shown = NAVIGATION.filter(({ role }) => allows(who.role, role));
  const isHere = (to: string): boolean => (to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`));
  return html`<nav aria-label="Pages"><ul>
${shown.map(({ path: to, title }) => html`<li><a href="${to}" ${isHere(to) ? html`aria-current="page"` : ''}>${title}</a></li>`)}
</ul></nav>
<form method="post" action="/logout" class="logout">${csrfField(who)}${who.session === undefined ? html`<span class="who">${who.name} (${who.role})</span>` : html`<a class="who" href="/account">${who.name} (${who.role})</a>`} <button>Log out</button></form>`;
}

/** The hidden field that every form needs. */
export const csrfField = (who: Who): Html => html`<input type="hidden" name="csrf" value="${who.session?.csrf ?? ''}">`;

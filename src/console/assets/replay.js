// Shows how far a replay is while it runs, and the page anew when it has ended.

const job = document.querySelector('[data-replay]');

const say = (selector, text) => {
  const place = document.querySelector(selector);
  if (place !== null && place.textContent !== text) place.textContent = text;
};

async function look() {
  let next = 1000;
  try {
    const answer = await fetch('/api/v1/replay', { headers: { accept: 'application/json' } });
    const { replay } = await answer.json();
    if (!answer.ok || replay?.id !== job.dataset.replay || replay.state !== 'running') {
      window.location.replace('/replay');
      return;
    }
    const share = Math.floor(replay.share * 100);
    say('[data-share]', `${share} %`);
    say('[data-events]', String(replay.events));
    const bar = document.querySelector('[data-bar]');
    if (bar instanceof HTMLProgressElement) bar.value = share;
  } catch {
    // The daemon may be starting anew.
    next = 5000;
  }
  setTimeout(look, next);
}

if (job !== null) setTimeout(look, 500);

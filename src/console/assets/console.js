// The console's own script. Data from the server only ever becomes text: no element is made from it.

// A button with data-confirm asks first.
document.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest('[data-confirm]') : null;
  if (button !== null && !window.confirm(button.getAttribute('data-confirm') ?? '')) event.preventDefault();
});

// A select or checkbox with data-submit sends its form at once.
document.addEventListener('change', (event) => {
  const field = event.target instanceof Element ? event.target.closest('[data-submit]') : null;
  if (field instanceof HTMLElement && 'form' in field) field.form?.requestSubmit();
});

// "/" goes to the search field, where there is one.
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof HTMLElement && event.target.closest('input, textarea, select') !== null) return;
  const search = document.querySelector('input[type="search"]');
  if (!(search instanceof HTMLElement)) return;
  event.preventDefault();
  search.focus();
});

// Tables that can be sorted, searched and taken away as CSV.
const FIRST = 15;
const MORE = 100;

// columns: { name, value(row), show?(row), number?, title? }
function sortable(host, { name, columns, rows, sort, descending = true, search = true }) {
  let order = rows.slice();
  let by = sort ?? -1;
  let down = descending;
  let shown = FIRST;
  let wanted = '';
  const text = (row) => columns.map((c) => String(c.value(row) ?? '')).join('\n');
  const count = make('span', { class: 'count', role: 'status' });
  const body = make('tbody');
  const heads = columns.map((column, at) => make('th', { scope: 'col', class: column.number ? 'number' : '' },
    make('button', { type: 'button', title: column.title, onclick: () => { down = by === at ? !down : !!column.number; by = at; shown = FIRST; update(); } }, column.name)));
  const more = make('button', { type: 'button', class: 'quiet more', onclick: () => { shown += MORE; update(); } });
  const find = make('input', { type: 'search', 'aria-label': `Search ${name}`, placeholder: 'Search', oninput: (event) => { wanted = event.target.value.trim(); shown = FIRST; update(); } });
  const save = make('button', { type: 'button', class: 'quiet', onclick: () => download(`${name.replaceAll(' ', '-')}.csv`, csv(columns, order)) }, 'Download CSV');
  function update() {
    order = wanted ? rows.filter((row) => holdsAll(text(row), wanted)) : rows.slice();
    if (by >= 0) {
      const { value } = columns[by];
      order.sort((a, b) => compare(value(a), value(b), down));
    }
    heads.forEach((head, at) => (at === by ? head.setAttribute('aria-sort', down ? 'descending' : 'ascending') : head.removeAttribute('aria-sort')));
    clear(body).append(...order.slice(0, shown).map((row) => make('tr', {}, columns.map((column) =>
      make('td', { class: column.number ? 'number' : column.class || '' }, (column.show || ((r) => (column.number ? number(column.value(r)) : column.value(r) ?? '–')))(row))))));
    count.textContent = `${Math.min(shown, order.length).toLocaleString('en-GB')} of ${order.length.toLocaleString('en-GB')}`;
    more.hidden = shown >= order.length;
    more.textContent = `Show ${Math.min(MORE, order.length - shown)} more`;
  }
  const tools = make('div', { class: 'table-tools' }, search ? find : null, save, count);
  clear(host).append(tools, make('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': name },
    make('table', {}, make('caption', { hidden: true }, name), make('thead', {}, make('tr', {}, heads)), body)), more);
  update();
}
// Missing values come last either way.
function compare(a, b, down) {
  if (a == null || b == null) return (a == null) - (b == null);
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en');
  return down ? -order : order;
}
function csv(columns, rows) {
  const cell = (value) => {
    if (value == null) return '';
    if (typeof value === 'number') return String(value);
    // Spreadsheets run what begins like a formula.
    const safe = /^[=+@\t\r-]/.test(value) ? `'${value}` : String(value);
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const lines = [columns.map((c) => cell(c.head || c.name)), ...rows.map((row) => columns.map((c) => cell(c.value(row))))];
  return lines.map((line) => line.join(',')).join('\r\n') + '\r\n';
}
function download(name, text) {
  const link = make('a', { href: URL.createObjectURL(new Blob([text], { type: 'text/csv' })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
// The numbers behind a picture, for those who cannot see it or want them.
function numbers(summary, spec) {
  const host = make('div');
  const details = make('details', {}, make('summary', {}, summary), host);
  details.addEventListener('toggle', () => { if (details.open && !host.firstChild) sortable(host, spec); });
  return details;
}

// What fails: chosen by name, with how much and when; several at once.
let CHOICES = [];
function knowChoices() {
  const hay = (...parts) => ` ${plainText(parts.flat().join(' '))} `;
  WORLD.areas.forEach((area) => {
    area.makes.forEach((item, rank) => {
      const place = WORLD.items[item].makers.indexOf(areaAt.get(area.name));
      CHOICES.push({ area: area.name, item: theItem(item), words: `${shortName(area.name)} · ${shortItem(theItem(item))}`, hay: hay(area.name, area.also, area.iso3, theItem(item)), order: place + rank / 10 });
    });
    if (area.makes.length > 1) CHOICES.push({ area: area.name, item: '*', words: `${shortName(area.name)} · everything produced`, hay: hay(area.name, area.also, area.iso3, 'everything all'), order: 8 });
  });
  for (const group of WORLD.groups) {
    for (const item of WORLD.items) {
      if (item.makers.length) CHOICES.push({ area: group, item: item.name, words: `${group} · ${shortItem(item.name)}`, hay: hay(group, item.name), order: 30 });
    }
  }
}
function found(text, most = 12) {
  const words = plainText(text).split(' ').filter(Boolean);
  if (!words.length) return [];
  return CHOICES.map((choice) => [holdsWords(words, choice.hay), choice]).filter(([score]) => score != null)
    .sort((a, b) => a[0] - b[0] || a[1].order - b[1].order).slice(0, most).map((row) => row[1]);
}
function isFailing(choice) { return view.failures.some((f) => f.area === choice.area && f.item === choice.item); }
function addFailure(choice, event, alone = false) {
  const failure = { area: choice.area, item: choice.item, phi: 1, from: null, to: null };
  const others = alone ? [] : view.failures.filter((f) => !(f.area === choice.area && f.item === choice.item));
  look({ failures: [...others, failure] }, event);
}
// A field that finds by words, with a list below: arrows, Enter, Escape.
function finder(host, { label, placeholder, search, choose }) {
  const id = `list-${host.id}`;
  const list = make('ul', { id, role: 'listbox', class: 'choices', hidden: true, 'aria-label': label });
  const input = make('input', { type: 'search', role: 'combobox', autocomplete: 'off', spellcheck: 'false', 'aria-expanded': 'false', 'aria-controls': id, 'aria-autocomplete': 'list', 'aria-label': label, placeholder });
  let shown = [];
  let at = -1;
  const close = () => { list.hidden = true; at = -1; input.setAttribute('aria-expanded', 'false'); input.removeAttribute('aria-activedescendant'); };
  const mark = () => {
    [...list.children].forEach((row, n) => row.setAttribute('aria-selected', String(n === at)));
    if (at >= 0) { input.setAttribute('aria-activedescendant', `${id}-${at}`); list.children[at].scrollIntoView({ block: 'nearest' }); }
  };
  const pick = (n, event) => { const choice = shown[n]; if (!choice) return; input.value = ''; close(); choose(choice, event); };
  const update = () => {
    shown = search(input.value);
    at = shown.length ? 0 : -1;
    clear(list).append(...shown.map((choice, n) => make('li', { id: `${id}-${n}`, role: 'option', onpointerdown: (event) => { event.preventDefault(); pick(n, event); } }, choice.words)));
    const has = input.value.trim() !== '';
    if (has && !shown.length) list.append(make('li', { class: 'note', 'aria-disabled': 'true' }, 'Nothing of that name is produced anywhere.'));
    list.hidden = !has;
    input.setAttribute('aria-expanded', String(has));
    mark();
  };
  input.addEventListener('input', update);
  input.addEventListener('focus', () => { if (input.value) update(); });
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (list.hidden) update();
      at = shown.length ? (at + (event.key === 'ArrowDown' ? 1 : -1) + shown.length) % shown.length : -1;
      mark();
      event.preventDefault();
    } else if (event.key === 'Enter') { pick(at, event); event.preventDefault(); } else if (event.key === 'Escape') { close(); }
  });
  host.append(input, list);
  return input;
}
function failuresSection() {
  finder(byId('finder'), { label: 'Add a failure: country and product', placeholder: 'Add a failure: “wheat russia”, “brazil soy”, “EU maize” …', search: found, choose: (choice, event) => addFailure(choice, event) });
  drawFailures();
}
const shownFailures = new Map();
function drawFailures() {
  const host = byId('failures');
  const key = (f) => `${f.area}|${f.item}`;
  const wanted = new Set(view.failures.map(key));
  for (const [name, row] of shownFailures) if (!wanted.has(name)) { row.element.remove(); shownFailures.delete(name); }
  for (const failure of view.failures) {
    if (!shownFailures.has(key(failure))) { const row = failureRow(key(failure), key); shownFailures.set(key(failure), row); host.append(row.element); }
    shownFailures.get(key(failure)).update(failure);
  }
}
function failureRow(name, key) {
  const current = () => view.failures.find((f) => key(f) === name);
  const change = (patch, event) => look({ failures: view.failures.map((f) => (key(f) === name ? { ...f, ...patch } : f)) }, event);
  const words = failureWords(current());
  const amount = make('input', { type: 'range', min: 1, max: 100, step: 1, 'aria-label': `Share of output lost: ${words}`, oninput: (event) => change({ phi: Number(event.target.value) / 100 }, event) });
  const said = make('output', { class: 'amount' });
  const years = (what) => make('select', { 'aria-label': `${what} year of failure: ${words}`, onchange: (event) => {
    const { from, to } = current();
    const [first, last] = what === 'First' ? [Number(event.target.value), to ?? WORLD.steps] : [from ?? 1, Number(event.target.value)];
    const fits = first <= last ? [first, last] : what === 'First' ? [first, first] : [last, last];
    change({ from: fits[0] > 1 ? fits[0] : null, to: fits[1] < WORLD.steps ? fits[1] : null }, event);
  } }, Array.from({ length: WORLD.steps }, (_, t) => make('option', { value: t + 1 }, t + 1)));
  const [first, last] = [years('First'), years('Last')];
  const remove = make('button', { type: 'button', class: 'quiet', 'aria-label': `Remove ${words}`, onclick: (event) => look({ failures: view.failures.filter((f) => key(f) !== name) }, event) }, '✕');
  const element = make('div', { class: 'failure' }, make('strong', {}, words), make('label', { class: 'much' }, amount, said), make('span', { class: 'years' }, 'years ', first, ' to ', last), remove);
  return { element, update: (failure) => {
    amount.value = Math.round(failure.phi * 100);
    said.textContent = `${number(100 * failure.phi)} % lost`;
    first.value = failure.from ?? 1;
    last.value = failure.to ?? WORLD.steps;
  } };
}

// The world changed before anything fails: reserves, other suppliers, more output; before and after.
const KINDS = {
  reserve: ['Hold a stock', [['months', 'months of use', 6, 0.1, 60, 1]]],
  diversify: ['Buy from others', [['away_from', 'buy less from'], ['to', 'buy more from'], ['share', '% of what comes from there', 50, 1, 100, 0.01]]],
  supplier: ['Give a supplier a share', [['from', 'supplier'], ['share', '% of all imports', 30, 0, 100, 0.01]]],
  link: ['Buy more from one', [['from', 'supplier'], ['amount', 'amount more a year', 100000, 0, 1e12, 1]]],
  domestic: ['Make more at home', [['by', '% more output', 20, -100, 1000, 0.01]]],
  yield: ['Raise the yield', [['by', '% more output', 20, -100, 1000, 0.01]]],
  demand: ['Use less', [['by', '% less use', 10, -1000, 100, -0.01]]],
  close: ['Close a process', [['process', 'process']]],
};
function changeSection() {
  const host = byId('change-body');
  const kind = make('select', { id: 'kind', onchange: drawForm }, Object.entries(KINDS).map(([name, [words]]) => make('option', { value: name }, words)));
  host.append(make('p', { class: 'lead', id: 'change-lead' }, 'Change the world first, then let the same thing fail: the maps above show before and after.'),
    make('form', { id: 'change-form', class: 'controls', onsubmit: (event) => { event.preventDefault(); addChange(event); } }, make('label', {}, 'Change', kind), make('label', {}, 'of', make('select', { id: 'change-area' })), make('label', { id: 'change-item-label' }, 'for', make('select', { id: 'change-item' })), make('span', { id: 'change-keys', class: 'controls' }), make('button', { type: 'submit' }, 'Change it')),
    make('ul', { id: 'changes', class: 'changes' }), make('p', { id: 'change-problem', class: 'warning', role: 'alert', hidden: true }), make('div', { id: 'before-after' }),
    make('div', { class: 'controls' }, make('label', {}, 'Or find the best change, moving or storing at most', make('input', { id: 'budget', type: 'number', min: 1, value: 1000000, step: 'any' }), make('span', { id: 'budget-unit' }, 't')), make('button', { type: 'button', id: 'best-ask', onclick: askBest }, 'Find the best change')),
    make('div', { id: 'best' }));
  const byName = (list) => [...list].sort((a, b) => a.localeCompare(b));
  byId('change-area').append(...byName(WORLD.areas.map((a) => a.name)).map((name) => make('option', { value: name }, shortName(name))));
  byId('change-item').append(...byName(WORLD.items.map((i) => i.name)).map((name) => make('option', { value: name }, shortItem(name))));
  byId('change-item').addEventListener('change', drawBudget);
  drawForm();
}
function areaSelect(id, empty) {
  return make('select', { id }, empty ? make('option', { value: '' }, empty) : '', [...WORLD.areas].map((a) => a.name).sort((a, b) => a.localeCompare(b)).map((name) => make('option', { value: name }, shortName(name))));
}
function drawForm() {
  const name = byId('kind').value;
  byId('change-item-label').hidden = name === 'close';
  clear(byId('change-keys')).append(...KINDS[name][1].map(([key, words, usual, low, high]) => {
    const id = `key-${key}`;
    if (usual != null) return make('label', {}, make('input', { id, type: 'number', value: usual, min: low, max: high, step: 'any' }), words);
    if (key === 'process') return make('label', {}, words, make('select', { id }, WORLD.processes.map((p) => make('option', { value: p }, p))));
    return make('label', {}, words, areaSelect(id, key === 'to' ? 'its other suppliers' : null));
  }));
  const worst = view.failures[0]?.area;
  for (const id of ['key-away_from', 'key-from']) if (byId(id) && worst && areaAt.has(worst)) byId(id).value = worst;
}
function drawBudget() { byId('budget-unit').textContent = WORLD.items[itemAt.get(byId('change-item').value)]?.unit || ''; }
// The country and the product that are looked at are those to change.
function suggestChange() {
  const top = answers[0] ? ranked(answers[0], mainWay(answers[0]), 3).map((r) => r[0]).find((area) => !isMarked(answers[0]).includes(area)) : null;
  const area = view.area || (top != null ? areaName(top) : WORLD.areas[0].name);
  byId('change-area').value = area;
  const item = view.item || view.failures.find((f) => itemAt.has(f.item))?.item;
  if (item) byId('change-item').value = item;
  drawBudget();
}
function addChange(event) {
  const kind = byId('kind').value;
  const change = { kind, area: byId('change-area').value };
  if (kind !== 'close') change.item = byId('change-item').value;
  for (const [key, , usual, low, high, factor] of KINDS[kind][1]) {
    const value = byId(`key-${key}`).value;
    if (usual != null) change[key] = Math.min(high, Math.max(low, Number(value))) * factor;
    else if (key === 'away_from') change[key] = [value];
    else if (key === 'to') { if (value) change[key] = [value]; } else change[key] = value;
  }
  tryChanges([...view.changes, change], event);
}
async function tryChanges(changes, event) {
  const problem = byId('change-problem');
  try {
    if (changes.length) await ask({ ask: 'changes', changes });
    problem.hidden = true;
    look({ changes }, event);
  } catch (error) { if (!(error instanceof Stale)) { problem.textContent = error.message; problem.hidden = false; } }
}
function changeWords(change) {
  const { kind, area, item } = change;
  const what = `${shortName(area)}${item ? `, ${shortItem(item)}` : ''}`;
  const more = { reserve: () => (change.months != null ? `${number(change.months)} months of use` : large(change.amount, WORLD.items[itemAt.get(item)]?.unit || '')), diversify: () => `${number(100 * change.share)} % of what comes from ${change.away_from.map(shortName).join(', ')}${change.to?.length ? ` to ${change.to.map(shortName).join(', ')}` : ''}`, supplier: () => `${shortName(change.from)} ${number(100 * change.share)} % of imports`, link: () => `${large(change.amount, WORLD.items[itemAt.get(item)]?.unit || '')} more from ${shortName(change.from)}`, domestic: () => `${number(100 * change.by)} %`, yield: () => `${number(100 * change.by)} %`, demand: () => `${number(-100 * change.by)} %`, close: () => change.process }[kind];
  return `${KINDS[kind]?.[0] || kind} (${what}): ${more ? more() : ''}`;
}
function drawChanged() {
  const list = clear(byId('changes'));
  view.changes.forEach((change, at) => list.append(make('li', {}, changeWords(change), ' ', make('button', { type: 'button', class: 'quiet', 'aria-label': `Undo ${changeWords(change)}`, onclick: (event) => tryChanges(view.changes.filter((c, n) => n !== at), event) }, '✕'))));
  const host = clear(byId('before-after'));
  const [plain, changed] = answers;
  if (!plain || !changed) return;
  const t = yearAt();
  const row = (name, before, after, show) => make('tr', {}, make('th', { scope: 'row' }, name), make('td', { class: 'number' }, show(before)), make('td', { class: 'number' }, show(after)), make('td', { class: 'number' }, before ? signed(after - before, `${number(100 * (after - before) / Math.abs(before), 2)} %`) : '–'));
  const rows = [row(`the world loses, ${view.item ? plain.unit : plain.unit_per_person}`, ...[plain, changed].map((r) => { const w = worldLoss(r, mainWay(r), t); return w.person ?? w.sum; }), (v) => number(v))];
  const chosen = [...new Set([...view.changes.map((c) => areaAt.get(c.area)), view.area ? areaAt.get(view.area) : null].filter((a) => a != null))];
  for (const area of chosen) {
    const told = view.told;
    rows.push(row(`${areaName(area)} loses, ${unitOf(plain, told)}`, lossOf(plain, mainWay(plain), area, t, told), lossOf(changed, mainWay(changed), area, t, told), (v) => (v == null ? '–' : told === 'share' ? number(100 * v, 2) : number(v))));
  }
  host.append(make('table', {}, make('thead', {}, make('tr', {}, make('th', {}, `Year ${t + 1}`), make('th', { class: 'number' }, 'as it is'), make('th', { class: 'number' }, 'with the changes'), make('th', { class: 'number' }, 'difference'))), make('tbody', {}, rows)));
}
async function askBest() {
  const host = byId('best');
  const [area, item] = [byId('change-area').value, byId('change-item').value];
  clear(host).append(make('p', { class: 'note', role: 'status' }, 'Trying changes …'));
  try {
    const reply = await ask({ ask: 'best', case: theCase(view.changes), area, item, budget: Number(byId('budget').value) });
    const lead = `Of the changes tried, these leave ${shortName(area)} the smallest loss of ${shortItem(item).toLowerCase()}: on average ${large(reply.before, reply.unit)} a year as it is.`;
    clear(host).append(make('p', { class: 'note' }, lead), make('ol', { class: 'ranking best' }, reply.tried.map((tried) => make('li', {},
      make('button', { type: 'button', class: 'link', onclick: (event) => tryChanges([...view.changes, tried.change], event) }, changeWords(tried.change)),
      make('span', { class: 'barbox', 'aria-hidden': 'true' }, make('span', { class: 'barfill', style: `width:${Math.max(0, Math.min(100, 100 * tried.after / reply.before))}%` })),
      make('span', { class: 'value' }, large(tried.after, reply.unit))))));
  } catch (error) { if (!(error instanceof Stale)) clear(host).append(make('p', { class: 'note' }, error.message)); }
}

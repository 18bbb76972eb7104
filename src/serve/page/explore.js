// Puts the page together.
function theme() {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const button = byId('theme');
  let chosen = null;
  const set = (name) => {
    document.documentElement.dataset.theme = name;
    button.textContent = name === 'dark' ? 'Light' : 'Dark';
    button.setAttribute('aria-label', `Use ${button.textContent.toLowerCase()} colours`);
    charts.forEach(draw);
    if (WORLD) { drawMaps(); drawRanked(); if (whyReply && view.area) drawWhy(); }
  };
  const now = () => chosen || (system.matches ? 'dark' : 'light');
  button.addEventListener('click', () => { chosen = now() === 'dark' ? 'light' : 'dark'; set(chosen); });
  system.addEventListener('change', () => set(now()));
  addEventListener('beforeprint', () => set('light'));
  addEventListener('afterprint', () => set(now()));
  set(now());
}
function headAndFoot() {
  byId('dataset').textContent = `${WORLD.name}${WORLD.year ? `, ${WORLD.year}` : ''} · ${number(WORLD.areas.length)} countries and territories, ${number(WORLD.items.length)} products`;
  if (WORLD.warning) {
    byId('warning').hidden = false;
    byId('warning').textContent = WORLD.synthetic ? 'Synthetic data: real names, invented numbers. Nothing here may be cited.' : `Not all data are original: losses are plausible, not citable. (${WORLD.warning})`;
  }
  const copy = byId('copy');
  copy.addEventListener('click', async () => {
    try { await navigator.clipboard.writeText(location.href); copy.textContent = 'Copied'; } catch { copy.textContent = 'It is in the address bar'; }
    setTimeout(() => { copy.textContent = 'Copy link'; }, 1500);
  });
  const rows = WORLD.sources.map(([table, status, source]) => make('tr', {}, make('th', { scope: 'row' }, table), make('td', {}, status), make('td', {}, source)));
  byId('footer').append(
    make('p', {}, 'A loss is what is missing against the same year without the failure. Food is counted once, where it is eaten; heads of animals are added to nothing. Models: Laber et al. 2023 (without adaptation), Baum et al. 2024 (with it). Everything is computed on this machine while you look.'),
    make('details', {}, make('summary', {}, 'Where the data come from'), make('p', {}, `Licence: ${WORLD.licence}. Content hash ${WORLD.hash}.`), make('div', { class: 'scroll' }, make('table', {}, make('tbody', {}, rows)))),
    make('p', {}, `shocksweep ${WORLD.version}. `, make('a', { href: '/notices.txt' }, 'Notices')));
}
// Scenarios of a finished sweep: all of them by words in any order.
function resultsSection() {
  if (!WORLD.result) return;
  byId('results').hidden = false;
  const [name, count] = WORLD.result;
  byId('results-title').textContent = `Finished sweep ${name}: ${number(count)} scenarios`;
  const list = make('div', { id: 'results-found' });
  const input = make('input', { type: 'search', id: 'results-text', placeholder: 'Words of its name, in any order', 'aria-label': 'Find a scenario', oninput: () => find() });
  byId('results-body').append(make('div', { class: 'controls' }, input), list);
  const find = async () => {
    try {
      const reply = await ask({ ask: 'find', text: input.value, most: 50 });
      const ways = [0, 1].filter((way) => reply.scenarios.some((s) => s.loss[way] != null));
      sortable(list, { name: 'scenarios', rows: reply.scenarios, search: false, columns: [
        { name: `Scenario (${number(reply.matches)} of ${number(reply.of)})`, value: (s) => s.name, show: (s) => (s.failures ? make('button', { type: 'button', class: 'link', onclick: (event) => { look({ failures: s.failures.map((f) => ({ from: null, to: null, ...f })) }, event); compareRecorded(s); byId('ask').scrollIntoView(); } }, s.name) : s.name) },
        ...ways.map((way) => ({ name: `the world loses, ${reply.unit}, ${WAYS[way]}`, number: true, value: (s) => s.loss[way] })) ] });
      list.append(make('p', { class: 'note', id: 'recorded' }));
    } catch (error) { if (!(error instanceof Stale)) clear(list).append(make('p', { class: 'note' }, error.message)); }
  };
  find();
}
// What the result holds of a scenario, beside what is computed now.
async function compareRecorded(scenario) {
  const note = byId('recorded');
  try {
    const recorded = await ask({ ask: 'recorded', scenario: scenario.scenario });
    const ways = [0, 1].filter((way) => recorded.by_area[way]);
    const worst = (way) => recorded.by_area[way].map((v, area) => [area, v]).filter((r) => r[1] != null).sort((a, b) => b[1] - a[1]).slice(0, 3);
    note.textContent = `${scenario.name}, as the result holds it: ${ways.map((way) => `${worst(way).map(([area, v]) => `${shortArea(area)} ${number(v)}`).join(', ')} ${recorded.unit} ${WAYS[way]}`).join('; ')}.`;
  } catch (error) { if (!(error instanceof Stale)) note.textContent = error.message; }
}
const ASKED = ['failures', 'way', 'measure', 'item', 'changes'];
// The map comes first; what is told of one country follows when the hand rests.
let panelLater = null;
function askPanelLater() {
  clearTimeout(panelLater);
  panelLater = setTimeout(() => { panelLater = null; askPanel(); }, 90);
}
function follow(changed, since) {
  const asks = changed.some((key) => ASKED.includes(key));
  if (asks) askLosses(since); else paintAll(since);
  if (asks || changed.includes('area')) { askPanelLater(); drawTogetherScope(); }
  if (changed.some((key) => ['area', 'measure', 'item'].includes(key))) askFears();
  if (changed.some((key) => ['area', 'item', 'failures'].includes(key))) suggestChange();
}
// What the address leaves open.
function complete() {
  if (!view.measure || !WORLD.measures.includes(view.measure)) view.measure = WORLD.measures[0] || 'amount';
  if (view.item && !itemAt.has(view.item)) view.item = null;
  if (view.area && !areaAt.has(view.area)) view.area = null;
  if (!view.way || !WORLD.has_rules) view.way = WORLD.has_rules ? view.way || 'on' : 'off';
  view.year = clampNumber(view.year, 1, WORLD.steps, WORLD.steps);
  if (!view.failures.length && WORLD.first) view.failures = [{ area: areaName(WORLD.first[0]), item: theItem(WORLD.first[1]), phi: 1, from: null, to: null }];
}
async function start() {
  theme();
  readAddress();
  try {
    knowWorld(await fetched('/api/world'));
  } catch (error) {
    byId('finding').textContent = error.message;
    return;
  }
  complete();
  knowChoices();
  headAndFoot();
  failuresSection();
  controlsSection();
  panelSection();
  togetherSection();
  changeSection();
  resultsSection();
  listeners.push(follow);
  history.replaceState(null, '', `#${address()}`);
  await askLosses(0);
  suggestChange();
  askPanel();
  drawTogetherScope();
  if (view.area) askFears();
  document.documentElement.dataset.ready = 'true';
  addEventListener('hashchange', () => { readAddress(); complete(); look({}); follow([...ASKED, 'area'], performance.now()); });
  setTimeout(drawWaiting);
}
start();

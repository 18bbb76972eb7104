// Puts the page together.
// What is looked at is in the address: a view is a link, also of a file.
function writeState() {
  const words = new URLSearchParams({ scenario: story().id, item: state.item, circles: state.measure, view: state.zoom });
  history.replaceState(null, '', `#${words}`);
}
function readState() {
  const words = new URLSearchParams(location.hash.slice(1));
  const at = DATA.stories.findIndex((s) => String(s.id) === words.get('scenario'));
  if (words.get('circles') === 't') state.measure = 't';
  if (words.get('view') in VIEWS) state.zoom = words.get('view');
  byId('map-measure').value = state.measure;
  byId('map-zoom').value = state.zoom;
  chooseStory(Math.max(0, at));
  const item = Number(words.get('item'));
  if (words.has('item') && story().layers[item]) { state.item = item; drawMap(); writeState(); }
}
function chooseStory(at) {
  if (at < 0 || at >= DATA.stories.length) return;
  state.story = at;
  state.item = Math.min(1, story().layers.length - 1);
  if (story().shocks.length !== 1) state.item = 0;
  byId('story').value = story().name;
  byId('story-note').textContent = `${at + 1} of ${DATA.stories.length} shown in detail${DATA.scenarios > DATA.stories.length ? ` (of ${whole(DATA.scenarios)}; “--scenario NAME” adds others)` : ''}`;
  drawStory();
  writeState();
}
function drawStory() {
  drawMap();
  drawHeat();
  drawDevelopment();
  const trace = DATA.traces.findIndex((t) => t.id === story().id);
  if (trace >= 0) { byId('trace-scenario').value = trace; drawTraces(); }
}
function chooser() {
  const host = byId('chooser');
  if (!DATA.stories.length) return;
  host.hidden = DATA.stories.length < 2;
  byId('stories').append(...DATA.stories.map((s) => make('option', { value: s.name })));
  const input = byId('story');
  const plain = (name) => name.trim().toLowerCase();
  input.addEventListener('change', () => {
    const exact = DATA.stories.findIndex((s) => plain(s.name) === plain(input.value));
    const near = exact >= 0 ? exact : DATA.stories.findIndex((s) => holdsAll(s.name, input.value));
    if (near >= 0 && input.value.trim()) chooseStory(near);
    else {
      byId('story-note').textContent = `“${input.value}” is not among the scenarios shown in detail; the ranking below may have its sums.`;
      input.value = story().name;
    }
  });
  input.addEventListener('focus', () => input.select());
  const step = (by) => chooseStory((state.story + by + DATA.stories.length) % DATA.stories.length);
  byId('previous').addEventListener('click', () => step(-1));
  byId('next').addEventListener('click', () => step(1));
}
function theme() {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const button = byId('theme');
  let chosen = null;
  const set = (name) => {
    document.documentElement.dataset.theme = name;
    button.textContent = name === 'dark' ? 'Light' : 'Dark';
    button.setAttribute('aria-label', `Use ${button.textContent.toLowerCase()} colours`);
    if (charts.length) { charts.forEach(draw); if (DATA.stories.length) drawStory(); }
  };
  const now = () => chosen || (system.matches ? 'dark' : 'light');
  button.addEventListener('click', () => { chosen = now() === 'dark' ? 'light' : 'dark'; set(chosen); });
  system.addEventListener('change', () => set(now()));
  // Paper is white.
  addEventListener('beforeprint', () => { set('light'); charts.forEach(draw); });
  addEventListener('afterprint', () => set(now()));
  set(now());
}
const SECTIONS = { map: 'Who loses' };
function navigation() {
  const sections = [...document.querySelectorAll('main > section')].filter((s) => !s.hidden);
  byId('nav').append(...sections.map((s) => make('a', { href: `#${s.id}`, onclick: (event) => { event.preventDefault(); s.scrollIntoView(); s.querySelector('h2').tabIndex = -1; s.querySelector('h2').focus({ preventScroll: true }); } }, SECTIONS[s.id] || s.querySelector('h2').textContent)));
}
registerWorld();
theme();
headSection();
chooser();
if (DATA.stories.length) {
  mapSection();
  heatSection();
} else {
  byId('map').append(make('p', { class: 'note' }, 'A screening of pairs keeps no losses by area and item: run a job of single shocks to see them.'));
  for (const id of ['heat', 'development', 'trace', 'ranking']) byId(id).hidden = true;
  byId('map').before(byId('pairs'));
}
if (DATA.stories.length) traceSection();
if (DATA.stories.length) readState();
if (DATA.stories.length && DATA.traces.length && !DATA.traces.some((t) => t.id === DATA.stories[0]?.id)) drawTraces();
if (DATA.stories.length) rankSection();
pairsSection();
qualitySection();
navigation();
let width = innerWidth;
addEventListener('resize', () => { if (innerWidth !== width) { width = innerWidth; if (DATA.stories.length) { drawMap(); drawHeat(); } } });
document.documentElement.dataset.ready = 'true';
setTimeout(drawWaiting);

// Who loses: the finding in a sentence, maps, years that play, a ranking.
let answers = [null, null]; // as the world is; as it is changed
let maps = [];

const yearAt = () => Math.min(WORLD.steps, Math.max(1, view.year ?? WORLD.steps)) - 1;
// What an area loses in one way, as it is told: a share, an amount per person, or in all.
function lossOf(reply, way, area, t = yearAt(), told = view.told) {
  const sum = way.by_area[t][area];
  if (told === 'sum') return sum;
  if (told === 'person') { const factor = reply.per_person[area]; return factor == null ? null : sum * factor; }
  const supply = reply.supply[t][area];
  return supply > 0 ? Math.max(-1, Math.min(1, sum / supply)) : null;
}
function unitOf(reply, told = view.told) { return told === 'share' ? '%' : told === 'person' ? reply.unit_per_person : reply.unit; }
function said(reply, value, told = view.told) {
  if (value == null) return '–';
  if (told === 'share') return `${number(100 * value, 2)} %`;
  return told === 'sum' ? large(value, reply.unit) : `${number(value)} ${reply.unit_per_person}`;
}
const isMarked = (reply) => [...new Set(reply.shocked.map((s) => s.area))];
// What the world loses: per person where food is counted, else in all; and the share.
function worldLoss(reply, way, t = yearAt()) {
  const people = WORLD.areas.reduce((sum, a) => sum + (a.population || 0), 0);
  const isPeople = !view.item && people > 0;
  const sum = isPeople ? way.world_populated[t] : way.world[t];
  const supply = reply.supply[t].reduce((all, s, area) => all + (!isPeople || WORLD.areas[area].population != null ? s : 0), 0);
  const one = reply.per_person.findIndex((f) => f != null);
  const factor = isPeople && one >= 0 ? reply.per_person[one] * WORLD.areas[one].population / people : null;
  return { sum, share: supply > 0 ? sum / supply : null, person: factor == null ? null : sum * factor };
}
function worldWords(reply, way, t) {
  const { sum, share, person } = worldLoss(reply, way, t);
  const amount = person != null && reply.unit !== 't' ? `${number(Math.abs(person))} ${reply.unit_per_person}` : large(Math.abs(sum), reply.unit);
  return { amount, share: share == null ? '' : `${number(Math.abs(100 * share), 2)} %`, gains: sum < 0, person: person ?? null, sum };
}
const whatWords = () => (view.item ? shortItem(view.item).toLowerCase() : { kcal: 'food', protein: 'protein', mass: 'food and raw materials' }[view.measure] || 'supply');
// The way that counts where one is needed: with adaptation, if it was run.
const mainWay = (reply) => reply.ways.at(-1);
function ranked(reply, way, most = Infinity) {
  const out = new Set(view.told === 'sum' ? [] : reply.left_out);
  return WORLD.areas.map((a, area) => [area, lossOf(reply, way, area)])
    .filter(([area, value]) => value != null && value > 0 && !out.has(area) && (WORLD.areas[area].population != null || view.told !== 'share' || view.item))
    .sort((a, b) => b[1] - a[1]).slice(0, most);
}
function headline(reply) {
  const way = mainWay(reply);
  const t = yearAt();
  const { amount, share, gains } = worldWords(reply, way, t);
  const when = t + 1 === WORLD.steps ? '' : ` in year ${t + 1}`;
  if (!reply.shocked.length) return `Nothing is lost: ${reply.name} produces none of it.`;
  if (view.failures.every((f) => f.phi === 0)) return 'Nothing fails, and nothing is lost.';
  if (worldLoss(reply, way, t).sum === 0) return `Nobody loses any ${whatWords()}${when}.`;
  return `The world ${gains ? 'has' : 'loses'} ${amount}${gains ? ' more' : ''} of ${whatWords()}${when}${share ? `: ${share} of what there is` : ''}.`;
}
function hitLine(reply) {
  const way = mainWay(reply);
  const top = ranked(reply, way, 4);
  if (!top.length) return 'Nobody loses any of it.';
  const others = way.adaptation && reply.ways.length > 1 ? worldWords(reply, reply.ways[0], yearAt()) : null;
  const hit = `Hit hardest${way.adaptation ? ', after all have adapted' : ''}: ${top.map(([area, value]) => `${shortArea(area)} (${said(reply, value)})`).join(', ')}.`;
  return others ? `${hit} Without adaptation it would be ${others.amount}${others.share ? ` (${others.share})` : ''}.` : hit;
}
function inWords(reply) { return { ...reply, unit: unitWords(reply.unit), unit_per_person: unitWords(reply.unit_per_person) }; }
// Asks anew when what is asked changes; one question at a time, the latest follows.
let isAsking = false;
let asksAgain = null;
async function askLosses(since) {
  if (isAsking) { asksAgain = since; return; }
  isAsking = true;
  const problem = byId('problem');
  try {
    if (!view.failures.length) { answers = [null, null]; paintAll(since); return; }
    const plain = ask({ ask: 'losses', case: theCase(), tell: tell() });
    const changed = view.changes.length ? ask({ ask: 'losses', case: theCase(view.changes), tell: tell() }, 'losses-changed') : null;
    changed?.catch(() => {});
    answers = [inWords(await plain), changed ? inWords(await changed) : null];
    problem.hidden = true;
    paintAll(since);
  } catch (error) {
    if (!(error instanceof Stale)) { problem.textContent = error.message; problem.hidden = false; byId('finding').textContent = 'No answer'; }
  } finally {
    isAsking = false;
    if (asksAgain != null) { const next = asksAgain; asksAgain = null; askLosses(next); }
  }
}
function segmented(label, choices, current, choose) {
  return make('div', { class: 'segments', role: 'group', 'aria-label': label }, choices.map(([value, words]) =>
    make('button', { type: 'button', 'aria-pressed': String(value === current()), 'data-value': value, onclick: (event) => choose(value, event) }, words)));
}
function controlsSection() {
  const items = make('select', { id: 'item', onchange: (event) => look({ item: event.target.value || null }, event) },
    make('option', { value: '' }, 'All food'), ...[...WORLD.items].sort((a, b) => a.name.localeCompare(b.name)).map((i) => make('option', { value: i.name }, `${shortItem(i.name)} (${i.unit})`)));
  const regions = make('select', { id: 'region', onchange: (event) => look({ region: event.target.value }, event) }, Object.keys(MAP_VIEWS).map((v) => make('option', {}, v)));
  const ways = WORLD.has_rules ? Object.entries(wayWords()) : [['off', 'Without adaptation']];
  byId('controls').append(
    segmented('Adaptation', ways, () => view.way, (way, event) => look({ way }, event)),
    make('label', {}, 'Of', items),
    segmented('Measure', WORLD.measures.map((m) => [m, MEASURES[m] || m]), () => view.measure, (measure, event) => look({ measure, item: null }, event)),
    segmented('Told as', [['share', '% of supply'], ['person', 'per person'], ['sum', 'in all']], () => view.told, (told, event) => look({ told }, event)),
    segmented('Map', [['colours', 'Colours'], ['circles', 'Circles']], () => view.map, (map, event) => look({ map }, event)),
    make('label', {}, 'View', regions));
  const year = make('input', { id: 'year', type: 'range', min: 1, max: WORLD.steps, 'aria-label': 'Year', oninput: (event) => { stopPlaying(); look({ year: Number(event.target.value) }, event); } });
  byId('time').append(make('button', { type: 'button', id: 'play', onclick: play }, '▶ Play'), year, make('output', { id: 'year-said' }));
  byId('map-take').append(takeAway(takeMap), takeAll());
}
function drawControls() {
  const values = { Adaptation: view.way, Measure: view.item ? null : view.measure, 'Told as': view.told, Map: view.map };
  for (const group of document.querySelectorAll('#controls .segments')) {
    for (const button of group.children) button.setAttribute('aria-pressed', String(button.dataset.value === values[group.getAttribute('aria-label')]));
  }
  byId('item').value = view.item || '';
  byId('item').options[0].textContent = view.measure === 'mass' ? 'Everything in tonnes' : view.measure === 'protein' ? 'All protein' : 'All food';
  byId('region').value = view.region;
  byId('year').value = yearAt() + 1;
  byId('year-said').textContent = `year ${yearAt() + 1} of ${WORLD.steps}`;
}
let playing = null;
function stopPlaying() { clearInterval(playing); playing = null; byId('play').textContent = '▶ Play'; }
function play(event) {
  if (playing) { stopPlaying(); return; }
  byId('play').textContent = '❚❚ Stop';
  look({ year: view.year >= WORLD.steps ? 1 : view.year }, event);
  playing = setInterval(() => {
    if (view.year >= WORLD.steps) { stopPlaying(); return; }
    look({ year: view.year + 1 });
  }, 700);
}
// The maps that are shown: title, reply, way.
function mapsShown() {
  const [plain, changed] = answers;
  if (!plain) return [];
  if (changed) return [['As the world is', plain, mainWay(plain)], ['With the changes', changed, mainWay(changed)]];
  return plain.ways.map((way) => [WAYS[Number(way.adaptation)][0].toUpperCase() + WAYS[Number(way.adaptation)].slice(1), plain, way]);
}
function mapStyle(shown) {
  const c = colours();
  const values = shown.flatMap(([, reply, way]) => { const out = new Set(view.told === 'sum' ? [] : reply.left_out); return WORLD.areas.map((a, area) => (out.has(area) ? null : lossOf(reply, way, area))); }).filter((v) => v != null);
  // Gains count, too: where nobody loses anything, or little, circles would have no end.
  const most = Math.max(0, ...values.map(Math.abs));
  const scale = view.told === 'share' ? 100 : 1;
  return { c, most, bounds: classesOf(most * scale), scale };
}
// Radius of the largest circle, pixels: smaller on a smaller map.
const largestCircle = () => Math.max(8, Math.min(26, (maps[0]?.map.width() || 900) / 34));
function drawMaps() {
  const shown = mapsShown();
  const host = byId('maps');
  host.classList.toggle('two', shown.length > 1);
  if (maps.length !== Math.max(1, shown.length)) {
    clear(host);
    maps = Array.from({ length: Math.max(1, shown.length) }, (of, at) => {
      const caption = make('figcaption');
      const place = make('div', { class: 'mapbox' });
      host.append(make('figure', {}, caption, place));
      const outlines = WORLD.outlines;
      const map = worldMap(place, { outlines, places: WORLD.areas.map((a, n) => ({ name: a.name, iso3: a.iso3, at: WORLD.places[n] })), pick: (area) => look({ area: areaName(area) }), tipOf: (area) => mapTip(at, area) });
      return { caption, map };
    });
  }
  if (!shown.length) {
    maps[0].caption.textContent = 'Click a country to see what it produces';
    maps[0].map.update({ view: view.region, fill: () => null, chosen: view.area == null ? null : areaAt.get(view.area), label: 'World map; nothing fails' });
    clear(byId('map-legend'));
    return;
  }
  const { c, most, bounds, scale } = mapStyle(shown);
  const largest = largestCircle();
  shown.forEach(([title, reply, way], at) => {
    const out = new Set(view.told === 'sum' ? [] : reply.left_out);
    const value = (area) => (out.has(area) ? null : lossOf(reply, way, area));
    const isFill = view.map === 'colours';
    const tiny = bounds.length ? bounds[0] / 3 : Infinity;
    const fill = (area) => { const v = value(area); return !isFill || v == null || Math.abs(v * scale) < tiny ? null : classColour(v * scale, bounds); };
    const circle = isFill ? null : (area) => {
      const v = value(area);
      if (v == null || !(Math.abs(v) > most * 2e-4)) return null;
      return { r: Math.max(1.5, largest * Math.sqrt(Math.abs(v) / most)), fill: v > 0 ? c.loss : 'transparent', stroke: v > 0 ? c.edge : c.gain, width: v > 0 ? 0.8 : 1.6 };
    };
    const top = ranked(reply, way, maps[at].map.width() < 500 ? 2 : maps[at].map.width() < 900 ? 4 : 7).map((row) => row[0]);
    const words = worldWords(reply, way, yearAt());
    maps[at].caption.textContent = `${title}: ${words.gains ? '+' : '−'}${words.amount}${words.share ? ` (${words.share})` : ''}`;
    maps[at].map.update({ view: view.region, fill, circle, marked: isMarked(reply), chosen: view.area == null ? null : areaAt.get(view.area), named: [...new Set([...isMarked(reply).slice(0, 5), ...top])], label: `World map, ${title}: ${top.slice(0, 3).map((area) => `${areaName(area)} ${said(reply, value(area))}`).join(', ') || 'no losses'}` });
  });
  clear(byId('map-legend')).append(mapLegend(shown, { c, most, bounds, scale }));
}
function legendRows({ bounds, scale, c }) {
  if (!bounds.length) return [];
  const unit = scale === 100 ? ' %' : '';
  const text = (b) => number(b, 2);
  const rows = [[classColour(bounds[0] / 2, bounds), `under ${text(bounds[0])}${unit}`],
    ...bounds.map((b, at) => [classColour(b, bounds), at + 1 < bounds.length ? `${text(b)}–${text(bounds[at + 1])}${unit}` : `${text(b)}${unit} and more`])];
  return [...rows, [classColour(-bounds[Math.min(2, bounds.length - 1)], bounds), 'has more than before'], [c.land, 'hardly touched, or not known']];
}
function mapLegend(shown, style) {
  if (!shown.length) return '';
  const unit = make('li', { class: 'unit' }, `Lost, ${unitOf(shown[0][1]) === '%' ? `% of its ${whatWords()}` : unitOf(shown[0][1])}`);
  const cross = make('li', {}, make('span', { class: 'cross', 'aria-hidden': 'true' }, '✕'), 'fails there');
  if (view.map === 'colours') {
    const list = legend(legendRows(style).map(([colour, words]) => [{ css: `background:${colour}`, bar: true }, words]));
    list.prepend(unit);
    list.append(cross);
    return list;
  }
  const sizes = [1, 0.3, 0.1].map((part) => roundBelow(style.most * part)).filter((v, at, all) => v > 0 && all.indexOf(v) === at);
  return make('ul', { class: 'legend sizes' }, unit, sizes.map((value) => {
    const size = 2 * largestCircle() * Math.sqrt(value / style.most);
    return make('li', {}, make('span', { class: 'ring', style: `width:${size}px;height:${size}px`, 'aria-hidden': 'true' }), said(shown[0][1], value));
  }), make('li', {}, make('span', { class: 'ring gain', 'aria-hidden': 'true' }), 'has more than before'), cross);
}
function mapTip(at, area) {
  const shown = mapsShown()[at];
  if (!shown) return null;
  const [, reply, way] = shown;
  if (reply.left_out.includes(area) && view.told !== 'sum') return tip(areaName(area), [['left out', 'its supply is more than people eat']]);
  const rows = [['share', '% of what it has'], ['person', ''], ['sum', '']].map(([told]) => { const v = lossOf(reply, way, area, yearAt(), told); return v == null ? null : ['', said(reply, v, told)]; });
  return tip(areaName(area), rows);
}
function drawRanked() {
  const host = byId('ranked');
  const [plain] = answers;
  if (!plain) { clear(host); return; }
  const ways = plain.ways;
  const main = mainWay(plain);
  const top = ranked(plain, main, 10);
  const most = Math.max(1e-12, ...top.map((row) => row[1]));
  const rows = top.map(([area, value]) => make('li', {},
    make('button', { type: 'button', class: 'link', 'data-area': areaName(area), onclick: (event) => look({ area: areaName(area) }, event) }, shortArea(area)),
    make('span', { class: 'barbox', 'aria-hidden': 'true' }, make('span', { class: 'barfill', style: `width:${Math.max(1, 100 * value / most)}%` })),
    make('span', { class: 'value' }, view.told === 'person' ? number(value) : said(plain, value))));
  const all = numbers('All countries as a table', {
    name: 'losses by country', search: true, sort: 2, rows: WORLD.areas.map((a, area) => area),
    columns: [{ name: 'Country', value: (area) => areaName(area) }, { name: 'Human development', value: (area) => WORLD.areas[area].hdi },
      ...ways.map((way) => ({ name: `lost, ${unitOf(plain)}, ${WAYS[Number(way.adaptation)]}`, number: true, value: (area) => { const v = lossOf(plain, way, area); return v == null ? null : view.told === 'share' ? 100 * v : v; } })),
      { name: `has, ${plain.unit}`, number: true, value: (area) => plain.supply[yearAt()][area] }],
  });
  clear(host).append(make('h3', {}, `Who loses most, ${view.told === 'share' ? `% of its ${whatWords()}` : unitOf(plain)}${main.adaptation ? ', with adaptation' : ''}`), make('ol', { class: 'ranking' }, rows),
    plain.left_out.length ? make('p', { class: 'note' }, `Ranked nowhere: ${plain.left_out.slice(0, 3).map(shortArea).join(', ')}${plain.left_out.length > 3 ? ` and ${plain.left_out.length - 3} more` : ''}, whose supply is more than people eat (other uses, stocks, transit).`) : '', 
    main.runaway ? make('p', { class: 'note' }, `${number(main.runaway)} sectors end above twice what they had: production that feeds itself, no finding; they are left out.`) : '', all);
}
// Every sector after every year: no picture shows it, and a table in text would be slow to read.
function takeAll() {
  const button = make('button', { type: 'button', class: 'quiet take', id: 'take-all', title: 'Every sector that loses or gains more than 1 kg, after every year: an Arrow file for pandas, Polars, R', onclick: async () => {
    button.disabled = true;
    try { save('all-losses.arrow', await ask({ ask: 'table', case: theCase(view.changes) })); } catch (error) {
      if (!(error instanceof Stale)) { byId('problem').textContent = error.message; byId('problem').hidden = false; }
    }
    button.disabled = false;
  } }, 'All losses (Arrow)');
  return button;
}
function takeMap() {
  const shown = mapsShown();
  const style = mapStyle(shown);
  const reply = shown[0]?.[1];
  return {
    name: 'who-loses', title: `${view.failures.map(failureWords).join(' + ')}: ${byId('finding').textContent[0].toLowerCase()}${byId('finding').textContent.slice(1)}`, parts: maps.map((m) => m.map.svg),
    notes: [`${maps.map((m) => m.caption.textContent).join(' | ')}. Colours and circles: lost, ${reply ? (view.told === 'share' ? `% of its ${whatWords()}` : unitOf(reply)) : ''}, year ${yearAt() + 1}.`, byId('hit').textContent, ...provenance()],
    legend: view.map === 'colours' ? legendRows(style) : [],
    table: { rows: WORLD.areas.map((a, area) => area), columns: [{ name: 'area', value: areaName }, { name: 'iso3', value: (area) => WORLD.areas[area].iso3 }, { name: 'year', value: () => yearAt() + 1 },
      ...shown.flatMap(([title, of, way]) => ['share', 'person', 'sum'].map((told) => ({ name: `${title}: loss, ${told === 'share' ? 'share of supply' : unitOf(of, told)}`, value: (area) => lossOf(of, way, area, yearAt(), told) })))] },
  };
}
// What is said already is not written again: nothing is laid out anew for it.
function write(id, text) { if (byId(id).textContent !== text) byId(id).textContent = text; }
function paintAll(since) {
  drawControls();
  drawFailures();
  const [plain] = answers;
  write('finding', plain ? headline(plain) : 'Choose what fails.');
  write('hit', plain ? hitLine(plain) : 'Find a country and a product above, or click one on the map.');
  write('ask-title', view.failures.length ? `If ${view.failures.map((f) => `${shortName(f.area)} ${f.item === '*' ? 'harvests and herds' : shortItem(f.item).toLowerCase()}`).join(' and ')} fail${view.failures.length > 1 || /s$|\*$/.test(shortItem(view.failures[0].item)) ? '' : 's'}, who loses what?` : 'If this fails, who loses what?');
  document.title = `${view.failures.map(failureWords).join(' + ') || 'explore'} – shocksweep`;
  drawMaps();
  drawRanked();
  drawChanged();
  // Painted: after the next frame has been drawn.
  requestAnimationFrame(() => setTimeout(() => {
    const done = performance.now();
    if (since != null) performance.measure('click to map', { start: since, end: done });
    document.documentElement.dataset.painted = String(Number(document.documentElement.dataset.painted || 0) + 1);
  }));
}

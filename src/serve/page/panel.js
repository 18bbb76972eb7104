// One country: what it loses, from whom it buys, why, what it must fear, and what would fail there.
let panelReply = null;
let whyReply = null;
let fearsReply = null;

function panelSection() {
  const host = byId('panel-body');
  host.append(
    make('div', { id: 'area-finder', class: 'finder' }), make('p', { id: 'panel-lead', class: 'lead' }), make('div', { id: 'panel-fail', class: 'tabs' }),
    make('div', { id: 'panel-parts' },
      make('div', { class: 'panels' }, make('div', {}, make('h3', {}, 'What it loses'), make('div', { id: 'panel-items' })), make('div', {}, make('h3', {}, 'From whom it buys'), make('div', { id: 'panel-from' }))),
      make('h3', { id: 'courses-title' }, 'Year by year'), make('p', { class: 'note' }, 'What there is of each product: dotted without the failure.'), make('div', { class: 'panels three', id: 'courses' }),
      make('div', { class: 'heading' }, make('h3', { id: 'why-title' }, 'How the loss gets there'), make('span', { id: 'why-take' })), make('p', { class: 'note', id: 'why-note' }), make('div', { class: 'scroll' }, make('div', { class: 'chart wide', id: 'why' })),
      make('h3', {}, 'What it must fear most'), make('div', { id: 'fears' })));
  finder(byId('area-finder'), { label: 'Choose a country', placeholder: 'Choose a country, or click one on the map', search: foundAreas, choose: (choice, event) => look({ area: choice.area }, event) });
  byId('why-take').append(takeAway(takeWhy));
}
function foundAreas(text) {
  const words = plainText(text).split(' ').filter(Boolean);
  if (!words.length) return [];
  return WORLD.areas.map((a) => [holdsWords(words, ` ${plainText([a.name, a.iso3, ...a.also].join(' '))} `), { area: a.name, words: a.name }])
    .filter(([score]) => score != null).sort((a, b) => a[0] - b[0] || a[1].area.localeCompare(b[1].area)).slice(0, 10).map((row) => row[1]);
}
async function askPanel() {
  const parts = byId('panel-parts');
  const area = view.area == null ? null : areaAt.get(view.area);
  parts.hidden = area == null || !view.failures.length;
  byId('panel-title').textContent = area == null ? 'One country' : areaName(area);
  drawPanelLead(area);
  if (parts.hidden) return;
  try {
    const [panel] = await Promise.all([ask({ ask: 'panel', case: theCase(), tell: tell(), area: view.area }), askWhy()]);
    panelReply = panel;
    drawPanel();
  } catch (error) { if (!(error instanceof Stale)) byId('panel-lead').textContent = error.message; }
}
function drawPanelLead(area) {
  const fail = clear(byId('panel-fail'));
  if (area == null) { byId('panel-lead').textContent = 'See what one country loses, over which trade, and whose failure it must fear most.'; return; }
  const { hdi, population, region, makes } = WORLD.areas[area];
  const facts = [region, population ? `${large(population, 'people')}` : null, hdi ? `human development: ${hdi}` : null].filter(Boolean);
  byId('panel-lead').textContent = facts.join(' · ');
  if (makes.length) {
    fail.append(make('span', { class: 'note' }, `What if ${shortArea(area)} fails:`), ...makes.slice(0, 6).map((item) => {
      const choice = { area: areaName(area), item: theItem(item) };
      return make('button', { type: 'button', 'data-fail': theItem(item), onclick: (event) => addFailure(choice, event, true) }, shortItem(theItem(item)));
    }));
  }
}
function drawPanel() {
  const { items, ways, suppliers } = panelReply;
  const area = panelReply.area;
  const last = ways.length - 1;
  const unit = (row) => WORLD.items[row.item].unit;
  const told = answers[0];
  if (told) {
    const value = lossOf(told, mainWay(told), area, WORLD.steps - 1, 'share');
    const person = lossOf(told, mainWay(told), area, WORLD.steps - 1, 'person');
    const gains = (value ?? person ?? 0) < 0;
    const words = value == null && person == null ? '' : `${gains ? ' has' : ' loses'} ${value == null ? '' : `${number(Math.abs(100 * value), 2)} % of its ${whatWords()}`}${gains ? ' more' : ''}${person == null ? '' : `${value == null ? '' : ' ('}${number(Math.abs(person))} ${told.unit_per_person}${value == null ? '' : ')'}`}`;
    byId('panel-title').textContent = `${areaName(area)}${words}`;
  }
  const lost = items.filter((row) => row.al.some((al) => al.at(-1) > 0) || row.fails);
  sortable(byId('panel-items'), { name: 'what it loses', rows: items, search: items.length > 15, columns: [
    { name: 'Product', value: (r) => theItem(r.item), show: (r) => make('button', { type: 'button', class: 'link', title: 'Tell losses of this product', onclick: (event) => look({ item: theItem(r.item) }, event) }, `${shortItem(theItem(r.item))}${r.fails ? ' ✕' : ''}`) },
    ...ways.map((adapts, way) => ({ name: `lost, ${WAYS[Number(adapts)]}`, number: true, value: (r) => (r.runaway[way] ? null : r.al[way].at(-1)), show: (r) => (r.runaway[way] ? 'runs away' : large(r.al[way].at(-1), unit(r))) })),
    { name: '% of what it had', number: true, value: (r) => (r.runaway[last] || r.rl[last] == null ? null : 100 * r.rl[last]), show: (r) => (r.runaway[last] || r.rl[last] == null ? '–' : Math.abs(r.rl[last]) < 5e-5 ? '0' : number(100 * r.rl[last], 2)) },
  ] });
  if (items.some((r) => r.al.some((al) => al.at(-1) < 0))) byId('panel-items').append(make('p', { class: 'note' }, 'Below zero: it has more than before.'));
  if (!items.length) clear(byId('panel-items')).append(make('p', { class: 'note' }, 'Nothing: no loss reaches it.'));
  drawFrom(suppliers, area);
  drawCourses(lost.slice(0, 6), ways);
}
function drawFrom(suppliers, area) {
  clear(byId('panel-from')).append(...suppliers.map((s) => make('div', { class: 'from' }, make('strong', {}, shortItem(theItem(s.item))), make('ol', { class: 'ranking' }, s.from.map(([of, amount, share]) => make('li', {},
    make('span', {}, of === area ? 'its own' : shortArea(of)), make('span', { class: 'barbox', 'aria-hidden': 'true' }, make('span', { class: `barfill${of === area ? ' own' : ''}`, style: `width:${Math.max(1, Math.min(100, 100 * share))}%` })),
    make('span', { class: 'value' }, `${number(100 * share, 2)} %`, make('span', { class: 'note' }, ` ${large(amount, WORLD.items[s.item].unit)}`))))),
  s.more ? make('p', { class: 'note' }, `and ${s.more} more suppliers`) : '')));
}
function drawCourses(rows, ways) {
  const host = clear(byId('courses'));
  byId('courses-title').hidden = !rows.length;
  byId('courses-title').nextElementSibling.hidden = !rows.length;
  forget([]);
  for (const row of rows) {
    const element = make('div', { class: 'chart' });
    const unit = WORLD.items[row.item].unit;
    host.append(make('figure', {}, make('figcaption', {}, shortItem(theItem(row.item))), element));
    const years = row.baseline.map((v, t) => t + 1);
    const all = ways.map((adapts, way) => row.baseline.map((b, t) => b - row.al[way][t]));
    const most = Math.max(1e-12, ...row.baseline, ...all.flat());
    const step = [1e9, 1e6, 1e3, 1].find((s) => most >= s) || 1;
    const word = { 1e9: 'billion ', 1e6: 'million ', 1e3: 'thousand ', 1: '' }[step];
    chart(element, 170, (c) => ({
      grid: { left: 44, right: 12, top: 26, bottom: 36 },
      tooltip: Object.assign(tooltip(c, (list) => { const t = list[0].dataIndex; return tip(`Year ${t + 1}`, [['without the failure', large(row.baseline[t], unit)], ...ways.map((adapts, way) => [WAYS[Number(adapts)], large(all[way][t], unit)])]); }), { trigger: 'axis' }),
      xAxis: axis(c, { type: 'category', data: years, boundaryGap: false, name: 'year', nameLocation: 'middle', nameGap: 22 }),
      yAxis: axis(c, { type: 'value', min: 0, splitNumber: 3, name: `${word}${unit}`, nameTextStyle: { color: c.soft, align: 'left', padding: [0, 0, 0, -38] }, axisLabel: { color: c.soft, formatter: (v) => number(v / step) } }),
      series: [{ type: 'line', data: row.baseline, showSymbol: false, lineStyle: { type: 'dotted', color: c.base, width: 2 }, itemStyle: { color: c.base } },
        ...ways.map((adapts, way) => ({ type: 'line', data: all[way], showSymbol: false, lineStyle: { width: 2.4, color: adapts ? c.second : c.loss }, itemStyle: { color: adapts ? c.second : c.loss } }))],
    }), `${theItem(row.item)} year by year: ${ways.map((adapts, way) => `${large(row.al[way].at(-1), unit)} missing in the last year ${WAYS[Number(adapts)]}`).join(', ')}.`);
  }
  if (rows.length && ways.length > 1) host.append(legend([[swatch(colours().loss), WAYS[0]], [swatch(colours().second), WAYS[1]]]));
}
async function askWhy() {
  try {
    whyReply = await ask({ ask: 'why', case: theCase(), tell: tell(), area: view.area });
    drawWhy();
  } catch (error) {
    if (!(error instanceof Stale)) { byId('why-note').textContent = error.message; }
  }
}
// Ways as a diagram: the same sector in a row is one place, places are counted from the end.
function flowsOf(reply) {
  const nodes = new Map();
  const links = new Map();
  for (const [sectors, source, loss] of reply.routes) {
    if (loss <= 0) continue;
    const way = sectors.filter((s, at) => at === 0 || s[0] !== sectors[at - 1][0] || s[1] !== sectors[at - 1][1]);
    const named = way.map((s, at) => ({ id: `${way.length - 1 - at}|${s[0]}|${s[1]}`, sector: s }));
    const start = source === 'shock' ? null : { id: `${way.length}|${source}`, words: { adaptation: 'changed by adaptation', ban: 'banned', cap: 'held down', reserve: 'stocks' }[source] || source };
    const all = start ? [start, ...named] : named;
    for (const node of all) nodes.set(node.id, node.words || sectorWords(node.sector));
    for (let at = 1; at < all.length; at += 1) {
      const id = `${all[at - 1].id}>${all[at].id}`;
      links.set(id, { source: all[at - 1].id, target: all[at].id, value: (links.get(id)?.value || 0) + loss });
    }
    if (all.length === 1) nodes.set(`end|${all[0].id}`, null);
  }
  return { nodes: [...nodes].filter(([, words]) => words), links: [...links.values()] };
}
// Output that feeds itself without end is no finding, and neither is what comes from it.
function awayWords(reply) {
  if (reply.has_run_away) return ` It ends above twice what it had there: production that feeds itself, no finding.`;
  if (!reply.runaway) return '';
  return ` ${number(reply.runaway)} ${reply.runaway === 1 ? 'sector ends' : 'sectors end'} above twice what they had: production that feeds itself counts nothing, and what comes from there is no finding.`;
}
function drawWhy() {
  const reply = whyReply;
  const { nodes, links } = flowsOf(reply);
  const shown = reply.routes.filter((r) => r[2] > 0).reduce((sum, r) => sum + r[2], 0);
  byId('why-title').textContent = links.length ? 'How the loss gets there' : 'How the loss gets there: it fails at home';
  byId('why-note').textContent = `${number(reply.loss)} ${reply.unit}${reply.adaptation ? ', with adaptation' : ''}; the ${reply.routes.filter((r) => r[2] > 0).length} largest ways carry ${number(shown)}. From what fails (left) to what ${shortArea(reply.area)} lacks (right).${awayWords(reply)}`;
  const element = byId('why');
  element.parentElement.hidden = !links.length;
  if (!links.length) return;
  const depth = Math.max(...nodes.map(([id]) => Number(id.split('|')[0])));
  chart(element, Math.max(220, Math.min(640, 26 * nodes.length)), (c) => ({
    tooltip: tooltip(c, (p) => (p.dataType === 'edge' ? tip(`${nodes.find((n) => n[0] === p.data.source)[1]} → ${nodes.find((n) => n[0] === p.data.target)[1]}`, [['carries', `${number(p.data.value)} ${reply.unit}`]]) : tip(nodes.find((n) => n[0] === p.name)?.[1] || '', [['carries', `${number(p.value)} ${reply.unit}`]]))),
    series: [{ type: 'sankey', left: 6, right: 170, top: 8, bottom: 8, nodeWidth: 12, nodeGap: 10, nodeAlign: 'right', draggable: false, emphasis: { focus: 'adjacency' },
      data: nodes.map(([id, words]) => ({ name: id, depth: depth - Number(id.split('|')[0]), itemStyle: { color: Number(id.split('|')[0]) === 0 ? c.worse : c.loss, borderWidth: 0 }, label: { formatter: words } })),
      links, lineStyle: { color: c.loss, opacity: c.dark ? 0.35 : 0.3, curveness: 0.5 }, label: { color: c.ink, fontSize: 11.5 } }],
  }), `Flows that fell away: ${reply.routes.slice(0, 3).map(([way, , loss]) => `${way.map(sectorWords).join(' to ')}, ${number(loss)} ${reply.unit}`).join('; ')}.`);
}
function takeWhy() {
  const reply = whyReply;
  return {
    name: 'how-the-loss-gets-there', title: `How ${areaName(reply.area)} loses ${number(reply.loss)} ${reply.unit} of ${whatWords()} when ${view.failures.map(failureWords).join(' and ')} fails`, parts: [byId('why').querySelector('svg')].filter(Boolean),
    notes: [byId('why-note').textContent, ...provenance()],
    table: { rows: reply.routes, columns: [{ name: 'source', value: (r) => r[1] }, { name: 'way', value: (r) => r[0].map(([area, item]) => `${areaName(area)} / ${theItem(item)}`).join(' -> ') }, { name: `loss, ${reply.unit}`, value: (r) => r[2] }] },
  };
}
// Small worlds are swept at once; a large one when it is asked for.
const isSmall = () => WORLD.areas.reduce((sum, a) => sum + a.makes.length, 0) < 3000;
let fearsAsked = false;
function askFears() {
  const host = byId('fears');
  if (view.area == null) return;
  if (!fearsAsked && !isSmall()) {
    clear(host).append(make('p', { class: 'note' }, 'Every single failure is run once; that takes a while the first time.'), make('button', { type: 'button', id: 'fears-ask', onclick: () => { fearsAsked = true; askFears(); } }, 'Find out'));
    return;
  }
  sweepFears(host);
}
async function sweepFears(host) {
  const bar = make('progress', { max: 1, value: 0, 'aria-label': 'Single failures run' });
  if (fearsReply?.area !== areaAt.get(view.area)) clear(host).append(bar);
  try {
    fearsReply = await askUntil({ ask: 'fears', tell: tell(), area: view.area, most: 12 }, (part) => { bar.value = part; });
    drawFears();
  } catch (error) { if (!(error instanceof Stale)) clear(host).append(make('p', { class: 'note' }, error.message)); }
}
function drawFears() {
  const reply = fearsReply;
  const way = reply.worst.length && reply.worst[0].loss[1] != null ? 1 : 0;
  const most = Math.max(1e-12, ...reply.worst.map((w) => w.loss[way]));
  clear(byId('fears')).append(
    make('p', { class: 'note' }, `Of ${number(reply.failures)} single failures in the world, each in full, ${WAYS[way]}; ${reply.unit} that ${shortArea(reply.area)} loses. Click one to see it.`),
    make('ol', { class: 'ranking' }, reply.worst.map((w) => make('li', {},
      make('button', { type: 'button', class: 'link', onclick: (event) => addFailure({ area: areaName(w.sector[0]), item: theItem(w.sector[1]) }, event, true) }, `${shortArea(w.sector[0])}: ${shortItem(theItem(w.sector[1]))}`),
      make('span', { class: 'barbox', 'aria-hidden': 'true' }, make('span', { class: `barfill${w.is_own ? ' own' : ''}`, style: `width:${Math.max(1, 100 * w.loss[way] / most)}%` })),
      make('span', { class: 'value' }, `${number(w.loss[way])}`, make('span', { class: 'note' }, w.share[way] == null ? '' : ` ${number(100 * w.share[way], 2)} %`))))),
    reply.alike.length ? make('p', { class: 'note' }, `Countries that fear the same: ${reply.alike.map(([area, how]) => `${shortArea(area)} (${number(100 * how, 2)} % shared)`).join(', ')}.`) : '');
}

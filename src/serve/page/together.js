// A second failure: which one makes the first worse than the two add up to.
let togetherReply = null;
const TOGETHER = 'A second failure can cost more, or less, than it would alone: the first has already used up what would have helped.';
function togetherSection() {
  const host = byId('together-body');
  host.append(make('p', { class: 'lead', id: 'together-lead' }, TOGETHER),
    make('div', { class: 'controls' }, make('label', {}, 'Count the loss of', make('select', { id: 'together-scope' }, make('option', { value: '' }, 'the whole world'))), make('button', { type: 'button', id: 'together-ask', onclick: askTogether }, 'Find the worst partners'), make('progress', { id: 'together-bar', max: 1, value: 0, hidden: true, 'aria-label': 'Single failures run' })),
    make('div', { id: 'together-found', hidden: true }, make('div', { id: 'together-table' }), make('div', { class: 'heading' }, make('h3', {}, 'Where they are'), make('span', { id: 'together-take' })), make('div', { class: 'scroll' }, make('div', { class: 'chart wide', id: 'together-heat' }))));
  byId('together-take').append(takeAway(takeTogether));
}
function drawTogetherScope() {
  const scope = byId('together-scope');
  const wanted = view.area && scope.value !== '' ? view.area : scope.value;
  clear(scope).append(make('option', { value: '' }, 'the whole world'), view.area ? make('option', { value: view.area }, shortName(view.area)) : '');
  scope.value = wanted === view.area ? wanted : '';
  byId('together-found').hidden = true;
  byId('together-lead').textContent = TOGETHER;
  byId('together-ask').disabled = !view.failures.length;
}
async function askTogether() {
  const bar = byId('together-bar');
  const scope = byId('together-scope').value;
  bar.hidden = false;
  bar.value = 0;
  try {
    togetherReply = await askUntil({ ask: 'together', case: theCase(), tell: tell(), ...(scope ? { area: scope } : {}), most: 150 }, (part) => { bar.value = part; });
    drawTogether();
  } catch (error) {
    if (!(error instanceof Stale)) byId('together-lead').textContent = error.message;
  } finally { bar.hidden = true; }
}
function drawTogether() {
  const reply = togetherReply;
  byId('together-found').hidden = false;
  const first = view.failures.map(failureWords).join(' + ');
  const worse = reply.partners.filter((p) => p.beyond > 0);
  const whose = reply.area == null ? 'the world' : shortArea(reply.area);
  byId('together-lead').textContent = worse.length
    ? `Worst with ${sectorWords(worse[0].sector)}: together they cost ${whose} ${number(worse[0].joint)} ${reply.unit}, ${number(worse[0].beyond)} more than each alone adds up to.`
    : `No second failure makes it worse than the two add up to: losses overlap.`;
  sortable(byId('together-table'), { name: 'partners', rows: reply.partners, sort: 1, columns: [
    { name: `with ${first}`, value: (p) => sectorWords(p.sector), show: (p) => make('button', { type: 'button', class: 'link', onclick: (event) => { addFailure({ area: areaName(p.sector[0]), item: theItem(p.sector[1]) }, event); byId('ask').scrollIntoView(); } }, sectorWords(p.sector)) },
    { name: `beyond both alone, ${reply.unit}`, number: true, value: (p) => p.beyond }, { name: `both together, ${reply.unit}`, number: true, value: (p) => p.joint }, { name: `it alone, ${reply.unit}`, number: true, value: (p) => p.alone } ] });
  const rank = (of) => [...reply.partners.reduce((sums, p) => sums.set(p.sector[of], (sums.get(p.sector[of]) || 0) + Math.abs(p.beyond)), new Map())].sort((a, b) => b[1] - a[1]).slice(0, 14).map((row) => row[0]);
  const [areas, items] = [rank(0), rank(1)];
  const cells = reply.partners.filter((p) => areas.includes(p.sector[0]) && items.includes(p.sector[1]));
  const most = Math.max(1e-12, ...cells.map((p) => Math.abs(p.beyond)));
  chart(byId('together-heat'), 60 + 24 * areas.length + 90, (c) => ({
    grid: { left: 8, right: 8, top: 8, bottom: 8, containLabel: true },
    tooltip: tooltip(c, (p) => { const of = cells[p.dataIndex]; return tip(sectorWords(of.sector), [['beyond both alone', `${number(of.beyond)} ${reply.unit}`], ['both together', `${number(of.joint)} ${reply.unit}`]]); }),
    xAxis: axis(c, { type: 'category', data: items.map((i) => shortItem(theItem(i))), axisLabel: { color: c.ink, rotate: 40, interval: 0, width: 120, overflow: 'truncate' } }),
    yAxis: axis(c, { type: 'category', inverse: true, data: areas.map(shortArea), axisLabel: { color: c.ink, interval: 0, width: 150, overflow: 'truncate' } }),
    series: [{ type: 'heatmap', data: cells.map((p) => ({ value: [items.indexOf(p.sector[1]), areas.indexOf(p.sector[0]), p.beyond], itemStyle: { color: heatColour(Math.max(-1, p.beyond / most)), borderColor: c.card, borderWidth: 1 } })), label: { show: false } }],
  }), `Partners by country and product: ${reply.partners.slice(0, 3).map((p) => `${sectorWords(p.sector)} ${number(p.beyond)} ${reply.unit}`).join(', ')}.`);
}
function takeTogether() {
  const reply = togetherReply;
  return { name: 'worse-together', title: byId('together-lead').textContent, parts: [byId('together-heat').querySelector('svg')].filter(Boolean), notes: [`Beyond both alone, ${reply.unit}; the ${reply.tried} failures that cost most by themselves were tried.`, ...provenance()],
    table: { rows: reply.partners, columns: [{ name: 'area', value: (p) => areaName(p.sector[0]) }, { name: 'item', value: (p) => theItem(p.sector[1]) }, { name: `beyond, ${reply.unit}`, value: (p) => p.beyond }, { name: `joint, ${reply.unit}`, value: (p) => p.joint }, { name: `alone, ${reply.unit}`, value: (p) => p.alone }] } };
}

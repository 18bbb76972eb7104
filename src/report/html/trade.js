// Dependency in trade: who depends on whom, and how far that is known.
const whole = (value) => value.toLocaleString('en-GB');
const TIERS = ['raw', 'input', 'final'];
const tierOf = new Map(DATA.items.map((item) => [item.name, item.tier]));
const MEASURES = {
  exposure: ['Exposure', 'imports over imports and production'],
  concentration: ['Supplier concentration', 'Herfindahl index of the suppliers'],
  str: ['Systemic trade risk', 'loss to be expected if a foreign supplier of each market fails'],
};
const tierColours = (c) => ({ raw: c.loss, input: c.second, final: c.gain });
const pValue = (p) => (p == null ? '–' : p < 0.001 ? p.toExponential(0) : number(p, 2));

function sectorTable(host, name, rows, sort) {
  sortable(host, { name, rows, sort, columns: [
    { name: 'Area', value: (r) => r.area }, { name: 'Item', value: (r) => r.item },
    { name: 'Exposure', number: true, value: (r) => r.exposure }, { name: 'H', number: true, value: (r) => r.concentration, title: 'Herfindahl index of the suppliers' },
    { name: 'Largest supplier’s share', number: true, value: (r) => r.top_share },
    { name: 'STR', number: true, value: (r) => r.str, title: 'Loss to be expected if a foreign supplier of each market fails' },
    { name: 'of it from inputs', number: true, value: (r) => r.str_inputs },
    { name: 'Influence', number: true, value: (r) => r.influence_own, title: 'Share of foreign supply of the item lost when the sector fails' },
    { name: 'Trade risk', number: true, value: (r) => r.trade_risk, title: 'Exposure times PageRank, 1 = average' },
    { name: 'RCA', number: true, value: (r) => r.rca }, { name: `Imports, ${DATA.unit}`, number: true, value: (r) => r.imports }, { name: `Exports, ${DATA.unit}`, number: true, value: (r) => r.exports }] });
}
function dependentSection() {
  const host = byId('dependent');
  const table = make('div');
  const area = chartHost();
  const totals = new Map();
  DATA.sectors.forEach((r) => totals.set(r.item, (totals.get(r.item) || 0) + r.imports));
  const listed = DATA.sectors.filter((r) => r.imports >= 0.01 * totals.get(r.item) && r.str != null).sort((a, b) => b.str - a.str);
  host.append(make('p', { class: 'lead' }, `Sectors by systemic trade risk in ${DATA.last}: the share of what an area has of an item that it must expect to lose if, in each market it depends on, one foreign producer fails. Markets add, so it can exceed 1. Pictured: importers with at least 1 % of an item’s trade.`), area, table);
  const top = listed.slice(0, 15);
  plainBars(area, top.map((r) => `${r.area} / ${r.item}`), [['in the item itself', top.map((r) => r.str_own)], ['in its inputs', top.map((r) => r.str_inputs)]], 'Most exposed sectors');
  sectorTable(table, 'dependency', DATA.sectors, 5);
}
const chartHost = () => make('div', { class: 'chart' });
function plainBars(element, names, series, title) {
  chart(element, 60 + names.length * 22, (c, width) => ({
    grid: { left: 8, right: 60, top: 30, bottom: 4, containLabel: true },
    legend: { show: series.length > 1, top: 0, left: 0, itemWidth: 14, itemHeight: 10, textStyle: { color: c.soft } },
    tooltip: tooltip(c, (p) => tip(names[p.dataIndex], series.map(([name, values]) => [name, number(values[p.dataIndex])]))),
    xAxis: axis(c, { type: 'value', min: 0, position: 'top' }),
    yAxis: axis(c, { type: 'category', inverse: true, data: names, axisLabel: { color: c.ink, interval: 0, width: width < 560 ? 140 : 300, overflow: 'truncate' } }),
    series: series.map(([name, values], at) => ({ type: 'bar', stack: 'all', name, data: values, itemStyle: { color: at === 0 ? c.loss : c.second } })),
  }), `${title}: ${names.slice(0, 3).join(', ')}.`);
}
function influenceSection() {
  const host = byId('influence');
  const area = chartHost();
  const rows = DATA.sectors.filter((r) => r.str_own != null && r.influence_own > 0 && r.exports > 0);
  const most = Math.max(...rows.map((r) => r.exports), 1);
  host.append(make('p', { class: 'lead' }, `Every exporting sector in ${DATA.last}: how much it depends on others (to the right) and how much others depend on it (up, in logarithms). The area of a circle is its exports.`), area);
  chart(area, 460, (c) => ({
    grid: { left: 26, right: 20, top: 40, bottom: 40, containLabel: true },
    legend: { top: 0, left: 0, textStyle: { color: c.soft } },
    tooltip: tooltip(c, (p) => { const r = p.data.row; return tip(`${r.area} / ${r.item}`, [['risk in the item', number(r.str_own)], ['influence', number(r.influence_own)], ['exports', `${number(r.exports)} ${DATA.unit}`]]); }),
    xAxis: axis(c, { type: 'value', name: 'own-market trade risk', nameLocation: 'middle', nameGap: 26, min: 0 }),
    yAxis: axis(c, { type: 'log', name: 'influence', nameLocation: 'middle', nameGap: 52, min: 1e-6, max: 1, axisLabel: { color: c.soft, formatter: (v) => number(v) } }),
    series: TIERS.map((tier) => ({ type: 'scatter', name: tier, itemStyle: { color: tierColours(c)[tier], opacity: 0.65, borderColor: c.edge, borderWidth: 0.6 },
      data: rows.filter((r) => tierOf.get(r.item) === tier && r.influence_own >= 1e-6).map((r) => ({ value: [r.str_own, r.influence_own], row: r, symbolSize: 4 + 44 * Math.sqrt(r.exports / most),
        label: { show: r.influence_own > 0.2, formatter: r.area, position: 'right', color: c.ink, fontSize: 11 } })), labelLayout: { hideOverlap: true, moveOverlap: 'shiftY' } })),
  }), `Trade risk against influence of ${whole(rows.length)} sectors.`);
  const table = make('div');
  host.append(table);
  const influential = rows.slice().sort((a, b) => b.influence_own - a.influence_own);
  host.replaceChild(numbers('The numbers', { name: 'influence', rows: influential, sort: 2, columns: [
    { name: 'Area', value: (r) => r.area }, { name: 'Item', value: (r) => r.item }, { name: 'Influence on the item', number: true, value: (r) => r.influence_own },
    { name: 'Influence on all', number: true, value: (r) => r.influence }, { name: `Loss abroad, ${DATA.unit}`, number: true, value: (r) => r.loss_abroad }, { name: 'Own STR', number: true, value: (r) => r.str }] }), table);
}
function heatSection() {
  const host = byId('heat');
  const area = chartHost();
  const measure = make('select', { 'aria-label': 'Indicator' }, Object.entries(MEASURES).map(([key, [name]]) => make('option', { value: key }, name)));
  const note = make('p', { class: 'note' });
  const imports = new Map();
  DATA.sectors.forEach((r) => imports.set(r.area, (imports.get(r.area) || 0) + r.imports));
  const areas = [...imports].sort((a, b) => b[1] - a[1]).slice(0, 30).map(([name]) => name);
  const items = DATA.items.filter((item) => DATA.sectors.some((r) => r.item === item.name)).sort((a, b) => TIERS.indexOf(a.tier) - TIERS.indexOf(b.tier)).slice(0, 60).map((item) => item.name);
  const byKey = new Map(DATA.sectors.map((r) => [`${r.area}\n${r.item}`, r]));
  const show = () => {
    const key = measure.value;
    note.textContent = `${MEASURES[key][1]}; the ${areas.length} largest importers, items by tier. A cell without colour: undefined.`;
    const cells = [];
    areas.forEach((a, y) => items.forEach((i, x) => { const r = byKey.get(`${a}\n${i}`); if (r && r[key] != null) cells.push({ value: [x, y, r[key]], row: r }); }));
    chart(area, 150 + 19 * areas.length, (c) => ({
      grid: { left: 8, right: 12, top: 8, bottom: 8, containLabel: true },
      tooltip: tooltip(c, (p) => tip(`${p.data.row.area} / ${p.data.row.item}`, [[MEASURES[key][0], number(p.data.row[key])]])),
      xAxis: axis(c, { type: 'category', data: items, axisLabel: { color: c.ink, rotate: 45, interval: 0, width: 190, overflow: 'truncate' } }),
      yAxis: axis(c, { type: 'category', data: areas, inverse: true, axisLabel: { color: c.ink, interval: 0 } }),
      series: [{ type: 'heatmap', data: cells.map((cell) => ({ ...cell, itemStyle: { color: heatColour(cell.value[2] ** 2), borderColor: c.card, borderWidth: 1 }, label: { show: items.length <= 20, formatter: number(cell.value[2], 2), color: heatInk(cell.value[2] ** 2), fontSize: 10 } })) }],
      visualMap: undefined,
    }), `${MEASURES[key][0]} of ${areas.length} areas by ${items.length} items.`);
  };
  measure.addEventListener('change', show);
  host.append(make('div', { class: 'controls' }, make('label', {}, 'Indicator', measure)), note, area);
  show();
}
function yearsSection() {
  const host = byId('years');
  const years = [...new Set(DATA.world.map((r) => r.year))].sort();
  const size = new Map();
  DATA.world.forEach((r) => { if (r.year === DATA.last) size.set(r.item, r.trade); });
  const items = [...size].sort((a, b) => b[1] - a[1]).slice(0, 12).map(([name]) => name);
  const panels = make('div', { class: 'pair' });
  host.append(make('p', { class: 'lead' }, `Whose trade gathers in few hands, and whose spreads; the ${items.length} items most traded in ${DATA.last}.`), panels);
  for (const [key, title] of [['top_share', 'Largest exporter’s share'], ['export_hhi', 'Herfindahl index of exports']]) {
    const area = chartHost();
    panels.append(make('figure', {}, make('figcaption', {}, title), area));
    const of = new Map(DATA.world.map((r) => [`${r.year}\n${r.item}`, r]));
    chart(area, 340, (c) => ({
      grid: { left: 8, right: 12, top: 60, bottom: 4, containLabel: true },
      legend: { type: 'scroll', top: 0, textStyle: { color: c.soft }, data: items },
      tooltip: tooltip(c, (p) => { const r = of.get(`${years[p.dataIndex]}\n${p.seriesName}`); return r ? tip(`${r.item}, ${r.year}`, [['largest exporter', r.top_exporter], ['its share', percent(r.top_share)], ['Herfindahl', number(r.export_hhi)]]) : ''; }),
      xAxis: axis(c, { type: 'category', data: years, boundaryGap: false }),
      yAxis: axis(c, { type: 'value', min: 0, max: 1 }),
      series: items.map((item, at) => ({ type: 'line', name: item, symbol: ['circle', 'rect', 'triangle', 'diamond'][at % 4], symbolSize: 5, lineStyle: { width: 1.8, type: ['solid', 'dashed', 'dotted'][Math.floor(at / 4)] }, data: years.map((y) => of.get(`${y}\n${item}`)?.[key] ?? null) })),
    }), `${title} from ${years[0]} to ${years[years.length - 1]}.`);
  }
  host.append(numbers('The numbers', { name: 'world trade', rows: DATA.world, sort: 0, columns: [
    { name: 'Year', number: true, value: (r) => r.year, show: (r) => String(r.year) }, { name: 'Item', value: (r) => r.item }, { name: `Trade, ${DATA.unit}`, number: true, value: (r) => r.trade },
    { name: 'Largest exporter', value: (r) => r.top_exporter }, { name: 'Its share', number: true, value: (r) => r.top_share }, { name: 'Exports HHI', number: true, value: (r) => r.export_hhi },
    { name: 'Imports HHI', number: true, value: (r) => r.weighted_concentration }, { name: 'Mean exposure', number: true, value: (r) => r.mean_exposure }, { name: 'Mean STR', number: true, value: (r) => r.mean_str }] }));
}
function linksSection() {
  const host = byId('links');
  if (!DATA.links.length) {
    host.append(make('p', { class: 'note' }, 'No candidates were given: every item stands alone.'));
    return;
  }
  const tested = DATA.links.filter((l) => l.reason === 'tested').length;
  const kept = DATA.links.filter((l) => l.kept).length;
  const evidence = kept === 0 ? ' Values of broad codes are weak evidence, for a link and against it.' : '';
  host.append(make('p', { class: 'lead' }, `Does who imports the input one year export the output the next? ${kept} of ${tested} tested candidates are supported (full lines); the others are dashed.${DATA.all_links ? ' All are taken as links all the same, as the job asks.' : ''}${evidence}`));
  const area = chartHost();
  host.append(area);
  const named = new Set(DATA.links.flatMap((l) => [l.input, l.output]));
  const columns = TIERS.map((tier) => DATA.items.filter((i) => i.tier === tier && named.has(i.name)).map((i) => i.name));
  const tall = Math.max(...columns.map((c) => c.length), 1);
  chart(area, 70 + 44 * tall, (c, width) => ({
    tooltip: tooltip(c, (p) => (p.dataType === 'edge' ? tip(`${p.data.source} → ${p.data.target}`, [['verdict', p.data.link.kept ? 'supported' : p.data.link.reason === 'tested' ? 'not supported' : p.data.link.reason], ['coefficient', number(p.data.link.coef)], ['p (BH)', pValue(p.data.link.p_bh)]]) : tip(p.name, [['tier', tierOf.get(p.name)]]))),
    series: [{ type: 'graph', layout: 'none', left: 30, right: 30, top: 30, bottom: 20, edgeSymbol: ['none', 'arrow'], edgeSymbolSize: 7,
      data: columns.flatMap((names, x) => names.map((name, y) => ({ name, x: x * (width - 200), y: (y + 0.5) * 440 / names.length, symbolSize: 14, itemStyle: { color: tierColours(c)[TIERS[x]] }, label: { show: true, position: x === 2 ? 'left' : 'right', color: c.ink, fontSize: 12, backgroundColor: c.card, padding: [1, 3] } }))),
      links: DATA.links.map((link) => ({ source: link.input, target: link.output, link, lineStyle: { color: link.kept ? c.ink : c.soft, width: link.kept ? 1.8 : 1, type: link.kept ? 'solid' : 'dashed', opacity: link.kept ? 0.9 : 0.6, curveness: 0.12 } })) }],
  }), `Network of ${DATA.links.length} candidate links, ${kept} supported.`);
  host.append(numbers('The tests', { name: 'links', rows: DATA.links, sort: 3, descending: false, columns: [
    { name: 'Input', value: (l) => l.input }, { name: 'Output', value: (l) => l.output }, { name: 'Verdict', value: (l) => (l.kept ? 'supported' : l.reason === 'tested' ? 'not supported' : l.reason) },
    { name: 'p', number: true, value: (l) => l.p, show: (l) => pValue(l.p) }, { name: 'p (BH)', number: true, value: (l) => l.p_bh, show: (l) => pValue(l.p_bh) }, { name: 'Coefficient', number: true, value: (l) => l.coef },
    { name: 'Areas', number: true, value: (l) => l.areas }, { name: 'Against the tiers', value: (l) => (l.against_tier ? 'yes' : '') }] }));
}
function tiersSection() {
  const host = byId('tiers');
  const pooled = DATA.tiers;
  const names = [...new Set(pooled.map((t) => t.indicator))];
  const words = { exposure: 'Exposure', concentration: 'Concentration', str: 'Systemic trade risk', influence_own: 'Influence', trade_risk: 'Trade risk (PageRank)' };
  host.append(make('p', { class: 'lead' }, 'Median difference of a tier from all items, area by area, all years pooled; full bars differ (Wilcoxon signed-rank, Benjamini–Hochberg at 5 %), pale bars do not.'));
  const panels = make('div', { class: 'panels' });
  host.append(panels);
  for (const indicator of names) {
    const rows = pooled.filter((t) => t.indicator === indicator);
    const area = chartHost();
    panels.append(make('figure', {}, make('figcaption', {}, words[indicator] || indicator), area));
    chart(area, 130, (c) => ({
      grid: { left: 8, right: 40, top: 6, bottom: 4, containLabel: true },
      tooltip: tooltip(c, (p) => { const t = rows[p.dataIndex]; return tip(t.tier, [['mean of the tier', number(t.mean_tier)], ['mean of all', number(t.mean_all)], ['p (BH)', pValue(t.p_bh)], ['areas', t.n]]); }),
      xAxis: axis(c, { type: 'value', axisLabel: { color: c.soft, hideOverlap: true } }),
      yAxis: axis(c, { type: 'category', inverse: true, data: rows.map((t) => t.tier), axisLabel: { color: c.ink } }),
      series: [{ type: 'bar', data: rows.map((t) => ({ value: t.median_difference, itemStyle: { color: (t.median_difference ?? 0) >= 0 ? c.loss : c.second, opacity: t.p_bh != null && t.p_bh <= 0.05 ? 1 : 0.28 } })) }],
    }), `${words[indicator] || indicator}: ${rows.map((t) => `${t.tier} ${number(t.median_difference)}`).join(', ')}.`);
  }
}
function clustersSection() {
  const host = byId('clusters');
  if (!DATA.quality.length) {
    host.append(make('p', { class: 'note' }, 'No clusters: too few areas have a value in all features.'));
    return;
  }
  const chosen = DATA.quality.find((q) => q.chosen) || DATA.quality[0];
  const choice = make('select', { 'aria-label': 'Number of clusters' }, DATA.quality.map((q) => make('option', { value: q.k, selected: q.k === chosen.k }, `${q.k}${q.chosen ? ' (largest silhouette)' : q.k === 5 ? ' (as in the paper)' : ''}`)));
  const note = make('p', { class: 'note', role: 'status' });
  const area = chartHost();
  const list = make('div', { class: 'scroll' });
  const features = DATA.features;
  const show = () => {
    const k = Number(choice.value);
    const quality = DATA.quality.find((q) => q.k === k);
    const centres = DATA.centres.filter((r) => r.k === k);
    note.textContent = `Mean silhouette ${number(quality.silhouette, 2)}${quality.silhouette < 0.25 ? ': weak, read it with care' : ''}. Numbers are standard deviations from the mean of all areas; clusters by falling influence.`;
    const cells = [];
    centres.forEach((r, y) => features.forEach((f, x) => { if (r[f] != null) cells.push([x, y, r[f]]); }));
    chart(area, 110 + 34 * k, (c) => ({
      grid: { left: 8, right: 12, top: 8, bottom: 8, containLabel: true },
      tooltip: tooltip(c, (p) => tip(`cluster ${centres[p.value[1]].cluster}`, [[features[p.value[0]].replaceAll('_', ' '), number(p.value[2])]])),
      xAxis: axis(c, { type: 'category', data: features.map((f) => f.replaceAll('_', ' ')), axisLabel: { color: c.ink, rotate: 30, interval: 0 } }),
      yAxis: axis(c, { type: 'category', inverse: true, data: centres.map((r) => `${r.cluster} (${r.areas})`), axisLabel: { color: c.ink } }),
      series: [{ type: 'heatmap', data: cells.map((cell) => { const v = Math.max(-1, Math.min(1, cell[2] / 2.5)); const size = Math.sign(v) * v * v; return { value: cell, itemStyle: { color: heatColour(size), borderColor: c.card, borderWidth: 1 }, label: { show: true, formatter: number(cell[2], 2), color: heatInk(size) } }; }) }],
    }), `Centres of ${k} clusters.`);
    clear(list).append(make('table', {}, make('tbody', {}, centres.map((r) => make('tr', {}, make('th', { scope: 'row' }, `Cluster ${r.cluster}`),
      make('td', {}, DATA.clusters.filter((m) => m.k === k && m.cluster === r.cluster).map((m) => m.area).join(', ')))))));
  };
  choice.addEventListener('change', show);
  host.append(make('p', { class: 'lead' }, 'Areas with like exposure, concentration, trade risk and influence, over all items and over inputs.'), make('div', { class: 'controls' }, make('label', {}, 'Clusters', choice)), note, area, list);
  show();
}
// Ends of an axis that holds the values, and its step: 1, 2 or 5 times a power of ten.
function roundEnds(values) {
  const low = Math.min(...values), high = Math.max(...values);
  const power = 10 ** Math.floor(Math.log10(Math.max(high - low, 1e-9)));
  const times = (high - low) / power;
  const step = power * (times < 2 ? 0.5 : times < 5 ? 1 : 2);
  return { min: Math.floor(low / step) * step, max: Math.ceil(high / step) * step, step };
}
function regressionsSection() {
  const host = byId('regressions');
  const effects = make('select', { 'aria-label': 'Effects' }, make('option', { value: 'area' }, 'area and item-year'), make('option', { value: 'sector' }, 'sector and year'));
  const risk = make('select', { 'aria-label': 'Risk' }, make('option', { value: 'str' }, 'systemic trade risk'), make('option', { value: 'trade_risk' }, 'trade risk (PageRank)'));
  const panels = make('div', { class: 'pair' });
  const show = () => {
    clear(panels);
    for (const outcome of ['rca', 'exports']) {
      const rows = DATA.regressions.filter((r) => r.effects === effects.value && r.risk === risk.value && r.outcome === outcome && r.regressor !== 'level' && r.coef != null);
      const area = chartHost();
      panels.append(make('figure', {}, make('figcaption', {}, outcome === 'rca' ? 'Change of comparative advantage' : 'Change of exports'), area));
      if (!rows.length) { area.append(make('p', { class: 'note' }, 'Too few years or areas to estimate.')); continue; }
      const names = rows.map((r) => `${r.set.replaceAll('_', ' ')}: ${r.regressor.replaceAll('_', ' ')}`);
      const ends = roundEnds(rows.flatMap((r) => [r.low, r.high, 0]));
      chart(area, 40 + 20 * rows.length, (c, width) => ({
        grid: { left: 8, right: 16, top: 22, bottom: 4, containLabel: true },
        tooltip: tooltip(c, (p) => { const r = rows[p.dataIndex]; return tip(names[p.dataIndex], [['coefficient', number(r.coef)], ['95 %', `${number(r.low)} to ${number(r.high)}`], ['p', pValue(r.p)], ['observations', whole(r.n)]]); }),
        xAxis: axis(c, { type: 'value', position: 'top', min: ends.min, max: ends.max, interval: ends.step, axisLabel: { color: c.soft, hideOverlap: true, formatter: (v) => number(v, 2) } }),
        yAxis: axis(c, { type: 'category', inverse: true, data: names, axisLabel: { color: c.ink, interval: 0, width: width < 520 ? 130 : 210, overflow: 'truncate' } }),
        series: [{ type: 'custom', renderItem: (params, api) => {
          const r = rows[params.dataIndex];
          const [x1, y] = api.coord([r.low, params.dataIndex]); const [x2] = api.coord([r.high, params.dataIndex]); const [x] = api.coord([r.coef, params.dataIndex]);
          const colour = r.p <= 0.05 ? (r.coef > 0 ? c.loss : c.second) : c.base;
          return { type: 'group', children: [{ type: 'line', shape: { x1, y1: y, x2, y2: y }, style: { stroke: colour, lineWidth: 2 } }, { type: 'circle', shape: { cx: x, cy: y, r: 4 }, style: { fill: colour } }] };
        }, data: rows.map((r, at) => [r.coef, at]), encode: { x: 0, y: 1 }, markLine: { silent: true, symbol: 'none', label: { show: false }, lineStyle: { color: c.soft, type: 'solid' }, data: [{ xAxis: 0 }] } }],
      }), `Coefficients: ${rows.slice(0, 3).map((r, at) => `${names[at]} ${number(r.coef)}`).join(', ')}.`);
    }
  };
  for (const select of [effects, risk]) select.addEventListener('change', show);
  host.append(make('p', { class: 'lead' }, `Coefficients with 95 % intervals: change over ${DATA.horizon} years by dependency today, errors clustered by area. Grey: not distinguishable from 0. An association, not a cause.`),
    make('div', { class: 'controls' }, make('label', {}, 'Effects', effects), make('label', {}, 'Risk', risk)), panels,
    numbers('The numbers', { name: 'regressions', rows: DATA.regressions, sort: -1, columns: [
      ...['effects', 'risk', 'outcome', 'set', 'regressor', 'reason'].map((key) => ({ name: key, value: (r) => r[key] })),
      ...['coef', 'se', 'p', 'low', 'high', 'n'].map((key) => ({ name: key, number: true, value: (r) => r[key] }))] }));
  show();
}
function qualitySection() {
  const host = byId('quality');
  const rows = (list) => make('table', {}, make('tbody', {}, list.map(([name, value]) => make('tr', {}, make('th', { scope: 'row' }, name), make('td', {}, value)))));
  host.append(make('div', { class: 'panels' },
    make('div', {}, make('h3', {}, 'What was read'), make('div', { class: 'scroll' }, rows(DATA.counts.map((r) => [r.what.replaceAll('_', ' '), whole(r.count)])))),
    make('div', {}, make('h3', {}, 'To bear in mind'), make('ul', {}, DATA.notes.map((text) => make('li', {}, text))))));
  byId('footer').append(
    make('p', {}, 'After Klimek, Baum, Gerschberger & Hess 2025, of which the abstract alone was to be had: formulas are shocksweep’s own where the paper’s are not known. Trade data hold no production; what is exported counts as made at home unless the job says otherwise.'),
    make('details', {}, make('summary', {}, 'Notices'), make('pre', {}, DATA.notices)));
}
function theme() {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const button = byId('theme');
  let chosen = null;
  const set = (name) => {
    document.documentElement.dataset.theme = name;
    button.textContent = name === 'dark' ? 'Light' : 'Dark';
    button.setAttribute('aria-label', `Use ${button.textContent.toLowerCase()} colours`);
    charts.forEach(draw);
  };
  const now = () => chosen || (system.matches ? 'dark' : 'light');
  button.addEventListener('click', () => { chosen = now() === 'dark' ? 'light' : 'dark'; set(chosen); });
  system.addEventListener('change', () => set(now()));
  addEventListener('beforeprint', () => set('light'));
  addEventListener('afterprint', () => set(now()));
  set(now());
}
theme();
byId('title').textContent = `Who depends on whom? ${DATA.name}, ${DATA.first} to ${DATA.last}`;
document.title = `${DATA.name} – shocksweep report`;
if (DATA.synthetic) {
  byId('warning').hidden = false;
  byId('warning').textContent = 'Synthetic data: real names, invented numbers. Nothing here may be cited.';
}
byId('takeaways').append(...DATA.takeaways.map((text) => make('li', {}, text)));
byId('facts').append(...DATA.facts.map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value))));
dependentSection(); influenceSection(); heatSection(); yearsSection(); linksSection(); tiersSection(); clustersSection(); regressionsSection(); qualitySection();
byId('nav').append(...[...document.querySelectorAll('main > section')].map((s) => make('a', { href: `#${s.id}` }, s.querySelector('h2').textContent)));
document.documentElement.dataset.ready = 'true';
setTimeout(drawWaiting);

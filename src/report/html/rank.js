// Worst failures and most exposed countries.
const OUT = { kg: 0, counted: 1, total: 2, above: 3, adapting: 4, substituting: 5, overshoot: 6, loser: 7 };
function rankSection() {
  const host = byId('ranking');
  const tables = make('div', { id: 'rank-table' });
  const chartHost = make('div', { class: 'chart', id: 'rank-chart' });
  const kinds = { 'Worst scenarios': rankShocks, 'Most exposed areas': rankAreas };
  const tabs = make('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Rankings' });
  const note = make('p', { class: 'lead', id: 'rank-note' });
  const select = (name) => {
    for (const tab of tabs.children) {
      const is = tab.textContent === name;
      tab.setAttribute('aria-selected', String(is));
      tab.tabIndex = is ? 0 : -1;
    }
    kinds[name](tables, note, chartHost);
  };
  tabs.append(...Object.keys(kinds).map((name) => make('button', { type: 'button', role: 'tab', 'aria-controls': 'rank-table', onclick: () => select(name) }, name)));
  tabs.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const list = [...tabs.children];
    const next = list[(list.indexOf(document.activeElement) + step + list.length) % list.length];
    select(next.textContent);
    next.focus();
  });
  tables.setAttribute('role', 'tabpanel');
  host.append(tabs, note, chartHost, tables);
  select('Worst scenarios');
}
function rankShocks(host, note, chartHost) {
  const ways = [0, 1].filter((way) => DATA.ranked.some((r) => r.ways[way]));
  const of = (row, way, field) => (row.ways[way] ? row.ways[way][OUT[field]] : null);
  const perPerson = DATA.ranked.some((r) => ways.some((w) => of(r, w, 'kg') != null));
  const measure = perPerson ? 'kg' : 'counted';
  const listed = DATA.ranked.length < DATA.scenarios ? ` The ${whole(DATA.ranked.length)} worst of ${whole(DATA.scenarios)}.` : '';
  note.textContent = `What each scenario costs the world${perPerson ? `, ${DATA.unit}` : ''}${DATA.left_out.length ? ` (${DATA.left_out.join(', ')} left out)` : ''}.${DATA.runaway ? ` ${whole(DATA.runaway)} runs hold runaway sectors (above ${number(manifest.thresholds.overshoot)} times the baseline: production feeding itself, no finding); those are left out, and marked “runaway”.` : ''}${listed} Names that are underlined are shown in detail above.`;
  const index = new Map(DATA.stories.map((s, at) => [s.id, at]));
  bars(chartHost, DATA.ranked.slice(0, 12).map((r) => r.name), ways.map((way) => DATA.ranked.slice(0, 12).map((r) => of(r, way, measure))), ways, perPerson ? DATA.unit : 't', 'The worst scenarios');
  const columns = [
    { name: 'Scenario', value: (r) => r.name, show: (r) => (index.has(r.id) ? make('button', { type: 'button', class: 'link', onclick: () => { chooseStory(index.get(r.id)); byId('map').scrollIntoView(); } }, r.name) : r.name) },
    ...ways.flatMap((way) => [
      { name: `${perPerson ? DATA.unit : 't'}, ${WAYS[way]}`, number: true, value: (r) => of(r, way, measure) },
      { name: `all items in tonnes, t, ${WAYS[way]}`, number: true, value: (r) => (of(r, way, 'overshoot') ? null : of(r, way, 'total')) },
      { name: `sectors losing over 26 %, ${WAYS[way]}`, number: true, value: (r) => of(r, way, 'above') }]),
  ];
  const last = ways[ways.length - 1];
  columns.push({ name: `hits most (${WAYS[last]})`, value: (r) => { const l = of(r, last, 'loser'); return l ? `${l[0]} / ${l[1]}` : null; } },
    { name: 'its loss, %', number: true, value: (r) => { const l = of(r, last, 'loser'); return l ? 100 * l[3] : null; } });
  if (ways.includes(1)) {
    columns.push({ name: 'sectors adapting', number: true, value: (r) => of(r, 1, 'adapting') },
      { name: 'runaway', value: (r) => (of(r, 1, 'overshoot') ? 'yes' : ''), title: 'A sector ends far above its baseline, and is left out' });
  }
  sortable(host, { name: 'worst scenarios', rows: DATA.ranked, sort: 1 + 3 * (ways.length - 1), columns });
}
function rankAreas(host, note, chartHost) {
  const ways = [0, 1].filter((way) => DATA.exposure.some((r) => r.mean[way] != null));
  const out = DATA.areas.filter((a) => a.population == null).length;
  note.textContent = `The worst that a shock elsewhere does to each area, ${DATA.unit}.${out ? ` ${out} areas without a population are left out.` : ''}${DATA.not_eaten.length ? ` ${DATA.not_eaten.length} are left out whose supply is over twice the world’s mean, more than people eat: other uses, stocks or transit (${DATA.not_eaten.slice(0, 4).map(([name, kcal]) => `${name} ${number(kcal)}`).join(', ')}${DATA.not_eaten.length > 4 ? ' …' : ''} kcal).` : ''}`;
  const kg = (r, way) => r.worst[way]?.per_capita ?? null;
  const top = DATA.exposure.slice(0, 12);
  bars(chartHost, top.map((r) => shortName(DATA.areas[r.area].name)), ways.map((way) => top.map((r) => kg(r, way))), ways, DATA.unit, 'The most exposed areas');
  sortable(host, { name: 'most exposed areas', rows: DATA.exposure, sort: 3, columns: [
    { name: 'Area', value: (r) => DATA.areas[r.area].name }, { name: 'Region', value: (r) => DATA.areas[r.area].region }, { name: 'Human development', value: (r) => DATA.areas[r.area].hdi },
    ...ways.flatMap((way) => [
      { name: `worst, ${DATA.unit}, ${WAYS[way]}`, number: true, value: (r) => kg(r, way) },
      ...(DATA.exposure.some((r) => r.supply != null) ? [{ name: `of what people eat, %, ${WAYS[way]}`, number: true, value: (r) => { const v = kg(r, way); return r.supply && v != null ? 100 * v / r.supply : null; } }] : []),
      { name: `by the scenario, ${WAYS[way]}`, value: (r) => r.worst[way]?.name },
      { name: `scenarios costing over ${number(DATA.mark)} ${DATA.unit.split(' ')[0]}, ${WAYS[way]}`, number: true, value: (r) => r.above_mark[way] }]),
  ] });
}
function bars(element, names, values, ways, unitName, title) {
  const label = `${title}: ${names.slice(0, 3).map((n, at) => `${n} ${number(Math.max(...values.map((v) => v[at] ?? 0)))} ${unitName}`).join(', ')}.`;
  chart(element, 84 + names.length * (ways.length > 1 ? 31 : 21), (c, width) => ({
    grid: { left: 8, right: 60, top: 26, bottom: 30, containLabel: true },
    legend: { show: ways.length > 1, top: 0, left: 0, itemWidth: 14, itemHeight: 10, textStyle: { color: c.soft } },
    tooltip: tooltip(c, (p) => tip(names[p.dataIndex], ways.map((w, at) => [WAYS[w], `${number(values[at][p.dataIndex])} ${unitName}`]))),
    xAxis: axis(c, { type: 'value', position: 'bottom', min: 0, name: unitName, nameLocation: 'middle', nameGap: 24, splitNumber: 4, axisLabel: { color: c.soft, hideOverlap: true, formatter: (v) => number(v) } }),
    yAxis: axis(c, { type: 'category', inverse: true, data: names, axisLabel: { color: c.ink, interval: 0, width: width < 560 ? 130 : 330, overflow: 'break' } }),
    series: ways.map((way, at) => ({ type: 'bar', name: WAYS[way], barGap: '8%', barCategoryGap: '26%', data: values[at].map((v) => (v == null ? null : Math.max(0, v))), itemStyle: { color: way === 0 ? c.loss : c.second, borderRadius: 2 },
      label: { show: true, position: 'right', color: c.soft, fontSize: 11, formatter: (p) => { const v = values[at][p.dataIndex]; return v < 0 ? `net gain: ${number(-v)}` : number(v); } } })),
  }), label);
}

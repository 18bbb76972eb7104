// Available amounts and relative losses over time (Laber et al. 2023, figure 3).
const CHANNELS = {
  shocked: 'shocked itself', same_area: 'another product, same area', same_item: 'the same product, another area', neither: 'another product, another area',
};
function traceSection() {
  const host = byId('trace');
  if (!DATA.traces.length) {
    host.hidden = true;
    return;
  }
  const names = new Map(DATA.ranked.map((r) => [r.id, r.name]));
  const choose = make('select', { id: 'trace-scenario', onchange: drawTraces }, DATA.traces.map((t, at) => make('option', { value: at }, names.get(t.id) || `scenario ${t.id}`)));
  host.append(make('p', { class: 'lead' }, 'The sectors hit worst, by the way the loss reaches them. Above: what is available each year, the unshocked course dotted. Below: the share that is missing.'),
    make('div', { class: 'controls' }, make('label', {}, 'Scenario', choose)), make('div', { class: 'panels', id: 'trace-panels' }));
}
function drawTraces() {
  if (!DATA.traces.length) return;
  const trace = DATA.traces[Number(byId('trace-scenario').value)];
  const host = clear(byId('trace-panels'));
  forget([]);
  for (const course of trace.courses) {
    const element = make('div', { class: 'chart' });
    const title = `${DATA.areas[course.area].name}: ${DATA.items[course.item]}`;
    host.append(make('figure', {}, make('figcaption', {}, title), make('p', { class: 'note' }, CHANNELS[course.channel]), element));
    const years = course.baseline.map((_, t) => t);
    const ways = [0, 1].filter((way) => course.al[way].length);
    const amount = (way, t) => course.baseline[t] - course.al[way][t];
    const share = (way, t) => (course.baseline[t] ? Math.max(-1, course.al[way][t] / course.baseline[t]) : 0);
    const last = years.length - 1;
    const label = `Lines: ${title} over ${years.length} years; in the last ${ways.map((w) => `${percent(share(w, last))} missing ${WAYS[w]}`).join(', ')}.`;
    chart(element, 300, (c) => {
      const colour = (way) => (way === 0 ? c.loss : c.second);
      const line = (name, data, grid, style) => ({ type: 'line', name, data, xAxisIndex: grid, yAxisIndex: grid, symbolSize: 5, showSymbol: false, lineStyle: Object.assign({ width: 2.2 }, style), itemStyle: { color: style.color } });
      return {
        grid: [{ left: 58, right: 12, top: 26, height: 130 }, { left: 58, right: 12, top: 182, height: 88 }],
        legend: { top: 0, left: 0, itemWidth: 20, itemHeight: 8, textStyle: { color: c.soft, fontSize: 11 }, data: ['baseline', ...ways.map((w) => WAYS[w])] },
        axisPointer: { link: [{ xAxisIndex: 'all' }] },
        tooltip: Object.assign(tooltip(c, (list) => { const t = list[0].dataIndex; return tip(`${title}, year ${t + 1}`, [['baseline', tonnes(course.baseline[t])], ...ways.map((w) => [WAYS[w], `${tonnes(amount(w, t))} (${percent(share(w, t))} lost)`])]); }), { trigger: 'axis' }),
        xAxis: [0, 1].map((grid) => axis(c, { type: 'category', gridIndex: grid, data: years.map((t) => t + 1), boundaryGap: false, axisLabel: { show: grid === 1, color: c.soft }, name: grid === 1 ? 'year' : '', nameLocation: 'middle', nameGap: 22 })),
        yAxis: [axis(c, { type: 'value', min: 0, gridIndex: 0, splitNumber: 3, axisLabel: { color: c.soft, formatter: (v) => short(v) } }),
          axis(c, { type: 'value', gridIndex: 1, splitNumber: 2, axisLabel: { color: c.soft, formatter: (v) => `${number(100 * v)} %` } })],
        series: [line('baseline', course.baseline, 0, { type: 'dotted', color: c.base }),
          ...ways.map((w) => line(WAYS[w], years.map((t) => amount(w, t)), 0, { color: colour(w), type: w === 0 ? 'solid' : 'dashed' })),
          ...ways.map((w) => line(WAYS[w], years.map((t) => share(w, t)), 1, { color: colour(w), type: w === 0 ? 'solid' : 'dashed' }))],
      };
    }, label);
  }
}
function short(value) {
  for (const [size, letter] of [[1e9, ' G'], [1e6, ' M'], [1e3, ' k']]) if (Math.abs(value) >= size) return `${number(value / size)}${letter}`;
  return number(value);
}

// Relative losses of regions by items (Laber et al. 2023, figure 4), split into what the failure of the
// shocked item does and what the failure of each item itself would (figure 5); and losses by class of
// development (Baum et al. 2024).
function heatSection() {
  const ways = make('div', { class: 'tabs', id: 'heat-ways', role: 'group', 'aria-label': 'Adaptation' });
  const split = make('input', { type: 'checkbox', id: 'heat-split', onchange: drawHeat });
  byId('heat').append(
    make('p', { class: 'lead' }, 'Share of each item that a region is missing, areas that are shocked themselves left out. The stronger the colour, the more is missing; blue is a gain.'),
    make('div', { class: 'controls' }, ways, make('label', { id: 'heat-split-label' }, split, 'split: left, this scenario; right, if the item itself failed there')),
    make('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Table of relative losses' }, make('div', { class: 'chart', id: 'heat-chart' })),
    make('div', { id: 'heat-legend' }), make('div', { id: 'heat-numbers' }));
  byId('development').append(
    make('p', { class: 'lead', id: 'development-lead' }),
    make('div', { class: 'panels' },
      make('figure', {}, make('figcaption', { id: 'class-caption' }, 'Loss per person by human development'), make('div', { class: 'chart', id: 'class-loss' })),
      make('figure', { id: 'class-figure' }, make('figcaption', {}, 'What adaptation changes: mean over the 50 areas that lose most, by class'), make('div', { class: 'chart', id: 'class-change' }))),
    make('div', { id: 'class-numbers' }));
}
function wayButtons(host, available, draw) {
  clear(host).append(...available.map((way) => make('button', { type: 'button', 'aria-pressed': String(way === state.way), onclick: () => { state.way = way; draw(); } }, WAYS[way])));
  host.hidden = available.length < 2;
}
function drawHeat() {
  const told = story();
  const ways = [0, 1].filter((way) => told.ways[way]);
  if (!ways.includes(state.way)) [state.way] = ways;
  wayButtons(byId('heat-ways'), ways, drawHeat);
  const { items, rl, own } = told.heat;
  const table = rl[state.way] || [];
  const direct = own[state.way] || [];
  byId('heat-split-label').hidden = !direct.length;
  const split = direct.length > 0 && byId('heat-split').checked;
  const names = items.map((i) => DATA.items[i]);
  const element = byId('heat-chart');
  const narrow = element.parentElement.clientWidth < 620;
  const room = narrow ? 120 : 210;
  const wide = room + DATA.regions.length * (narrow ? 40 : 48);
  element.style.minWidth = `${wide}px`;
  const cells = [];
  names.forEach((_, row) => DATA.regions.forEach((__, column) => {
    const value = table[column]?.[row];
    if (value != null || (split && direct[column]?.[row] != null)) cells.push([column, row, value ?? null, direct[column]?.[row] ?? null]);
  }));
  const top = cells.filter((p) => p[2] > 0).sort((a, b) => b[2] - a[2]).slice(0, 3);
  const label = `Heatmap of relative losses after ${told.name}, ${WAYS[state.way]}: ${top.map((p) => `${DATA.regions[p[0]]} ${percent(p[2])} of its ${names[p[1]]}`).join(', ') || 'no losses'}.`;
  chart(element, 150 + names.length * 25, (c) => ({
    grid: { left: room, right: 8, top: 136, bottom: 6 },
    tooltip: tooltip(c, (p) => tip(`${DATA.regions[p.value[0]]}: ${names[p.value[1]]}`, [
      [direct.length ? 'this scenario' : 'relative loss', percent(p.value[2])],
      direct.length && p.value[3] != null ? ['the item itself fails there', percent(p.value[3])] : null])),
    xAxis: axis(c, { type: 'category', position: 'top', data: DATA.regions, splitLine: { show: false }, axisLabel: { rotate: 48, interval: 0, color: c.soft, fontSize: 11.5, hideOverlap: false } }),
    yAxis: axis(c, { type: 'category', inverse: true, data: names, splitLine: { show: false }, axisLabel: { interval: 0, color: c.ink, width: room - 14, overflow: 'truncate', fontSize: 12 } }),
    series: [{
      type: 'custom', data: cells, encode: { x: 0, y: 1 },
      renderItem: (params, api) => {
        const [column, row, value, other] = [0, 1, 2, 3].map((d) => api.value(d));
        const [x, y] = api.coord([column, row]);
        const [w, h] = api.size([1, 1]).map((v) => v - 1.5);
        const has = (v) => v != null && !Number.isNaN(v);
        const part = (v, left, width) => has(v) ? [{ type: 'rect', shape: { x: x - w / 2 + left, y: y - h / 2, width, height: h }, style: { fill: heatColour(v), stroke: Math.abs(v) < 0.002 ? c.line : 'none', lineWidth: 0.5 } }] : [];
        const children = split ? [...part(value, 0, w / 2), ...part(other, w / 2, w / 2)] : part(value, 0, w);
        if (split) children.push({ type: 'line', shape: { x1: x, y1: y - h / 2, x2: x, y2: y + h / 2 }, style: { stroke: c.soft, lineDash: [2, 2], lineWidth: 0.7 } });
        else if (has(value) && Math.abs(value) >= 0.005) children.push({ type: 'text', style: { text: `${Math.round(100 * value)}`, x, y, fill: heatInk(value), align: 'center', verticalAlign: 'middle', fontSize: 10.5 } });
        return { type: 'group', children };
      },
    }],
  }), label);
  const stops = [0, 0.05, 0.1, 0.25, 0.5, 0.75, 1].map((v) => `${heatColour(v)} ${100 * Math.sqrt(v)}%`).join(',');
  clear(byId('heat-legend')).append(make('p', { class: 'legend' }, '0 %', make('span', { class: 'ramp', style: `background:linear-gradient(90deg,${stops})`, 'aria-hidden': 'true' }), '100 % lost',
    make('span', { class: 'ramp', style: `width:4rem;background:linear-gradient(90deg,${heatColour(-1)},${heatColour(-0.001)})`, 'aria-hidden': 'true' }), 'gain; numbers are per cent'));
  clear(byId('heat-numbers')).append(numbers('Numbers of the table', {
    name: 'relative losses', rows: cells, sort: 2, columns: [
      { name: 'Region', value: (r) => DATA.regions[r[0]] }, { name: 'Item', value: (r) => names[r[1]] },
      { name: 'Relative loss, %', number: true, value: (r) => (r[2] == null ? null : 100 * r[2]) },
      ...(direct.length ? [{ name: 'If the item itself fails, %', number: true, value: (r) => (r[3] == null ? null : 100 * r[3]) }] : [])] }));
}
function drawDevelopment() {
  const told = story();
  const classes = ['low', 'medium', 'high', 'very high'];
  const { per_capita: perCapita, most_affected: most, all, left_out: leftOut, item } = told.classes;
  const ways = [0, 1].filter((way) => perCapita[way].length);
  byId('development-lead').textContent = `${itemName(item)} after ${told.name}: summed loss over summed population of each class, shocked areas and ${leftOut} without a population or an index left out.`;
  byId('class-caption').textContent = `Loss per person by human development, ${perPersonUnit(item)}`;
  const loss = (way, at) => perCapita[way][at];
  chart(byId('class-loss'), 250, (c) => ({
    grid: { left: 8, right: 8, top: 30, bottom: 4, containLabel: true },
    legend: { show: ways.length > 1, top: 0, left: 0, itemWidth: 14, itemHeight: 10, textStyle: { color: c.soft } },
    tooltip: tooltip(c, (p) => tip(`${classes[p.dataIndex]} human development`, ways.map((w) => [WAYS[w], `${number(loss(w, p.dataIndex))} ${perPersonUnit(item)}`]))),
    xAxis: axis(c, { type: 'category', data: classes, axisLabel: { color: c.ink, interval: 0 } }),
    yAxis: axis(c, { type: 'value', axisLabel: { color: c.soft, formatter: (v) => number(v) } }),
    series: ways.map((way) => ({ type: 'bar', name: WAYS[way], barMaxWidth: 46, itemStyle: { color: way === 0 ? c.loss : c.second, borderRadius: 2 }, data: classes.map((_, at) => loss(way, at)),
      label: { show: true, position: 'top', color: c.soft, fontSize: 11, formatter: (p) => number(p.value) } })),
  }), `Bars: loss per person by class of human development. ${classes.map((name, at) => `${name}: ${ways.map((w) => `${number(loss(w, at))} ${perPersonUnit(item)}, ${WAYS[w]}`).join(', ')}`).join('; ')}.`);
  const any = most.some((change) => change);
  byId('class-figure').hidden = !any;
  const series = [['the 50 that lose most', most]];
  const listed = [...series, ['all that lose 0.1 kg or more', all]];
  if (any) chart(byId('class-change'), 250, (c) => ({
    grid: { left: 8, right: 8, top: 30, bottom: 4, containLabel: true },
    tooltip: tooltip(c, (p) => { const change = series[p.seriesIndex][1][p.dataIndex]; return tip(`${classes[p.dataIndex]} human development`, [[series[p.seriesIndex][0], signed(change.change, percent(change.change))], ['areas', whole(change.areas)]]); }),
    xAxis: axis(c, { type: 'category', data: classes, axisLabel: { color: c.ink, interval: 0 }, axisLine: { onZero: true, lineStyle: { color: c.soft } } }),
    yAxis: axis(c, { type: 'value', axisLabel: { color: c.soft, formatter: (v) => `${number(100 * v)} %` } }),
    series: series.map(([name, changes]) => ({ type: 'bar', name, barMaxWidth: 46, data: changes.map((change) => change && { value: Math.max(-2, Math.min(2, change.change)), itemStyle: { color: change.change > 0 ? c.worse : c.better, borderColor: c.rim, borderWidth: change.change > 0 ? 0 : 1, borderRadius: 2 }, label: { position: change.change > 0 ? 'top' : 'bottom' } }),
      label: { show: true, position: 'top', color: c.soft, fontSize: 11, formatter: (p) => { const change = changes[p.dataIndex]; return change ? signed(change.change, percent(change.change)) : ''; } } })),
  }), `Bars: mean change of losses by adaptation. ${classes.map((name, at) => `${name}: ${most[at] ? signed(most[at].change, percent(most[at].change)) : 'none'}`).join('; ')}.`);
  clear(byId('class-numbers')).append(numbers('Numbers by class', {
    name: 'losses by human development', search: false, rows: classes.map((name, at) => ({ name, at })), columns: [
      { name: 'Class', value: (r) => r.name },
      ...ways.map((way) => ({ name: `${perPersonUnit(item)}, ${WAYS[way]}`, number: true, value: (r) => loss(way, r.at) })),
      ...(any ? listed.map(([name, changes]) => ({ name: `change, ${name}, %`, number: true, value: (r) => (changes[r.at] ? 100 * changes[r.at].change : null) })) : [])] }));
}

// Pairs of failures against their sum (Baum et al. 2024, figure 3 of the preprint).
const MEASURES = {
  s_kcal: ['Food that people eat less worldwide', 'kcal per person and day'],
  s_shocked_per_capita: ['The shocked items', 'kg per person'], s_per_capita: ['The whole network', 'kg per person'],
  s_shocked: ['The shocked items', 't'], s: ['The whole network', 't'],
};
function pairsSection() {
  const host = byId('pairs');
  const pairs = DATA.pairs;
  if (!pairs) {
    host.hidden = true;
    return;
  }
  const triples = pairs.shocks === 3;
  const [many, than] = triples ? ['triples', 'their pairs explain'] : ['pairs', 'their sum'];
  const hasFood = pairs.top.length > 0 && pairs.top.every((r) => r.s_kcal != null);
  const network = pairs.measures[pairs.measures.length - 1];
  host.append(make('p', { class: 'lead' }, `S = ${triples ? 'loss of all three together less the losses of each alone and the S of their pairs' : 'loss of both together less the losses of each alone'}, for ${whole(network.count)} ${many}. Above 0 they are worse than ${than}.${pairs.mattering ? ` ${percent(pairs.mattering[0] / network.count)} cost more together, ${percent(pairs.mattering[1] / network.count)} less, by over 0.1 % of the larger loss and 1 t.` : ''}${pairs.runaway ? ` ${whole(pairs.runaway)} more ${many} are left out: a run has runaway sectors, production feeding itself, no finding.` : ''}`),
    make('div', { class: 'panels' }, pairs.measures.map((m, at) => {
      const [title, unitName] = MEASURES[m.name] || [m.name, ''];
      const test = m.t == null ? '' : `, t = ${number(m.t)}, p = ${number(m.p)}`;
      return make('figure', {}, make('figcaption', {}, title), make('div', { class: 'chart', id: `pairs-${at}` }),
        make('p', { class: 'note' }, `Mean ${number(m.mean)} ${unitName}${test}.`),
        make('ol', { class: 'note' }, m.outliers.map(([value, name]) => make('li', {}, `${name}: ${signed(value, number(value))} ${unitName}`))));
    })),
    make('h3', {}, `The ${many} most worse${pairs.all_at_hand ? ', and most better,' : ''} than ${than}`), make('p', { class: 'note' }, `By ${hasFood ? 'food that people eat less worldwide' : 'tonnes'}; those of which a run has runaway sectors come last.`), make('div', { id: 'pairs-table' }));
  pairs.measures.forEach((m, at) => histogram(byId(`pairs-${at}`), m));
  const stage = (n) => (r) => (r.stages && !r.overshoot ? r.stages[n] : null);
  const tame = new Set(pairs.losses_only);
  const size = (r) => (hasFood ? r.s_kcal : r.s);
  const rows = pairs.top.slice().sort((a, b) => a.overshoot - b.overshoot || tame.has(b.id) - tame.has(a.id) || size(b) - size(a));
  // Less than half a tonne is rounding.
  const inTonnes = (name, value) => ({ name, number: true, value, show: (r) => { const v = value(r); return v == null ? '–' : number(Math.abs(v) < 0.5 ? 0 : v); } });
  sortable(byId('pairs-table'), { name: 'pairs', rows, columns: [
    { name: 'First', value: (r) => r.shocks[0] }, { name: 'Second', value: (r) => r.shocks[1] },
    ...(triples ? [{ name: 'Third', value: (r) => r.shocks[2] }] : []),
    { name: 'Why', class: 'why', value: (r) => r.why },
    ...(hasFood ? [{ name: 'S, kcal per person and day', number: true, value: (r) => (r.overshoot ? null : r.s_kcal) }] : []),
    inTonnes('Joint loss, t', (r) => (r.overshoot ? null : r.al[0])), inTonnes('S, t', (r) => (r.overshoot ? null : r.s)),
    { name: triples ? 'of what is explained, %' : 'of the sum, %', number: true, value: (r) => { const sum = Math.abs(r.explained); return sum && !r.overshoot ? 100 * r.s / sum : null; } },
    { name: 'S, kg per person', number: true, value: (r) => (r.overshoot ? null : r.s_per_capita) },
    ...(pairs.top.some((r) => r.stages) ? [ inTonnes('overlap, t', stage(0)), inTonnes('adaptation, t', stage(1)), inTonnes('substitution, t', stage(2))] : []),
    ...(pairs.top.some((r) => r.overshoot) ? [{ name: 'runaway', value: (r) => (r.overshoot ? 'yes' : ''), title: 'A sector of a run ends far above its baseline' }] : [])] });
}
// Bins are powers of ten apart, on both sides of 0: S spans many of them.
function histogram(element, measure) {
  const [title, unitName] = MEASURES[measure.name] || [measure.name, ''];
  const bins = merged(measure.bins);
  const of = (value) => bins.findIndex((b) => b.lower <= value && value < b.upper);
  const named = new Map();
  measure.outliers.forEach(([value], at) => { const bin = of(value); if (bin >= 0) named.set(bin, [...(named.get(bin) || []), at + 1]); });
  const label = `Histogram of S, ${title}: ${whole(measure.count)} ${DATA.pairs.shocks === 3 ? 'triples' : 'pairs'}, mean ${number(measure.mean)} ${unitName}. Furthest out: ${measure.outliers.slice(0, 3).map(([v, n]) => `${n} ${number(v)}`).join(', ')}.`;
  chart(element, 270, (c) => ({
    grid: { left: 8, right: 10, top: 30, bottom: 30, containLabel: true },
    tooltip: tooltip(c, (p) => { const b = bins[p.dataIndex]; return tip(b.zero ? 'no interaction' : `${number(b.lower)} to ${number(b.upper)} ${unitName}`, [[DATA.pairs.shocks === 3 ? 'triples' : 'pairs', whole(b.count)], ...(named.get(p.dataIndex) || []).map((n) => [`${n}.`, measure.outliers[n - 1][1]])]); }),
    xAxis: axis(c, { type: 'category', data: bins.map((b) => b.name), name: unitName, nameLocation: 'middle', nameGap: 26, axisLabel: { color: c.soft, interval: (at) => bins[at].name !== '', hideOverlap: true }, splitLine: { show: false } }),
    yAxis: axis(c, { type: 'log', min: 0.5, axisLabel: { color: c.soft, formatter: (v) => (v < 1 ? '' : short(v)) }, name: DATA.pairs.shocks === 3 ? 'triples' : 'pairs', minorSplitLine: { show: false } }),
    series: [{ type: 'bar', barCategoryGap: '12%', data: bins.map((b) => ({ value: b.count || null, itemStyle: { color: b.zero ? c.base : b.lower > 0 ? c.worse : c.better, borderColor: c.rim, borderWidth: !b.zero && b.lower < 0 ? 1 : 0 } })),
      label: { show: true, position: 'top', color: c.ink, fontSize: 11, formatter: (p) => (named.has(p.dataIndex) ? `▼ ${named.get(p.dataIndex).join(', ')}` : '') } }],
  }), label);
}
function merged(bins) {
  // Quarters of a decade, and what is below a thousandth as one bin around 0.
  const small = 1e-3;
  const key = (value) => Math.sign(value) * (Math.floor(Math.log10(Math.abs(value)) * 4 + 1e-9));
  const size = (lower, upper) => Math.max(Math.abs(lower), Math.abs(upper));
  const kept = bins.filter(([l, u]) => size(l, u) > small * 1.0001).map(([lower, upper, count]) => ({ lower, upper, count }));
  const zero = { lower: -small, upper: small, zero: true, count: bins.filter(([l, u]) => size(l, u) <= small * 1.0001).reduce((sum, b) => sum + b[2], 0) };
  const step = 10 ** 0.25;
  const all = [];
  const side = (sign) => {
    const own = kept.filter((b) => Math.sign(b.lower + b.upper) === sign);
    if (!own.length) return [];
    const furthest = Math.max(...own.map((b) => size(b.lower, b.upper)));
    const filled = [];
    for (let edge = small; edge < furthest * 0.999; edge *= step) {
      const [lower, upper] = sign > 0 ? [edge, edge * step] : [-edge * step, -edge];
      const middle = sign * edge * Math.sqrt(step);
      const found = own.find((b) => b.lower <= middle && middle < b.upper);
      filled.push({ lower: found?.lower ?? lower, upper: found?.upper ?? upper, count: found?.count ?? 0 });
    }
    return filled;
  };
  all.push(...side(-1).reverse(), zero, ...side(1));
  for (const b of all) {
    const edge = b.zero ? 0 : b.lower > 0 ? b.lower : b.upper;
    const decade = Math.log10(Math.abs(edge));
    b.name = b.zero ? '0' : Math.abs(decade - Math.round(decade)) < 1e-6 && Math.round(decade) % 2 !== 0 ? number(edge) : '';
  }
  return all;
}

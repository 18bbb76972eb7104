// Maps of who loses, without and with adaptation side by side (Baum et al. 2024, figures 2 and 3).
const VIEWS = { World: [0, 8, 1], Africa: [15, 1, 1.75], Americas: [-85, 6, 1], Asia: [74, 23, 1.85], Europe: [10, 54, 4], Oceania: [118, -18, 1.95] };
const SAME = 0.01; // a change of less than a hundredth is none

function registerWorld() {
  const ring = (points) => points.map(([x, y]) => [x / 100, y / 100]);
  const features = DATA.outlines.map((points, at) => ({ type: 'Feature', properties: { name: `${at}` }, geometry: { type: 'Polygon', coordinates: [ring(points)] } }));
  echarts.registerMap('world', { type: 'FeatureCollection', features });
}
// Rows of a layer: value per person or tonnes by way, share of the baseline.
function lossesOf(layer) {
  const shocked = new Set(story().shocks.map((s) => s[0]));
  return layer.areas.map((area, at) => {
    const place = DATA.areas[area];
    const al = [0, 1].map((way) => (layer.al[way].length ? layer.al[way][at] : null));
    const kg = al.map((v) => (v == null || !place.population ? null : 1000 * v / place.population));
    const base = layer.item == null ? null : DATA.baseline[layer.item]?.[area];
    const rl = al.map((v) => (v == null || !base ? null : Math.max(-1, v / base)));
    return { area, name: place.name, region: place.region, al, kg, rl, shocked: shocked.has(place.name) };
  });
}
const shownItem = () => story().layers[state.item]?.item;
const perPerson = () => state.measure === 'kg' || shownItem() == null;
const valueOf = (row, way) => (perPerson() ? row.kg[way] : row.al[way]);
const unit = () => (perPerson() ? perPersonUnit(shownItem()) : DATA.units[shownItem()] === 'tonne' ? 't' : DATA.units[shownItem()]);
// What became of an area: colours of the figure.
function fate(row, way) {
  const value = row.al[way];
  if (value < 0) return 'gain';
  const before = row.al[0];
  if (way === 0 || before == null) return 'loss';
  if (before <= 0 || value > before * (1 + SAME)) return 'worse';
  return value < before * (1 - SAME) ? 'better' : 'loss';
}
const FATES = { loss: 'loss', gain: 'gain against the baseline', worse: 'loss made worse by adaptation', better: 'loss made smaller by adaptation' };
function styleOf(kind, c, radius) {
  if (kind === 'gain') return { color: 'transparent', borderColor: c.gain, borderWidth: radius < 5 ? 1 : 2 };
  return { color: c[kind], borderColor: { worse: c.ink, better: c.rim, loss: c.edge }[kind], borderWidth: kind === 'better' ? 1.2 : radius < 5 ? 0 : kind === 'worse' ? 1.4 : 0.6, opacity: 0.9 };
}
function mapOption(rows, way, most) {
  return (c, width) => {
    const largest = Math.max(9, Math.min(26, width / 24));
    const radius = (value) => 2 * Math.max(1.6, largest * Math.sqrt(Math.abs(value) / most));
    const [x, y, zoom] = VIEWS[state.zoom];
    const shown = rows.filter((r) => !r.shocked && DATA.places[r.area] && valueOf(r, way) != null && Math.abs(valueOf(r, way)) > most * 2e-4)
      .sort((a, b) => Math.abs(valueOf(b, way)) - Math.abs(valueOf(a, way)));
    const points = shown.map((r) => ({ value: [...DATA.places[r.area], r.area], symbolSize: radius(valueOf(r, way)), itemStyle: styleOf(fate(r, way), c, radius(valueOf(r, way))), row: r }));
    const crosses = story().shocks.map((s) => DATA.areas.findIndex((a) => a.name === s[0]))
      .filter((area, at, all) => area >= 0 && DATA.places[area] && all.indexOf(area) === at)
      .map((area) => ({ value: [...DATA.places[area], area], row: rows.find((r) => r.area === area), shocked: DATA.areas[area].name }));
    return {
      geo: { map: 'world', silent: true, roam: false, aspectScale: 1, center: [x, y], zoom, left: 0, right: 0, top: 0, bottom: 0,
        itemStyle: { areaColor: c.land, borderColor: c.border, borderWidth: 0.6 } },
      tooltip: tooltip(c, (p) => {
        const r = p.data.row;
        const lines = r ? [0, 1].filter((w) => r.al[w] != null).flatMap((w) => [
          [WAYS[w], r.kg[w] == null ? '' : `${number(r.kg[w])} ${perPersonUnit(shownItem())}`],
          shownItem() == null ? null : ['', amount(r.al[w], shownItem())], r.rl[w] == null ? null : ['', `${percent(r.rl[w])} of its ${itemName(story().layers[state.item].item)}`]]) : [];
        return tip(p.data.shocked ? `${p.data.shocked} (shocked)` : r.name, lines);
      }),
      series: [
        { type: 'scatter', coordinateSystem: 'geo', data: points, emphasis: { scale: 1.15, itemStyle: { borderColor: c.ink, borderWidth: 2 } }, z: 3 },
        { type: 'scatter', coordinateSystem: 'geo', data: crosses, z: 5, symbolSize: 13, itemStyle: { color: c.ink, borderColor: c.card, borderWidth: 1 },
          symbol: 'path://M2,0L5,3L8,0L10,2L7,5L10,8L8,10L5,7L2,10L0,8L3,5L0,2Z' },
      ],
    };
  };
}
function mapSection() {
  const host = byId('map');
  const item = make('select', { id: 'map-item', onchange: (e) => { state.item = Number(e.target.value); drawMap(); writeState(); } });
  const measure = make('select', { id: 'map-measure', onchange: (e) => { state.measure = e.target.value; drawMap(); writeState(); } },
    make('option', { value: 'kg' }, 'per person'), make('option', { value: 't' }, 'in all'));
  const zoom = make('select', { id: 'map-zoom', onchange: (e) => { state.zoom = e.target.value; drawMap(); writeState(); } }, Object.keys(VIEWS).map((v) => make('option', {}, v)));
  host.append(
    make('p', { class: 'lead', id: 'map-lead' }),
    make('div', { class: 'controls' }, make('label', {}, 'Item', item), make('label', {}, 'Circles', measure), make('label', {}, 'View', zoom)),
    make('div', { class: 'pair', id: 'maps' }), make('div', { id: 'map-legend' }),
    make('h3', { id: 'hardest-title' }, 'Hit hardest'), make('p', { class: 'note', id: 'hardest-note' }, 'Upper bars without, lower bars with adaptation, in the colours of the map.'), make('div', { class: 'chart', id: 'hardest' }), make('div', { id: 'map-numbers' }));
}
function drawMap() {
  const told = story();
  if (state.item >= told.layers.length) state.item = 0;
  const layer = told.layers[state.item];
  const c = colours();
  const choice = clear(byId('map-item'));
  choice.append(...told.layers.map((l, at) => make('option', { value: at, selected: at === state.item }, itemName(l.item))));
  const rows = layer ? lossesOf(layer) : [];
  const ways = [0, 1].filter((way) => told.ways[way]);
  const others = rows.filter((r) => !r.shocked);
  const most = Math.max(1e-9, ...others.flatMap((r) => ways.map((way) => Math.abs(valueOf(r, way) ?? 0))));
  const name = itemName(layer?.item);
  const losers = ways.map((way) => others.filter((r) => r.al[way] > 0).length);
  const main = ways[ways.length - 1];
  const hardest = others.filter((r) => valueOf(r, main) > 0).sort((a, b) => valueOf(b, main) - valueOf(a, main))[0];
  byId('map-title').textContent = hardest ? `${told.name}: ${shortName(hardest.name)} loses most ${name === 'All food' ? 'food' : name}, ${perPerson() ? `${number(valueOf(hardest, main))} ${unit()}` : amount(valueOf(hardest, main), shownItem())}` : `${told.name}: nobody else loses ${name === 'All food' ? 'food' : name}`;
  byId('map-lead').textContent = `${told.name} fails${told.shocks.some((s) => s[2] !== 1) ? ` (${[...new Set(told.shocks.map((s) => percent(s[2])))].join(', ')} of output)` : ''}. ${name}: ${ways.map((way, at) => `${losers[at]} areas lose ${WAYS[way]}`).join(', ')}.`;
  const maps = byId('maps');
  if (maps.childElementCount !== ways.length) {
    clear(maps).append(...ways.map((way) => make('figure', {}, make('figcaption', {}, WAYS[way][0].toUpperCase() + WAYS[way].slice(1)), make('div', { class: 'chart', id: `map-${way}` }))));
    forget([]);
  }
  for (const way of ways) {
    const element = byId(`map-${way}`);
    const worst = others.filter((r) => valueOf(r, way) > 0).sort((a, b) => valueOf(b, way) - valueOf(a, way)).slice(0, 3);
    const label = `World map, ${WAYS[way]}: ${name} lost after ${told.name}. ${worst.map((r) => `${r.name} ${number(valueOf(r, way))} ${unit()}`).join(', ') || 'No losses'}.`;
    chart(element, Math.max(150, Math.round(element.clientWidth * 0.47)), mapOption(rows, way, most), label);
  }
  const kinds = ways.includes(1) && ways.includes(0) ? ['loss', 'worse', 'better', 'gain'] : ['loss', 'gain'];
  clear(byId('map-legend')).append(legend([...kinds.map((k) => [k === 'gain' ? swatch('transparent', c.gain) : swatch(c[k], k === 'worse' ? c.ink : k === 'better' ? c.rim : c[k]), FATES[k]]),
    [{ css: 'border:0' }, `largest circle: ${perPerson() ? `${number(most)} ${unit()}` : amount(most, shownItem())}; ✖ shocked, its own loss is not drawn`]]));
  drawHardest(others, ways, name);
  clear(byId('map-numbers')).append(numbers('Numbers of the map', {
    name: 'losses by area', rows, sort: 2, columns: [
      { name: 'Area', value: (r) => r.name }, { name: 'Region', value: (r) => r.region },
      ...ways.flatMap((way) => [
        { name: `${perPersonUnit(shownItem())}, ${WAYS[way]}`, number: true, value: (r) => r.kg[way] },
        ...(shownItem() == null ? [] : [{ name: `${DATA.units[shownItem()] === 'tonne' ? 't' : DATA.units[shownItem()]}, ${WAYS[way]}`, number: true, value: (r) => r.al[way] }])]),
    ] }));
}
function drawHardest(others, ways, name) {
  const top = others.filter((r) => ways.some((way) => valueOf(r, way) > 0))
    .sort((a, b) => Math.max(...ways.map((w) => valueOf(b, w) ?? 0)) - Math.max(...ways.map((w) => valueOf(a, w) ?? 0))).slice(0, 20);
  const label = `Bars: the ${top.length} areas that lose most, ${unit()}.`;
  byId('hardest-title').hidden = !top.length;
  byId('hardest-note').hidden = !top.length || ways.length < 2;
  chart(byId('hardest'), top.length ? 56 + top.length * (ways.length > 1 ? 31 : 20) : 0, (c, width) => ({
    grid: { left: 8, right: 60, top: 46, bottom: 4, containLabel: true },
    tooltip: tooltip(c, (p) => tip(top[p.dataIndex].name, ways.map((w) => [WAYS[w], `${number(valueOf(top[p.dataIndex], w))} ${unit()}`]))),
    xAxis: axis(c, { type: 'value', position: 'top', name: unit(), nameLocation: 'middle', nameGap: 24, splitNumber: 4, axisLabel: { color: c.soft, hideOverlap: true, formatter: (v) => number(v) } }),
    yAxis: axis(c, { type: 'category', inverse: true, data: top.map((r) => shortName(r.name)), axisLabel: { color: c.ink, interval: 0, width: width < 560 ? 110 : 210, overflow: 'break' } }),
    series: ways.map((way) => ({
      type: 'bar', name: WAYS[way], barGap: '10%', barCategoryGap: '26%', barMinHeight: 1,
      data: top.map((r) => ({ value: valueOf(r, way), itemStyle: { color: way === 0 ? c.loss : (ways.length > 1 ? c[fate(r, way)] : c.loss), borderColor: c.rim, borderWidth: way === 1 && fate(r, way) === 'better' ? 1 : 0, borderRadius: 2 } })),
      itemStyle: { color: way === 0 ? c.loss : c.second },
      label: { show: true, position: 'right', color: c.soft, fontSize: 11, formatter: (p) => number(p.value) },
    })),
  }), `${label} ${name}.`);
}

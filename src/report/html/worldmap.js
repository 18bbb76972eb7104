// A map of the world: countries coloured by what they lose, circles by how much, dots where a country is too
// small to be seen. Drawn once; another answer only changes colours, so that it follows a click at once.
// Units are those of the Equal Earth projection in `outlines` (344 wide); south is down.
const MAP_VIEWS = {
  World: [-156, -76, 312, 137], Africa: [-26, -43, 82, 86], Asia: [15, -60, 116, 75], Europe: [-22, -71, 64, 34],
  'North America': [-147, -71, 119, 66], 'South America': [-82, -18, 62, 79], Oceania: [80, -18, 78, 72],
};
const SVG = 'http://www.w3.org/2000/svg';
function drawn(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) if (value != null) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
// Sets what has changed alone: what is set again is laid out and drawn again.
function put(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const text = String(value);
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}
// Classes of a map: bounds in steps of about three, the top one as high as the largest value asks for.
const ROUND = [1, 2, 5];
function roundBelow(value) {
  if (!(value > 0)) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * (ROUND.filter((r) => r * power <= value * (1 + 1e-9)).pop() || 1);
}
function thirdOf(value) {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const lead = Math.round(value / power);
  return lead === 1 ? 0.3 * power : lead === 3 ? power : lead === 2 ? 0.5 * power : 2 * power;
}
function classesOf(most) {
  const bounds = [];
  let bound = roundBelow(most);
  while (bound > 0 && bounds.length < 5) { bounds.unshift(bound); bound = thirdOf(bound); }
  return bounds;
}
function classColour(value, bounds) {
  const c = colours();
  const ramp = (c.dark ? RAMP_DARK : RAMP).slice(1);
  if (value == null || Number.isNaN(value)) return null;
  if (value < 0) {
    const deep = Math.max(0, bounds.filter((b) => b <= -value).length - 1);
    return c.dark ? mix('#27405a', '#6fb6f2', Math.min(1, deep / 4)) : mix('#cfe4f5', '#2f6fb0', Math.min(1, deep / 4));
  }
  const at = bounds.filter((b) => b <= value).length;
  return ramp[Math.min(ramp.length - 1, at)];
}

// A map in `host`. `places`: { name, iso3, at: [x, y] or null } by area; `pick(area)` is called for a click or a key.
function worldMap(host, { outlines, places, pick, tipOf }) {
  const svg = drawn('svg', { xmlns: SVG, class: 'worldmap', role: 'group', preserveAspectRatio: 'xMidYMid meet' });
  const layers = ['land', 'dots', 'circles', 'marks', 'names'].map((name) => drawn('g', { 'data-layer': name }));
  const [land, dots, circles, marks, names] = layers;
  const byCode = new Map(places.map((place, area) => [place.iso3, area]));
  const shapes = new Map();
  const extent = new Map();
  for (const [code, points] of outlines) {
    let path = '';
    let box = [1e9, 1e9, -1e9, -1e9];
    for (let at = 0; at < points.length; at += 2) {
      const [x, y] = [points[at] / 100, points[at + 1] / 100];
      path += `${at ? 'L' : 'M'}${x} ${y}`;
      box = [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)];
    }
    shapes.set(code, `${shapes.get(code) || ''}${path}Z`);
    const size = (box[2] - box[0]) * (box[3] - box[1]);
    extent.set(code, Math.max(extent.get(code) || 0, size));
  }
  const element = new Map();
  for (const [code, d] of shapes) {
    const path = drawn('path', { d });
    const area = byCode.get(code);
    if (area != null) { element.set(area, path); path.dataset.area = area; }
    land.append(path);
  }
  // A floor of size: countries under a few square units are drawn as dots, too.
  const small = places.map((place, area) => area).filter((area) => places[area].at && !(extent.get(places[area].iso3) > 2.2));
  const dot = new Map(small.map((area) => {
    const spot = drawn('circle', { cx: places[area].at[0], cy: places[area].at[1] });
    spot.dataset.area = area;
    dots.append(spot);
    return [area, spot];
  }));
  svg.append(...layers);
  host.append(svg);
  const bubble = make('div', { class: 'bubble', hidden: true });
  host.append(bubble);
  const areaOf = (event) => { const at = event.target.closest?.('[data-area]'); return at ? Number(at.dataset.area) : null; };
  svg.addEventListener('click', (event) => { const area = areaOf(event); if (area != null && pick) pick(area); });
  svg.addEventListener('pointermove', (event) => {
    const area = areaOf(event);
    const told = area != null && tipOf ? tipOf(area) : null;
    bubble.hidden = !told;
    if (!told) return;
    clear(bubble).append(told);
    const frame = host.getBoundingClientRect();
    const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
    bubble.style.left = `${Math.max(0, Math.min(x + 14, frame.width - bubble.offsetWidth))}px`;
    bubble.style.top = `${y + 18 + bubble.offsetHeight > frame.height ? Math.max(0, y - bubble.offsetHeight - 12) : y + 18}px`;
  });
  svg.addEventListener('pointerleave', () => { bubble.hidden = true; });
  let last = null;
  let wide = host.clientWidth;
  let front = null;
  // told: { view, fill: area => colour or null, circle: area => { r, ...style } or null, marked: [area], chosen, named: [area], label }
  function update(told) {
    last = told;
    const c = colours();
    const [x, y, width, height] = MAP_VIEWS[told.view] || MAP_VIEWS.World;
    const unit = width / Math.max(1, wide); // map units to a pixel
    put(svg, { viewBox: `${x} ${y} ${width} ${height}`, 'aria-label': told.label });
    const none = c.land;
    const paint = (target, area, colour) => {
      const chosen = area != null && area === told.chosen;
      put(target, { fill: colour ?? none, stroke: chosen ? c.ink : c.border, 'stroke-width': (chosen ? 1.8 : 0.5) * unit });
    };
    for (const path of land.children) {
      const area = path.dataset.area == null ? null : Number(path.dataset.area);
      paint(path, area, area == null ? null : told.fill(area));
    }
    if (front !== told.chosen && element.has(told.chosen)) land.append(element.get(told.chosen));
    front = told.chosen;
    for (const [area, spot] of dot) {
      const colour = told.fill(area);
      put(spot, { r: 4 * unit, display: colour ? 'inline' : 'none' });
      paint(spot, area, colour);
    }
    circles.replaceChildren();
    if (told.circle) {
      const rows = places.map((place, area) => [area, place.at && told.circle(area)]).filter((row) => row[1]).sort((a, b) => b[1].r - a[1].r);
      for (const [area, style] of rows) {
        const spot = drawn('circle', { cx: places[area].at[0], cy: places[area].at[1], r: style.r * unit, fill: style.fill, 'fill-opacity': style.opacity ?? 0.85, stroke: style.stroke, 'stroke-width': (style.width ?? 0.8) * unit });
        spot.dataset.area = area;
        circles.append(spot);
      }
    }
    marks.replaceChildren(...(told.marked || []).filter((area) => places[area].at).map((area) => {
      const [cx, cy] = places[area].at;
      const s = 5.5 * unit;
      const cross = drawn('path', { d: `M${cx - s} ${cy - s}L${cx + s} ${cy + s}M${cx + s} ${cy - s}L${cx - s} ${cy + s}`, stroke: c.ink, 'stroke-width': 2.6 * unit, 'stroke-linecap': 'round', fill: 'none', 'pointer-events': 'none' });
      return drawn('g', {}, drawn('circle', { cx, cy, r: s * 1.75, fill: c.card, 'fill-opacity': 0.85, stroke: c.ink, 'stroke-width': 0.7 * unit, 'pointer-events': 'none' }), cross);
    }));
    label(told.named || [], c, unit, [x, y, width, height]);
  }
  // Names of what matters, where they do not run into each other.
  function label(areas, c, unit, [left, top, width, height]) {
    const taken = [];
    names.replaceChildren();
    for (const area of areas) {
      const place = places[area];
      if (!place.at) continue;
      const text = shortName(place.name);
      const [w, h] = [text.length * 6.3 * unit, 14 * unit];
      const spots = [[place.at[0], place.at[1] - 9 * unit], [place.at[0], place.at[1] + 17 * unit]];
      const free = spots.find(([cx, cy]) => cx - w / 2 > left && cx + w / 2 < left + width && cy - h > top && cy < top + height
        && !taken.some((t) => Math.abs(t[0] - cx) < (t[2] + w) / 2 && Math.abs(t[1] - cy) < h));
      if (!free) continue;
      taken.push([free[0], free[1], w]);
      const name = drawn('text', { x: free[0], y: free[1], 'text-anchor': 'middle', 'font-size': 11.5 * unit, 'font-weight': 600, fill: c.ink, stroke: c.card, 'stroke-width': 3 * unit, 'paint-order': 'stroke', 'stroke-linejoin': 'round', 'pointer-events': 'none' });
      name.append(text);
      names.append(name);
    }
  }
  new ResizeObserver(() => { if (host.clientWidth && host.clientWidth !== wide) { wide = host.clientWidth; if (last) update(last); } }).observe(host);
  return { svg, update, width: () => wide };
}

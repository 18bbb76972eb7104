'use strict';
// Numbers in words, elements, charts that follow the theme: what the page of a result and the live page share.
// Names from the data become text nodes and nothing else.

// An element with attributes and children; strings become text.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'class') element.className = value;
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  for (const child of children.flat()) {
    if (child != null) element.append(child instanceof Node ? child : String(child));
  }
  return element;
}
const byId = (id) => document.getElementById(id);
function clear(element) { element.replaceChildren(); return element; }

// Numbers as people read them: three or four digits, thousands apart.
function number(value, digits = 3) {
  if (value == null || Number.isNaN(value)) return '–';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e15) return value.toExponential(1);
  if (size >= 1000) return Math.round(value).toLocaleString('en-GB');
  if (size < 1e-8) return '0';
  if (size < 0.0005) return value.toExponential(1);
  const places = Math.max(0, Math.min(6, digits - 1 - Math.floor(Math.log10(size))));
  return value.toLocaleString('en-GB', { maximumFractionDigits: places });
}
// Tonnes with a word for the size.
function tonnes(value) {
  const size = Math.abs(value);
  for (const [unit, word] of [[1e12, 'trillion t'], [1e9, 'billion t'], [1e6, 'million t']]) {
    if (size >= unit) return `${number(value / unit)} ${word}`;
  }
  return `${number(value)} t`;
}
const percent = (value, digits = 2) => (value == null ? '–' : `${number(100 * value, digits)} %`);
const signed = (value, text) => (value > 0 ? `+${text}` : text);

// Colours of the charts in the current theme. Blue against orange and dark against light: they keep
// apart for colour-blind eyes and on grey paper.
function colours() {
  const dark = document.documentElement.dataset.theme === 'dark';
  return dark
    ? { dark, ink: '#e6e9ec', soft: '#a3adb8', line: '#3a434d', card: '#1c2228', land: '#2a323a', border: '#47525d',
        loss: '#f0b13c', worse: '#ff6b57', better: '#2f6ea8', rim: '#a9d6f5', second: '#7db8f5', gain: '#9fe0e8', edge: '#14181c', base: '#a3adb8' }
    : { dark, ink: '#1d2329', soft: '#5b6570', line: '#dcd9d2', card: '#ffffff', land: '#ece9e2', border: '#c9c4b8',
        loss: '#e69f00', worse: '#8f1020', better: '#b5dcf7', rim: '#2a6fad', second: '#1f5f99', gain: '#0b7285', edge: '#ffffff', base: '#7a838c' };
}

// Losses from pale to dark, gains in blue. The lightness alone tells the order.
const RAMP = ['#fffefa', '#fddc9a', '#f9b25c', '#ec7f35', '#c9481c', '#8f1f17', '#4f0d12'];
const RAMP_DARK = ['#2a2a24', '#5a4420', '#8f5a1e', '#c9701f', '#ee9440', '#fbc27d', '#ffecca'];
function mix(a, b, t) {
  const channel = (c, at) => parseInt(c.slice(1 + 2 * at, 3 + 2 * at), 16);
  const of = (at) => Math.round(channel(a, at) + (channel(b, at) - channel(a, at)) * t);
  return `rgb(${of(0)},${of(1)},${of(2)})`;
}
function heatColour(rl) {
  const dark = colours().dark;
  if (rl == null) return 'transparent';
  if (rl < 0) {
    const t = Math.min(1, Math.sqrt(-rl));
    return dark ? mix('#2a2a24', '#4f9be0', t) : mix('#f4f8fc', '#2f6fb0', t);
  }
  const ramp = dark ? RAMP_DARK : RAMP;
  const at = Math.min(1, Math.sqrt(rl)) * (ramp.length - 1);
  const low = Math.min(ramp.length - 2, Math.floor(at));
  return mix(ramp[low], ramp[low + 1], at - low);
}
function heatInk(rl) {
  const size = Math.sqrt(Math.min(1, Math.abs(rl)));
  return colours().dark ? (rl > 0 && size > 0.62 ? '#14181c' : '#e6e9ec') : (size > 0.6 ? '#ffffff' : '#1d2329');
}

// A chart: drawn when it is shown, again when the theme, the width or the data change.
const charts = [];
function chart(element, height, option, label) {
  let entry = charts.find((c) => c.element === element);
  if (!entry) {
    entry = { element, instance: null };
    charts.push(entry);
    entry.observer = new ResizeObserver(() => { if (entry.instance && element.clientWidth !== entry.instance.getWidth()) draw(entry); });
    entry.observer.observe(element);
  }
  Object.assign(entry, { option, height, label });
  element.style.height = `${height}px`;
  element.setAttribute('role', 'img');
  element.setAttribute('aria-label', label);
  // What is far below is drawn after the page has opened.
  const opening = !document.documentElement.dataset.drawn;
  if (opening && element.getBoundingClientRect().top > 1.5 * innerHeight) waiting.add(entry);
  else draw(entry);
  return entry;
}
const waiting = new Set();
function drawWaiting() {
  const [entry] = waiting;
  if (entry) {
    draw(entry);
    setTimeout(drawWaiting);
  } else {
    document.documentElement.dataset.drawn = 'true';
  }
}
function draw(entry) {
  waiting.delete(entry);
  if (!entry.instance) {
    entry.instance = echarts.init(entry.element, null, { renderer: 'svg' });
  } else {
    entry.instance.resize();
  }
  const c = colours();
  const option = entry.option(c, entry.element.clientWidth);
  // By name: widths are measured on a canvas, which inherits nothing and would measure another, narrower font;
  // the room of an axis by its own style alone.
  const { fontFamily } = getComputedStyle(document.body);
  for (const one of [option.xAxis, option.yAxis].flat()) {
    if (one) one.axisLabel = Object.assign({ fontFamily }, one.axisLabel);
  }
  entry.instance.setOption(Object.assign({
    animation: false, textStyle: { fontFamily, color: c.ink }, backgroundColor: 'transparent',
  }, option), true);
}
function forget(elements) {
  for (let at = charts.length - 1; at >= 0; at -= 1) {
    if (!document.body.contains(charts[at].element) || elements.includes(charts[at].element)) {
      const [entry] = charts.splice(at, 1);
      entry.observer.disconnect();
      waiting.delete(entry);
      if (entry.instance) entry.instance.dispose();
      entry.instance = null;
    }
  }
}
function tooltip(c, of) {
  return {
    trigger: 'item', confine: true, appendTo: 'body', backgroundColor: c.card, borderColor: c.line,
    textStyle: { color: c.ink }, transitionDuration: 0,
    formatter: (params) => of(params) || '',
  };
}
// What a tooltip says: a title and rows of two cells.
function tip(title, rows) {
  const cells = rows.filter(Boolean).map(([name, value]) => make('tr', {}, make('td', {}, name), make('td', {}, value)));
  return make('div', { class: 'tip' }, make('b', {}, title), make('table', {}, make('tbody', {}, cells)));
}
function axis(c, more = {}) {
  return Object.assign({
    axisLine: { lineStyle: { color: c.line } }, axisTick: { show: false },
    axisLabel: { color: c.soft, hideOverlap: true }, splitLine: { lineStyle: { color: c.line } },
    nameTextStyle: { color: c.soft },
  }, more);
}
function legend(entries) {
  return make('ul', { class: 'legend' }, entries.map(([style, text]) =>
    make('li', {}, make('span', { class: style.bar ? 'swatch bar' : 'swatch', style: style.css, 'aria-hidden': 'true' }), text)));
}
const swatch = (colour, border) => ({ css: `background:${colour};border:2px solid ${border || colour}` });
// Names as people say them: without what FAO adds, and not longer than a label.
const SHORT_NAMES = { 'United States of America': 'United States', 'Democratic Republic of the Congo': 'DR Congo', 'Russian Federation': 'Russia', 'China, mainland': 'China', 'United Republic of Tanzania': 'Tanzania', 'Republic of Korea': 'South Korea', "Democratic People's Republic of Korea": 'North Korea', 'United Kingdom': 'United Kingdom', 'Syrian Arab Republic': 'Syria', "Lao People's Democratic Republic": 'Laos', 'Viet Nam': 'Vietnam', 'China, Taiwan Province of': 'Taiwan', 'China, Hong Kong SAR': 'Hong Kong', 'Central African Republic': 'Central African Rep.', 'Republic of Moldova': 'Moldova', 'United Arab Emirates': 'U.A. Emirates', 'The former Yugoslav Republic of Macedonia': 'North Macedonia' };
function shortName(name) {
  const plain = SHORT_NAMES[name] || name.replace(/ \(.*\)$/, '');
  return plain.length > 24 ? `${plain.slice(0, 23)}…` : plain;
}
// Whether a text holds all words of another, in any order.
const plainWords = (text) => text.toLowerCase().normalize('NFD').replace(/[\u0300-\u036f]/g, '');
const holdsAll = (text, wanted) => { const hay = plainWords(text); return plainWords(wanted).split(/[\s/·]+/).filter(Boolean).every((word) => hay.includes(word)); };

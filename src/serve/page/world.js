// The world that is asked, and how its names and numbers are said.
let WORLD = null;
const areaAt = new Map();
const itemAt = new Map();

function knowWorld(world) {
  WORLD = world;
  world.areas.forEach((area, at) => areaAt.set(area.name, at));
  world.items.forEach((item, at) => { itemAt.set(item.name, at); item.unit = unitWords(item.unit); });
}
// `1000 heads` after a number reads as another number.
const unitWords = (unit) => unit.replace(/^1,?000 /, 'thousand ');
const areaName = (at) => WORLD.areas[at].name;
const shortArea = (at) => shortName(WORLD.areas[at].name);
const theItem = (at) => WORLD.items[at].name;
// `Wheat and products` is wheat to people.
const shortItem = (name) => name.replace(/ (and|&) products$/i, '').replace(/ \((.*?)\)$/, '');
const sectorWords = ([area, item]) => `${shortArea(area)}: ${shortItem(theItem(item))}`;
function failureWords({ area, item }) {
  const what = item === '*' ? 'everything produced' : shortItem(item);
  return `${shortName(area)} · ${what}`;
}

// Large amounts with a word for the size.
function large(value, unit) {
  const size = Math.abs(value);
  for (const [step, word] of [[1e15, 'quadrillion'], [1e12, 'trillion'], [1e9, 'billion'], [1e6, 'million']]) {
    if (size >= step) return `${number(value / step)} ${word} ${unit}`;
  }
  return `${number(value)} ${unit}`;
}
const MEASURES = { kcal: 'Calories', mass: 'Tonnes', protein: 'Protein' };
const wayWords = () => ({ off: 'Without adaptation', on: 'With adaptation', both: 'Both, side by side' });

// What everything taken away says of itself.
function provenance() {
  const notes = [];
  if (WORLD.warning) notes.push(WORLD.synthetic ? `SYNTHETIC: real names, invented numbers. Nothing here may be cited (${WORLD.warning}).` : `Not all data are original: losses are plausible, not citable (${WORLD.warning}).`);
  notes.push(`Data: ${WORLD.name}${WORLD.year ? `, ${WORLD.year}` : ''} (licence: ${WORLD.licence}; content hash ${WORLD.hash.slice(0, 16)}). Outlines: Natural Earth.`);
  notes.push(`Computed with shocksweep ${WORLD.version} after Laber et al. 2023 (without adaptation) and Baum et al. 2024 (with it). A loss is what is missing against the same year without the failure.`);
  notes.push(`State: ${decodeURIComponent(address())}`);
  return notes;
}
function plainText(text) {
  return text.toLowerCase().normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/[^a-z0-9*]+/g, ' ').trim();
}
// How well a text holds all words, in any order: smaller is better, null is not at all.
function holdsWords(words, hay) {
  let worst = 0;
  for (const word of words) {
    const at = hay.indexOf(` ${word}`);
    if (at < 0 && !(word.length > 2 && hay.includes(word))) return null;
    worst += at < 0 ? 2 : hay.startsWith(` ${word}`) ? 0 : 1;
  }
  return worst;
}

// What is looked at: all of it is in the address, so that every view is a link.
const view = {
  failures: [], way: 'both', measure: null, item: null, told: 'share', year: null, area: null, changes: [], region: 'World', map: 'colours',
};
const WAYS = ['without adaptation', 'with adaptation'];
const TOKEN = 'shocksweep-token';
const listeners = [];

// Reads the address; the token of the first link is kept by the browser and leaves the address.
function readAddress() {
  const words = new URLSearchParams(location.hash.slice(1));
  if (words.has('token')) {
    localStorage.setItem(TOKEN, words.get('token'));
    words.delete('token');
    history.replaceState(null, '', `#${words}`);
  }
  const list = words.getAll('fail').map((text) => text.split('|'));
  view.failures = list.filter((parts) => parts.length >= 2).map(([area, item, phi, from, to]) => ({
    area, item, phi: clampNumber(phi, 0, 1, 1), from: Number(from) || null, to: Number(to) || null,
  }));
  const one = (name, known, usual) => (known.includes(words.get(name)) ? words.get(name) : usual);
  view.way = one('adaptation', ['off', 'on', 'both'], null);
  view.measure = words.get('measure');
  view.item = words.get('item');
  view.told = one('told', ['share', 'person', 'sum'], 'share');
  view.year = words.has('year') ? Number(words.get('year')) : null;
  view.area = words.get('area');
  view.region = one('region', Object.keys(MAP_VIEWS), 'World');
  view.map = one('map', ['colours', 'circles'], 'colours');
  try { view.changes = JSON.parse(words.get('change') || '[]'); } catch { view.changes = []; }
  if (!Array.isArray(view.changes)) view.changes = [];
}
function clampNumber(text, low, high, usual) {
  const value = Number(text);
  return text == null || text === '' || Number.isNaN(value) ? usual : Math.min(high, Math.max(low, value));
}
function address() {
  const words = new URLSearchParams();
  for (const f of view.failures) words.append('fail', [f.area, f.item, f.phi, f.from ?? '', f.to ?? ''].join('|').replace(/\|+$/, ''));
  words.set('adaptation', view.way);
  if (view.item) words.set('item', view.item); else words.set('measure', view.measure);
  if (view.told !== 'share') words.set('told', view.told);
  if (view.year !== WORLD.steps) words.set('year', view.year);
  if (view.area) words.set('area', view.area);
  if (view.region !== 'World') words.set('region', view.region);
  if (view.map !== 'colours') words.set('map', view.map);
  if (view.changes.length) words.set('change', JSON.stringify(view.changes));
  return words.toString();
}
// Changes the view; `event` is what the person did, from which time is counted.
function look(patch, event) {
  Object.assign(view, patch);
  history.replaceState(null, '', `#${address()}`);
  const since = event?.timeStamp ?? performance.now();
  for (const listener of listeners) listener(Object.keys(patch), since);
}

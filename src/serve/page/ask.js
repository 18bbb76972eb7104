// Questions to the program that serves this page. A newer question of a kind takes the place of an older one.
class Stale extends Error {}
const PAGE = crypto.randomUUID();
const asking = new Map();

async function fetched(path, options = {}) {
  const token = localStorage.getItem(TOKEN) || '';
  let answer;
  try {
    answer = await fetch(path, { ...options, cache: 'no-store', credentials: 'omit', headers: { ...options.headers, Authorization: `Bearer ${token}` } });
  } catch (error) {
    if (error.name === 'AbortError') throw new Stale();
    throw new Error('The program does not answer any more. Start it again: shocksweep explore');
  }
  if (answer.status === 409) throw new Stale();
  if (answer.ok && answer.headers.get('Content-Type') === 'application/vnd.apache.arrow.file') return answer.blob();
  let said;
  try { said = await answer.json(); } catch (error) {
    if (error.name === 'AbortError') throw new Stale();
    throw error;
  }
  if (answer.status === 401) throw new Error('This page needs the link that the program printed at its start: open that one.');
  if (!answer.ok) throw new Error(said.error || `The program answered ${answer.status}.`);
  return said;
}
// Asks; `place` tells questions apart that may be open together.
async function ask(question, place = question.ask) {
  asking.get(place)?.abort();
  const own = new AbortController();
  asking.set(place, own);
  try {
    return await fetched('/api/ask', {
      method: 'POST', signal: own.signal, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ page: PAGE, question }),
    });
  } finally {
    if (asking.get(place) === own) asking.delete(place);
  }
}
// Asks until what takes long is there; `working` is told how far it is.
async function askUntil(question, working, place = question.ask) {
  const own = {};
  waitingFor.set(place, own);
  for (;;) {
    const said = await ask(question, place);
    if (waitingFor.get(place) !== own) throw new Stale();
    if (said.answer !== 'working') return said;
    working(said.total ? said.done / said.total : 0);
    await new Promise((done) => setTimeout(done, 300));
    if (waitingFor.get(place) !== own) throw new Stale();
  }
}
const waitingFor = new Map();
const theCase = (changes = []) => {
  const failures = view.failures.map(({ area, item, phi, from, to }) => ({ area, item, phi, ...(from ? { from } : {}), ...(to ? { to } : {}) }));
  return { failures, ways: view.way, ...(changes.length ? { changes } : {}) };
};
const tell = () => (view.item ? { item: view.item } : { measure: view.measure });

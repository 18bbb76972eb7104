// The data of a result, and how they are told.
const DATA = JSON.parse(document.getElementById('data').textContent);
const WAYS = ['without adaptation', 'with adaptation'];
const state = { story: 0, item: 0, measure: 'kg', zoom: 'World', way: 1 };

// Sums over items count food or mass (DATA.unit); an item counts in its own unit.
const perPersonUnit = (item) => (item == null ? DATA.unit : DATA.units[item] === 'tonne' ? 'kg per person' : `${DATA.units[item]} per 1,000 people`);
const amount = (value, item) => (DATA.units[item] === 'tonne' ? tonnes(value) : `${number(value)} ${DATA.units[item]}`);
const story = () => DATA.stories[state.story];
const itemName = (item) => (item == null ? 'All food' : DATA.items[item]);

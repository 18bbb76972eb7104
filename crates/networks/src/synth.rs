//! The built-in sample: real places, invented trade, events and incomes.
//!
//! Big for every model of the paper, small enough for an exact bootstrap in seconds. Nothing in it
//! is a statement about a country. The same bytes on every machine.

use std::collections::BTreeMap;

use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng;

use crate::world::{Area, Dropped, Events, Flow, PairValues, Tier, TradeYear, World};

/// Code, name, latitude and longitude of the capital or main city, region, language, size.
const AREAS: [(&str, &str, f64, f64, &str, u8, f64); 32] = [
    ("ARG", "Argentina", -34.6, -58.4, "Americas", 1, 0.6),
    ("AUS", "Australia", -33.9, 151.2, "Oceania", 2, 1.3),
    ("AUT", "Austria", 48.2, 16.4, "Europe", 3, 0.5),
    ("BEL", "Belgium", 50.8, 4.4, "Europe", 4, 0.6),
    ("BRA", "Brazil", -23.5, -46.6, "Americas", 5, 1.8),
    ("CAN", "Canada", 43.7, -79.4, "Americas", 2, 1.8),
    ("CHE", "Switzerland", 47.4, 8.5, "Europe", 3, 0.8),
    ("CHL", "Chile", -33.4, -70.7, "Americas", 1, 0.3),
    ("CHN", "China", 39.9, 116.4, "Asia", 6, 14.0),
    ("DEU", "Germany", 52.5, 13.4, "Europe", 3, 4.0),
    ("EGY", "Egypt", 30.0, 31.2, "Africa", 7, 0.3),
    ("ESP", "Spain", 40.4, -3.7, "Europe", 1, 1.4),
    ("EST", "Estonia", 59.4, 24.8, "Europe", 8, 0.04),
    ("FRA", "France", 48.9, 2.4, "Europe", 4, 2.7),
    ("GBR", "United Kingdom", 51.5, -0.1, "Europe", 2, 2.9),
    ("IDN", "Indonesia", -6.2, 106.8, "Asia", 9, 1.1),
    ("IND", "India", 19.1, 72.9, "Asia", 2, 2.9),
    ("ITA", "Italy", 45.5, 9.2, "Europe", 10, 2.0),
    ("JPN", "Japan", 35.7, 139.7, "Asia", 11, 5.0),
    ("KAZ", "Kazakhstan", 43.2, 76.9, "Asia", 12, 0.2),
    ("KOR", "South Korea", 37.6, 127.0, "Asia", 13, 1.6),
    ("MEX", "Mexico", 19.4, -99.1, "Americas", 1, 1.3),
    ("MYS", "Malaysia", 3.1, 101.7, "Asia", 9, 0.4),
    ("NLD", "Netherlands", 52.4, 4.9, "Europe", 4, 0.9),
    ("NOR", "Norway", 59.9, 10.8, "Europe", 14, 0.4),
    ("POL", "Poland", 52.2, 21.0, "Europe", 15, 0.6),
    ("RUS", "Russia", 55.8, 37.6, "Europe", 12, 1.7),
    ("THA", "Thailand", 13.8, 100.5, "Asia", 16, 0.5),
    ("TUR", "Turkey", 41.0, 29.0, "Asia", 17, 0.8),
    ("USA", "United States", 40.7, -74.0, "Americas", 2, 21.0),
    ("VNM", "Vietnam", 21.0, 105.8, "Asia", 18, 0.3),
    ("ZAF", "South Africa", -26.2, 28.0, "Africa", 2, 0.4),
];
/// Tier, items, exporters it favours, ties in a hundred pairs at the start.
const TIERS: [(&str, &[&str], &[&str], f64); 3] = [
    ("upstream", &["253090"], &["CHN", "AUS", "BRA", "MYS", "USA"], -2.3),
    ("midstream", &["280530", "284610", "284690"], &["CHN", "JPN", "FRA", "EST", "USA"], -2.1),
    ("downstream", &["850511"], &["CHN", "JPN", "DEU", "USA", "NLD"], -1.8),
];
const FIRST_YEAR: i32 = 2016;
const YEARS: usize = 8;
const SEED: u128 = 0x5eed_0000_0020;

/// A stream of random numbers per purpose and year, so that one does not shift another.
struct Stream(Pcg64);

impl Stream {
    fn new(purpose: u128, part: usize) -> Self {
        Stream(Pcg64::new(SEED << 8 | purpose, part as u128))
    }

    /// Uniform in (0, 1).
    fn unit(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Logistic with mean 0 and scale 1.
    fn logistic(&mut self) -> f64 {
        let u = self.unit();
        libm::log(u / (1.0 - u))
    }

    fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }
}

/// The sample.
pub fn world() -> World {
    let n = AREAS.len();
    let areas: Vec<Area> = AREAS
        .iter()
        .map(|&(code, name, lat, lng, group, _, _)| Area {
            code: code.to_string(),
            name: name.to_string(),
            lat,
            lng,
            group: group.to_string(),
            from: None,
            to: None,
        })
        .collect();
    let dyads = dyads(n);
    let events = events(&dyads);
    let tiers = (0..TIERS.len()).map(|tier| trade(tier, &dyads, &events)).collect();
    let attributes = BTreeMap::from([("gdp".to_string(), gdp())]);
    let dropped = Dropped::default();
    let covariates = BTreeMap::new();
    World { areas, tiers, events: Some(events), attributes, dyads, covariates, dropped }
}

fn size(i: usize) -> f64 {
    libm::log(AREAS[i].6)
}

fn gdp() -> BTreeMap<(i32, u32), f64> {
    let mut all = BTreeMap::new();
    for (i, area) in AREAS.iter().enumerate() {
        let mut random = Stream::new(1, i);
        let mut value = area.6 * 1e12;
        for t in 0..YEARS {
            all.insert((FIRST_YEAR + t as i32, i as u32), value.round());
            value *= 1.025 + 0.015 * random.logistic();
        }
    }
    all
}

/// Great-circle distance, km.
fn distance(i: usize, j: usize) -> f64 {
    let radians = |degrees: f64| degrees.to_radians();
    let (a, b) = (radians(AREAS[i].2), radians(AREAS[j].2));
    let half = |x: f64| libm::sin(x / 2.0) * libm::sin(x / 2.0);
    let turn = half(radians(AREAS[j].3 - AREAS[i].3));
    let square = half(b - a) + libm::cos(a) * libm::cos(b) * turn;
    2.0 * 6371.0 * libm::asin(square.sqrt())
}

fn dyads(n: usize) -> BTreeMap<String, PairValues> {
    let mut all = ["distance", "common_language", "colony"]
        .map(|name| (name.to_string(), PairValues::new(n)));
    let mut random = Stream::new(2, 0);
    for i in 0..n {
        for j in i + 1..n {
            let same = AREAS[i].5 == AREAS[j].5;
            let colony = random.chance(if same { 0.35 } else { 0.04 });
            let yes = |is: bool| f64::from(u8::from(is));
            all[0].1.set(i, j, (distance(i, j) * 10.0).round() / 10.0);
            all[1].1.set(i, j, yes(same));
            all[2].1.set(i, j, yes(colony));
        }
    }
    BTreeMap::from(all)
}

fn events(dyads: &BTreeMap<String, PairValues>) -> BTreeMap<i32, Vec<Events>> {
    let n = AREAS.len();
    let far = |i: usize, j: usize| libm::log(dyads["distance"].get(i, j)) - 8.5;
    let mut years = BTreeMap::new();
    for t in 0..YEARS {
        let mut random = Stream::new(3, t);
        let mut rows = Vec::new();
        for i in 0..n {
            for j in (0..n).filter(|&j| j != i) {
                let mass = 0.5 * (size(i) + size(j)) - 0.5 * far(i, j);
                // Some pairs quarrel in all years.
                let foes = (i * 7 + j * 7) % 23 == 3 && mass > -0.5;
                let mut count =
                    |level: f64| libm::floor(libm::exp(level + 0.6 * random.logistic())).min(400.0);
                let hostile = if foes { 1.8 } else { 0.0 };
                let counts = [
                    count(mass + 0.6),
                    count(mass - 1.0),
                    count(0.8 * mass - 1.0 + hostile),
                    count(0.7 * mass - 1.8 + hostile),
                ];
                if counts.iter().any(|&count| count > 0.0) {
                    rows.push(Events { source: i as u32, target: j as u32, counts });
                }
            }
        }
        years.insert(FIRST_YEAR + t as i32, rows);
    }
    years
}

/// Trade of a tier: ties last, answer each other, follow size, nearness, cooperation and peace.
fn trade(
    tier: usize,
    dyads: &BTreeMap<String, PairValues>,
    events: &BTreeMap<i32, Vec<Events>>,
) -> Tier {
    let (name, items, favoured, level) = TIERS[tier];
    let n = AREAS.len();
    let mut before = vec![false; n * n];
    let mut years = Vec::with_capacity(YEARS);
    for t in 0..YEARS {
        let mut random = Stream::new(4 + tier as u128, t);
        let mut warmth = vec![0.0; n * n];
        for event in &events[&(FIRST_YEAR + t as i32)] {
            let [vc, mc, vf, mf] = event.counts;
            warmth[event.source as usize * n + event.target as usize] =
                0.35 * libm::log1p(0.5 * vc + mc) - 0.45 * libm::log1p(0.5 * vf + mf);
        }
        let mut now = vec![false; n * n];
        let mut flows = Vec::new();
        for i in 0..n {
            for j in (0..n).filter(|&j| j != i) {
                let pair = |name: &str| dyads[name].get(i, j);
                let exporter = f64::from(u8::from(favoured.contains(&AREAS[j].0)));
                let near = -0.45 * (libm::log(pair("distance")) - 8.5);
                let pull = 0.45 * size(i)
                    + 0.3 * size(j)
                    + 1.4 * exporter
                    + near
                    + warmth[i * n + j]
                    + 0.4 * pair("common_language")
                    + 0.2 * pair("colony");
                let habit = if t == 0 {
                    0.4
                } else {
                    f64::from(u8::from(before[i * n + j])) * 2.2
                        + f64::from(u8::from(before[j * n + i])) * 0.3
                        - 0.3
                };
                let drift = 0.02 * t as f64;
                let eta = level + pull + habit + drift;
                if random.chance(1.0 / (1.0 + libm::exp(-eta))) {
                    now[i * n + j] = true;
                    let value = 2e5 * libm::exp(pull + 0.8 * random.logistic());
                    flows.push(Flow {
                        importer: i as u32,
                        exporter: j as u32,
                        value: value.round().max(1.0),
                    });
                }
            }
        }
        before = now;
        years.push(year(flows, n));
    }
    let items = items.iter().map(|item| item.to_string()).collect();
    Tier { name: name.to_string(), items, first_year: FIRST_YEAR, trade: years }
}

fn year(flows: Vec<Flow>, n: usize) -> TradeYear {
    let (mut imports, mut exports) = (vec![0.0; n], vec![0.0; n]);
    for flow in &flows {
        imports[flow.importer as usize] += flow.value;
        exports[flow.exporter as usize] += flow.value;
    }
    let world = flows.iter().map(|flow| flow.value).sum();
    TradeYear { flows, outside: Vec::new(), imports, exports, world }
}

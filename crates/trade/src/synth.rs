//! A built-in panel: invented trade in rare-earth products, with names and codes as real ones have.
//!
//! Planted: eleven links (exports of an output follow last year's imports of its inputs), a few
//! candidates that are none, one supplier that dominates magnets and compounds, and ores that become
//! less concentrated over the years. Nothing of it is an observation.

use std::sync::Arc;

use shocksweep_statistics::SplitMix64;

use crate::lists::{Candidate, Item};
use crate::panel::{About, Amount, Count, Flow, Panel, QuantityFill, Year};
use crate::synth_world::{AREAS, CANDIDATES, ITEMS, PLANTED};

/// Name of the built-in panel wherever a panel is named.
pub const SYNTHETIC: &str = "synthetic";

/// Years of the panel.
const YEARS: std::ops::RangeInclusive<i32> = 2008..=2021;

/// How strongly exports follow the inputs' imports of the year before.
const PULL: f64 = 0.9;

/// A stream of random numbers.
struct Draws(SplitMix64);

impl Draws {
    fn new(seed: u64, what: u64) -> Self {
        Draws(SplitMix64::new(SplitMix64::output(seed, what)))
    }

    fn unit(&mut self) -> f64 {
        ((self.0.draw() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// About normal, mean 0, deviation 1: the sum of twelve.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

/// The candidates that come with the built-in panel.
pub fn candidates(panel: &Panel) -> Vec<Candidate> {
    let of = |name: &str| panel.items.iter().position(|item| &*item.name == name);
    let both = |&(input, output): &(&str, &str)| {
        Some(Candidate { input: of(input)?, output: of(output)? })
    };
    let mut all: Vec<Candidate> = CANDIDATES.iter().filter_map(both).collect();
    all.sort_by_key(|candidate| (candidate.input, candidate.output));
    all
}

/// The built-in panel.
pub fn synthesize(seed: u64) -> Panel {
    let mut items: Vec<Item> = ITEMS
        .iter()
        .map(|&(name, code, tier, ..)| Item { name: name.into(), tier, codes: vec![code] })
        .collect();
    items.sort_by(|a, b| a.name.cmp(&b.name));
    let areas: Vec<Arc<str>> = AREAS.iter().map(|&(name, _)| name.into()).collect();
    let mut fills = Vec::new();
    let mut years = Vec::new();
    let mut world = Trade::new(seed, &items);
    for year in YEARS {
        years.push(world.year(year, &items, &mut fills));
    }
    let kept: u64 = fills.iter().map(|fill| fill.rows).sum();
    let counts = [
        ("rows", kept),
        ("zero_value", 0),
        ("self_trade", 0),
        ("other_codes", 0),
        ("kept", kept),
        ("quantity_filled", 0),
        ("quantity_dropped", 0),
    ];
    let about = About {
        name: SYNTHETIC.into(),
        synthetic: true,
        licence: "none: invented".into(),
        amount: Amount::Value,
        first_year: *YEARS.start(),
        last_year: *YEARS.end(),
        silent_areas: 0,
        made_by: concat!("shocksweep ", env!("CARGO_PKG_VERSION")).into(),
        sources: Vec::new(),
    };
    let counts = counts.map(|(what, count)| Count { what: what.into(), count }).to_vec();
    Panel { about, areas, items, years, counts, fills }
}

/// The state of the invented world.
struct Trade {
    draws: Draws,
    /// Logarithm of exports by item and area; `None` for areas that never export the item.
    exports: Vec<Vec<Option<f64>>>,
    /// How much of an exporter's trade goes where: by item, exporter, importer.
    shares: Vec<Vec<Vec<f64>>>,
    /// Logarithm of the imports of the year before, and of the one before that.
    imports: Vec<Vec<[f64; 2]>>,
    links: Vec<(usize, usize)>,
    prices: Vec<f64>,
}

impl Trade {
    fn new(seed: u64, items: &[Item]) -> Self {
        let mut draws = Draws::new(seed, 1);
        let n = AREAS.len();
        let of = |name: &str| items.iter().position(|item| &*item.name == name);
        let size: f64 = AREAS.iter().map(|area| area.1).sum();
        let mut exports = Vec::new();
        let mut shares = Vec::new();
        for item in items {
            let about = ITEMS.iter().find(|about| about.0 == &*item.name);
            let (total, makers) = about.map_or((100.0, &[][..]), |about| (about.3, about.4));
            let left: f64 = 1.0 - makers.iter().map(|maker| maker.1).sum::<f64>();
            let of_area = |&(name, weight): &(&str, f64), draws: &mut Draws| {
                let fixed = makers.iter().find(|maker| maker.0 == name).map(|maker| maker.1);
                let share = fixed.unwrap_or(left * weight / size * libm::exp(0.8 * draws.normal()));
                (fixed.is_some() || draws.unit() < 0.8).then(|| libm::log(1000.0 * total * share))
            };
            exports.push(AREAS.iter().map(|area| of_area(area, &mut draws)).collect::<Vec<_>>());
            let mut of_item = Vec::new();
            for d in 0..n {
                let mut row: Vec<f64> = (0..n)
                    .map(|c| {
                        let trades = c != d && draws.unit() < 0.25 + 0.04 * AREAS[c].1;
                        if trades { AREAS[c].1 * libm::exp(0.9 * draws.normal()) } else { 0.0 }
                    })
                    .collect();
                let sum: f64 = row.iter().sum();
                row.iter_mut().for_each(|share| *share /= sum.max(1e-9));
                of_item.push(row);
            }
            shares.push(of_item);
        }
        let links =
            CANDIDATES[..PLANTED].iter().filter_map(|&(r, p)| Some((of(r)?, of(p)?))).collect();
        let prices = (0..items.len()).map(|_| 5.0 + 40.0 * draws.unit()).collect();
        let imports = vec![vec![[0.0; 2]; n]; items.len()];
        Trade { draws, exports, shares, imports, links, prices }
    }

    /// Trade of the next year.
    fn year(&mut self, year: i32, items: &[Item], fills: &mut Vec<QuantityFill>) -> Year {
        let n = AREAS.len();
        let mut starts = vec![0; items.len() + 1];
        let mut flows = Vec::new();
        let mut exports = vec![0.0; n];
        // Of the year before, whichever item comes first.
        let before = self.imports.clone();
        for (p, item) in items.iter().enumerate() {
            let trend = 0.03 + 0.12 * self.draws.normal();
            let inputs: Vec<usize> =
                self.links.iter().filter(|link| link.1 == p).map(|link| link.0).collect();
            let begun = flows.len();
            let mut imported = vec![0.0; n];
            let demand: Vec<f64> = (0..n).map(|_| 0.35 * self.draws.normal()).collect();
            for d in 0..n {
                let Some(level) = &mut self.exports[p][d] else { continue };
                let pulled = |r: &usize| before[*r][d][0] - before[*r][d][1];
                let pull = inputs.iter().map(pulled).sum::<f64>() / inputs.len().max(1) as f64;
                *level += if year == *YEARS.start() {
                    0.0
                } else {
                    trend + 0.08 * self.draws.normal() + PULL * pull
                };
                // No boom or bust for ever.
                *level = level.clamp(0.0, 17.0);
                for c in 0..n {
                    let share = self.shares[p][d][c];
                    let value = libm::exp(*level + demand[c] + 0.1 * self.draws.normal()) * share;
                    let value = (value * 1000.0).round() / 1000.0;
                    if value < 1.0 {
                        continue;
                    }
                    let tonnes = value / self.prices[p] * libm::exp(0.2 * self.draws.normal());
                    imported[c] += value;
                    exports[d] += value;
                    let (exporter, importer) = (d as u16, c as u16);
                    flows.push(Flow {
                        exporter,
                        importer,
                        value,
                        quantity: Some(tonnes.max(0.001)),
                    });
                }
            }
            for (c, value) in imported.iter().enumerate() {
                let state = &mut self.imports[p][c];
                let now = libm::log1p(*value);
                *state = if year == *YEARS.start() { [now, now] } else { [now, state[0]] };
            }
            starts[p + 1] = flows.len();
            let of_item = &flows[begun..];
            let value: f64 = of_item.iter().map(|flow| flow.value).sum();
            let quantity: f64 = of_item.iter().filter_map(|flow| flow.quantity).sum();
            fills.push(QuantityFill {
                year,
                item: item.name.clone(),
                rows: of_item.len() as u64,
                filled: 0,
                dropped: 0,
                unit_value: (quantity > 0.0).then(|| value / quantity),
                quantity,
            });
        }
        // What else the areas trade, so that advantage has something to compare with.
        for (area, total) in AREAS.iter().zip(&mut exports) {
            *total += 40_000.0 * 1000.0 * area.1 / 10.0;
        }
        let total = exports.iter().sum();
        Year { year, flows, starts, exports, total }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::links::{Chosen, chosen, test};

    #[test]
    fn planted_links_are_found_and_others_are_not() {
        let panel = synthesize(1);
        let candidates = candidates(&panel);
        assert_eq!(candidates.len(), CANDIDATES.len());
        let tests = test(&panel, &candidates);
        let links = chosen(&candidates, &tests, Chosen::Tested);
        let name = |&(r, p): &(usize, usize)| (&*panel.items[r].name, &*panel.items[p].name);
        let found: Vec<_> = links.iter().map(name).collect();
        let planted = found.iter().filter(|link| CANDIDATES[..PLANTED].contains(link)).count();
        assert!(planted >= 9 && found.len() == planted, "{found:?}");
    }

    #[test]
    fn it_is_a_panel_like_others() {
        let panel = synthesize(1);
        assert!(panel.about.synthetic);
        assert!(panel.areas.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(panel.items.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert!(panel.silent_items().is_empty());
        let folder = tempfile::tempdir().unwrap();
        crate::panel::store::write(&panel, &folder.path().join("p"), false).unwrap();
        assert_eq!(crate::panel::store::read(&folder.path().join("p")).unwrap(), panel);
    }
}

//! Exposure, supplier concentration, comparative advantage and trade risk of every sector.
//!
//! ```text
//! E = M / (M + P)                      H[c,p] = sum_d (V[d,c,p] / M[c,p])^2
//! RCA[c,p] = (X[c,p] / X[c,.]) / (X[.,p] / X[.,.])          of values, totals over every row read
//! TR[c] = E[c] n PR[c]                 in_strength[c] = E[c] sum_d V[d,c] / M[c] (1 - stability[d] / 100)
//! ```
//!
//! PR is the PageRank of an item's `n` trading areas in the network of import shares, SR that of the
//! transposed one. Sources: Balassa 1965 (RCA), European Commission 2021 (H), Klimek, Obersteiner &
//! Thurner 2015 (TR); the rest is shocksweep's own choice.

use std::sync::Arc;

use rayon::prelude::*;
use shocksweep_columnar::record;

use crate::balance::{Balance, Trade, sums_without};
use crate::lists::Stability;
use crate::pagerank::pagerank;
use crate::panel::Panel;

record! {
    /// Dependency of an area in an item in a year.
    pub struct Indicator = "indicators" {
        /// Year.
        pub year: i32,
        /// Area.
        pub area: Arc<str>,
        /// Item.
        pub item: Arc<str>,
        /// X: exports.
        pub exports: f64 ["kUSD; tonnes in a panel by quantity"],
        /// M: imports.
        pub imports: f64 ["as exports"],
        /// P: proxy of production.
        pub production: f64 ["as exports"],
        /// E: imports over imports and production.
        pub exposure: Option<f64> ["1"],
        /// H: Herfindahl index of the suppliers; null without imports.
        pub concentration: Option<f64> ["1"],
        /// Share of the largest supplier in the imports; null without imports.
        pub top_share: Option<f64> ["1"],
        /// Revealed comparative advantage, of values.
        pub rca: Option<f64> ["1"],
        /// PR: PageRank in the network of import shares.
        pub pagerank: f64 ["1"],
        /// TR: exposure times number of traders times PageRank.
        pub trade_risk: Option<f64> ["1"],
        /// SR: PageRank in the transposed network: who is relied on.
        pub supplier_rank: f64 ["1"],
        /// Exposure times the instability of the suppliers; null without imports or stability.
        pub in_strength: Option<f64> ["1"],
        /// Loss to be expected from the failure of a supplier, over two steps without links.
        pub str_direct: Option<f64> ["1"],
        /// The same from all failures in the item itself, over all steps.
        pub str_own: Option<f64> ["1"],
        /// The same from failures in the items that it is made of.
        pub str_inputs: Option<f64> ["1"],
        /// STR: systemic trade risk, the sum of both.
        pub str: Option<f64> ["1"],
        /// STR with failures weighted by the producers' instability; null without stability.
        pub str_stability: Option<f64> ["1"],
        /// Share of foreign supply lost in two steps when the sector fails.
        pub influence_direct: Option<f64> ["1"],
        /// I_own: share of foreign supply of the item lost when the sector fails.
        pub influence_own: Option<f64> ["1"],
        /// I: share of all foreign supply lost when the sector fails.
        pub influence: Option<f64> ["1"],
        /// Loss of all other areas when the sector fails.
        pub loss_abroad: Option<f64> ["as exports"],
    }
}

/// Indicators of a year: a row for every sector with any trade, by area, then item.
#[derive(Debug, Clone, PartialEq)]
pub struct YearIndicators {
    /// Year.
    pub year: i32,
    /// Rows.
    pub rows: Vec<Indicator>,
    /// Item and area of each row.
    pub sectors: Vec<(usize, usize)>,
    /// Row of every item and area, `item * areas + area`; [`usize::MAX`] without one.
    place: Vec<u32>,
    areas: usize,
}

impl YearIndicators {
    /// Rows that were read; `None` where they are not the year's of the panel.
    pub fn from_rows(panel: &Panel, year: i32, rows: Vec<Indicator>) -> Option<Self> {
        let areas = panel.areas.len();
        let mut place = vec![u32::MAX; areas * panel.items.len()];
        let mut sectors = Vec::with_capacity(rows.len());
        for (at, row) in rows.iter().enumerate() {
            let area = panel.areas.binary_search(&row.area).ok()?;
            let item = panel.items.binary_search_by(|item| item.name.cmp(&row.item)).ok()?;
            let free = place[item * areas + area] == u32::MAX && row.year == year;
            place[item * areas + area] = free.then_some(at as u32)?;
            sectors.push((item, area));
        }
        Some(YearIndicators { year, rows, sectors, place, areas })
    }

    /// The row of a sector.
    pub fn get(&self, item: usize, area: usize) -> Option<&Indicator> {
        self.rows.get(self.place[item * self.areas + area] as usize)
    }

    /// The row of a sector.
    pub fn get_mut(&mut self, item: usize, area: usize) -> Option<&mut Indicator> {
        self.rows.get_mut(self.place[item * self.areas + area] as usize)
    }
}

/// Reads a table of indicators; `None` where it is none.
pub fn read(path: &std::path::Path) -> Option<Vec<Indicator>> {
    crate::panel::store::rows_of(path).ok()
}

/// Numbers of an item's areas that need no sweep.
struct OfItem {
    concentration: Vec<Option<(f64, f64)>>,
    rca: Vec<Option<f64>>,
    pagerank: Vec<f64>,
    supplier_rank: Vec<f64>,
    traders: f64,
    instability: Vec<f64>,
    direct: Vec<f64>,
    influence_direct: Vec<Option<f64>>,
}

/// Indicators of a year, without those of a sweep ([`crate::risk`] adds them).
pub fn indicators(
    panel: &Panel,
    at: usize,
    balance: &Balance,
    stability: Option<&Stability>,
) -> YearIndicators {
    let areas = balance.areas;
    let of_items: Vec<OfItem> = (0..balance.items)
        .into_par_iter()
        .map(|p| of_item(panel, at, balance, stability, p))
        .collect();
    let mut all = YearIndicators {
        year: balance.year,
        rows: Vec::new(),
        sectors: Vec::new(),
        place: vec![u32::MAX; areas * balance.items],
        areas,
    };
    for area in 0..areas {
        for (p, of) in of_items.iter().enumerate() {
            let sector = balance.at(p, area);
            let (exports, imports) = (balance.exports[sector], balance.imports[sector]);
            if exports + imports == 0.0 {
                continue;
            }
            let production = balance.production[sector];
            let exposure = ratio(imports, imports + production);
            let concentration = of.concentration[area];
            all.place[sector] = all.rows.len() as u32;
            all.sectors.push((p, area));
            all.rows.push(Indicator {
                year: balance.year,
                area: panel.areas[area].clone(),
                item: panel.items[p].name.clone(),
                exports,
                imports,
                production,
                exposure,
                concentration: concentration.map(|(h, _)| h),
                top_share: concentration.map(|(_, top)| top),
                rca: of.rca[area],
                pagerank: of.pagerank[area],
                trade_risk: exposure.map(|e| e * of.traders * of.pagerank[area]),
                supplier_rank: of.supplier_rank[area],
                in_strength: exposure
                    .filter(|_| imports > 0.0 && stability.is_some())
                    .map(|e| e * of.instability[area]),
                str_direct: ratio(of.direct[area], balance.possessed[sector]),
                str_own: None,
                str_inputs: None,
                str: None,
                str_stability: None,
                influence_direct: if production > 0.0 {
                    of.influence_direct[area]
                } else {
                    Some(0.0)
                },
                influence_own: None,
                influence: None,
                loss_abroad: None,
            });
        }
    }
    all
}

/// A quotient; undefined over 0.
pub fn ratio(over: f64, under: f64) -> Option<f64> {
    (under > 0.0).then(|| over / under)
}

fn of_item(
    panel: &Panel,
    at: usize,
    balance: &Balance,
    stability: Option<&Stability>,
    p: usize,
) -> OfItem {
    let flows = &balance.flows[p];
    let imports = balance.row(&balance.imports, p);
    let exports = balance.row(&balance.exports, p);
    let (pagerank, supplier_rank, traders) = ranks(flows, imports, exports);
    let mut concentration: Vec<Option<(f64, f64)>> =
        imports.iter().map(|&m| (m > 0.0).then_some((0.0, 0.0))).collect();
    let mut instability = vec![0.0; balance.areas];
    for flow in flows {
        let share = flow.amount / imports[flow.importer];
        if let Some((h, top)) = &mut concentration[flow.importer] {
            *h += share * share;
            *top = top.max(share);
        }
        if let Some(stability) = stability {
            instability[flow.importer] += share * (1.0 - stability.of[flow.exporter] / 100.0);
        }
    }
    OfItem {
        concentration,
        rca: rca(panel, at, p),
        pagerank,
        supplier_rank,
        traders,
        instability,
        direct: direct(balance, p),
        influence_direct: influence_direct(balance, p),
    }
}

/// PageRank and supplier rank of all areas (0 for those without trade), and the number of traders.
fn ranks(flows: &[Trade], imports: &[f64], exports: &[f64]) -> (Vec<f64>, Vec<f64>, f64) {
    let areas = imports.len();
    let traders: Vec<usize> = (0..areas).filter(|&c| imports[c] + exports[c] > 0.0).collect();
    let mut number = vec![usize::MAX; areas];
    traders.iter().enumerate().for_each(|(new, &c)| number[c] = new);
    let share = |flow: &Trade| flow.amount / imports[flow.importer];
    let forward = |f: &Trade| (number[f.exporter], number[f.importer], share(f));
    let backward = |f: &Trade| (number[f.importer], number[f.exporter], share(f));
    let forward: Vec<_> = flows.iter().map(forward).collect();
    let backward: Vec<_> = flows.iter().map(backward).collect();
    let spread = |ranks: Vec<f64>| {
        let mut all = vec![0.0; areas];
        traders.iter().zip(ranks).for_each(|(&c, rank)| all[c] = rank);
        all
    };
    let n = traders.len();
    (spread(pagerank(n, &forward)), spread(pagerank(n, &backward)), n as f64)
}

/// RCA of all areas in an item: of values, whatever the panel's amounts are.
fn rca(panel: &Panel, at: usize, p: usize) -> Vec<Option<f64>> {
    let year = &panel.years[at];
    let mut exports = vec![0.0; panel.areas.len()];
    for flow in year.of(p) {
        exports[usize::from(flow.exporter)] += flow.value;
    }
    let world: f64 = exports.iter().sum();
    let of = |(&x, &all): (&f64, &f64)| {
        (all > 0.0 && world > 0.0).then(|| (x / all) / (world / year.total))
    };
    exports.iter().zip(&year.exports).map(of).collect()
}

/// `x0 STR_direct`: what a failing producer of the item takes with it in two steps, expected.
fn direct(balance: &Balance, p: usize) -> Vec<f64> {
    let production = balance.row(&balance.production, p);
    let possessed = balance.row(&balance.possessed, p);
    let others = sums_without(production);
    let mut lost = vec![0.0; balance.areas];
    for flow in balance.flows[p].iter().filter(|flow| production[flow.exporter] > 0.0) {
        let made = production[flow.exporter];
        let chance = made / others[flow.importer];
        lost[flow.importer] += chance * flow.amount * made / possessed[flow.exporter];
    }
    lost
}

/// Share of foreign supply lost in two steps.
fn influence_direct(balance: &Balance, p: usize) -> Vec<Option<f64>> {
    let possessed = balance.row(&balance.possessed, p);
    let abroad = sums_without(possessed);
    let of = |d: usize| {
        let sector = balance.at(p, d);
        let own = ratio(balance.exports[sector] * balance.production[sector], possessed[d])?;
        ratio(own, abroad[d])
    };
    (0..balance.areas).map(of).collect()
}

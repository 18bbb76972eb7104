//! Yearly supply-use tables of a synthetic world: invented, like the world itself.
//!
//! The first year is the world: calibrated, it gives the world's parameters back. Later years differ
//! by growth and by small noise, and in some sectors production breaks down for good; the area that
//! loses then imports more of the item and of one other item of its group, and exports less. So
//! there is something to learn, and what was planted is known.
//!
//! Everything that comes from a sector changes by one factor, whoever uses it, and its supply
//! follows its uses: every year balances.

use std::ops::RangeInclusive;

use super::{Entry, SupplyUse, TableLabels, in_order};
use crate::dataset::synth::random::{Family, Stream};
use crate::dataset::synth::{SynthError, SynthOptions, synthesize_without_re_exports};
use crate::dataset::{Labels, Parameters};

/// Purposes of final demand; food and stocks have their meaning by these names.
const PURPOSES: [&str; 3] = ["food", "other", "stock_addition"];

/// Amounts of a quiet year differ from the trend by up to this share.
const NOISE: f64 = 0.02;
/// Growth of the world amount of an item, per year.
const GROWTH: (f64, f64) = (-0.005, 0.02);
/// Share of the sectors whose production breaks down, if they are large enough, and what of it
/// is lost.
const BREAKS: f64 = 0.08;
const LEAST_AMOUNT: f64 = 20_000.0;
const LOST: (f64, f64) = (0.4, 0.9);
/// Years without change on each side of a loss.
const QUIET: i32 = 5;
/// What an area does that has lost production: factors on its imports of the item, its imports of
/// the other item, and its exports.
const MORE_IMPORTS: f64 = 1.5;
const SUBSTITUTE_IMPORTS: f64 = 1.3;
const FEWER_EXPORTS: f64 = 0.6;

/// Production of a sector that breaks down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlantedLoss {
    /// The sector.
    pub sector: usize,
    /// Last year before the loss.
    pub year: i32,
    /// Share of production that is lost.
    pub share: f64,
    /// Item that the area imports more of instead, if its group has another.
    pub substitute: Option<usize>,
}

/// Tables of consecutive years of an invented world.
#[derive(Debug, Clone)]
pub struct SyntheticSeries {
    /// Labels of all years.
    pub labels: TableLabels,
    /// Years, the first of which is the world itself.
    pub years: RangeInclusive<i32>,
    /// Planted losses, by sector.
    pub losses: Vec<PlantedLoss>,
    first: SupplyUse,
    growth: Vec<f64>,
    seed: u64,
}

impl SyntheticSeries {
    /// The series of a world.
    ///
    /// # Errors
    /// A size that no world can have.
    pub fn new(options: &SynthOptions, years: RangeInclusive<i32>) -> Result<Self, SynthError> {
        let world = synthesize_without_re_exports(options)?;
        let labels = TableLabels {
            labels: world.labels,
            purposes: PURPOSES.map(String::from).to_vec(),
            food: 0,
            stock_addition: Some(2),
        };
        let seed = options.seed;
        let items = labels.labels.items.len();
        let mut draw = Stream::new(seed, Family::Years, usize::MAX);
        let growth = (0..items).map(|_| draw.between(GROWTH.0, GROWTH.1)).collect();
        let losses = planted(&labels.labels, &world.parameters, &years, seed);
        let first = first_year(&labels, &world.parameters, seed);
        Ok(SyntheticSeries { labels, years, losses, first, growth, seed })
    }

    /// The tables of a year of the series.
    pub fn year(&self, year: i32) -> SupplyUse {
        let mut tables = self.first.clone();
        if year == *self.years.start() {
            return tables;
        }
        let d = self.labels.dimensions();
        let factors = Factors::of(self, year);
        let purposes = self.labels.purposes.len();
        let mut uses = [vec![0.0; d.sectors()], vec![0.0; d.sectors()]];
        let mut change = |e: &mut Entry, area: usize| {
            let from = e.from as usize;
            uses[0][from] += e.value.max(0.0);
            e.value *= factors.of_link(from, d.sector(area, d.item_of(from)));
            uses[1][from] += e.value.max(0.0);
        };
        for e in &mut tables.uses {
            let area = d.area_of_process_column(e.to as usize);
            change(e, area);
        }
        for e in &mut tables.demand {
            let area = e.to as usize / purposes;
            change(e, area);
        }
        for e in &mut tables.supply {
            let s = e.to as usize;
            e.value *= if uses[0][s] > 0.0 { uses[1][s] / uses[0][s] } else { factors.origin[s] };
        }
        tables
    }
}

/// Factors of one year on the tables of the first.
struct Factors {
    /// On everything that comes from a sector.
    origin: Vec<f64>,
    /// On what a sector gets from other areas.
    imports: Vec<f64>,
    /// On what other areas get from a sector.
    exports: Vec<f64>,
}

impl Factors {
    fn of(series: &SyntheticSeries, year: i32) -> Self {
        let d = series.labels.dimensions();
        let since = (year - series.years.start()) as usize;
        let mut draw = Stream::new(series.seed, Family::Years, since);
        let growth: Vec<f64> = series
            .growth
            .iter()
            .map(|rate| (0..since).fold(1.0, |f, _| f * (1.0 + rate)))
            .collect();
        let origin = (0..d.sectors())
            .map(|s| growth[d.item_of(s)] * draw.between(1.0 - NOISE, 1.0 + NOISE))
            .collect();
        let ones = vec![1.0; d.sectors()];
        let mut factors = Factors { origin, imports: ones.clone(), exports: ones };
        for loss in series.losses.iter().filter(|loss| loss.year < year) {
            factors.origin[loss.sector] *= 1.0 - loss.share;
            factors.exports[loss.sector] *= FEWER_EXPORTS;
            factors.imports[loss.sector] *= MORE_IMPORTS;
            if let Some(substitute) = loss.substitute {
                let at = d.sector(d.area_of(loss.sector), substitute);
                factors.imports[at] *= SUBSTITUTE_IMPORTS;
            }
        }
        factors
    }

    fn of_link(&self, from: usize, to: usize) -> f64 {
        let trade = if from == to { 1.0 } else { self.imports[to] * self.exports[from] };
        self.origin[from] * trade
    }
}

/// Which sectors break down, and when: with quiet years on both sides.
fn planted(
    labels: &Labels,
    p: &Parameters,
    years: &RangeInclusive<i32>,
    seed: u64,
) -> Vec<PlantedLoss> {
    let (first, last) = (years.start() + QUIET, years.end() - QUIET - 1);
    if first > last {
        return Vec::new();
    }
    let d = labels.dimensions();
    let mut draw = Stream::new(seed, Family::Losses, 0);
    let producers = p.producers();
    let mut found = Vec::new();
    for (sector, &is_producer) in producers.iter().enumerate() {
        let (breaks, when, share) =
            (draw.chance(BREAKS), draw.unit(), draw.between(LOST.0, LOST.1));
        if !breaks || !is_producer || p.x0[sector] < LEAST_AMOUNT {
            continue;
        }
        let item = d.item_of(sector);
        let group = &labels.items[item].commodity_group;
        // The item before it in its group, or the last one.
        let of_group: Vec<usize> =
            (0..d.items).filter(|&i| labels.items[i].commodity_group == *group).collect();
        let at = of_group.iter().position(|&i| i == item).unwrap_or_default();
        let substitute = of_group[(at + of_group.len() - 1) % of_group.len()];
        let year = first + (when * f64::from(last - first + 1)) as i32;
        let substitute = (substitute != item).then_some(substitute);
        found.push(PlantedLoss { sector, year, share, substitute });
    }
    found
}

/// Tables whose calibration gives the parameters back; `x0` must be what is made and imported, and
/// no area may export more than it makes.
fn first_year(labels: &TableLabels, p: &Parameters, seed: u64) -> SupplyUse {
    let d = labels.dimensions();
    let given: Vec<f64> = (0..d.sectors()).map(|s| p.share_eta_prod[s] * p.x0[s]).collect();
    let exported: Vec<f64> = (0..d.sectors()).map(|s| p.share_eta_exp[s] * p.x0[s]).collect();
    let inputs = p.allocation_nu.times(&given);
    let mut tables = SupplyUse::default();
    for (s, column, &alpha) in p.conversion_alpha.iter() {
        let value = alpha * inputs[column];
        tables.supply.push(Entry { from: column as u32, to: s as u32, value });
    }
    for (s, column, &value) in p.output_beta.iter() {
        tables.supply.push(Entry { from: column as u32, to: s as u32, value });
    }
    // What every sector gives to its processes and to final demand.
    let mut purposes: Vec<Vec<(u32, f64)>> = vec![Vec::new(); d.sectors()];
    let mut users: Vec<Vec<(u32, f64)>> = vec![Vec::new(); d.sectors()];
    for (column, s, share) in p.allocation_nu.iter() {
        users[s].push((column as u32, share * given[s]));
    }
    let mut draw = Stream::new(seed, Family::Consumption, 0);
    let eaten: Vec<f64> = (0..d.items).map(|_| draw.between(0.2, 0.9)).collect();
    for s in 0..d.sectors() {
        let (area, eaten) = (d.area_of(s), eaten[d.item_of(s)]);
        let rest = p.x0[s] - given[s] - exported[s];
        // What rounding leaves is no consumption.
        if rest > 1e-12 * p.x0[s] {
            let column = |purpose| labels.demand_column(area, purpose) as u32;
            purposes[s] = vec![(column(0), rest * eaten), (column(1), rest * (1.0 - eaten))];
        }
        if p.start_stock[s] > 0.0 {
            let to = labels.demand_column(area, 2) as u32;
            tables.demand.push(Entry { from: s as u32, to, value: -p.start_stock[s] });
        }
    }
    // Every use takes from all origins alike.
    for to in (0..d.sectors()).filter(|&s| p.x0[s] > exported[s]) {
        let kept = p.x0[to] - exported[to];
        let mut origins: Vec<(usize, f64)> =
            p.trade_t.row(to).map(|(from, share)| (from, share * exported[from] / kept)).collect();
        let own = 1.0 - origins.iter().map(|(_, share)| share).sum::<f64>();
        if own > 1e-9 {
            origins.push((to, own));
        }
        for (from, share) in origins {
            let entry =
                |&(to, amount): &(u32, f64)| Entry { from: from as u32, to, value: amount * share };
            tables.uses.extend(users[to].iter().map(entry));
            tables.demand.extend(purposes[to].iter().map(entry));
        }
    }
    for table in [&mut tables.supply, &mut tables.uses, &mut tables.demand] {
        let twice = in_order(table);
        debug_assert!(twice.is_none(), "every flow occurs once");
    }
    tables
}

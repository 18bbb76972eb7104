//! Changed trade of one item: exporters' columns in every run, with their interaction.
//!
//! The current weight of the link from exporter d to importer c is `share eta_exp[d] f[d]`, f the
//! factor that keeps the column's sum. Of an exporter that does not adapt itself, the column is the
//! shared one times f, plus a few entries: those of importers that adapt or whose imports grow. Of
//! one that adapts in some run every entry is written out.

use std::cell::Cell;

use super::hits::Hit;
use super::parts::{Branch, Parts};
use super::patch::Changed;
use super::tables::InteractionTables;
use crate::engine::network::tables::{AdaptiveTables, Entry};
use crate::model::adaptation::{MissingRule, entry};
use crate::model::constants::RESCALING_TOLERANCE;

/// A sum kept up to date by differences is summed anew where rounding could matter.
const DOUBT: f64 = 1e-6;

/// An importer whose imports differ in some run.
struct Row<const N: usize> {
    area: u32,
    /// Position among the hits, if it adapts in some run.
    hit: Option<usize>,
    /// Growth of its imports.
    growth: Parts<N>,
    /// Where the exporter that was asked for last stands among those it imports from: they are asked for in
    /// ascending order, one after the other.
    at: Cell<usize>,
}

/// How the column of an exporter is changed, without its entries.
#[derive(Debug, Clone, Copy)]
pub struct Touch {
    /// Whether any entry differs in any run.
    pub is_touched: bool,
    /// Whether a change of another run's could make its sum need a factor, or it has one.
    pub is_strong: bool,
}

/// One item in the runs of a lattice.
pub struct Item<'a, const N: usize> {
    tables: &'a InteractionTables,
    rules: &'a AdaptiveTables,
    missing: MissingRule,
    /// The item's first place.
    first: usize,
    item: usize,
    hits: &'a [Hit<N>],
    rows: Vec<Row<N>>,
}

impl<'a, const N: usize> Item<'a, N> {
    /// An item whose sectors `hits` (ascending) adapt and whose importers `growth` (ascending)
    /// take more.
    pub fn new(
        (tables, rules): (&'a InteractionTables, &'a AdaptiveTables),
        missing: MissingRule,
        item: usize,
        hits: &'a [Hit<N>],
        growth: &[(u32, Parts<N>)],
    ) -> Self {
        let dims = tables.net.dims;
        let area = |sector: u32| dims.area_of(sector as usize) as u32;
        let one = Parts::constant(1.0);
        let row = |area, hit, growth| Row { area, hit, growth, at: Cell::new(0) };
        let adapting = hits.iter().enumerate();
        let mut rows: Vec<Row<N>> =
            adapting.map(|(at, hit)| row(area(hit.sector), Some(at), one)).collect();
        for (sector, growth) in growth.iter().filter(|g| g.1 != one) {
            match rows.binary_search_by_key(&area(*sector), |row| row.area) {
                Ok(at) => rows[at].growth = *growth,
                Err(at) => rows.insert(at, row(area(*sector), None, *growth)),
            }
        }
        Item { tables, rules, missing, first: item * tables.net.stride, item, hits, rows }
    }

    /// Areas whose imports differ in some run.
    pub fn rows(&self) -> impl Iterator<Item = u32> + '_ {
        self.rows.iter().map(|row| row.area)
    }

    /// Exporters of which something may differ, one mark per area.
    pub fn exporters(&self, marks: &mut [bool]) {
        for row in &self.rows {
            for e in self.rules.imports.of(self.first + row.area as usize) {
                marks[e.at as usize] = true;
            }
        }
        for hit in self.hits {
            let exporter = self.tables.net.dims.area_of(hit.sector as usize);
            marks[exporter] = true;
            // Whom it comes to export to may grow.
        }
    }

    /// Adds what differs of one exporter's column.
    pub fn column(&self, exporter: usize, changed: &mut Changed<N>) -> Touch {
        let area = |hit: &Hit<N>| self.tables.net.dims.area_of(hit.sector as usize);
        match self.hits.iter().find(|hit| area(hit) == exporter) {
            Some(hit) => self.adapting(exporter, hit, changed),
            None if self.can_export(exporter) => self.scaled(exporter, changed),
            None => Touch { is_touched: false, is_strong: false },
        }
    }

    /// Whether an exporter exports, or could where it adapts.
    fn can_export(&self, exporter: usize) -> bool {
        let sector = self.tables.net.dims.sector(exporter, self.item);
        let rule = self.rules.share_rules[0][sector];
        self.rules.eta_exp[self.first + exporter] > 0.0
            || rule.is_some_and(|rule| rule.rewiring.is_some_and(|r| r > 0.0))
    }

    /// What an importer takes of an exporter after the import side: the share without shocks, and
    /// that of every run.
    fn imported(&self, row: &Row<N>, exporter: usize) -> Option<(f64, Parts<N>)> {
        let entries = self.rules.imports.of(self.first + row.area as usize);
        let mut at = row.at.get();
        if at > 0 && entries[at - 1].at >= exporter as u32 {
            at = 0;
        }
        while entries.get(at)?.at < exporter as u32 {
            at += 1;
            row.at.set(at);
        }
        let e = entries.get(at).filter(|e| e.at == exporter as u32)?;
        let old = Parts::constant(e.value);
        let Some(hit) = row.hit.map(|at| &self.hits[at]) else { return Some((e.value, old)) };
        Some((e.value, Parts::where_set(hit.mask, &changed(e, &hit.rl, self.missing), &old)))
    }

    /// A column of an exporter that adapts in no run.
    fn scaled(&self, exporter: usize, changed: &mut Changed<N>) -> Touch {
        let place = self.first + exporter;
        let base_sum = self.rules.export_sums[place];
        // Entry by entry: importer, share without shocks, share, growth.
        let mut entries: Vec<(&Row<N>, f64, Parts<N>)> = Vec::with_capacity(self.rows.len());
        let mut sum = Parts::constant(base_sum);
        let mut touched = 0u32;
        for row in &self.rows {
            let Some((base, share)) = self.imported(row, exporter) else { continue };
            touched |= differs(&share, base);
            sum = sum.plus(&share.above(base));
            entries.push((row, base, share));
        }
        settle(&mut sum, touched, |set| self.summed_anew(exporter, &entries, None, set));
        let (first, after) = factor(&sum, touched);
        let mut grown_sum = after;
        let mut grown = 0u32;
        let one = Parts::constant(1.0);
        for (row, _, share) in entries.iter().filter(|e| e.0.growth != one) {
            let more = share.times(&first).times(&row.growth.above(1.0));
            grown |= differs(&more, 0.0);
            grown_sum = grown_sum.plus(&more);
        }
        settle(&mut grown_sum, grown, |set| {
            self.summed_anew(exporter, &entries, Some(&first), set)
        });
        let (second, _) = factor(&grown_sum, grown);
        let scale = first.times(&second);
        let near = |sum: &Parts<N>| sum.value.iter().any(|v| (v - 1.0).abs() > 0.004);
        let is_strong = !scale.is_constant()
            || scale.part[0] != 1.0
            || (base_sum - 1.0).abs() > 5e-4
            || near(&sum)
            || near(&grown_sum);
        let is_touched = touched | grown != 0;
        if self.rules.eta_exp[place] == 0.0 {
            return Touch { is_touched, is_strong: is_touched && is_strong };
        }
        if !scale.is_constant() {
            changed.scales.push((place as u32, scale));
        }
        let weight = scale.scaled(self.rules.eta_exp[place]);
        for (row, base, share) in &entries {
            // Most imports grow in no run.
            let grown = if row.growth == one { *share } else { share.times(&row.growth) };
            let entry = grown.above(*base).times(&weight);
            if !entry.is_constant() {
                changed.entries.push((place as u32, (self.first as u32) + row.area, entry));
            }
        }
        Touch { is_touched, is_strong: is_touched && is_strong }
    }

    /// Sum of a column in one run, over its importers in order as the model adds them up: after
    /// adaptation, or with the factor of adaptation after growth.
    fn summed_anew(
        &self,
        exporter: usize,
        entries: &[(&Row<N>, f64, Parts<N>)],
        factor: Option<&Parts<N>>,
        set: usize,
    ) -> f64 {
        let exports = self.rules.exports.of(self.first + exporter);
        let is_own = |area: u32| entries.iter().any(|e| e.0.area == area);
        let scaled = |share: f64| factor.map_or(share, |factor| share * factor.value[set]);
        let own = |(row, _, share): &(&Row<N>, f64, Parts<N>)| {
            let share = scaled(share.value[set]);
            (row.area, if factor.is_some() { share * row.growth.value[set] } else { share })
        };
        let mut shares: Vec<(u32, f64)> = exports
            .iter()
            .filter(|e| !is_own(e.at))
            .map(|e| (e.at, scaled(e.value)))
            .chain(entries.iter().map(own))
            .collect();
        shares.sort_unstable_by_key(|share| share.0);
        shares.iter().map(|share| share.1).sum()
    }

    /// A column of an exporter that adapts in some run, every entry written out.
    fn adapting(&self, exporter: usize, hit: &Hit<N>, changed_to: &mut Changed<N>) -> Touch {
        let place = self.first + exporter;
        let exports = self.rules.exports.of(place);
        let mut importers: Vec<u32> = exports.iter().map(|e| e.at).collect();
        importers.extend(self.rows.iter().map(|row| row.area).filter(|&a| a as usize != exporter));
        importers.sort_unstable();
        importers.dedup();
        let adapts = |set: usize| hit.mask >> set & 1 == 1;
        let one = Parts::constant(1.0);
        // Importer, share without shocks, share, growth.
        let mut column: Vec<(u32, f64, Parts<N>, &Parts<N>)> = Vec::with_capacity(importers.len());
        let (mut sum, mut touched) = (Parts::constant(0.0), 0u32);
        for importer in importers {
            let of = exports.binary_search_by_key(&importer, |e| e.at).ok().map(|at| &exports[at]);
            let row = self.rows.binary_search_by_key(&importer, |row| row.area).ok();
            let row = row.map(|at| &self.rows[at]);
            let imported = row.and_then(|row| self.imported(row, exporter)).map(|i| i.1);
            let base = of.map_or(0.0, |e| e.value);
            let imported = imported.unwrap_or_else(|| Parts::constant(base));
            let has_export_rule = match of {
                Some(e) => e.learned,
                None => !self.rules.export_rule_is_missing(importer, exporter, self.item),
            };
            let share = if has_export_rule || self.missing == MissingRule::Published {
                let exported =
                    of.map_or(Parts::constant(0.0), |e| changed(e, &hit.rl, self.missing));
                let pick = std::array::from_fn(|set| usize::from(adapts(set)));
                Parts::choose(&pick, &[Branch::Is(&imported), Branch::Is(&exported)])
            } else {
                imported
            };
            touched |= differs(&share, base);
            sum = sum.plus(&share);
            column.push((importer, base, share, row.map_or(&one, |row| &row.growth)));
        }
        let (first, after) = factor(&sum, touched);
        let (mut grown_sum, mut grown) = (after, 0u32);
        for (_, _, share, growth) in &column {
            if **growth != one {
                let more = share.times(&first).times(&growth.above(1.0));
                grown |= differs(&more, 0.0);
                grown_sum = grown_sum.plus(&more);
            }
        }
        let anew = |set: usize| -> f64 {
            let share = |(_, _, share, growth): &(u32, f64, Parts<N>, &Parts<N>)| {
                share.value[set] * first.value[set] * growth.value[set]
            };
            column.iter().map(share).sum()
        };
        settle(&mut grown_sum, grown, anew);
        let (second, _) = factor(&grown_sum, grown);
        let weight = first.times(&second).times(&hit.eta[0]);
        for (importer, _, share, growth) in &column {
            let entry = share.times(growth).times(&weight);
            if !entry.is_constant() {
                changed_to.entries.push((place as u32, self.first as u32 + importer, entry));
            }
        }
        Touch { is_touched: true, is_strong: true }
    }
}

/// An entry's value in the runs in which its sector adapts.
pub fn changed<const N: usize>(e: &Entry, rl: &Parts<N>, missing: MissingRule) -> Parts<N> {
    let slope = e.changed(1.0, missing);
    if e.learned { rl.scaled(slope) } else { Parts::constant(slope) }
}

/// Runs in which a quantity differs from a number.
fn differs<const N: usize>(quantity: &Parts<N>, from: f64) -> u32 {
    let differs = (0..N).filter(|&set| quantity.value[set] != from);
    differs.fold(0, |mask, set| mask | 1 << set)
}

/// Sums anew, in the runs where rounding could decide about the factor.
fn settle<const N: usize>(sum: &mut Parts<N>, touched: u32, anew: impl Fn(usize) -> f64) {
    for set in (0..N).filter(|set| touched >> set & 1 == 1) {
        let off = (sum.value[set] - 1.0).abs() - RESCALING_TOLERANCE;
        if sum.value[set] < DOUBT || off.abs() < DOUBT * RESCALING_TOLERANCE {
            sum.value[set] = anew(set);
        }
    }
}

/// The factor that makes a column of this sum add up to 1 where it is touched, and the sum after.
fn factor<const N: usize>(sum: &Parts<N>, touched: u32) -> (Parts<N>, Parts<N>) {
    let one = Parts::constant(1.0);
    let rescales =
        |set: usize| touched >> set & 1 == 1 && entry::rescaling(sum.value[set], 1.0) != 1.0;
    let pick: [usize; N] = std::array::from_fn(|set| usize::from(rescales(set)));
    if pick.iter().all(|&pick| pick == 0) {
        return (one, *sum);
    }
    (
        Parts::choose(&pick, &[Branch::Is(&one), Branch::Ratio(1.0, sum)]),
        Parts::choose(&pick, &[Branch::Is(sum), Branch::Is(&one)]),
    )
}

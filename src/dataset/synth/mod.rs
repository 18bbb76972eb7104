//! The synthetic world: an invented food supply network of any size, with real names.
//!
//! **Every number in it is invented.** Only labels are facts: names, codes, regions, positions and
//! populations of areas, names and groups of items, names of processes, and the printed human
//! development index. Amounts have plausible orders of magnitude, so that `India / Rice and
//! products` means something, but no result may be cited; [`Metadata::warning`] says so.
//!
//! | step | what is made | module |
//! |---|---|---|
//! | names | labels; beyond the 192 real areas and 123 real items, invented ones | `names` |
//! | production | crops and herds by population, land, climate and chance | `production` |
//! | trade | per item: exporters, importers, links of gravity type | `trade` |
//! | milling | seeds to oil and cake, animals to meat, milk and hides | `production` |
//! | parameters | shares, conversion, allocation from the flows of the steps before | `parameters` |
//! | rules | rules of adaptation and substitutability in the published ranges | `rules` |
//!
//! All flows are decided first and the parameters follow from them, so that `x0` is a fixed point
//! of the model up to rounding: with every amount used, exported and received written down, the
//! first step returns what it began with, plus the small start stocks. Non-negative parameters with
//! a positive fixed point also keep every unshocked run bounded.
//!
//! The same options give the same world on every platform and with any number of threads.

mod names;
mod parameters;
mod production;
pub(crate) mod random;
mod rules;
mod tables;
mod trade;

use super::metadata::{TABLES, UNITS};
use super::{Dataset, Metadata, TableSource, TableStatus};

/// Size and seed of a synthetic world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SynthOptions {
    /// Number of areas; the most populous real ones first, invented ones beyond 192.
    pub areas: usize,
    /// Number of items; staples and their chains first, invented copies of chains beyond 123.
    pub items: usize,
    /// Seed of all random numbers.
    pub seed: u64,
}

impl Default for SynthOptions {
    /// The full size of the published data.
    fn default() -> Self {
        SynthOptions { areas: REAL_AREAS, items: REAL_ITEMS, seed: 1 }
    }
}

/// Areas with real names.
pub const REAL_AREAS: usize = 192;
/// Items with real names.
pub const REAL_ITEMS: usize = 123;
/// Most areas a synthetic world can have.
pub const MAX_AREAS: usize = 5_000;
/// Most items a synthetic world can have.
pub const MAX_ITEMS: usize = 5_000;
/// Most sectors a synthetic world can have; the published data have 23,616.
pub const MAX_SECTORS: usize = 2_000_000;

/// A size no synthetic world can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SynthError {
    /// Too few or too many areas.
    #[error("a synthetic world of {0} areas is not possible; give 2 to {MAX_AREAS} areas")]
    Areas(usize),
    /// Too few or too many items.
    #[error("a synthetic world of {0} items is not possible; give 1 to {MAX_ITEMS} items")]
    Items(usize),
    /// Too many sectors.
    #[error(
        "a synthetic world of {areas} areas x {items} items has {} sectors, more than the limit \
         of {MAX_SECTORS}; give fewer areas or items", areas * items
    )]
    Sectors {
        /// Areas asked for.
        areas: usize,
        /// Items asked for.
        items: usize,
    },
}

/// Makes a synthetic world.
///
/// # Errors
/// A size outside the limits; nothing else can fail.
pub fn synthesize(options: &SynthOptions) -> Result<Dataset, SynthError> {
    make(options, true)
}

/// The same world in which no area passes on what it imported.
///
/// Supply-use tables know the origin of what is used, and nothing of the areas on the way: only
/// such a world has tables that give its parameters back.
///
/// # Errors
/// As [`synthesize`].
pub fn synthesize_without_re_exports(options: &SynthOptions) -> Result<Dataset, SynthError> {
    make(options, false)
}

fn make(options: &SynthOptions, re_exports: bool) -> Result<Dataset, SynthError> {
    let &SynthOptions { areas, items, seed } = options;
    if !(2..=MAX_AREAS).contains(&areas) {
        return Err(SynthError::Areas(areas));
    }
    if !(1..=MAX_ITEMS).contains(&items) {
        return Err(SynthError::Items(items));
    }
    if areas * items > MAX_SECTORS {
        return Err(SynthError::Sectors { areas, items });
    }
    let mut world = names::World::new(options);
    world.re_exports = re_exports;
    let economy = production::settle(&world, seed);
    let parameters = parameters::parameters(&world, &economy, seed);
    let (rules, substitutability) = rules::rules(&world, seed);
    Ok(Dataset {
        metadata: metadata(options),
        labels: world.labels,
        parameters,
        rules: Some(rules),
        substitutability: Some(substitutability),
        food_part: None,
        reserves: Vec::new(),
    })
}

fn metadata(options: &SynthOptions) -> Metadata {
    let &SynthOptions { areas, items, seed } = options;
    let generated = format!("shocksweep synth --areas {areas} --items {items} --seed {seed}");
    let source = |table: &str| {
        let real = match table {
            "areas" => areas <= REAL_AREAS,
            "items" | "processes" => items <= REAL_ITEMS,
            _ => false,
        };
        let (source, status) = if real {
            let names = "names as printed in Baum et al. 2024 / FAO".to_string();
            (names, TableStatus::Original)
        } else {
            (generated.clone(), TableStatus::Synthetic)
        };
        TableSource { table: table.to_string(), source, status }
    };
    Metadata {
        name: "synthetic".to_string(),
        year: None,
        units: UNITS.to_string(),
        licence: "CC0-1.0 (generated)".to_string(),
        synthetic: true,
        sources: TABLES.iter().map(|table| source(table)).collect(),
    }
}

#[cfg(test)]
mod tests;

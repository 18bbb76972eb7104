//! What adaptation reads of the dataset: every row or column that can change, with its rules.
//!
//! The union of base entries and of entries that rewiring can make is laid out once, so that a
//! scenario's changes are found by walking the rows and columns of its adapting sectors.

use rayon::prelude::*;

use crate::dataset::{Blocks, Dataset, Dimensions, Parameters, Rule};
use crate::model::Baseline;
use crate::model::adaptation::entry::learned;
use crate::model::adaptation::{MissingRule, entry};
use crate::sparse::Csr;

/// One entry of a parameter that may change, with its rule.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The other end: an area for trade, a process for production.
    pub at: u32,
    /// Whether it has a rule.
    pub learned: bool,
    /// Value of the parameter; 0 for an entry that only rewiring makes.
    pub value: f64,
    multiplier: f64,
    rewiring: f64,
}

impl Entry {
    /// Value after its sector has adapted: [`entry::changed`].
    pub fn changed(&self, rl: f64, missing: MissingRule) -> f64 {
        let rule = self.learned.then_some(Rule {
            multiplier: Some(self.multiplier),
            rewiring: Some(self.rewiring),
        });
        entry::changed(self.value, rule.as_ref(), rl, missing)
    }
}

/// Entries by one of their ends.
#[derive(Debug, Clone, Default)]
pub struct Entries {
    starts: Vec<u32>,
    entries: Vec<Entry>,
}

impl Entries {
    /// Entries of one row (or column), ascending by their other end.
    pub fn of(&self, row: usize) -> &[Entry] {
        &self.entries[self.starts[row] as usize..self.starts[row + 1] as usize]
    }

    fn collect(rows: Vec<Vec<Entry>>) -> Self {
        let mut all = Entries { starts: vec![0], entries: Vec::new() };
        for row in rows {
            all.entries.extend(row);
            all.starts.push(all.entries.len() as u32);
        }
        all
    }
}

/// Rules and parameters by sector, and the baseline by place.
pub struct AdaptiveTables {
    /// Sizes of the dataset.
    pub dims: Dimensions,
    /// T by importing sector, with the rules for importers; the other end is the exporting area.
    pub imports: Entries,
    /// T by exporting sector, with the rules for exporters; the other end is the importing area.
    pub exports: Entries,
    /// Rules for exporters by item: exporting area (row) x importing area (column).
    export_rules: Blocks<Rule>,
    /// Sum of every column of T.
    pub export_sums: Vec<f64>,
    /// alpha by producing sector, with rules; the other end is the process.
    pub alpha: Entries,
    /// beta by producing sector, with rules; the other end is the process.
    pub beta: Entries,
    /// nu by input sector, with rules; the other end is the process.
    pub nu: Entries,
    /// alpha and beta by process column: `(item, value)`.
    pub outputs: [Csr<f64>; 2],
    /// Sums of the process columns of alpha and beta.
    pub output_sums: [Vec<f64>; 2],
    /// nu by process column; columns are sectors.
    pub inputs: Csr<f64>,
    /// `eta_exp`, `eta_prod` by sector.
    pub shares: [Vec<f64>; 2],
    /// Rules for `eta_exp`, `eta_prod`, `eta_cons` by sector.
    pub share_rules: [Vec<Option<Rule>>; 3],
    /// Substitutability by area.
    pub substitutability: Option<Blocks<f64>>,
    /// Baseline output and available amount by step and place, tonnes.
    pub output: Vec<Vec<f64>>,
    /// See [`AdaptiveTables::output`].
    pub available: Vec<Vec<f64>>,
}

impl AdaptiveTables {
    /// Lays out the rules of a dataset; `None` if it has none. `place` renumbers sectors.
    pub fn new(
        dataset: &Dataset,
        baseline: &Baseline,
        places: usize,
        place: impl Fn(usize) -> usize,
    ) -> Option<Self> {
        let rules = dataset.rules.as_ref()?;
        let p = &dataset.parameters;
        let dims = dataset.dimensions();
        let export_rules = transposed(&rules.export);
        let (imports, exports) = trade(p, dims, &rules.import, &export_rules);
        let families = [&rules.alpha, &rules.beta];
        let matrices = [&p.conversion_alpha, &p.output_beta];
        let output_sums = matrices.map(Csr::column_sums);
        let [alpha, beta] = [0, 1].map(|m| {
            by_sector(dims, |s| {
                let (area, item) = (dims.area_of(s), dims.item_of(s));
                let base = matrices[m].row(s).map(|(column, &v)| (dims.process_of(column), v));
                let mut row = union(base, families[m].of(area).map(|block| block.row(item)));
                // A process without output stays without: rewiring into it makes nothing.
                row.retain(|e| output_sums[m][dims.process_column(area, e.at as usize)] > 0.0);
                row
            })
        });
        let nu_by_input = p.allocation_nu.transposed();
        let nu_rules = transposed(&rules.nu);
        let nu = by_sector(dims, |s| {
            let base = nu_by_input.row(s).map(|(column, &v)| (dims.process_of(column), v));
            let block = nu_rules.of(dims.area_of(s));
            union(base, block.map(|block| block.row(dims.item_of(s))))
        });
        let by_place = |steps: &[Vec<f64>]| {
            let step = |amounts: &Vec<f64>| {
                let mut by_place = vec![0.0; places];
                for (s, &amount) in amounts.iter().enumerate() {
                    by_place[place(s)] = amount;
                }
                by_place
            };
            steps.iter().map(step).collect::<Vec<_>>()
        };
        Some(AdaptiveTables {
            dims,
            imports,
            exports,
            export_rules,
            export_sums: p.trade_t.column_sums(),
            alpha,
            beta,
            nu,
            outputs: matrices.map(Csr::transposed),
            output_sums,
            inputs: p.allocation_nu.clone(),
            shares: [p.share_eta_exp.clone(), p.share_eta_prod.clone()],
            share_rules: [&rules.eta_exp, &rules.eta_prod, &rules.eta_cons].map(Clone::clone),
            substitutability: dataset.substitutability.clone(),
            output: by_place(&baseline.output),
            available: by_place(&baseline.available),
        })
    }
}

/// T by importer with the importers' rules, and by exporter with the exporters'.
fn trade(
    p: &Parameters,
    dims: Dimensions,
    import: &Blocks<Rule>,
    export: &Blocks<Rule>,
) -> (Entries, Entries) {
    let side = |matrix: &Csr<f64>, family: &Blocks<Rule>| {
        by_sector(dims, |s| {
            let (area, item) = (dims.area_of(s), dims.item_of(s));
            let base = matrix.row(s).map(|(other, &v)| (dims.area_of(other), v));
            let mut row = union(base, family.of(item).map(|block| block.row(area)));
            row.retain(|e| e.at as usize != area); // nobody trades with itself
            row
        })
    };
    rayon::join(
        || side(&p.trade_t, import),
        || side(&p.trade_t.transposed(), export),
    )
}

fn by_sector(dims: Dimensions, row: impl Fn(usize) -> Vec<Entry> + Sync + Send) -> Entries {
    Entries::collect((0..dims.sectors()).into_par_iter().map(row).collect())
}

/// Blocks with rows and columns exchanged.
fn transposed(blocks: &Blocks<Rule>) -> Blocks<Rule> {
    Blocks {
        blocks: blocks.blocks.iter().map(Csr::transposed).collect(),
        block_of: blocks.block_of.clone(),
    }
}

/// Base entries with their rules, and entries that rewiring can make; both come ascending.
fn union<'a>(
    base: impl Iterator<Item = (usize, f64)>,
    rules: Option<impl Iterator<Item = (usize, &'a Rule)>>,
) -> Vec<Entry> {
    let mut base = base.peekable();
    let mut rules = rules.into_iter().flatten().peekable();
    let mut row = Vec::new();
    loop {
        let at = match (base.peek(), rules.peek()) {
            (None, None) => return row,
            (Some(b), None) => b.0,
            (None, Some(r)) => r.0,
            (Some(b), Some(r)) => b.0.min(r.0),
        };
        let value = base.next_if(|b| b.0 == at).map(|b| b.1);
        let rule = learned(rules.next_if(|r| r.0 == at).map(|r| r.1));
        let rewiring = rule.and_then(|r| r.rewiring).unwrap_or(0.0);
        if value.is_some() || rewiring > 0.0 {
            row.push(Entry {
                at: at as u32,
                learned: rule.is_some(),
                value: value.unwrap_or(0.0),
                multiplier: rule.and_then(|r| r.multiplier).unwrap_or(0.0),
                rewiring,
            });
        }
    }
}

impl AdaptiveTables {
    /// Baseline imports of a place at step `t`, tonnes.
    pub fn imports_at(&self, t: usize, place: u32) -> f64 {
        self.available[t][place as usize] - self.output[t][place as usize]
    }

    /// Whether an exporter has no rule for what an importer takes of it.
    pub fn export_rule_is_missing(&self, importer: u32, exporter: usize, item: usize) -> bool {
        // Rules without rewiring for a link that does not exist are not in `exports`: ask the
        // rules themselves.
        let block = self.export_rules.of(item);
        learned(block.and_then(|b| b.get(exporter, importer as usize))).is_none()
    }
}

//! What adaptation reads of the dataset: every row or column that can change, with its rules.
//!
//! The union of base entries and of entries that rewiring can make is laid out once, so that a
//! scenario's changes are found by walking the rows and columns of its adapting sectors.

use super::layout::Network;
use crate::dataset::{AdaptationRules, Blocks, Dataset, Dimensions, Parameters, Rule};
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
    /// Value, multiplier and rewiring; the latter 0 where there is no rule.
    pub fn numbers(&self) -> [f64; 3] {
        [self.value, self.multiplier, self.rewiring]
    }

    /// Value after its sector has adapted: [`entry::changed`].
    pub fn changed(&self, rl: f64, missing: MissingRule) -> f64 {
        let rule = self
            .learned
            .then_some(Rule { multiplier: Some(self.multiplier), rewiring: Some(self.rewiring) });
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

    /// Entries of `rows` rows, each added by `row`.
    fn collect(rows: usize, row: impl Fn(usize, &mut Vec<Entry>)) -> Self {
        let mut all = Entries { starts: vec![0], entries: Vec::new() };
        for at in 0..rows {
            row(at, &mut all.entries);
            all.starts.push(all.entries.len() as u32);
        }
        all
    }
}

/// Rules and parameters: trade by place, production by sector.
pub struct AdaptiveTables {
    /// Sizes of the dataset.
    pub dims: Dimensions,
    /// Places per item.
    pub stride: usize,
    /// T by importing place, with the rules for importers; the other end is the exporting area.
    pub imports: Entries,
    /// T by exporting place, with the rules for exporters; the other end is the importing area.
    pub exports: Entries,
    /// T by importing place without rules, as far as the exporter exports.
    pub links: Links,
    /// Rules for exporters by item: exporting area (row) x importing area (column).
    export_rules: Blocks<Rule>,
    /// Sum of every column of T, by place.
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
    /// `eta_exp` by place.
    pub eta_exp: Vec<f64>,
    /// `eta_exp`, `eta_prod` by sector.
    pub shares: [Vec<f64>; 2],
    /// Rules for `eta_exp`, `eta_prod`, `eta_cons` by sector.
    pub share_rules: [Vec<Option<Rule>>; 3],
    /// Substitutability by area.
    pub substitutability: Option<Blocks<f64>>,
}

impl AdaptiveTables {
    /// Lays out the rules of a dataset; `None` if it has none.
    pub fn new(dataset: &Dataset, net: &Network) -> Option<Self> {
        let rules = dataset.rules.as_ref()?;
        let p = &dataset.parameters;
        let dims = dataset.dimensions();
        let export_rules = transposed(&rules.export);
        let ((imports, exports), (output_sums, alpha, beta, nu)) = rayon::join(
            || {
                let exports = p.trade_t.transposed();
                rayon::join(
                    || trade(net, &p.trade_t, &rules.import),
                    || trade(net, &exports, &export_rules),
                )
            },
            || production(p, dims, rules),
        );
        let eta_exp = net.by_place(&p.share_eta_exp);
        Some(AdaptiveTables {
            dims,
            stride: net.stride,
            links: Links::new(net, &imports, &eta_exp),
            imports,
            exports,
            export_rules,
            export_sums: net.by_place(&p.trade_t.column_sums()),
            alpha,
            beta,
            nu,
            outputs: [&p.conversion_alpha, &p.output_beta].map(Csr::transposed),
            output_sums,
            inputs: p.allocation_nu.clone(),
            eta_exp,
            shares: [p.share_eta_exp.clone(), p.share_eta_prod.clone()],
            share_rules: [&rules.eta_exp, &rules.eta_prod, &rules.eta_cons].map(Clone::clone),
            substitutability: dataset.substitutability.clone(),
        })
    }

    /// Whether an exporter has no rule for what an importer takes of it.
    pub fn export_rule_is_missing(&self, importer: u32, exporter: usize, item: usize) -> bool {
        // Rules without rewiring for a link that does not exist are not in `exports`: ask the
        // rules themselves.
        let block = self.export_rules.of(item);
        learned(block.and_then(|b| b.get(exporter, importer as usize))).is_none()
    }
}

/// Links without rules: `(exporting area, share)` by importing place.
#[derive(Debug, Clone)]
pub struct Links {
    starts: Vec<u32>,
    links: Vec<(u32, f64)>,
}

impl Links {
    fn new(net: &Network, imports: &Entries, eta_exp: &[f64]) -> Self {
        let mut all = Links { starts: vec![0], links: Vec::new() };
        for place in 0..net.places() {
            let tile = place / net.stride * net.stride;
            let exports = |e: &&Entry| e.value != 0.0 && eta_exp[tile + e.at as usize] > 0.0;
            all.links.extend(imports.of(place).iter().filter(exports).map(|e| (e.at, e.value)));
            all.starts.push(all.links.len() as u32);
        }
        all
    }

    /// Links of one importing place.
    pub fn of(&self, place: usize) -> &[(u32, f64)] {
        &self.links[self.starts[place] as usize..self.starts[place + 1] as usize]
    }
}

/// T, or its transpose, by place with the rules of that side.
fn trade(net: &Network, matrix: &Csr<f64>, family: &Blocks<Rule>) -> Entries {
    let dims = net.dims;
    let family = Family::new(family);
    Entries::collect(net.places(), |place, entries| {
        let (item, area) = (place / net.stride, place % net.stride);
        if area >= dims.areas {
            return;
        }
        let base = matrix.row(dims.sector(area, item)).map(|(other, &v)| (dims.area_of(other), v));
        // Nobody trades with itself.
        entries.extend(family.union(item, area, base).filter(|e| e.at as usize != area));
    })
}

/// Column sums and entries of alpha and beta, entries of nu; all by sector.
fn production(
    p: &Parameters,
    dims: Dimensions,
    rules: &AdaptationRules,
) -> ([Vec<f64>; 2], Entries, Entries, Entries) {
    let matrices = [&p.conversion_alpha, &p.output_beta];
    let families = [&rules.alpha, &rules.beta].map(Family::new);
    let sums = matrices.map(Csr::column_sums);
    let [alpha, beta] = [0, 1].map(|m| {
        Entries::collect(dims.sectors(), |s, entries| {
            let (area, item) = (dims.area_of(s), dims.item_of(s));
            let base = matrices[m].row(s).map(|(column, &v)| (dims.process_of(column), v));
            // A process without output stays without: rewiring into it makes nothing.
            let has_output = |e: &Entry| sums[m][dims.process_column(area, e.at as usize)] > 0.0;
            entries.extend(families[m].union(area, item, base).filter(has_output));
        })
    });
    let nu_by_input = p.allocation_nu.transposed();
    let nu_rules = transposed(&rules.nu);
    let nu_rules = Family::new(&nu_rules);
    let nu = Entries::collect(dims.sectors(), |s, entries| {
        let base = nu_by_input.row(s).map(|(column, &v)| (dims.process_of(column), v));
        entries.extend(nu_rules.union(dims.area_of(s), dims.item_of(s), base));
    });
    (sums, alpha, beta, nu)
}

/// Blocks with rows and columns exchanged.
fn transposed(blocks: &Blocks<Rule>) -> Blocks<Rule> {
    Blocks {
        blocks: blocks.blocks.iter().map(Csr::transposed).collect(),
        block_of: blocks.block_of.clone(),
    }
}

/// The rules of one family, and those among them that make entries where there are none.
struct Family<'a> {
    rules: &'a Blocks<Rule>,
    /// Rules with rewiring, by distinct block.
    rewiring: Vec<Csr<Rule>>,
}

impl<'a> Family<'a> {
    fn new(rules: &'a Blocks<Rule>) -> Self {
        let rewires = |rule: &Rule| rule.rewiring.is_some_and(|r| r > 0.0);
        let rewiring = rules.blocks.iter().map(|block| block.filtered(rewires)).collect();
        Family { rules, rewiring }
    }

    /// Base entries of a row, ascending, with their rules, and entries that rewiring can make.
    fn union(
        &self,
        member: usize,
        row: usize,
        base: impl Iterator<Item = (usize, f64)>,
    ) -> impl Iterator<Item = Entry> {
        let rules = self.rules.of(member);
        let rewiring = self.rules.block_of[member].map(|block| &self.rewiring[block as usize]);
        let mut base = base.peekable();
        let mut made = rewiring.into_iter().flat_map(move |block| block.row(row)).peekable();
        std::iter::from_fn(move || {
            let next = match (base.peek(), made.peek()) {
                (None, None) => return None,
                (Some(b), None) => b.0,
                (None, Some(r)) => r.0,
                (Some(b), Some(r)) => b.0.min(r.0),
            };
            let value = base.next_if(|b| b.0 == next).map(|b| b.1);
            let made = made.next_if(|r| r.0 == next).map(|r| r.1);
            let rule = learned(made.or_else(|| rules.and_then(|block| block.get(row, next))));
            Some(Entry {
                at: next as u32,
                learned: rule.is_some(),
                value: value.unwrap_or(0.0),
                multiplier: rule.and_then(|r| r.multiplier).unwrap_or(0.0),
                rewiring: rule.and_then(|r| r.rewiring).unwrap_or(0.0),
            })
        })
    }
}

//! Invented rules of adaptation and substitutability, in the ranges of the published ones.

use super::super::rules::{AdaptationRules, Blocks, MissingRule, Rule};
use super::REAL_ITEMS;
use super::names::{ProcessKind, ProcessTraits, World};
use super::random::{Family, Stream};
use crate::sparse::Csr;

/// Probabilities that an entry was seen in any event, so that it has a rule.
const ALPHA_LEARNED: f64 = 0.95;
const BETA_LEARNED: f64 = 0.75;
const NU_LEARNED: f64 = 0.9;
/// Items with rules for their shares, and how often such an item has one for exports or production.
const ITEM_LEARNED: f64 = 0.97;
const SHARES_LEARNED: f64 = 0.97;

/// (importer, exporter) pairs with a rule: this share of all, in worlds beyond the published size
/// this many per importer, so that rules grow with the number of areas and not with its square.
const PAIRS_LEARNED: f64 = 0.82;
const MOST_PARTNERS: f64 = 157.0;

/// Share of the pairs of a commodity group that can stand in for each other.
const SUBSTITUTES: f64 = 0.476;

/// One half of a rule: how often it is known, its median, its range.
struct Half {
    known: f64,
    median: f64,
    range: (f64, f64),
}

impl Half {
    const fn new(known: f64, median: f64, range: (f64, f64)) -> Self {
        Half { known, median, range }
    }

    fn draw(&self, factor: f64, draw: &mut Stream) -> Option<f64> {
        let value = (self.median * factor).clamp(self.range.0, self.range.1);
        draw.chance(self.known).then_some(value)
    }
}

/// Multiplier and rewiring of one family.
struct Ranges(Half, Half);

const ALPHA: Ranges = Ranges(Half::new(1.0, 2.4, (0.6, 3.8)), Half::new(0.1, 0.5, (1e-4, 12.0)));
const BETA: Ranges =
    Ranges(Half::new(0.99, 2.3, (0.6, 3.5)), Half::new(0.02, 290.0, (190.0, 390.0)));
const NU: Ranges = Ranges(Half::new(0.93, 1.9, (0.5, 5.0)), Half::new(0.17, 0.006, (1e-4, 0.8)));
const ETA_EXP: Ranges =
    Ranges(Half::new(0.91, 1.5, (0.1, 7.0)), Half::new(0.45, 0.007, (2e-4, 0.16)));
const ETA_PROD: Ranges =
    Ranges(Half::new(0.95, 2.3, (0.9, 3.1)), Half::new(0.17, 0.016, (4e-3, 0.8)));
const ETA_CONS: Ranges =
    Ranges(Half::new(1.0, 2.5, (0.1, 7.0)), Half::new(0.2, 0.005, (3e-4, 0.1)));
const TRADE: Ranges = Ranges(Half::new(0.995, 2.2, (0.5, 9.0)), Half::new(0.03, 0.01, (1e-3, 0.3)));

impl Ranges {
    /// A rule; `None` where neither half is known.
    fn draw(&self, draw: &mut Stream) -> Option<Rule> {
        let (factor, amount) = (draw.mild(), draw.heavy());
        let multiplier = self.0.draw(factor, draw);
        let rewiring = self.1.draw(amount, draw);
        (multiplier.is_some() || rewiring.is_some()).then_some(Rule { multiplier, rewiring })
    }
}

/// All rules, and the substitutability of items.
pub(super) fn rules(world: &World, seed: u64) -> (AdaptationRules, Blocks<f64>) {
    let dims = world.labels.dimensions();
    let (items, processes, areas) = (dims.items, dims.processes, dims.areas);
    let (mut alpha, mut beta, mut nu) = (Vec::new(), Vec::new(), Vec::new());
    for (k, process) in world.processes.iter().enumerate() {
        let mut draw = Stream::new(seed, Family::ProcessRules, process.slot);
        for &(item, _) in &process.outputs {
            let known = (draw.chance(ALPHA_LEARNED), draw.chance(BETA_LEARNED));
            let rules = (ALPHA.draw(&mut draw), BETA.draw(&mut draw));
            let entry = |rule| (item as u32, k as u32, rule);
            alpha.extend(rules.0.filter(|_| known.0).map(entry));
            beta.extend(rules.1.filter(|_| known.1).map(entry));
        }
        for item in possible_inputs(world, process) {
            let (known, rule) = (draw.chance(NU_LEARNED), NU.draw(&mut draw));
            nu.extend(rule.filter(|_| known).map(|rule| (k as u32, item as u32, rule)));
        }
    }
    let shares: Vec<[Option<Rule>; 3]> = world
        .items
        .iter()
        .map(|item| {
            let mut draw = Stream::new(seed, Family::ShareRules, item.slot);
            let learned = draw.chance(ITEM_LEARNED);
            let mut other = |ranges: &Ranges| {
                let (known, rule) = (draw.chance(SHARES_LEARNED), ranges.draw(&mut draw));
                rule.filter(|_| known && learned)
            };
            let (export, production) = (other(&ETA_EXP), other(&ETA_PROD));
            // Adapted shares are divided by their sum. Where only this one is above zero, no rule
            // for it would make the sum 0, which is left to the items without any rule.
            [export, production, ETA_CONS.draw(&mut draw).filter(|_| learned)]
        })
        .collect();
    // Shares are learned per item and hold in every area.
    let shares = &shares;
    let everywhere =
        |which: usize| (0..areas).flat_map(move |_| shares.iter().map(move |s| s[which]));
    let rules = AdaptationRules {
        alpha: repeated(items, processes, alpha, areas),
        beta: repeated(items, processes, beta, areas),
        nu: repeated(processes, items, nu, areas),
        eta_exp: everywhere(0).collect(),
        eta_prod: everywhere(1).collect(),
        eta_cons: everywhere(2).collect(),
        import: trade_rules(areas, items, Stream::new(seed, Family::TradeRules, 0)),
        export: trade_rules(areas, items, Stream::new(seed, Family::TradeRules, 1)),
        missing: MissingRule::Published,
    };
    (rules, substitutability(world, seed))
}

/// Items a process takes anywhere, in item order.
fn possible_inputs(world: &World, process: &ProcessTraits) -> Vec<usize> {
    let feeds =
        |i: &usize| world.items[*i].feed > 0.0 && world.items[*i].slot / REAL_ITEMS == process.set;
    match process.kind {
        ProcessKind::Graze | ProcessKind::Fatten => (0..world.items.len()).filter(feeds).collect(),
        ProcessKind::Grow => vec![process.outputs[0].0],
        ProcessKind::Mill => process.inputs.iter().map(|&(item, _)| item).collect(),
    }
}

/// One matrix for every member.
fn repeated<V: Clone + PartialEq>(
    rows: usize,
    cols: usize,
    entries: Vec<(u32, u32, V)>,
    members: usize,
) -> Blocks<V> {
    let block = Csr::from_triplets(rows, cols, entries).expect("every rule is drawn once");
    if block.nnz() == 0 {
        return Blocks { blocks: Vec::new(), block_of: vec![None; members] };
    }
    Blocks { blocks: vec![block], block_of: vec![Some(0); members] }
}

/// One importer x exporter matrix for every item, as in the published files.
fn trade_rules(areas: usize, items: usize, mut draw: Stream) -> Blocks<Rule> {
    let known = PAIRS_LEARNED.min(MOST_PARTNERS / areas as f64);
    let mut entries = Vec::with_capacity((known * (areas * areas) as f64) as usize);
    for importer in 0..areas as u32 {
        for exporter in 0..areas as u32 {
            if importer != exporter && draw.chance(known) {
                let rule = TRADE.draw(&mut draw);
                entries.extend(rule.map(|rule| (importer, exporter, rule)));
            }
        }
    }
    repeated(areas, areas, entries, items)
}

/// Substitutability within commodity groups, the same in every area.
fn substitutability(world: &World, seed: u64) -> Blocks<f64> {
    let (items, traits) = (&world.labels.items, &world.items);
    let mut entries = Vec::new();
    for (i, item) in items.iter().enumerate() {
        let mut draw = Stream::new(seed, Family::Substitution, traits[i].slot);
        for (j, substitute) in items.iter().enumerate() {
            let same = item.commodity_group == substitute.commodity_group
                && traits[i].slot / REAL_ITEMS == traits[j].slot / REAL_ITEMS;
            if i != j && same && draw.chance(SUBSTITUTES) {
                entries.push((i as u32, j as u32, (0.083 * draw.mild()).clamp(0.03, 0.35)));
            }
        }
    }
    repeated(items.len(), items.len(), entries, world.areas.len())
}

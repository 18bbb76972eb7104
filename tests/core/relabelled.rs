//! Names and order do not matter: a world with its areas and items in another order, which is what
//! other names make of it, has the same losses; so has a scenario with its shocks in another order.

use proptest::prelude::*;
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize};
use shocksweep::low_level::dataset::{AdaptationRules, Blocks, Dataset, Parameters};
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::engine::reference::ReferenceEngine;
use shocksweep::low_level::engine::{Engine, Outcome};
use shocksweep::low_level::model::adaptation::{
    AdaptationSettings, SubstituteConflict, Thresholds,
};
use shocksweep::low_level::scenario::{Scenario, Shock, ShockKind};
use shocksweep::low_level::sparse::Csr;

use crate::support::Numbers;
use crate::support::ask::Ask;

const STEPS: usize = 10;

/// Where each area and each item goes.
struct Order {
    areas: Vec<usize>,
    items: Vec<usize>,
    processes: usize,
}

/// Numbers in another order.
fn shuffled(count: usize, r: &mut Numbers) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for at in (1..count).rev() {
        order.swap(at, r.below(at + 1));
    }
    order
}

impl Order {
    fn sector(&self, s: usize) -> usize {
        let items = self.items.len();
        self.areas[s / items] * items + self.items[s % items]
    }

    fn column(&self, k: usize) -> usize {
        self.areas[k / self.processes] * self.processes + k % self.processes
    }

    fn vector<T: Clone>(&self, of: &[T]) -> Vec<T> {
        let mut moved = of.to_vec();
        of.iter().enumerate().for_each(|(s, value)| moved[self.sector(s)] = value.clone());
        moved
    }

    fn list<T: Clone>(order: &[usize], of: &[T]) -> Vec<T> {
        let mut moved = of.to_vec();
        of.iter().enumerate().for_each(|(at, value)| moved[order[at]] = value.clone());
        moved
    }

    fn world(&self, world: &Dataset) -> Dataset {
        let p = &world.parameters;
        let sector = |s: usize| self.sector(s);
        let column = |k: usize| self.column(k);
        let mut labels = world.labels.clone();
        labels.areas = Order::list(&self.areas, &labels.areas);
        labels.items = Order::list(&self.items, &labels.items);
        Dataset {
            labels,
            parameters: Parameters {
                x0: self.vector(&p.x0),
                start_stock: self.vector(&p.start_stock),
                share_eta_prod: self.vector(&p.share_eta_prod),
                share_eta_exp: self.vector(&p.share_eta_exp),
                conversion_alpha: moved(&p.conversion_alpha, sector, column),
                output_beta: moved(&p.output_beta, sector, column),
                allocation_nu: moved(&p.allocation_nu, column, sector),
                trade_t: moved(&p.trade_t, sector, sector),
            },
            rules: world.rules.as_ref().map(|rules| self.rules(rules)),
            substitutability: world.substitutability.as_ref().map(|blocks| {
                let item = |i: usize| self.items[i];
                members(blocks, &self.areas, |block| moved(block, item, item))
            }),
            ..world.clone()
        }
    }

    fn rules(&self, r: &AdaptationRules) -> AdaptationRules {
        let item = |i: usize| self.items[i];
        let area = |a: usize| self.areas[a];
        let same = |k: usize| k;
        AdaptationRules {
            alpha: members(&r.alpha, &self.areas, |b| moved(b, item, same)),
            beta: members(&r.beta, &self.areas, |b| moved(b, item, same)),
            nu: members(&r.nu, &self.areas, |b| moved(b, same, item)),
            eta_exp: self.vector(&r.eta_exp),
            eta_prod: self.vector(&r.eta_prod),
            eta_cons: self.vector(&r.eta_cons),
            import: members(&r.import, &self.items, |b| moved(b, area, area)),
            export: members(&r.export, &self.items, |b| moved(b, area, area)),
            missing: r.missing,
        }
    }

    fn scenario(&self, scenario: &Scenario, world: &Dataset) -> Scenario {
        let shock = |s: &Shock| Shock {
            sector: self.sector(s.sector as usize) as u32,
            kind: match s.kind {
                ShockKind::Blockade { importer, reroute } => {
                    ShockKind::Blockade { importer: self.areas[importer as usize] as u32, reroute }
                }
                ShockKind::Production | ShockKind::ExportBan | ShockKind::ImportBan { .. } => {
                    s.kind
                }
            },
            ..*s
        };
        let shocks = scenario.shocks.iter().rev().map(shock).collect();
        let moved = Scenario::new(scenario.id, shocks, &world.labels).expect("as before");
        moved.with_adaptation(scenario.adaptation)
    }
}

fn moved<V: Clone + PartialEq>(
    matrix: &Csr<V>,
    row: impl Fn(usize) -> usize,
    column: impl Fn(usize) -> usize,
) -> Csr<V> {
    let entries = matrix.iter().map(|(r, c, v)| (row(r) as u32, column(c) as u32, v.clone()));
    Csr::from_triplets(matrix.rows(), matrix.cols(), entries.collect()).expect("as before")
}

fn members<V: Clone + PartialEq>(
    blocks: &Blocks<V>,
    order: &[usize],
    mut change: impl FnMut(&Csr<V>) -> Csr<V>,
) -> Blocks<V> {
    Blocks {
        blocks: blocks.blocks.iter().map(&mut change).collect(),
        block_of: Order::list(order, &blocks.block_of),
    }
}

/// Scenarios of every kind: losses of output, bans that meet on one flow, ties, every conflict of
/// substitutes that does not depend on the order of items by definition.
fn scenarios(world: &Dataset, r: &mut Numbers) -> Vec<Scenario> {
    let (dims, producers) = (world.dimensions(), world.parameters.producers());
    let mut made = Vec::new();
    while made.len() < 12 {
        let mut shocks: Vec<Shock> = Vec::new();
        let sector = r.below(dims.sectors());
        let (area, item) = (dims.area_of(sector), dims.item_of(sector));
        let other = (area + 1 + r.below(dims.areas - 1)) % dims.areas;
        let phi = |r: &mut Numbers| [1.0, 0.5, 0.25][r.below(3)];
        let mut add = |sector: usize, phi: f64, kind: ShockKind| {
            shocks.push(Shock { kind, ..Shock::new(sector as u32, phi) });
        };
        if producers[sector] {
            add(sector, phi(r), ShockKind::Production);
        }
        if made.len() % 2 == 1 {
            let reroute = r.below(2) == 0;
            add(sector, phi(r), ShockKind::ExportBan);
            add(dims.sector(other, item), phi(r), ShockKind::ImportBan { reroute });
            let importer = other as u32;
            add(sector, phi(r), ShockKind::Blockade { importer, reroute: !reroute });
            add(sector, phi(r), ShockKind::Blockade { importer, reroute });
        }
        if shocks.is_empty() {
            continue;
        }
        let substitute_conflict =
            [SubstituteConflict::Max, SubstituteConflict::Product][r.below(2)];
        let settings = AdaptationSettings {
            thresholds: Thresholds { relative: 0.1, absolute: 1.0 },
            substitute_conflict,
            ..AdaptationSettings::default()
        };
        let adaptation = (r.below(2) == 0).then_some(settings);
        let scenario = Scenario::new(made.len() as u32, shocks, &world.labels).expect("no overlap");
        made.push(scenario.with_adaptation(adaptation));
    }
    made
}

fn run(engine: &dyn Engine, scenarios: &[Scenario]) -> Vec<Outcome> {
    engine.run(scenarios, 0.0, &|_| {})
}

fn dense(outcome: &Outcome, sectors: usize) -> Vec<f64> {
    let mut losses = vec![0.0; sectors];
    for (&sector, &loss) in outcome.sectors.iter().zip(&outcome.losses) {
        losses[sector as usize] = loss;
    }
    losses
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn names_and_order_do_not_matter(seed in 1u64..1_000_000) {
        let options = SynthOptions { areas: 14, items: 12, seed };
        let world = synthesize(&options).expect("a world");
        let mut r = Numbers(seed ^ 7);
        let dims = world.dimensions();
        let order = Order {
            areas: shuffled(dims.areas, &mut r),
            items: shuffled(dims.items, &mut r),
            processes: dims.processes,
        };
        let renamed = order.world(&world);
        let scenarios = scenarios(&world, &mut r);
        let again: Vec<Scenario> =
            scenarios.iter().map(|s| order.scenario(s, &renamed)).collect();
        let before = ReferenceEngine::new(&world, STEPS);
        let scale = before.baseline().last();
        let expected = run(&before, &scenarios);
        let (reference, cpu) = (ReferenceEngine::new(&renamed, STEPS), CpuEngine::new(&renamed, STEPS));
        let engines: [&dyn Engine; 2] = [&reference, &cpu];
        let mut compared = 0;
        for engine in engines {
            for (at, (a, b)) in expected.iter().zip(run(engine, &again)).enumerate() {
                let (a, b) = (dense(a, dims.sectors()), dense(&b, dims.sectors()));
                for (s, a) in a.iter().enumerate() {
                    let b = b[order.sector(s)];
                    let bound = 1e-9 * a.abs().max(scale[s]).max(1.0);
                    prop_assert!((a - b).abs() <= bound, "{:?}, sector {s}: {a} and {b}", scenarios[at]);
                    compared += usize::from(*a != 0.0);
                }
            }
        }
        prop_assert!(compared > 100, "{compared} losses");
    }
}

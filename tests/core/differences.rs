//! One test per point of `model::adaptation::differences`.

use crate::support::World;
use crate::support::ask::Ask;
use crate::support::gpu::fast_engines;
use shocksweep::low_level::dataset::{AdaptationRules, Blocks, Dataset, Rule, check};
use shocksweep::low_level::engine::reference::ReferenceEngine;
use shocksweep::low_level::engine::{Engine, Outcome};
use shocksweep::low_level::model::adaptation::{
    AdaptationSettings, Adapted, Hit, MissingRule, SubstituteConflict, adapt, import_growth,
    substitute,
};
use shocksweep::low_level::scenario::{Scenario, Shock};
use shocksweep::low_level::sparse::Csr;

const PUBLISHED: MissingRule = MissingRule::Published;
const STEPS: usize = 16;

fn rule(multiplier: f64, rewiring: f64) -> Rule {
    let half = |value: f64| (value >= 0.0).then_some(value);
    Rule { multiplier: half(multiplier), rewiring: half(rewiring) }
}

/// No rules at all; tests add the few they need.
pub(crate) fn no_rules(world: &Dataset) -> AdaptationRules {
    let dims = world.dimensions();
    let (areas, items, processes) = (dims.areas, dims.items, dims.processes);
    let empty = |members: usize, rows, cols| {
        Blocks::from_members((0..members).map(|_| Csr::<Rule>::empty(rows, cols)))
    };
    AdaptationRules {
        alpha: empty(areas, items, processes),
        beta: empty(areas, items, processes),
        nu: empty(areas, processes, items),
        eta_exp: vec![None; dims.sectors()],
        eta_prod: vec![None; dims.sectors()],
        eta_cons: vec![None; dims.sectors()],
        import: empty(items, areas, areas),
        export: empty(items, areas, areas),
        missing: Default::default(),
    }
}

/// The same block for every member.
fn blocks(members: usize, shape: (usize, usize), entries: &[(u32, u32, Rule)]) -> Blocks<Rule> {
    let block = Csr::from_triplets(shape.0, shape.1, entries.to_vec()).unwrap();
    Blocks::from_members((0..members).map(|_| block.clone()))
}

/// Three areas, two items. Area 0 makes both without input and exports half; 1 and 2 import.
fn world() -> Dataset {
    let mut w = World::new(3, 2, 2);
    for item in [0, 1] {
        let s = w.sector(0, item);
        (w.x0[s], w.eta_exp[s]) = (8000.0, 0.5);
        w.beta(0, item, item, 8000.0);
        for importer in [1, 2] {
            let s = w.sector(importer, item);
            w.x0[s] = 2000.0;
            w.trade(item, 0, importer, 0.5);
        }
    }
    w.build()
}

/// Sector of an area and an item of the world.
fn sector(area: u32, item: u32) -> u32 {
    area * 2 + item
}

fn hit(sector: u32, rl: f64) -> Hit {
    Hit { sector, al: 2000.0, rl }
}

fn adapted(
    world: &Dataset,
    rules: &AdaptationRules,
    hits: &[Hit],
    missing: MissingRule,
) -> Adapted {
    adapt(&world.parameters, world.dimensions(), rules, hits, missing)
}

fn share(trade: &Csr<f64>, to: u32, from: u32) -> f64 {
    trade.get(to as usize, from as usize).copied().unwrap_or(0.0)
}

/// The engines' outcomes of a full shock of area 0's item 0; they must agree.
fn shocked(world: &Dataset, phi: f64, settings: AdaptationSettings) -> Outcome {
    let scenario = Scenario::new(0, vec![Shock::new(0, phi)], &world.labels).unwrap();
    let scenarios = [scenario.with_adaptation(Some(settings))];
    let run = |engine: &dyn Engine| engine.run(&scenarios, 0.0, &|_| {}).remove(0);
    let reference = run(&ReferenceEngine::new(world, STEPS));
    for engine in fast_engines(world, STEPS) {
        let fast = run(engine.as_ref());
        assert_eq!(reference.sectors, fast.sectors, "{}", engine.name());
        for (a, b) in reference.losses.iter().zip(&fast.losses) {
            assert!((a - b).abs() < 1e-9, "{}: {a} and {b}", engine.name());
        }
    }
    reference
}

#[test]
fn limits_are_the_papers() {
    let thresholds = AdaptationSettings::default().thresholds;
    assert_eq!((thresholds.relative, thresholds.absolute), (0.26, 1000.0));
    assert!(thresholds.hit(0, 1000.0, 3846.0).is_some(), "26.001 %");
    assert!(thresholds.hit(0, 1000.0, 3847.0).is_none(), "25.994 %");
    assert!(thresholds.hit(0, 999.0, 999.0).is_none());
}

#[test]
fn nothing_lost_of_nothing_is_no_loss() {
    let mut world = world();
    world.rules = Some(no_rules(&world));
    let settings = AdaptationSettings::default();
    let thresholds =
        shocksweep::low_level::model::adaptation::Thresholds { relative: 0.26, absolute: 0.0 };
    let outcome = shocked(&world, 1.0, AdaptationSettings { thresholds, ..settings });
    // Item 0 is lost in all three areas; item 1 loses nothing and does not act.
    let acting: Vec<u32> = outcome.events.iter().map(|e| e.hit.sector).collect();
    assert!(!acting.is_empty() && acting.iter().all(|s| s % 2 == 0), "{acting:?}");
}

#[test]
fn a_missing_half_counts_as_zero() {
    let world = world();
    let mut rules = no_rules(&world);
    rules.import = blocks(2, (3, 3), &[(1, 0, rule(-1000.0, 0.6))]);
    let trade = adapted(&world, &rules, &[hit(sector(1, 0), 0.5)], PUBLISHED).parameters.trade_t;
    // 0.5 x 0 + 0.6, times 0.5: 0.3 beside 0.5, rescaled to 1.
    assert!((share(&trade, sector(1, 0), 0) - 0.375).abs() < 1e-15);
}

#[test]
fn filler_shrinks_an_entry() {
    let world = world();
    let mut rules = no_rules(&world);
    rules.import = blocks(2, (3, 3), &[(1, 0, rule(1.0, -1000.0))]);
    let trade = adapted(&world, &rules, &[hit(sector(1, 0), 0.5)], PUBLISHED).parameters.trade_t;
    // 0.5 x 1 x 0.5 = 0.25 beside 0.5: a third.
    assert!((share(&trade, sector(1, 0), 0) - 1.0 / 3.0).abs() < 1e-15);
}

#[test]
fn entries_without_a_pair() {
    let world = world();
    let rules = no_rules(&world);
    let hits = [hit(sector(0, 0), 0.5), hit(sector(1, 0), 0.5)];
    let published = adapted(&world, &rules, &hits, PUBLISHED).parameters;
    assert_eq!(published.output_beta.row(0).count(), 0, "nothing is produced any more");
    assert_eq!(published.output_beta.row(1).count(), 1, "item 1 does not adapt");
    assert_eq!(published.trade_t.column_sums()[0], 0.0);
    let kept = adapted(&world, &rules, &hits, MissingRule::Keep).parameters;
    assert_eq!(kept, world.parameters);
}

#[test]
fn rules_against_the_structure_do_not_exist() {
    // A rule for what an area takes of itself is refused by nothing, and does nothing.
    let world = world();
    let mut rules = no_rules(&world);
    rules.import = blocks(2, (3, 3), &[(1, 0, rule(1.0, -1.0)), (1, 1, rule(1.0, 0.9))]);
    let dims = world.dimensions();
    let trade = adapted(&world, &rules, &[hit(sector(1, 0), 0.5)], PUBLISHED).parameters.trade_t;
    assert!(trade.iter().all(|(to, from, _)| {
        dims.item_of(to) == dims.item_of(from) && dims.area_of(to) != dims.area_of(from)
    }));
    let mut world = world;
    world.rules = Some(rules);
    shocked(&world, 1.0, AdaptationSettings::default());
}

#[test]
fn a_process_without_output_stays_without() {
    let world = world();
    let mut rules = no_rules(&world);
    // Rewiring of beta in area 1, where no process puts out anything.
    rules.beta = blocks(3, (2, 2), &[(0, 0, rule(1.0, 500.0))]);
    let hits = [hit(sector(1, 0), 0.5)];
    let beta = adapted(&world, &rules, &hits, PUBLISHED).parameters.output_beta;
    assert_eq!(beta, world.parameters.output_beta);
}

#[test]
fn the_export_side_overwrites_the_import_side() {
    let world = world();
    let mut rules = no_rules(&world);
    rules.import = blocks(2, (3, 3), &[(1, 0, rule(4.0, -1.0))]);
    rules.export = blocks(2, (3, 3), &[(1, 0, rule(1.0, -1.0)), (2, 0, rule(3.0, -1.0))]);
    let hits = [hit(sector(0, 0), 0.5), hit(sector(1, 0), 0.5)];
    let trade = adapted(&world, &rules, &hits, PUBLISHED).parameters.trade_t;
    // Exporter: 0.5 x 1 x 0.5 = 0.25 and 0.5 x 3 x 0.5 = 0.75. The importer's 1.0 is gone.
    assert_eq!([share(&trade, sector(1, 0), 0), share(&trade, sector(2, 0), 0)], [0.25, 0.75]);
    // Without a rule of the exporter, `keep` keeps the importer's.
    rules.export = blocks(2, (3, 3), &[]);
    let trade = adapted(&world, &rules, &hits, MissingRule::Keep).parameters.trade_t;
    assert!((share(&trade, sector(1, 0), 0) - 2.0 / 3.0).abs() < 1e-15);
}

#[test]
fn a_column_of_zero_stays_zero() {
    let mut world = world();
    let mut rules = no_rules(&world);
    rules.eta_exp[0] = Some(rule(1.0, -1.0));
    world.rules = Some(rules);
    let outcome = shocked(&world, 0.5, AdaptationSettings::default());
    // Area 0 still has half of its item 0, sets it aside for export, and nobody takes any.
    assert!(outcome.losses.iter().all(|loss| loss.is_finite()));
    let lost = |s: u32| outcome.sectors.iter().position(|&x| x == s).map(|at| outcome.losses[at]);
    assert_eq!([lost(sector(1, 0)), lost(sector(2, 0))], [Some(2000.0), Some(2000.0)]);
}

#[test]
fn only_touched_columns_are_rescaled() {
    let mut w = World::new(3, 2, 1);
    for item in [0, 1] {
        w.trade(item, 0, 1, 0.5);
        w.trade(item, 0, 2, 0.25);
    }
    let world = w.build();
    let mut rules = no_rules(&world);
    rules.import = blocks(2, (3, 3), &[(1, 0, rule(1.0, -1.0))]);
    let hits = [hit(sector(1, 0), 0.5)];
    let sums = adapted(&world, &rules, &hits, PUBLISHED).parameters.trade_t.column_sums();
    assert_eq!(sums[..2], [1.0, 0.75], "item 1 is left alone");
    let report = check::check(&world);
    assert!(report.failed() > 0, "such a dataset is refused");
}

#[test]
fn shares_of_zero_by_zero() {
    let world = world();
    let mut rules = no_rules(&world);
    let hits = [hit(0, 0.5), hit(1, 0.5)];
    // Sector 0 has no rule; sector 1 has one, which leaves 0 of a share of 0.
    rules.eta_prod[1] = Some(rule(2.0, -1.0));
    let adapted = adapted(&world, &rules, &hits, PUBLISHED);
    assert_eq!(adapted.no_share_rule, [0, 1]);
    assert_eq!(adapted.parameters.share_eta_exp, world.parameters.share_eta_exp);
}

#[test]
fn the_last_lost_item_decides() {
    let block = Csr::from_triplets(3, 3, vec![(0, 2, 2.0), (1, 2, 1.0)]).unwrap();
    let substitutability = Blocks::from_members([block]);
    let dims = World::new(1, 3, 1).dims;
    let hits = [hit(0, 0.5), hit(1, 0.5)];
    let growth = |conflict| import_growth(dims, &substitutability, &hits, conflict);
    assert_eq!(growth(SubstituteConflict::Last), [(2, 2.0)]);
    assert_eq!(growth(SubstituteConflict::Max), [(2, 3.0)]);
    assert_eq!(growth(SubstituteConflict::Product), [(2, 6.0)]);
    assert_eq!(AdaptationSettings::default().substitute_conflict, SubstituteConflict::Last);
}

#[test]
fn substitution_makes_no_links() {
    let world = world();
    // Area 0 imports nothing, area 1 half of what area 0 sends.
    let growth = [(sector(0, 1), 3.0), (sector(1, 1), 3.0)];
    let trade = substitute(&world.parameters.trade_t, &growth);
    assert_eq!(trade.nnz(), world.parameters.trade_t.nnz());
    assert_eq!([share(&trade, sector(1, 1), 1), share(&trade, sector(2, 1), 1)], [0.75, 0.25]);
}

#[test]
fn output_can_be_capped() {
    // A herd that breeds itself: half of it, doubled, every year. The shock leaves 0.6 of it a year,
    // 0.36 after two; then all of it breeds, 1.2 times the herd a year.
    let mut w = World::new(1, 1, 1);
    w.x0[0] = 8000.0;
    w.eta_prod[0] = 0.5;
    w.alpha(0, 0, 0, 2.0);
    w.nu(0, 0, 0, 1.0);
    let mut world = w.build();
    let mut rules = no_rules(&world);
    rules.alpha = blocks(1, (1, 1), &[(0, 0, rule(1.0, -1.0))]);
    rules.nu = blocks(1, (1, 1), &[(0, 0, rule(1.0, -1.0))]);
    rules.eta_prod[0] = Some(rule(1.0, -1.0));
    world.rules = Some(rules);
    let settings = AdaptationSettings::default();
    let free = shocked(&world, 0.4, settings);
    let herd = 8000.0 * 0.36 * 1.2f64.powi(STEPS as i32 - 2);
    assert!((free.totals.loss - (8000.0 - herd)).abs() < 1e-6, "{}", free.totals.loss);
    assert!(free.totals.overshoots(4.0) && !free.totals.overshoots(5.0));
    for cap in [1.0, 1.5] {
        let capped = shocked(&world, 0.4, AdaptationSettings { output_cap: Some(cap), ..settings });
        assert!((capped.totals.loss - 8000.0 * (1.0 - cap)).abs() < 1e-9);
    }
    assert_eq!(settings.output_cap, None);
}

#[test]
fn shocked_sectors_adapt_and_stay_shocked() {
    let mut world = world();
    let mut rules = no_rules(&world);
    rules.beta = blocks(3, (2, 2), &[(0, 0, rule(4.0, -1.0))]);
    world.rules = Some(rules);
    let outcome = shocked(&world, 0.5, AdaptationSettings::default());
    assert!(outcome.events.iter().any(|e| e.hit.sector == 0));
    // The process keeps its 8000 t, of which the shock takes half in every step.
    assert_eq!((outcome.sectors[0], outcome.losses[0]), (0, 4000.0));
}

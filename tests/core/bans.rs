//! Bans on trade: worked by hand, in both engines, with everything else at once.

use std::path::Path;

use crate::support::ask::Ask;
use crate::support::gpu::fast_engines;
use crate::support::{Numbers, World, adaptive_world, small_settings};
use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::engine::reference::ReferenceEngine;
use shocksweep::low_level::engine::{Engine, Outcome};
use shocksweep::low_level::job::{JobFile, Plan};
use shocksweep::low_level::model::adaptation::AdaptationSettings;
use shocksweep::low_level::scenario::{Course, Scenario, Shock, ShockKind};

/// Three areas, one item. Area 0 makes 100 t a year from nothing, exports 80 % of what it has, 5/8 of
/// that to area 1 and 3/8 to area 2. Everything else is eaten.
fn three_areas() -> Dataset {
    let mut world = World::new(3, 1, 1);
    world.beta(0, 0, 0, 100.0);
    world.trade(0, 0, 1, 0.625);
    world.trade(0, 0, 2, 0.375);
    world.eta_exp[0] = 0.8;
    world.x0[0] = 100.0;
    world.build()
}

/// Available amounts after two steps.
fn after_two_steps(world: &Dataset, shock: Shock) -> Vec<f64> {
    let scenario = Scenario::new(0, vec![shock], &world.labels).unwrap();
    let reference = ReferenceEngine::new(world, 2);
    let (x, _) = reference.available(&scenario).unwrap();
    for engine in fast_engines(world, 2) {
        let fast = engine.run(std::slice::from_ref(&scenario), 0.0, &|_| {}).remove(0);
        let mut amounts = engine.baseline().last().to_vec();
        for (&sector, loss) in fast.sectors.iter().zip(&fast.losses) {
            amounts[sector as usize] -= loss;
        }
        for (fast, plain) in amounts.iter().zip(&x[1]) {
            assert!((fast - plain).abs() < 1e-12, "{}: {amounts:?}, {:?}", engine.name(), x[1]);
        }
    }
    x[1].clone()
}

fn ban(sector: u32, kind: ShockKind, phi: f64) -> Shock {
    Shock { kind, ..Shock::new(sector, phi) }
}

#[test]
fn bans_worked_by_hand() {
    let world = three_areas();
    let close = |found: Vec<f64>, expected: [f64; 3]| {
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
        }
    };
    // Without a ban area 0 has 100, sends 80: 50 and 30.
    close(after_two_steps(&world, Shock::new(0, 0.0)), [100.0, 50.0, 30.0]);
    // Export ban: 80 of 100 stay in step 0, x0 = 180; of 180, 144 stay in step 1.
    close(after_two_steps(&world, ban(0, ShockKind::ExportBan, 1.0)), [244.0, 0.0, 0.0]);
    // Half of it: 40 stay; of 140, 112 would leave and 56 stay; 35 and 21 arrive.
    close(after_two_steps(&world, ban(0, ShockKind::ExportBan, 0.5)), [156.0, 35.0, 21.0]);
    // Area 1 imports nothing; its 50 are lost, or go to area 2.
    let lost = ShockKind::ImportBan { reroute: false };
    close(after_two_steps(&world, ban(1, lost, 1.0)), [100.0, 0.0, 30.0]);
    let rerouted = ShockKind::ImportBan { reroute: true };
    close(after_two_steps(&world, ban(1, rerouted, 1.0)), [100.0, 0.0, 80.0]);
    let blockade = ShockKind::Blockade { importer: 2, reroute: false };
    close(after_two_steps(&world, ban(0, blockade, 0.5)), [100.0, 50.0, 15.0]);
    let rerouted = ShockKind::Blockade { importer: 2, reroute: true };
    close(after_two_steps(&world, ban(0, rerouted, 0.5)), [100.0, 65.0, 15.0]);
    // Only in the first step: nothing is left of it after the second, but what was kept.
    let first = Shock {
        course: Course { from: 0, to: 0, decay: 0.0 },
        ..ban(0, ShockKind::ExportBan, 1.0)
    };
    close(after_two_steps(&world, first), [100.0, 90.0, 54.0]);
}

fn dense(outcome: &Outcome, sectors: usize) -> Vec<f64> {
    let mut losses = vec![0.0; sectors];
    for (&sector, loss) in outcome.sectors.iter().zip(&outcome.losses) {
        losses[sector as usize] = *loss;
    }
    losses
}

/// One to four shocks of every kind and course.
fn scenarios(world: &Dataset, count: u32, r: &mut Numbers) -> Vec<Scenario> {
    let dims = world.dimensions();
    let producers = world.parameters.producers();
    (0..count)
        .map(|id| {
            let mut shocks: Vec<Shock> = Vec::new();
            for _ in 0..=r.below(4) {
                let sector = r.below(dims.sectors()) as u32;
                let area = dims.area_of(sector as usize);
                let importer = ((area + 1 + r.below(dims.areas - 1)) % dims.areas) as u32;
                let reroute = r.once_in(2);
                let kind = match r.below(5) {
                    0 => ShockKind::ExportBan,
                    1 => ShockKind::ImportBan { reroute },
                    2 => ShockKind::Blockade { importer, reroute },
                    _ => ShockKind::Production,
                };
                let from = if r.once_in(3) { r.below(3) as u32 } else { 0 };
                let to = if r.once_in(3) { from + r.below(3) as u32 } else { u32::MAX };
                let course = Course { from, to, decay: 0.0 };
                let phi = [0.25, 0.5, 1.0, 1.0][r.below(4)];
                if shocks.iter().all(|s| (s.sector, s.kind) != (sector, kind)) {
                    shocks.push(Shock { sector, phi, course, kind });
                }
            }
            Scenario::new(id, shocks, &world.labels).unwrap().effective(&producers)
        })
        .collect()
}

#[test]
fn engines_agree_on_bans_with_everything_else() {
    let (mut banned, mut decided) = (0, 0);
    for seed in 0..60 {
        let world = adaptive_world(9, 5, 4, seed);
        let sectors = world.dimensions().sectors();
        let mut r = Numbers(seed ^ 0xba15);
        let settings = small_settings(&mut r);
        let reference = ReferenceEngine::new(&world, 6);
        // Every scenario without and with adaptation, side by side: they share a lane.
        let both: Vec<Scenario> = scenarios(&world, 40, &mut r)
            .into_iter()
            .filter(|s| !s.shocks.is_empty())
            .flat_map(|s| [s.clone(), s.with_adaptation(Some(settings))])
            .collect();
        let plain = reference.run(&both, 0.0, &|_| {});
        let baseline = reference.baseline().last();
        let engines = fast_engines(&world, 6);
        let fast = engines.iter().flat_map(|engine| engine.run(&both, 0.0, &|_| {}));
        let fast: Vec<Outcome> = fast.collect();
        for ((fast, plain), scenario) in
            fast.iter().zip(plain.iter().cycle()).zip(both.iter().cycle())
        {
            banned += usize::from(scenario.shocks.iter().any(|s| s.kind != ShockKind::Production));
            decided += plain.events.len();
            let hits =
                |o: &Outcome| o.events.iter().map(|e| (e.hit.sector, e.kind)).collect::<Vec<_>>();
            assert_eq!(hits(fast), hits(plain), "seed {seed}, {scenario:?}");
            let (fast, plain) = (dense(fast, sectors), dense(plain, sectors));
            let largest = plain.iter().fold(0.0f64, |m, l| m.max(l.abs()));
            for sector in 0..sectors {
                let allowed = 1e-9 * plain[sector].abs().max(baseline[sector]).max(1e-3 * largest);
                let difference = (fast[sector] - plain[sector]).abs();
                assert!(
                    difference <= allowed,
                    "seed {seed}, sector {sector}: {difference}, {scenario:?}"
                );
            }
        }
    }
    assert!(banned > 1000 && decided > 1000, "{banned} scenarios with bans, {decided} decisions");
}

#[test]
fn what_is_kept_or_rerouted_is_not_lost() {
    let world = crate::support::exact_world(8, 4, 3, 5);
    let dims = world.dimensions();
    let reference = ReferenceEngine::new(&world, 1);
    let total: f64 = reference.baseline().last().iter().sum();
    for sector in 0..dims.sectors() as u32 {
        let importer = ((dims.area_of(sector as usize) + 1) % dims.areas) as u32;
        for kind in [
            ShockKind::ExportBan,
            ShockKind::ImportBan { reroute: true },
            ShockKind::Blockade { importer, reroute: true },
        ] {
            let scenario = Scenario::new(0, vec![ban(sector, kind, 0.5)], &world.labels).unwrap();
            // One step: trade moves amounts, production has not felt it yet.
            let (x, _) = reference.available(&scenario).unwrap();
            let after: f64 = x[0].iter().sum();
            assert!((after - total).abs() <= 1e-12 * total, "{kind:?}: {after}, {total}");
        }
    }
}

#[test]
fn bans_as_written_in_jobs_and_their_slips() {
    let plan = |shock: &str| -> Result<Plan, String> {
        let text = format!(
            "adaptation = 'off'\n[output]\nfolder = 'x'\n[scenarios]\nset = 'list'\n\
             [[scenarios.list]]\nname = 'a'\nshocks = [{{ area = 'India', {shock} }}]"
        );
        let job = JobFile::parse(&text, Path::new("job.toml")).map_err(|e| e.to_string())?;
        Plan::new(&job).map_err(|e| e.to_string())
    };
    let rice = "item = 'Rice and products'";
    let kind = |shock: &str| plan(shock).unwrap().scenarios[0].scenario.shocks[0].kind;
    assert_eq!(kind(rice), ShockKind::Production);
    assert_eq!(kind(&format!("{rice}, kind = 'export-ban'")), ShockKind::ExportBan);
    let import = kind(&format!("{rice}, kind = 'import-ban', reroute = true"));
    assert_eq!(import, ShockKind::ImportBan { reroute: true });
    let all = plan("item = '*', kind = 'blockade', to_area = 'UKR'").unwrap();
    let items = all.dataset.labels.items.len();
    assert_eq!(all.scenarios[0].scenario.shocks.len(), items);
    for (shock, expected) in [
        ("kind = 'export ban'", "did you mean `export-ban`?"),
        ("kind = 'blockade'", "needs `to_area`"),
        ("kind = 'blockade', to_area = 'IND'", "the exporting area itself"),
        ("kind = 'blockade', to_area = 'Ukrane'", "did you mean `Ukraine`?"),
        ("kind = 'import-ban', to_area = 'UKR'", "`to_area` belongs to blockades"),
        ("kind = 'export-ban', reroute = true", "`reroute` belongs to import bans and blockades"),
        ("phi = 20", "for 20 % write 0.2"),
    ] {
        let message = plan(&format!("{rice}, {shock}")).err().unwrap_or_else(|| panic!("{shock}"));
        assert!(message.contains(expected), "{shock}: {message}");
    }
    let default = AdaptationSettings::default();
    assert!(default.substitution, "the published model substitutes");
}

//! Reserves: worked out by hand, engines against each other, amounts conserved, nothing changed without any.

use std::path::Path;
use std::sync::Arc;

use crate::support::World;
use shocksweep::low_level::dataset::hash::content_hash;
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize};
use shocksweep::low_level::dataset::{Dataset, Release, Reserve, store};
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::engine::reference::ReferenceEngine;
use shocksweep::low_level::engine::{Engine, EngineError, Feature};
use shocksweep::low_level::exposure::why::{Source, Target, why};
use shocksweep::low_level::job::EngineKind;
use shocksweep::low_level::model::adaptation::{AdaptationSettings, Thresholds};
use shocksweep::low_level::model::step;
use shocksweep::low_level::results::Record;
use shocksweep::low_level::results::reserves::Release as Released;
use shocksweep::low_level::scenario::{Scenario, ScenarioId, Shock, ShockKind};
use shocksweep::low_level::whatif::{WhatIf, apply};
use shocksweep::{Job, Plan, RunOptions, Silent};

/// A makes 100 and sells half to B, which sells half of its 50 to C.
fn chain(reserves: Vec<Reserve>) -> Dataset {
    let mut w = World::new(3, 1, 1);
    w.beta(0, 0, 0, 100.0);
    w.x0 = vec![100.0, 50.0, 25.0];
    w.eta_exp = vec![0.5, 0.5, 0.0];
    w.trade(0, 0, 1, 1.0);
    w.trade(0, 1, 2, 1.0);
    Dataset { reserves, ..w.build() }
}

fn automatic(sector: u32, size: f64, cover: f64, refilled: bool) -> Reserve {
    Reserve { sector, size, release: Release::Automatic { cover }, refilled }
}

fn losses(engine: &dyn Engine, scenario: &Scenario, sectors: usize) -> Vec<Vec<f64>> {
    let of = std::slice::from_ref(scenario);
    let outcomes = engine.losses(of, &engine.all_steps(), 0.0, &|_| {}).unwrap().of;
    let dense = |outcome: &shocksweep::low_level::engine::Outcome| {
        let mut losses = vec![0.0; sectors];
        for (&s, &loss) in outcome.sectors.iter().zip(&outcome.losses) {
            losses[s as usize] = loss;
        }
        losses
    };
    outcomes.iter().map(dense).collect()
}

fn assert_losses(world: &Dataset, shocks: Vec<Shock>, expected: &[[f64; 3]]) {
    let scenario = Scenario { id: ScenarioId(0), shocks, adaptation: None };
    let reference = ReferenceEngine::new(world, expected.len());
    let cpu = CpuEngine::new(world, expected.len());
    for engine in [&reference as &dyn Engine, &cpu] {
        let found = losses(engine, &scenario, 3);
        assert_eq!(
            found,
            expected.iter().map(|e| e.to_vec()).collect::<Vec<_>>(),
            "{}",
            engine.info().name
        );
    }
}

#[test]
fn a_reserve_covers_losses_and_what_follows_from_them() {
    // B loses 50 a year from step 1 on: its 60 cover the first loss and 10 of the second; C feels it a step later.
    let world = chain(vec![automatic(1, 60.0, 1.0, false)]);
    let expected = [
        [100.0, 0.0, 0.0],
        [100.0, 0.0, 0.0],
        [100.0, 40.0, 0.0],
        [100.0, 50.0, 20.0],
        [100.0, 50.0, 25.0],
    ];
    assert_losses(&world, vec![Shock::new(0, 1.0)], &expected);
    // Half of every loss: 25, 25, then the 10 that are left.
    let world = chain(vec![automatic(1, 60.0, 0.5, false)]);
    let expected = [
        [100.0, 0.0, 0.0],
        [100.0, 25.0, 0.0],
        [100.0, 25.0, 12.5],
        [100.0, 40.0, 12.5],
        [100.0, 50.0, 20.0],
    ];
    assert_losses(&world, vec![Shock::new(0, 1.0)], &expected);
}

#[test]
fn stated_amounts_come_whatever_is_lost() {
    let release = Release::Steps(vec![0.0, 30.0, 30.0]);
    let world = chain(vec![Reserve { sector: 1, size: 50.0, release, refilled: false }]);
    // 30 and the 20 that are left; a loss that ends leaves a gain.
    let shock = Shock {
        course: shocksweep::low_level::scenario::Course { from: 0, to: 0, decay: 0.0 },
        ..Shock::new(0, 1.0)
    };
    let expected = [[100.0, 0.0, 0.0], [0.0, 20.0, 0.0], [0.0, -20.0, 10.0], [0.0, 0.0, -10.0]];
    assert_losses(&world, vec![shock], &expected);
}

#[test]
fn a_gain_fills_it_up_again() {
    // A's harvest fails in step 0, then A keeps what it would export in step 2: it gains.
    let world = chain(vec![automatic(0, 70.0, 1.0, true)]);
    let course = |from, to| shocksweep::low_level::scenario::Course { from, to, decay: 0.0 };
    let shock = Shock { course: course(0, 0), ..Shock::new(0, 1.0) };
    let ban = Shock { course: course(2, 3), kind: ShockKind::ExportBan, ..Shock::new(0, 1.0) };
    // Step 0: 70 of 100 covered, 30 lost. Step 1: B gets 15 less. Step 2: A keeps 50, all of it into the reserve.
    // Step 3: it keeps 50 again, 20 into the reserve.
    let expected = [[30.0, 0.0, 0.0], [0.0, 15.0, 0.0], [0.0, 50.0, 7.5], [-30.0, 50.0, 25.0]];
    assert_losses(&world, vec![shock, ban], &expected);
}

/// Runs shocks of a job into a folder; the table of what the reserves gave: area, size, released, left.
fn table(
    world: &Dataset,
    engine: EngineKind,
    steps: usize,
    shocks: &str,
) -> Vec<(String, [f64; 3])> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("result");
    let text = format!(
        "adaptation = \"off\"\nsteps = {steps}\n[scenarios]\nset = \"list\"\n[[scenarios.list]]\nname = \"x\"\nshocks = [{shocks}]\n"
    );
    let mut job = Job::parse(&text, Path::new("job.toml")).unwrap();
    job.engine = engine;
    job.output.folder = Some(out.clone());
    let plan = Plan::on(Arc::new(world.clone()), &job).unwrap();
    shocksweep::run(&plan, &RunOptions::new(), &Silent).unwrap();
    let rows = Released::read(&out.join("reserves.parquet")).unwrap();
    let row = |row: Released| {
        assert_eq!((row.scenario.0, row.adaptation.is_adaptive()), (0, false));
        assert_eq!((row.item.as_str(), row.unit.as_str()), ("Item 000", "tonne"));
        (row.area.to_string(), [row.size, row.released, row.left])
    };
    rows.into_iter().map(row).collect()
}

#[test]
fn the_table_says_what_reserves_have_given_step_by_step() {
    let fails = "{ area = \"Area 000\", item = \"Item 000\" }";
    let once = "{ area = \"Area 000\", item = \"Item 000\", to = 0 }";
    let then_banned = format!(
        "{once}, {{ kind = \"export-ban\", area = \"Area 000\", item = \"Item 000\", from = 2, to = 3 }}"
    );
    // B covers half of the 50 that it lacks from step 1 on: 25, 25, then its last 10. C lacks half of what B
    // lacks then, a step later, and covers it: 12.5, then its last 7.5.
    let two = chain(vec![automatic(1, 60.0, 0.5, false), automatic(2, 20.0, 1.0, false)]);
    let [b, c] = ["Area 001", "Area 002"];
    let given: [&[(&str, [f64; 3])]; 5] = [
        &[],
        &[(b, [60.0, 25.0, 35.0])],
        &[(b, [60.0, 50.0, 10.0]), (c, [20.0, 12.5, 7.5])],
        &[(b, [60.0, 60.0, 0.0]), (c, [20.0, 20.0, 0.0])],
        &[(b, [60.0, 60.0, 0.0]), (c, [20.0, 20.0, 0.0])],
    ];
    // Stated amounts: nothing in step 0, 30 in step 1, the 20 that are left in step 2.
    let release = Release::Steps(vec![0.0, 30.0, 30.0]);
    let stated = chain(vec![Reserve { sector: 1, size: 50.0, release, refilled: false }]);
    let by_steps: [&[(&str, [f64; 3])]; 4] =
        [&[], &[(b, [50.0, 30.0, 20.0])], &[(b, [50.0, 50.0, 0.0])], &[(b, [50.0, 50.0, 0.0])]];
    // A gives all 70 in step 0, and what it may not sell in steps 2 and 3 fills it up again: 50, then 20.
    let refilled = chain(vec![automatic(0, 70.0, 1.0, true)]);
    let a = "Area 000";
    let emptied: [&[(&str, [f64; 3])]; 2] = [&[(a, [70.0, 70.0, 0.0])], &[(a, [70.0, 70.0, 0.0])]];
    let filled: [&[(&str, [f64; 3])]; 2] = [&[(a, [70.0, 20.0, 50.0])], &[]];
    for engine in [EngineKind::Reference, EngineKind::Cpu] {
        for (world, shocks, first, expected) in [
            (&two, fails, 0, &given[..]),
            (&stated, once, 0, &by_steps[..]),
            (&refilled, once, 0, &emptied[..]),
            (&refilled, &then_banned, 2, &filled[..]),
        ] {
            for (step, expected) in (first..).zip(expected) {
                let expected: Vec<(String, [f64; 3])> =
                    expected.iter().map(|(area, of)| (area.to_string(), *of)).collect();
                let found = table(world, engine, step + 1, shocks);
                assert_eq!(found, expected, "{engine}, after step {step}: {shocks}");
            }
        }
    }
}

/// A stream of numbers in [0, 1).
fn numbers(seed: u64) -> impl FnMut() -> f64 {
    let mut state = crate::support::Numbers(seed);
    move || (state.next() >> 11) as f64 / (1u64 << 53) as f64
}

fn worlds() -> Vec<(Dataset, Vec<Scenario>)> {
    let mut all = Vec::new();
    for seed in 0..6 {
        let options = SynthOptions { areas: 14, items: 9, seed };
        let mut world = synthesize(&options).unwrap();
        let mut next = numbers(seed);
        let sectors = world.dimensions().sectors() as u32;
        for sector in 0..sectors {
            if next() < 0.3 {
                let size = world.parameters.x0[sector as usize] * next();
                let release = match next() < 0.7 {
                    true => Release::Automatic { cover: next() },
                    false => Release::Steps((0..4).map(|_| size * next()).collect()),
                };
                world.reserves.push(Reserve { sector, size, release, refilled: next() < 0.5 });
            }
        }
        let producers = world.parameters.producers();
        let making: Vec<u32> = (0..sectors).filter(|&s| producers[s as usize]).collect();
        let settings = AdaptationSettings {
            thresholds: Thresholds { relative: 0.02, absolute: 1.0 },
            ..AdaptationSettings::default()
        };
        let mut scenarios = Vec::new();
        for id in 0..40 {
            let mut pick = || making[(next() * making.len() as f64) as usize];
            let mut shocks = vec![Shock::new(pick(), 1.0), Shock::new(pick(), 0.5)];
            if id % 3 == 0 {
                shocks.push(Shock { kind: ShockKind::ExportBan, ..Shock::new(pick(), 0.8) });
            }
            let Ok(scenario) = Scenario::new(ScenarioId(id), shocks, &world.labels) else {
                continue;
            };
            scenarios.push(scenario.clone());
            scenarios.push(scenario.with_adaptation(Some(settings)));
        }
        all.push((world, scenarios));
    }
    all
}

#[test]
fn engines_agree_and_the_run_without_adaptation_has_its_own_reserve() {
    let mut decided = 0;
    for (world, scenarios) in worlds() {
        let sectors = world.dimensions().sectors();
        let (reference, cpu) = (ReferenceEngine::new(&world, 7), CpuEngine::new(&world, 7));
        // All at a time: runs of both ways share lanes until somebody adapts.
        let steps = cpu.all_steps();
        let fast = cpu.losses(&scenarios, &steps, 0.0, &|_| {}).unwrap().of;
        for (n, scenario) in scenarios.iter().enumerate() {
            let expected = losses(&reference, scenario, sectors);
            for (t, expected) in expected.iter().enumerate() {
                let outcome = &fast[n * steps.len() + t];
                let mut found = vec![0.0; sectors];
                for (&s, &loss) in outcome.sectors.iter().zip(&outcome.losses) {
                    found[s as usize] = loss;
                }
                let xb = &reference.baseline().available[t];
                for s in 0..sectors {
                    let scale = expected[s].abs().max(xb[s]).max(1e-6);
                    let difference = (found[s] - expected[s]).abs();
                    assert!(
                        difference <= 1e-8 * scale,
                        "step {t}, sector {s}: {} {}",
                        found[s],
                        expected[s]
                    );
                }
                decided += outcome.events.len();
            }
        }
    }
    assert!(decided > 100, "{decided}");
}

#[test]
fn amounts_are_conserved() {
    let (mut given, mut filled) = (0, 0);
    for (world, scenarios) in worlds() {
        let engine = ReferenceEngine::new(&world, 7);
        for scenario in scenarios.iter().filter(|s| s.adaptation.is_none()) {
            let course = engine.course(scenario).unwrap();
            let mut left: Vec<f64> = world.reserves.iter().map(|r| r.size).collect();
            let mut x = world.parameters.x0.clone();
            for (t, released) in course.released.iter().enumerate() {
                // What is available is what is made, what comes, and what the reserve gives.
                let p = &course.parameters[t];
                let mut o = step::output(p, &x, t);
                for shock in scenario.shocks.iter().filter(|s| s.kind == ShockKind::Production) {
                    step::shock(&mut o, shock.sector as usize, shock.at(t));
                }
                let dims = world.dimensions();
                let h =
                    shocksweep::low_level::model::bans::imports(p, &x, dims, &scenario.shocks, t);
                let mut expected = step::available(&o, &h);
                for &(sector, amount) in released {
                    expected[sector as usize] += amount;
                    let at = world.reserves.iter().position(|r| r.sector == sector).unwrap();
                    left[at] -= amount;
                    let size = world.reserves[at].size;
                    assert!(
                        (-1e-9 * size..=size * (1.0 + 1e-9)).contains(&left[at]),
                        "{}",
                        left[at]
                    );
                    given += usize::from(amount > 0.0);
                    filled += usize::from(amount < 0.0);
                }
                assert_eq!(expected, course.available[t]);
                x = course.available[t].clone();
            }
        }
    }
    assert!(given > 100 && filled > 10, "{given}, {filled}");
}

#[test]
fn a_reserve_is_a_source_of_its_own() {
    let world = chain(vec![automatic(1, 60.0, 0.5, false)]);
    let engine = ReferenceEngine::new(&world, 3);
    let scenario =
        Scenario { id: ScenarioId(0), shocks: vec![Shock::new(0, 1.0)], adaptation: None };
    let found = why(&engine, &scenario, |_| Target::sector(2)).unwrap();
    assert_eq!(found.losses, [0.0, 0.0, 12.5]);
    let origins: Vec<(u32, Source, f64)> =
        found.origins.iter().map(|o| (o.sector, o.source, o.loss)).collect();
    assert_eq!(origins, [(0, Source::Shock, 25.0), (1, Source::Reserve, -12.5)]);
}

fn changed(world: &Dataset, keys: &str) -> Result<Dataset, String> {
    let text = format!(
        "[[change]]\nkind = \"reserve\"\narea = \"Area 001\"\nitem = \"Item 000\"\n{keys}\n"
    );
    let what_if = WhatIf::parse(&text, Path::new("w.toml")).map_err(|e| e.to_string())?;
    apply(world, &what_if.change).map(|(world, _)| world).map_err(|e| e.to_string())
}

#[test]
fn months_amounts_and_slips_of_the_file() {
    let world = chain(Vec::new());
    let size = |keys: &str| changed(&world, keys).unwrap().reserves[0].size;
    // B has 50 and exports half: it uses 25 a year.
    assert_eq!(size("months = 6"), 12.5);
    assert_eq!(size("amount = 40"), 40.0);
    assert_eq!(size("release = [10, 5]"), 15.0);
    let slip = |keys: &str| changed(&world, keys).unwrap_err();
    assert!(
        slip("").contains("months is missing; expected one of `months` and `amount`"),
        "{}",
        slip("")
    );
    assert!(slip("months = 1\namount = 2").contains("given beside"));
    assert!(slip("months = -1").contains("expected a number from 0 to 1200"));
    assert!(slip("months = 1\ncover = 2").contains("cover is 2"));
    assert!(slip("cover = 0.5\nrelease = [1]").contains("one of `cover` and `release`"));
    assert!(slip("release = []").contains("1 to 1000 amounts"));
    assert!(slip("month = 1").contains("did you mean `months`?"));
}

#[test]
fn no_reserve_changes_nothing_and_one_is_kept_with_the_dataset() {
    let world = chain(Vec::new());
    let same = changed(&world, "months = 0").unwrap();
    assert_eq!(same, world);
    assert_eq!(content_hash(&same), content_hash(&world));
    let mut held = synthesize(&SynthOptions { areas: 4, items: 3, seed: 1 }).unwrap();
    let before = content_hash(&held);
    held.reserves = vec![
        automatic(2, 7.0, 0.25, true),
        Reserve {
            sector: 5,
            size: 1.0 / 3.0,
            release: Release::Steps(vec![0.1, 0.2]),
            refilled: false,
        },
    ];
    assert_ne!(content_hash(&held), before);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("world");
    store::write(&held, &path, false).unwrap();
    assert_eq!(store::read(&path).unwrap(), held);
    // Replaced by one without, none is left behind.
    held.reserves.clear();
    store::write(&held, &path, true).unwrap();
    assert!(!path.join("reserves.parquet").exists());
    held.reserves = vec![automatic(2, f64::NAN, 1.0, false)];
    let problem = store::write(&held, &path, true).unwrap_err().to_string();
    assert!(problem.contains("reserve"), "{problem}");
}

/// An engine that cannot compute reserves.
struct Without(CpuEngine);

impl Engine for Without {
    fn info(&self) -> shocksweep::low_level::engine::EngineInfo {
        self.0.info()
    }
    fn supports(&self) -> &'static [Feature] {
        &Feature::OF_SCENARIOS
    }
    fn has_rules(&self) -> bool {
        self.0.has_rules()
    }
    fn has_reserves(&self) -> bool {
        self.0.has_reserves()
    }
    fn baseline(&self) -> &shocksweep::low_level::model::Baseline {
        self.0.baseline()
    }
    fn losses(
        &self,
        scenarios: &[Scenario],
        steps: &[usize],
        min_loss: f64,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<
        shocksweep::low_level::engine::Answers<shocksweep::low_level::engine::Outcome>,
        EngineError,
    > {
        self.0.losses(scenarios, steps, min_loss, progress)
    }
    fn sums(
        &self,
        scenarios: &[Scenario],
        counted: &[bool],
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<
        shocksweep::low_level::engine::Answers<shocksweep::low_level::engine::Sums>,
        EngineError,
    > {
        self.0.sums(scenarios, counted, progress)
    }
}

#[test]
fn an_engine_without_reserves_refuses_such_a_world_before_any_run() {
    let engine = |reserves| Without(CpuEngine::new(&chain(reserves), 3));
    assert!(shocksweep::low_level::engine::check(&engine(Vec::new()), &[]).is_ok());
    let refused =
        shocksweep::low_level::engine::check(&engine(vec![automatic(1, 1.0, 1.0, false)]), &[]);
    let said = refused.unwrap_err();
    assert!(said.to_string().contains("cannot compute reserves") && said.is_bad_input());
}

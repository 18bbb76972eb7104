//! Sums of losses over groups, worked out by hand for every dimension, for others alone, for regions of
//! one's own.
//!
//! Three areas: A (North, 1,000 persons, HDI 0.5) and B (North, 3,000, HDI 0.9) and C (South, nobody counted).
//! A makes 100 t of wheat and exports half of it to B, which makes 20 t itself; B makes 10 t of oil, C 40 t of
//! wheat, A 8 heads of cattle. Whatever is not exported is eaten. The five that make something fail,
//! one at a time:
//!
//! | failure | who loses |
//! |---|---|
//! | 0: A / Cattle | A 8 heads |
//! | 2: A / Wheat | A 100 t, B 50 t |
//! | 4: B / Oil | B 10 t |
//! | 5: B / Wheat | B 20 t |
//! | 8: C / Wheat | C 40 t |
//!
//! Wheat has 1,000 kcal a kg and oil 8,000; A eats half of its wheat. So failure 2 takes (50 + 50) t x 10^6 kcal from
//! North, 4 takes 80, 5 takes 20.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use shocksweep::low_level::analysis::aggregate::{Dimension, GroupRow, Query, rows};
use shocksweep::low_level::analysis::{regions, world};
use shocksweep::low_level::dataset::measures::Nutrition;
use shocksweep::low_level::dataset::{Dataset, Unit};
use shocksweep::low_level::job::{Adaptation, JobFile, Plan, ScenarioSet};
use shocksweep::low_level::sweep::{RunOptions, Silent, run};

use shocksweep::ScenarioId;

use crate::support::World;

const CATTLE: usize = 0;
const OIL: usize = 1;
const WHEAT: usize = 2;

fn dataset() -> Dataset {
    let mut w = World::new(3, 3, 1);
    let [a_cattle, a_wheat] = [CATTLE, WHEAT].map(|item| w.sector(0, item));
    let [b_oil, b_wheat] = [OIL, WHEAT].map(|item| w.sector(1, item));
    let c_wheat = w.sector(2, WHEAT);
    w.beta(0, CATTLE, 0, 8.0);
    w.beta(0, WHEAT, 0, 100.0);
    w.beta(1, OIL, 0, 10.0);
    w.beta(1, WHEAT, 0, 20.0);
    w.beta(2, WHEAT, 0, 40.0);
    for (sector, amount) in
        [(a_cattle, 8.0), (a_wheat, 100.0), (b_oil, 10.0), (b_wheat, 70.0), (c_wheat, 40.0)]
    {
        w.x0[sector] = amount;
    }
    w.eta_exp[a_wheat] = 0.5;
    w.trade(WHEAT, 0, 1, 1.0);
    let mut world = w.build();
    let areas = &mut world.labels.areas;
    for (at, (name, region, population, hdi)) in [
        ("A", "North", Some(1_000.0), Some(0.5)),
        ("B", "North", Some(3_000.0), Some(0.9)),
        ("C", "South", None, None),
    ]
    .into_iter()
    .enumerate()
    {
        (areas[at].name, areas[at].region) = (name.to_string(), Some(region.to_string()));
        (areas[at].population, areas[at].hdi) = (population, hdi);
    }
    for (at, (name, group, commodity, unit, kcal)) in [
        ("Cattle", "Livestock", "Animals", Unit::Head, 0.0),
        ("Oil", "Crop products", "Oils", Unit::Tonne, 8_000.0),
        ("Wheat", "Primary crops", "Cereals", Unit::Tonne, 1_000.0),
    ]
    .into_iter()
    .enumerate()
    {
        let item = &mut world.labels.items[at];
        (item.name, item.group) = (name.to_string(), group.to_string());
        (item.commodity_group, item.unit) = (commodity.to_string(), unit);
        item.nutrition =
            Some(Nutrition { is_food: kcal > 0.0, kcal_per_kg: kcal, protein_g_per_kg: None });
    }
    world
}

/// The result of all single failures, without adaptation.
fn result(dir: &Path) -> PathBuf {
    let mut job = JobFile::new(ScenarioSet::AllSingle);
    job.adaptation = Some(Adaptation::Off);
    job.steps = 3;
    job.output.folder = Some(dir.join("result"));
    let plan = Plan::on(Arc::new(dataset()), &job).unwrap();
    let options = RunOptions { threads: std::num::NonZero::new(1), ..RunOptions::new() };
    run(&plan, &options, &Silent).unwrap();
    dir.join("result")
}

/// What a row must be: labels, scenarios, baseline, loss, population, kg per person, 10^6 kcal of food.
type Expected = (&'static [&'static str], u64, f64, f64, f64, Option<f64>, Option<f64>);

#[track_caller]
fn assert_rows(found: &[GroupRow], expected: &[Expected]) {
    let labels = |row: &GroupRow| -> Vec<String> {
        row.labels.iter().map(|l| l.clone().unwrap_or("-".to_string())).collect()
    };
    let names: Vec<Vec<String>> = found.iter().map(labels).collect();
    assert_eq!(names, expected.iter().map(|e| e.0.to_vec()).collect::<Vec<_>>());
    for (row, (names, scenarios, baseline, al, population, kg, food)) in found.iter().zip(expected)
    {
        let close = |found: f64, expected: f64, what: &str| {
            let difference = (found - expected).abs();
            assert!(
                difference <= 1e-12 * (1.0 + expected.abs()),
                "{names:?} {what}: {found}, not {expected}"
            );
        };
        assert_eq!(row.scenarios, *scenarios, "{names:?} scenarios");
        close(row.baseline, *baseline, "baseline");
        close(row.al, *al, "al");
        close(row.population, *population, "population");
        assert_eq!(row.al_per_capita().is_some(), kg.is_some(), "{names:?} kg per person");
        close(row.al_per_capita().unwrap_or(0.0), kg.unwrap_or(0.0), "kg per person");
        let kcal = food.map(|food| food * 1e6 / population / 365.0);
        let found = row.kcal_per_person_day();
        assert_eq!(found.is_some(), kcal.is_some(), "{names:?} kcal");
        close(found.unwrap_or(0.0), kcal.unwrap_or(0.0), "kcal");
    }
}

fn ids(numbers: &[u32]) -> Option<Vec<ScenarioId>> {
    Some(numbers.iter().map(|&number| ScenarioId(number)).collect())
}

struct Asked {
    root: PathBuf,
    world: world::World,
    _dir: tempfile::TempDir,
}

impl Asked {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = result(dir.path());
        Asked { world: world::World::read(&root).unwrap(), root, _dir: dir }
    }

    fn rows(&self, by: &[Dimension], change: impl FnOnce(&mut Query)) -> Vec<GroupRow> {
        let mut query = Query { by: by.to_vec(), ..Query::default() };
        change(&mut query);
        rows(&self.root, &self.world, &query).unwrap()
    }
}

#[test]
fn every_dimension_by_hand() {
    let asked = Asked::new();
    let of = |by: Dimension| asked.rows(&[by], |_| {});
    // Five failures run, so every sum is divided by 5. North: 150 + 10 + 20 t; South: 40 t.
    assert_rows(
        &of(Dimension::Region),
        &[
            (&["North"], 5, 180.0, 36.0, 4_000.0, Some(9.0), Some(40.0)),
            (&["South"], 5, 40.0, 8.0, 0.0, None, None),
        ],
    );
    assert_rows(
        &of(Dimension::Area),
        &[
            (&["A"], 5, 100.0, 20.0, 1_000.0, Some(20.0), Some(10.0)),
            (&["B"], 5, 80.0, 16.0, 3_000.0, Some(16.0 / 3.0), Some(30.0)),
            (&["C"], 5, 40.0, 8.0, 0.0, None, None),
        ],
    );
    // Areas without an index come last.
    assert_rows(
        &of(Dimension::HdiClass),
        &[
            (&["low"], 5, 100.0, 20.0, 1_000.0, Some(20.0), Some(10.0)),
            (&["very high"], 5, 80.0, 16.0, 3_000.0, Some(16.0 / 3.0), Some(30.0)),
            (&["-"], 5, 40.0, 8.0, 0.0, None, None),
        ],
    );
    // By item heads have a row of their own, without kg and without food.
    let by_item = of(Dimension::Item);
    assert_rows(
        &by_item,
        &[
            (&["Cattle"], 5, 8.0, 1.6, 4_000.0, None, Some(0.0)),
            (&["Oil"], 5, 10.0, 2.0, 4_000.0, Some(0.5), Some(16.0)),
            (&["Wheat"], 5, 210.0, 42.0, 4_000.0, Some(8.5), Some(24.0)),
        ],
    );
    assert_eq!(
        by_item.iter().map(|r| r.unit.as_str()).collect::<Vec<_>>(),
        ["head", "tonne", "tonne"]
    );
    // Summed by group heads are in no row.
    assert_rows(
        &of(Dimension::ItemGroup),
        &[
            (&["Crop products"], 5, 10.0, 2.0, 4_000.0, Some(0.5), Some(16.0)),
            (&["Primary crops"], 5, 210.0, 42.0, 4_000.0, Some(8.5), Some(24.0)),
        ],
    );
    assert_rows(
        &of(Dimension::CommodityGroup),
        &[
            (&["Cereals"], 5, 210.0, 42.0, 4_000.0, Some(8.5), Some(24.0)),
            (&["Oils"], 5, 10.0, 2.0, 4_000.0, Some(0.5), Some(16.0)),
        ],
    );
    // Shares are ratios of sums: of North 36 of 180 t, not the mean of the sectors' losses.
    let north = &of(Dimension::Region)[0];
    assert_eq!((north.rl(), north.available()), (0.2, 144.0));
    assert_eq!(north.areas_without_population, 0);
    assert_eq!(of(Dimension::Region)[1].areas_without_population, 1);
}

#[test]
fn scenarios_by_hand() {
    let asked = Asked::new();
    let found = asked.rows(&[Dimension::Scenario], |_| {});
    // Losses of one failure are divided by nothing; that of cattle alone is in no sum.
    assert_rows(
        &found,
        &[
            (&[], 1, 220.0, 150.0, 4_000.0, Some(37.5), Some(100.0)),
            (&[], 1, 220.0, 10.0, 4_000.0, Some(2.5), Some(80.0)),
            (&[], 1, 220.0, 20.0, 4_000.0, Some(5.0), Some(20.0)),
            (&[], 1, 220.0, 40.0, 4_000.0, Some(0.0), Some(0.0)),
        ],
    );
    assert_eq!(
        found.iter().map(|r| r.scenario).collect::<Vec<_>>(),
        [2, 4, 5, 8].map(|id| Some(ScenarioId(id)))
    );
    let by_region =
        asked.rows(&[Dimension::Scenario, Dimension::Region], |q| q.scenarios = ids(&[2, 8]));
    assert_rows(
        &by_region,
        &[
            (&["North"], 1, 180.0, 150.0, 4_000.0, Some(37.5), Some(100.0)),
            (&["South"], 1, 40.0, 40.0, 0.0, None, None),
        ],
    );
    // Two of the failures asked for: means over these two.
    let two = asked.rows(&[Dimension::Area], |q| q.scenarios = ids(&[2, 5]));
    assert_rows(
        &two,
        &[
            (&["A"], 2, 100.0, 50.0, 1_000.0, Some(50.0), Some(25.0)),
            (&["B"], 2, 80.0, 35.0, 3_000.0, Some(35.0 / 3.0), Some(35.0)),
            (&["C"], 2, 40.0, 0.0, 0.0, None, None),
        ],
    );
}

#[test]
fn others_by_hand() {
    let asked = Asked::new();
    // A is no other in failures 0 and 2, B in 4 and 5, C in 8: means are over the rest.
    let by_area = asked.rows(&[Dimension::Area], |q| q.others_only = true);
    assert_rows(
        &by_area,
        &[
            (&["A"], 3, 100.0, 0.0, 1_000.0, Some(0.0), Some(0.0)),
            (&["B"], 3, 80.0, 50.0 / 3.0, 3_000.0, Some(50.0 / 9.0), Some(50.0 / 3.0)),
            (&["C"], 4, 40.0, 0.0, 0.0, None, None),
        ],
    );
    // North is B alone in 0 and 2 (80 t, 3,000 persons), A alone in 4 and 5 (100 t, 1,000), both in 8.
    let (baseline, people) = (540.0 / 5.0, 12_000.0 / 5.0);
    let by_region = asked.rows(&[Dimension::Region], |q| q.others_only = true);
    assert_rows(
        &by_region,
        &[
            (&["North"], 5, baseline, 10.0, people, Some(10_000.0 / people), Some(10.0)),
            (&["South"], 4, 40.0, 0.0, 0.0, None, None),
        ],
    );
    // The same of one failure: B without A.
    let one = asked.rows(&[Dimension::Scenario, Dimension::Item], |q| {
        (q.others_only, q.scenarios) = (true, ids(&[2]));
    });
    assert_rows(&one, &[(&["Wheat"], 1, 110.0, 50.0, 3_000.0, Some(50.0 / 3.0), Some(50.0))]);
}

#[test]
fn regions_of_ones_own_by_hand() {
    let mut asked = Asked::new();
    let table = asked.root.join("../regions.csv");
    std::fs::write(&table, "area,region\nA,West\nB,East\nC,East\n").unwrap();
    regions::assign(&mut asked.world, &table).unwrap();
    // C's 40 t are in East's loss and share; nobody is counted there, so its kg are B's alone.
    assert_rows(
        &asked.rows(&[Dimension::Region], |_| {}),
        &[
            (&["East"], 5, 120.0, 24.0, 3_000.0, Some(16.0 / 3.0), Some(30.0)),
            (&["West"], 5, 100.0, 20.0, 1_000.0, Some(20.0), Some(10.0)),
        ],
    );
    // As others: East is C alone in 4 and 5 (40 t, nobody), B alone in 8, both in 0 and 2.
    let (baseline, people) = ((40.0 + 40.0 + 80.0 + 120.0 + 120.0) / 5.0, 9_000.0 / 5.0);
    assert_rows(
        &asked.rows(&[Dimension::Region], |q| q.others_only = true),
        &[
            (&["East"], 5, baseline, 10.0, people, Some(10_000.0 / people), Some(10.0)),
            (&["West"], 3, 100.0, 0.0, 1_000.0, Some(0.0), Some(0.0)),
        ],
    );
}

#[test]
fn what_is_left_out_and_added_by_hand() {
    let asked = Asked::new();
    let without = asked.rows(&[Dimension::Region], |q| q.leave_out = vec!["Cereals".to_string()]);
    assert_rows(&without, &[(&["North"], 5, 10.0, 2.0, 4_000.0, Some(0.5), Some(16.0))]);
    // The published sums add 8 heads to tonnes, and say so.
    let published = asked.rows(&[Dimension::Region], |q| q.published = true);
    assert_rows(
        &published,
        &[
            (&["North"], 5, 188.0, 37.6, 4_000.0, Some(9.4), Some(40.0)),
            (&["South"], 5, 40.0, 8.0, 0.0, None, None),
        ],
    );
    assert_eq!(published[0].unit, "tonnes and heads added");
    // A sector that runs away is in no sum: here whatever gains anything would be, and nothing does;
    // below every baseline, everything has.
    let mut tight = Asked::new();
    tight.world.overshoot = -1.0;
    let none = tight.rows(&[Dimension::Area], |_| {});
    assert!(none.iter().all(|row| row.al == 0.0 && row.food.unwrap_or(0.0) == 0.0), "{none:?}");
    let all = tight.rows(&[Dimension::Area], |q| q.published = true);
    assert_eq!(all.iter().map(|row| row.al).collect::<Vec<_>>(), [21.6, 16.0, 8.0]);
}

//! Two results side by side: worked out from their tables, refused where they do not fit.

use std::path::Path;
use std::sync::Arc;

use crate::support::World;
use shocksweep::low_level::compare::rows::{
    AreaDifference, LossDifference, ScenarioDifference, SectorDifference,
};
use shocksweep::low_level::compare::{compare, compare_losses};
use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::job::Adaptation;
use shocksweep::low_level::results::Record;
use shocksweep::low_level::whatif::{WhatIf, apply};
use shocksweep::{Job, Plan, RunOptions, ScenarioSet, Silent};

/// Russia makes 100 and sells 30 to Egypt, 20 to Morocco; Argentina makes 80 and sells 10 to Egypt, 30 to
/// Morocco; Morocco makes 10.
fn wheat() -> Dataset {
    let mut w = World::new(4, 1, 1);
    w.x0 = vec![40.0, 100.0, 80.0, 60.0];
    w.eta_exp = vec![0.0, 0.5, 0.5, 0.0];
    w.beta(1, 0, 0, 100.0);
    w.beta(2, 0, 0, 80.0);
    w.beta(3, 0, 0, 10.0);
    w.trade(0, 1, 0, 0.6);
    w.trade(0, 1, 3, 0.4);
    w.trade(0, 2, 0, 0.25);
    w.trade(0, 2, 3, 0.75);
    let mut world = w.build();
    for (at, name) in ["Egypt", "Russia", "Argentina", "Morocco"].into_iter().enumerate() {
        world.labels.areas[at].name = name.into();
    }
    world.labels.items[0].name = "Wheat".into();
    world
}

fn run(world: &Dataset, folder: &Path, change: impl FnOnce(&mut Job)) {
    let mut job = Job::new(ScenarioSet::AllSingle);
    job.adaptation = Some(Adaptation::Off);
    job.steps = 3;
    job.output.folder = Some(folder.to_path_buf());
    change(&mut job);
    let plan = Plan::on(Arc::new(world.clone()), &job).unwrap();
    shocksweep::run(&plan, &RunOptions::new(), &Silent).unwrap();
}

fn diversified() -> Dataset {
    let text = "[[change]]\nkind = \"diversify\"\narea = \"Egypt\"\nitem = \"Wheat\"\n\
                away_from = [\"Russia\"]\nshare = 0.5\n";
    let what_if = WhatIf::parse(text, Path::new("w.toml")).unwrap();
    apply(&wheat(), &what_if.change).unwrap().0
}

#[test]
fn a_policy_before_and_after() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    run(&wheat(), &path("a"), |_| {});
    run(&diversified(), &path("b"), |_| {});
    let out = path("differences");
    let found = compare(&path("a"), &path("b"), 5, Some(&out)).unwrap();
    // Egypt moves 15 of Russia's 30 to Argentina, Morocco takes them over: sums stay, sides change.
    assert_eq!((found.matched, found.alone), (4, [0, 0]));
    // Russia's failure costs 150 in all, Argentina's 120, Morocco's 10, before and after; Egypt has no own.
    assert_eq!(found.counts, [0, 0, 4]);
    let area = |name: &str| found.areas.iter().find(|row| row.area.as_str() == name).unwrap();
    // Egypt lost 30 and 10, now 15 and 25; the mean over four scenarios is the same. So is Morocco's.
    assert_eq!((area("Egypt").al_a, area("Egypt").al_b), (10.0, 10.0));
    assert_eq!((area("Morocco").al_a, area("Morocco").al_b), (15.0, 15.0));
    let scenarios = ScenarioDifference::read(&out.join("scenario_differences.parquet")).unwrap();
    let losses: Vec<(&str, f64, f64)> =
        scenarios.iter().map(|s| (s.name.as_str(), s.total_loss_a, s.total_loss_b)).collect();
    assert_eq!(
        losses,
        [
            ("Egypt / Wheat", 0.0, 0.0),
            ("Russia / Wheat", 150.0, 150.0),
            ("Argentina / Wheat", 120.0, 120.0),
            ("Morocco / Wheat", 10.0, 10.0),
        ]
    );
    let sectors = SectorDifference::read(&out.join("sector_differences.parquet")).unwrap();
    assert_eq!(sectors.len(), 4);
    assert_eq!(AreaDifference::read(&out.join("area_differences.parquet")).unwrap(), found.areas);
    assert!(
        found.notes.iter().any(|note| note.contains("content of the dataset")),
        "{:?}",
        found.notes
    );
}

/// What differs sector by sector: scenario in A and in B, area, losses of both and their difference.
fn differing(dir: &Path, b: &str) -> Vec<(u32, u32, String, [f64; 3])> {
    let out = dir.join(format!("losses-{b}"));
    let rows = compare_losses(&dir.join("a"), &dir.join(b), &out).unwrap();
    let found = LossDifference::read(&out.join("loss_differences.parquet")).unwrap();
    assert_eq!(rows, found.len() as u64);
    let row = |row: LossDifference| {
        assert!(row.item.as_str() == "Wheat" && row.unit.as_str() == "tonne" && !row.adaptation);
        let losses = [row.al_a, row.al_b, row.al_difference];
        (row.scenario_a.0, row.scenario_b.0, row.area.to_string(), losses)
    };
    found.into_iter().map(row).collect()
}

#[test]
fn losses_that_differ_are_listed_sector_by_sector() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    run(&wheat(), &path("a"), |_| {});
    run(&diversified(), &path("b"), |_| {});
    let row = |id: u32, area: &str, losses| (id, id, area.to_string(), losses);
    // Egypt buys 15 more from Argentina and 15 less from Russia, Morocco the other way round. What Russia,
    // Argentina and Morocco lose of their own stays, and is not listed.
    let expected = [
        row(1, "Egypt", [30.0, 15.0, -15.0]),
        row(1, "Morocco", [20.0, 35.0, 15.0]),
        row(2, "Egypt", [10.0, 25.0, 15.0]),
        row(2, "Morocco", [30.0, 15.0, -15.0]),
    ];
    assert_eq!(differing(dir.path(), "b"), expected);
    assert_eq!(differing(dir.path(), "a"), []);
    // B lists nothing of 20 or less: what it does not list is held against 0.
    run(&diversified(), &path("coarse"), |job| job.output.min_loss = 20.0);
    let expected = [
        row(1, "Egypt", [30.0, 0.0, -30.0]),
        row(1, "Morocco", [20.0, 35.0, 15.0]),
        row(2, "Egypt", [10.0, 25.0, 15.0]),
        row(2, "Morocco", [30.0, 0.0, -30.0]),
        row(3, "Morocco", [10.0, 0.0, -10.0]),
    ];
    assert_eq!(differing(dir.path(), "coarse"), expected);
    // Scenarios of other numbers are matched by their names.
    run(&diversified(), &path("list"), |job| {
        let one = |area: &str| {
            format!(
                "[[scenarios.list]]\nname = \"{area} / Wheat\"\nshocks = [{{ area = \"{area}\", item = \
                 \"Wheat\" }}]\n"
            )
        };
        let text = ["Morocco", "Argentina", "Egypt"].map(one).concat();
        let text = format!("[scenarios]\nset = \"list\"\n{text}");
        job.scenarios = Job::parse(&text, Path::new("job.toml")).unwrap().scenarios;
    });
    let expected = [
        (2, 1, "Egypt".to_string(), [10.0, 25.0, 15.0]),
        (2, 1, "Morocco".to_string(), [30.0, 15.0, -15.0]),
    ];
    assert_eq!(differing(dir.path(), "list"), expected);
}

#[test]
fn a_worse_world_is_told_whatever_the_order_of_its_scenarios() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let list = |names: &[(&str, &str)]| {
        let one = |(name, area): &(&str, &str)| {
            format!(
                "[[scenarios.list]]\nname = \"{name}\"\nshocks = [{{ area = \"{area}\", item = \"Wheat\" }}]\n"
            )
        };
        let text = names.iter().map(one).collect::<String>();
        let text = format!("[scenarios]\nset = \"list\"\n{text}");
        Job::parse(&text, Path::new("job.toml")).unwrap().scenarios
    };
    run(&wheat(), &path("a"), |job| {
        job.scenarios = list(&[("east", "Russia"), ("south", "Argentina"), ("only a", "Morocco")]);
    });
    // Argentina makes half: its failure costs 40 less at home, and what it sells is half.
    let text = "[[change]]\nkind = \"yield\"\narea = \"Argentina\"\nitem = \"Wheat\"\nby = -0.5\n";
    let (less, _) =
        apply(&wheat(), &WhatIf::parse(text, Path::new("w.toml")).unwrap().change).unwrap();
    run(&less, &path("b"), |job| {
        job.scenarios = list(&[("only b", "Morocco"), ("South", "Argentina"), ("east", "Russia")]);
    });
    let found = compare(&path("a"), &path("b"), 5, None).unwrap();
    assert_eq!((found.matched, found.alone, found.counts), (2, [1, 1], [0, 1, 1]));
    assert_eq!(found.example, [Some("only a".to_string()), Some("only b".to_string())]);
    assert_eq!((found.better.len(), found.worse.len()), (1, 0));
    let south = &found.better[0];
    assert_eq!(
        (south.name.as_str(), south.total_loss_a, south.total_loss_b),
        ("south", 120.0, 60.0)
    );
    let area = |name: &str| found.areas.iter().find(|row| row.area.as_str() == name).unwrap();
    // Two scenarios: Egypt loses 30 and 10, then 30 and 5.
    assert!((area("Egypt").al_a - 20.0).abs() < 1e-9 && (area("Egypt").al_b - 17.5).abs() < 1e-9);
    assert!((area("Egypt").al_difference + 2.5).abs() < 1e-9);
    // Turned round, it is as much worse.
    let turned = compare(&path("b"), &path("a"), 5, None).unwrap();
    assert_eq!((turned.counts, turned.worse[0].total_loss_difference), ([1, 0, 1], 60.0));
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    run(&wheat(), &path("a"), |_| {});
    let refused = |name: &str| compare(&path("a"), &path(name), 5, None).unwrap_err().to_string();
    let mut other = wheat();
    other.labels.areas[2].name = "Argentine".into();
    run(&other, &path("areas"), |_| {});
    let said = refused("areas");
    assert!(
        said.contains("has the area `Argentine`, which A does not have, did you mean `Argentina`?"),
        "{said}"
    );
    let mut other = wheat();
    other.labels.items[0].unit = shocksweep::low_level::dataset::Unit::Head;
    run(&other, &path("units"), |_| {});
    assert!(refused("units").contains("tells `Wheat` in head, A in tonne"), "{}", refused("units"));
    let text = "[scenarios]\nset = \"list\"\n[[scenarios.list]]\nname = \"x\"\nshocks = [{ area = \"Russia\", item = \"Wheat\" }]\n";
    let list = || Job::parse(text, Path::new("job.toml")).unwrap().scenarios;
    run(&wheat(), &path("names"), |job| job.scenarios = list());
    assert!(refused("names").contains("has no scenario of that name in A"), "{}", refused("names"));
    assert!(refused("nowhere").contains("nowhere"), "{}", refused("nowhere"));
}

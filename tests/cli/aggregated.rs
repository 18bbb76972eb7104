//! Sums over others: every mean is over the scenarios and areas that count. Worked by hand.

use std::fs;

use crate::common::result::shocksweep;
use crate::support::World;
use shocksweep::dataset::metadata::TABLES;
use shocksweep::dataset::{TableSource, TableStatus, store};
use tempfile::TempDir;

#[test]
fn means_are_over_the_scenarios_and_areas_that_count() {
    // Areas 0 and 1 make 100 t each, of which half goes to area 2, which makes nothing. If 0 fails it
    // loses 100 t and area 2 its 50 t from there; if 1 fails, likewise.
    let dir = TempDir::new().expect("a temporary folder");
    let mut world = World::new(3, 1, 1);
    for area in 0..2 {
        let sector = world.sector(area, 0);
        world.beta(area, 0, 0, 100.0);
        world.eta_exp[sector] = 0.5;
        world.trade(0, area, 2, 1.0);
    }
    world.x0 = vec![100.0; 3];
    let text = |name: &str| dir.path().join(name).to_str().expect("UTF-8").to_string();
    let (data, result) = (text("world"), text("result"));
    let mut dataset = world.build();
    let source = |table: &&str| TableSource {
        table: table.to_string(),
        source: "worked by hand".into(),
        status: TableStatus::Synthetic,
    };
    dataset.metadata.sources = TABLES.iter().map(source).collect();
    store::write(&dataset, dir.path().join("world").as_path(), false).expect("written");
    let succeeds = |args: &[&str]| {
        let output = shocksweep(args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let run = ["run", "--dataset", &data, "--all-single", "--adaptation", "off", "--quiet"];
    succeeds(&[&run[..], &["--out", &result]].concat());
    let table = text("regions.csv");
    fs::write(&table, "area,region\nA00,North\nArea 001,North\nArea 002,\n").expect("a table");
    let sums = |by: &str, more: &[&str]| {
        let out = text("sums.csv");
        succeeds(&[&["aggregate", &result, "--by", by, "--out", &out][..], more].concat());
        let text = fs::read_to_string(&out).expect("sums");
        text.lines().skip(1).map(str::to_string).collect::<Vec<_>>()
    };
    // adaptation, area, scenarios, baseline, available, al, rl, population, al per capita, unknown
    assert_eq!(
        sums("area", &[]),
        [
            "false,Area 000,2,100,50,50,0.5,1000,50,0",
            "false,Area 001,2,100,50,50,0.5,1000,50,0",
            "false,Area 002,2,100,50,50,0.5,1000,50,0",
        ]
    );
    // Of each shocked area the other scenario alone says something: nothing is lost there.
    assert_eq!(
        sums("area", &["--others"]),
        [
            "false,Area 000,1,100,100,0,0,1000,0,0",
            "false,Area 001,1,100,100,0,0,1000,0,0",
            "false,Area 002,2,100,50,50,0.5,1000,50,0",
        ]
    );
    // Two areas are left in each scenario: 200 t, of which area 2 loses 50.
    assert_eq!(sums("item", &["--others"]), ["false,Item 000,2,200,150,50,0.25,2000,25,0"]);
    // Regions of one's own: of the North one area is left each time, and loses nothing.
    let own = ["--regions", table.as_str(), "--others"];
    assert_eq!(
        sums("region", &own),
        ["false,North,2,100,100,0,0,1000,0,0", "false,,2,100,50,50,0.5,1000,50,0"]
    );
    let by_scenario = sums("scenario,region", &own);
    assert_eq!(by_scenario.len(), 2, "{by_scenario:?}");
    assert!(by_scenario.iter().all(|row| row.ends_with("false,,1,100,50,50,0.5,1000,50,0")));
    for (rows, expected) in [
        ("area,region\nNowhere,North\n", "unknown area `Nowhere`"),
        ("area,region\nA00,North\nArea 000,South\n", "has two regions"),
        ("area,place\nA00,North\n", "has no column `region`"),
    ] {
        fs::write(&table, rows).expect("a table");
        let output = shocksweep(&["aggregate", &result, "--by", "region", "--regions", &table]);
        let said = String::from_utf8_lossy(&output.stderr).to_string();
        assert!(!output.status.success() && said.contains(expected), "{expected}: {said}");
    }
}

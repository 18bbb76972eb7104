//! Every table against an independent reference: an invented world with traps, and real trade.

mod common;
mod compare;

use std::path::{Path, PathBuf};

use compare::{USUAL, golden as read, only, same, table};
use shocksweep_statistics::wilcoxon::signed_rank;
use shocksweep_trade::balance::Balance;
use shocksweep_trade::clusters::{Clustering, clusters};
use shocksweep_trade::indicators::{Indicator, YearIndicators, indicators};
use shocksweep_trade::kmeans::adjusted_rand;
use shocksweep_trade::links::{Chosen, LinkTest, chosen, test};
use shocksweep_trade::lists::{self, Stability};
use shocksweep_trade::panel::import::{Request, import};
use shocksweep_trade::panel::{Amount, Panel, store};
use shocksweep_trade::parameters::{self, Link, parameters};
use shocksweep_trade::profiles::{profiles, tier_tests};
use shocksweep_trade::recursion;
use shocksweep_trade::regressions::regressions;
use shocksweep_trade::risk::{Risk, Weights};
use shocksweep_trade::world::world;

fn request(folder: &Path, source: &str) -> Request {
    Request {
        source: folder.join(source),
        items: folder.join("items.csv"),
        areas: folder.join("country_codes.csv"),
        merge: None,
        amount: Amount::Value,
        name: "golden".into(),
        licence: String::new(),
    }
}

/// The indicators of a year with the losses of the plain recursion.
fn year(
    panel: &Panel,
    at: usize,
    links: &[Link],
    stability: Option<&Stability>,
    rho: f64,
) -> YearIndicators {
    let balance = Balance::of(panel, at, rho);
    let p = parameters(&balance, links);
    let mut found = indicators(panel, at, &balance, stability);
    let mut risk = Risk::new(&balance, links, Weights::Market, stability);
    for failure in Risk::failures(&balance) {
        let lost = recursion::losses(&balance, &p, failure, 10);
        let of =
            |(sector, &lost): (usize, &f64)| (sector / balance.areas, sector % balance.areas, lost);
        risk.add(failure, lost.iter().enumerate().map(of).filter(|loss| loss.2 > 0.0));
    }
    risk.finish(&mut found);
    found
}

struct World {
    folder: PathBuf,
    panel: Panel,
    tests: Vec<LinkTest>,
    links: Vec<Link>,
    stability: Stability,
    years: Vec<YearIndicators>,
}

/// The invented world, computed once for all tests.
fn invented(test_name: &str) -> Option<&'static World> {
    static WORLD: std::sync::OnceLock<Option<World>> = std::sync::OnceLock::new();
    let folder = common::golden(test_name)?;
    let world = WORLD.get_or_init(|| {
        let panel = import(&request(&folder, "")).unwrap();
        let candidates = lists::candidates(&folder.join("candidates.csv"), &panel.items).unwrap();
        let tests = test(&panel, &candidates);
        let links = chosen(&candidates, &tests, Chosen::Tested);
        let stability = lists::stability(&folder.join("stability.csv"), &panel.areas).unwrap();
        let years = (0..panel.years.len())
            .map(|at| year(&panel, at, &links, Some(&stability), 0.0))
            .collect();
        Some(World { folder, panel, tests, links, stability, years })
    });
    world.as_ref()
}

/// Golden losses are differences of amounts, good to 1e-9 of the baseline (here up to 1e8 kUSD, with
/// 16 digits): a small one has few digits.
const LOSSES: compare::Tolerance =
    |column| if column == "loss_abroad" { (1e-9, 1e-7) } else { USUAL(column) };

const SECTOR: [&str; 3] = ["year", "area", "item"];

fn all(years: &[YearIndicators]) -> Vec<Indicator> {
    years.iter().flat_map(|year| year.rows.clone()).collect()
}

#[test]
fn reading_is_counted() {
    let Some(w) = invented("reading_is_counted") else { return };
    same(&table(&w.panel.counts), &read(&w.folder.join("counts.csv")), &["what"], true, USUAL);
    let fills = table(&w.panel.fills);
    same(&fills, &read(&w.folder.join("quantity_fill.csv")), &["year", "item"], true, USUAL);
    assert_eq!(w.panel.areas.len(), 25);
    assert_eq!(w.panel.about.silent_areas, 1);
    assert!(w.panel.areas.iter().any(|area| &**area == "Narva"));
    assert!(w.panel.areas.iter().any(|area| &**area == "Ysper, nes"));
    assert_eq!(w.stability.filled, 1);
}

#[test]
fn a_panel_comes_back_from_the_disk() {
    let Some(w) = invented("a_panel_comes_back_from_the_disk") else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("panel");
    store::write(&w.panel, &path, false).unwrap();
    assert_eq!(store::read(&path).unwrap(), w.panel);
    assert!(
        store::write(&w.panel, &path, false).unwrap_err().to_string().contains("exists already")
    );
    store::write(&w.panel, &path, true).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn links_are_tested() {
    let Some(w) = invented("links_are_tested") else { return };
    let tolerance =
        |column: &str| if column.starts_with('p') { (1e-7, 0.0) } else { (1e-9, 1e-12) };
    let golden = read(&w.folder.join("links.csv"));
    same(&table(&w.tests), &golden, &["form", "input", "output"], true, tolerance);
    assert_eq!(w.links.len(), 11);
}

#[test]
fn indicators_agree() {
    let Some(w) = invented("indicators_agree") else { return };
    let golden = read(&w.folder.join("indicators.csv"));
    same(&table(&all(&w.years)), &golden, &SECTOR, true, LOSSES);
}

#[test]
fn indicators_of_other_settings_agree() {
    let Some(w) = invented("indicators_of_other_settings_agree") else { return };
    let [first, last] = [0, w.panel.years.len() - 1];
    let least = [first, last].map(|at| year(&w.panel, at, &w.links, None, 1.0));
    let golden = read(&w.folder.join("indicators_reexport1.csv"));
    same(&table(&all(&least)), &golden, &SECTOR, true, LOSSES);

    let tonnes = import(&Request { amount: Amount::Quantity, ..request(&w.folder, "") }).unwrap();
    let candidates = lists::candidates(&w.folder.join("candidates.csv"), &tonnes.items).unwrap();
    // Links are tested on values, whatever the amounts are.
    assert_eq!(chosen(&candidates, &test(&tonnes, &candidates), Chosen::Tested), w.links);
    let found = year(&tonnes, last, &w.links, None, 0.0);
    let golden = read(&w.folder.join("indicators_quantity.csv"));
    same(&table(&found.rows), &golden, &SECTOR, true, USUAL);

    let merge = Some(w.folder.join("merge.csv"));
    let union = import(&Request { merge, ..request(&w.folder, "") }).unwrap();
    let tests = test(&union, &candidates);
    eprintln!(
        "links of the merged panel equal: {}",
        chosen(&candidates, &tests, Chosen::Tested) == w.links
    );
    let found = year(&union, last, &w.links, None, 0.0);
    let golden = read(&w.folder.join("indicators_merged.csv"));
    same(&table(&found.rows), &golden, &SECTOR, true, USUAL);
}

#[test]
fn worlds_agree() {
    let Some(w) = invented("worlds_agree") else { return };
    let of = |(at, found): (usize, &YearIndicators)| {
        world(&w.panel, &Balance::of(&w.panel, at, 0.0), found)
    };
    let rows: Vec<_> = w.years.iter().enumerate().flat_map(of).collect();
    same(&table(&rows), &read(&w.folder.join("world.csv")), &["year", "item"], true, USUAL);
}

#[test]
fn parameters_and_losses_agree() {
    let Some(w) = invented("parameters_and_losses_agree") else { return };
    let last = w.panel.years.len() - 1;
    let balance = Balance::of(&w.panel, last, 0.0);
    let p = parameters(&balance, &w.links);
    let keys = ["symbol", "row_area", "row_name", "column_area", "column_name"];
    let mut golden = read(&w.folder.join("parameters.csv"));
    // Below 1e-12 a rest may be missing.
    golden.rows.retain(|row| row[0] != "eta_cons" || row[5].parse::<f64>().unwrap() > 1e-12);
    same(&table(&parameters::rows(&w.panel, &balance, &p)), &golden, &keys, true, USUAL);

    let golden = read(&w.folder.join("losses.csv"));
    let mut compared = 0;
    for (c, area) in w.panel.areas.iter().enumerate() {
        for (i, item) in w.panel.items.iter().enumerate() {
            let of_failure = |row: &&Vec<String>| row[0] == **area && row[1] == *item.name;
            let expected: Vec<_> = golden.rows.iter().filter(of_failure).collect();
            if expected.is_empty() {
                continue;
            }
            let lost = recursion::losses(&balance, &p, (i, c), 10);
            let above = lost.iter().zip(&p.x0).filter(|&(&al, &x0)| al > 1e-9 * x0).count();
            assert_eq!(above, expected.len());
            for row in expected {
                let c = w.panel.areas.iter().position(|area| **area == *row[2]).unwrap();
                let i = w.panel.items.iter().position(|item| *item.name == *row[3]).unwrap();
                let sector = balance.at(i, c);
                let [x0, al, rl] = [4, 5, 6].map(|at| row[at].parse::<f64>().unwrap());
                assert!((p.x0[sector] - x0).abs() <= 1e-9 * x0);
                assert!((lost[sector] - al).abs() <= 1e-9 * x0, "{row:?}");
                assert!((lost[sector] / p.x0[sector] - rl).abs() <= 1e-9, "{row:?}");
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 392);
}

#[test]
fn profiles_and_tiers_agree() {
    let Some(w) = invented("profiles_and_tiers_agree") else { return };
    let found = profiles(&w.panel, &w.years);
    let keys = ["scope", "area", "set"];
    same(&table(&found), &read(&w.folder.join("profiles.csv")), &keys, true, USUAL);
    let keys = ["scope", "indicator", "tier"];
    let tolerance =
        |column: &str| if column.starts_with("p") { (1e-7, 0.0) } else { (1e-9, 1e-12) };
    same(
        &table(&tier_tests(&found)),
        &read(&w.folder.join("tier_tests.csv")),
        &keys,
        true,
        tolerance,
    );
}

#[test]
fn signed_ranks_agree() {
    let Some(folder) = common::golden("signed_ranks_agree") else { return };
    let golden = read(&folder.join("wilcoxon_cases.csv"));
    assert_eq!(golden.rows.len(), 10);
    for row in &golden.rows {
        let values: Vec<f64> = row[0].split(' ').map(|v| v.parse().unwrap()).collect();
        let found = signed_rank(&values);
        assert_eq!(found.n.to_string(), row[1]);
        assert_eq!(found.method.name(), row[4]);
        assert_eq!(found.w_plus.map(|w| w.to_string()).unwrap_or_default(), row[2]);
        match row[3].parse::<f64>() {
            Ok(p) => assert!((found.p.unwrap() - p).abs() <= 1e-7 * p, "{row:?} {found:?}"),
            Err(_) => assert_eq!(found.p, None),
        }
    }
}

fn clustering(w: &World) -> Clustering {
    clusters(&profiles(&w.panel, &w.years))
}

#[test]
fn clusters_agree() {
    let Some(w) = invented("clusters_agree") else { return };
    let found = clustering(w);
    same(&table(&found.features), &read(&w.folder.join("features.csv")), &["area"], true, USUAL);
    let golden = read(&w.folder.join("clusters.csv"));
    let quality = read(&w.folder.join("cluster_quality.csv"));
    for (row, expected) in found.quality.iter().zip(&quality.rows) {
        assert_eq!(row.k.to_string(), expected[0]);
        assert_eq!(if row.chosen { "True" } else { "False" }, expected[3]);
        let [inertia, silhouette] = [1, 2].map(|at| expected[at].parse::<f64>().unwrap());
        if row.k > 6 {
            assert!(row.inertia <= 1.02 * inertia, "k = {}", row.k);
            continue;
        }
        assert!((row.inertia - inertia).abs() <= 1e-9 * inertia, "k = {}: {}", row.k, row.inertia);
        assert!((row.silhouette - silhouette).abs() <= 1e-9);
        let of_k = found.clusters.iter().filter(|c| c.k == row.k);
        let ours: Vec<(String, usize, f64)> =
            of_k.map(|c| (c.area.to_string(), c.cluster as usize, c.silhouette)).collect();
        let theirs: Vec<&Vec<String>> =
            golden.rows.iter().filter(|r| r[0] == expected[0]).collect();
        assert_eq!(ours.len(), theirs.len());
        let numbers: Vec<usize> = theirs.iter().map(|r| r[2].parse().unwrap()).collect();
        let own: Vec<usize> = ours.iter().map(|o| o.1).collect();
        assert_eq!(adjusted_rand(&own, &numbers), Some(1.0));
        assert_eq!(own, numbers, "numbered by falling mean influence");
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert_eq!(ours.0, theirs[1]);
            assert!((ours.2 - theirs[3].parse::<f64>().unwrap()).abs() <= 1e-9);
        }
    }
    assert_eq!(found.quality.len(), 7);
    let mut golden = read(&w.folder.join("cluster_centres.csv"));
    golden.rows.retain(|row| row[0].parse::<u32>().unwrap() <= 6);
    same(&table(&found.centres), &golden, &["k", "cluster"], false, |_| (1e-9, 1e-10));
    same(&table(&found.years), &read(&w.folder.join("cluster_years.csv")), &["year"], true, USUAL);
}

#[test]
fn regressions_agree() {
    let Some(w) = invented("regressions_agree") else { return };
    let found = regressions(&w.panel, &w.years, &w.links, 3);
    let keys = ["effects", "risk", "outcome", "set", "regressor"];
    let tolerance = |column: &str| match column {
        "p" => (1e-6, 0.0),
        "coef" | "se" | "t" | "beta_std" => (1e-8, 1e-12),
        // Ends of an interval may be near 0 where neither estimate nor error is.
        "low" | "high" => (1e-8, 1e-9),
        _ => (1e-9, 1e-12),
    };
    same(&table(&found), &read(&w.folder.join("regressions.csv")), &keys, true, tolerance);
}

#[test]
fn real_trade_agrees() {
    let Some(golden) = common::golden("real_trade_agrees") else { return };
    let folder = golden.join("real");
    let areas = folder.join("country_codes_V202601.csv");
    let of_file =
        |name: &str| import(&Request { areas: areas.clone(), ..request(&folder, name) }).unwrap();
    let worlds = read(&folder.join("expected_world.csv"));
    for file in [
        "BACI_2846_850511_2007_2018.csv.gz",
        "BACI_850511_2002_2024_large_flows.csv.gz",
        "BACI_850511_Y2024_complete.csv.gz",
    ] {
        let panel = of_file(file);
        let rows: Vec<_> = (0..panel.years.len())
            .flat_map(|at| {
                let balance = Balance::of(&panel, at, 0.0);
                world(&panel, &balance, &indicators(&panel, at, &balance, None))
            })
            .collect();
        let mut expected = only(worlds.clone(), "file", file);
        expected.header.remove(0);
        expected.rows.iter_mut().for_each(|row| drop(row.remove(0)));
        same(&table(&rows), &expected, &["year", "item"], true, USUAL);
    }
    let panel = of_file("BACI_2846_850511_2007_2018.csv.gz");
    let candidates = lists::candidates(&folder.join("candidates.csv"), &panel.items).unwrap();
    let tests = test(&panel, &candidates);
    let tolerance =
        |column: &str| if column.starts_with('p') { (1e-7, 0.0) } else { (1e-9, 1e-12) };
    let expected = read(&folder.join("expected_links.csv"));
    same(&table(&tests), &expected, &["form", "input", "output"], true, tolerance);
    // The first two candidates taken as links, whatever their test says.
    let links = chosen(&candidates[..2], &tests, Chosen::All);
    let at = panel.position(2018).unwrap();
    let found = year(&panel, at, &links, None, 0.0);
    same(&table(&found.rows), &read(&folder.join("expected_2018.csv")), &SECTOR, true, LOSSES);
}

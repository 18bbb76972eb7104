//! Selections, grids and samples of pairs, scenario sets, and the plan of a job.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use proptest::prelude::*;
use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::dataset::hdi::HdiClass;
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize};
use shocksweep::low_level::engine::Engine;
use shocksweep::low_level::engine::reference::ReferenceEngine;
use shocksweep::low_level::job::{JobFile, Plan, census};
use shocksweep::low_level::model::step;
use shocksweep::low_level::scenario::pairs::{PairGrid, sample_triples};
use shocksweep::low_level::scenario::selection::{Selection, Size};
use tempfile::TempDir;

static WORLD: LazyLock<Dataset> =
    LazyLock::new(|| synthesize(&SynthOptions::default()).expect("the built-in world"));

fn selection(toml: &str) -> Selection {
    toml::from_str(toml).expect("a selection")
}

fn selected(toml: &str) -> Vec<u32> {
    selection(toml).sectors(&WORLD).unwrap_or_else(|e| panic!("{toml}: {e}"))
}

fn refused(toml: &str) -> String {
    selection(toml).sectors(&WORLD).expect_err(toml).to_string()
}

fn commodity_group(sector: u32) -> &'static str {
    &WORLD.labels.items[WORLD.dimensions().item_of(sector as usize)].commodity_group
}

#[test]
fn values_of_a_key_are_alternatives_and_keys_narrow_each_other() {
    let dims = WORLD.dimensions();
    let producers = WORLD.parameters.producers();
    let all = selected("");
    assert_eq!(all.len(), producers.iter().filter(|&&p| p).count());
    assert_eq!(selected("producers = false").len(), dims.sectors());

    let poor_cereals = selected("hdi = ['low', 'Very High']\ncommodity_groups = ['cereals']");
    let expected: Vec<u32> = all
        .iter()
        .copied()
        .filter(|&s| {
            let hdi = WORLD.labels.areas[dims.area_of(s as usize)].hdi.map(HdiClass::of);
            matches!(hdi, Some(HdiClass::Low | HdiClass::VeryHigh))
                && commodity_group(s) == "Cereals"
        })
        .collect();
    assert_eq!(poor_cereals, expected);
    assert!(!expected.is_empty());

    let by_code = selected("areas = ['UKR', 'india']\nitems = ['wheat and products']");
    assert_eq!(by_code.len(), 2);
    assert!(by_code[0] < by_code[1]);

    let primary = selected("item_groups = ['Primary crops']");
    let without = selected("item_groups = ['Primary crops']\nleave_out = ['Grazing', 'Cereals']");
    let left: Vec<u32> = primary
        .into_iter()
        .filter(|&s| !["Grazing", "Cereals"].contains(&commodity_group(s)))
        .collect();
    assert_eq!(without, left);
}

#[test]
fn the_largest_are_those_that_no_other_exceeds() {
    let p = &WORLD.parameters;
    let production = step::output(p, &p.x0, 1);
    let exports: Vec<f64> = p.x0.iter().zip(&p.share_eta_exp).map(|(x, eta)| x * eta).collect();
    for (by, size, word) in
        [(Size::Production, production, "production"), (Size::Exports, exports, "exports")]
    {
        let toml = "item_groups = ['Primary crops']\nexporters = true";
        let all = selected(toml);
        let chosen = selected(&format!("{toml}\nlargest = 50\nlargest_by = '{word}'"));
        assert_eq!(chosen.len(), 50, "{by:?}");
        assert!(chosen.is_sorted());
        let least = chosen.iter().map(|&s| size[s as usize]).fold(f64::INFINITY, f64::min);
        let others = all.iter().filter(|s| !chosen.contains(s));
        assert!(others.into_iter().all(|&s| size[s as usize] <= least), "{by:?}");
    }
    // More than there are: all of them.
    assert_eq!(selected("largest = 99999999"), selected(""));
}

#[test]
fn a_selector_that_matches_nothing_names_the_nearest_value() {
    for (toml, expected) in [
        ("areas = ['Indja']", "unknown area `Indja`, did you mean `India`?"),
        ("items = ['Ricee and products']", "did you mean `Rice and products`?"),
        ("commodity_groups = ['Cereal']", "did you mean `Cereals`?"),
        ("item_groups = ['Primary crop']", "did you mean `Primary crops`?"),
        ("hdi = ['very-hihg']", "did you mean `very-high`?"),
        ("leave_out = ['Grazzing']", "did you mean `Grazing`?"),
    ] {
        let message = refused(toml);
        assert!(message.contains(expected), "{toml}: {message}");
    }
    let far = refused("hdi = ['42']");
    assert!(
        far.ends_with("nothing is in `42`; there are `high`, `low`, `medium`, `very-high`"),
        "{far}"
    );
    let region = WORLD.labels.areas[0].region.clone().expect("a region");
    let message = refused(&format!("regions = ['{region}x']"));
    assert!(message.starts_with("regions: nothing is in"), "{message}");
    assert!(message.contains(&format!("did you mean `{region}`?")), "{message}");

    let empty = refused("items = ['Wheat and products']\ncommodity_groups = ['Oil crops']");
    assert!(empty.contains("the selection is empty"), "{empty}");
    assert!(empty.contains("items, commodity_groups"), "{empty}");
    assert!(refused("largest = 0").contains("largest"));
}

/// All pairs of two lists by trying every combination.
fn brute_force(first: &[u32], second: &[u32], same_group: bool) -> BTreeSet<(u32, u32)> {
    let mut pairs = BTreeSet::new();
    for &a in first {
        for &b in second {
            if a != b && (!same_group || commodity_group(a) == commodity_group(b)) {
                pairs.insert((a.min(b), a.max(b)));
            }
        }
    }
    pairs
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_grid_has_every_unordered_pair_once(
        first in prop::collection::btree_set(0u32..300, 0..40),
        second in prop::collection::btree_set(0u32..300, 0..40),
        same_group: bool,
        seed: u64,
    ) {
        let first: Vec<u32> = first.into_iter().collect();
        let second: Vec<u32> = second.into_iter().collect();
        let grid = PairGrid::new(&WORLD, &first, &second, same_group, 0.5);
        let pairs: Vec<(u32, u32)> = grid.pairs().map(|[a, b]| (a.sector, b.sector)).collect();
        let expected: Vec<(u32, u32)> =
            brute_force(&first, &second, same_group).into_iter().collect();
        // Ascending and equal to a set: none twice, none missing, none with itself.
        prop_assert_eq!(&pairs, &expected);
        prop_assert_eq!(grid.len(), expected.len() as u64);
        for (number, &(a, b)) in expected.iter().enumerate() {
            let found = grid.pair(number as u64).map(|[x, y]| (x.sector, y.sector));
            prop_assert_eq!(found, Some((a, b)));
        }
        prop_assert_eq!(grid.pair(grid.len()), None);

        let count = expected.len() / 2;
        let sample = grid.sample(count, seed).expect("half of the pairs");
        prop_assert_eq!(sample.len(), count);
        prop_assert!(sample.windows(2).all(|w| w[0] < w[1]));
        prop_assert!(sample.iter().all(|&n| n < grid.len()));
        prop_assert_eq!(grid.sample(expected.len() + 1, seed), None);
    }
}

#[test]
fn samples_are_even_and_follow_the_seed() {
    let sectors: Vec<u32> = (0..5).collect();
    let grid = PairGrid::new(&WORLD, &sectors, &sectors, false, 1.0);
    assert_eq!(grid.len(), 10);
    let mut hits = [0u32; 10];
    for seed in 0..2000 {
        let sample = grid.sample(3, seed).expect("3 of 10");
        assert_eq!(sample, grid.sample(3, seed).expect("3 of 10"));
        sample.into_iter().for_each(|n| hits[n as usize] += 1);
    }
    // 600 expected; the standard deviation is 20.5, so this is five of them.
    assert!(hits.iter().all(|&h| (497..=703).contains(&h)), "{hits:?}");

    let triples = sample_triples(&WORLD, &sectors, false, 10, 3).expect("all 10 triples");
    assert_eq!(triples.iter().collect::<BTreeSet<_>>().len(), 10);
    assert!(triples.iter().all(|[a, b, c]| a < b && b < c));
    assert_eq!(sample_triples(&WORLD, &sectors, false, 11, 3), None);
}

fn plan(scenarios: &str) -> Result<Plan, String> {
    let text = format!("adaptation = 'off'\n[output]\nfolder = 'x'\n[scenarios]\n{scenarios}");
    let job = JobFile::parse(&text, Path::new("job.toml")).map_err(|e| e.to_string())?;
    Plan::new(&job).map_err(|e| e.to_string())
}

#[test]
fn sets_shock_what_they_say() {
    let dims = WORLD.dimensions();
    let select = "[scenarios.select]\nareas = ['UKR', 'IND']\ncommodity_groups = ['Cereals']";
    let sectors = selected("areas = ['UKR', 'IND']\ncommodity_groups = ['Cereals']");
    let shocked = |plan: &Plan| -> Vec<Vec<u32>> {
        let of = |s: &shocksweep::low_level::scenario::NamedScenario| {
            s.scenario.shocks.iter().map(|shock| shock.sector).collect()
        };
        plan.scenarios.iter().map(of).collect()
    };

    let single = plan(&format!("set = 'single'\nphi = 0.25\n{select}")).unwrap();
    assert_eq!(shocked(&single), sectors.iter().map(|&s| vec![s]).collect::<Vec<_>>());
    assert!(single.scenarios.iter().all(|s| s.scenario.shocks[0].phi == 0.25));

    let areas = plan(&format!("set = 'areas'\n{select}")).unwrap();
    assert_eq!(areas.scenarios.len(), 2);
    assert_eq!(shocked(&areas).concat(), sectors);
    for scenario in shocked(&areas) {
        let area = |s: &u32| dims.area_of(*s as usize);
        assert!(scenario.iter().all(|s| area(s) == area(&scenario[0])));
    }

    let items = plan(&format!("set = 'items'\n{select}")).unwrap();
    let mut all = shocked(&items).concat();
    all.sort_unstable();
    assert_eq!(all, sectors);
    for scenario in shocked(&items) {
        let item = |s: &u32| dims.item_of(*s as usize);
        assert!(scenario.iter().all(|s| item(s) == item(&scenario[0])));
    }

    let pairs = plan(&format!("set = 'pairs'\n{select}")).unwrap();
    let expected: Vec<Vec<u32>> =
        brute_force(&sectors, &sectors, false).into_iter().map(|(a, b)| vec![a, b]).collect();
    assert_eq!(shocked(&pairs), expected);
    assert!(pairs.scenarios.iter().enumerate().all(|(n, s)| s.scenario.id.0 == n as u32));

    // Every triple once, in ascending order; within one commodity group those that have one.
    let every = |same: bool, sectors: &[u32]| -> Vec<Vec<u32>> {
        let mut all = Vec::new();
        for (n, &a) in sectors.iter().enumerate() {
            for (m, &b) in sectors.iter().enumerate().skip(n + 1) {
                for &c in &sectors[m + 1..] {
                    let group = commodity_group(a);
                    if !same || [b, c].iter().all(|&s| commodity_group(s) == group) {
                        all.push(vec![a, b, c]);
                    }
                }
            }
        }
        all
    };
    let triples = plan(&format!("set = 'triples'\n{select}")).unwrap();
    assert_eq!(shocked(&triples), every(false, &sectors));
    let largest = selected("areas = ['UKR', 'IND']\nlargest = 12");
    let few = "[scenarios.select]\nareas = ['UKR', 'IND']\nlargest = 12";
    let alike = plan(&format!("set = 'triples'\nsame_commodity_group = true\n{few}")).unwrap();
    assert_eq!(shocked(&alike), every(true, &largest));
    assert!(alike.scenarios.len() > 1 && alike.scenarios.len() < 220, "{}", alike.scenarios.len());
}

#[test]
fn sets_that_cannot_be_are_refused_in_a_sentence() {
    let message = |set: &str| plan(set).expect_err(set);
    let percent = message("set = 'single'\nphi = 30");
    assert!(percent.contains("for 30 % write 0.3"), "{percent}");
    let many = message("set = 'pairs'");
    assert!(many.contains("`keep = \"top\"` in [superposition]"), "{many}");
    let few = "[scenarios.select]\nareas = ['UKR']\nlargest = 3";
    let sample = message(&format!("set = 'sampled-pairs'\ncount = 4\n{few}"));
    assert!(sample.contains("asks for 4 pairs; the selection has 3"), "{sample}");
    let triples = message(&format!("set = 'sampled-triples'\ncount = 2\n{few}"));
    assert!(triples.contains("asks for 2 triples"), "{triples}");
    let none = message("set = 'triples'\n[scenarios.select]\nareas = ['UKR']\nlargest = 2");
    assert!(none.contains("asks for 1 triples; the selection has 0"), "{none}");
    let many = message("set = 'triples'\n[scenarios.select]\nlargest = 500");
    assert!(many.contains("the set has 20708500 triples; up to 5000000"), "{many}");
    let key = message("set = 'single'\n[scenarios.select]\nitemgroups = ['Primary crops']");
    assert!(key.contains("did you mean `item_groups`?"), "{key}");
}

#[test]
fn the_published_rule_holds_for_every_sampled_pair() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("jobs/pairs-sampled.toml");
    let plan = Plan::new(&JobFile::read(&path).unwrap()).unwrap();
    let p = &WORLD.parameters;
    let (dims, producers) = (WORLD.dimensions(), p.producers());
    assert_eq!(plan.scenarios.len(), 1000);
    let distinct: BTreeSet<Vec<u32>> = plan
        .scenarios
        .iter()
        .map(|s| s.scenario.shocks.iter().map(|shock| shock.sector).collect())
        .collect();
    assert_eq!(distinct.len(), 1000);
    for pair in &distinct {
        assert_eq!(commodity_group(pair[0]), commodity_group(pair[1]));
        for &s in pair {
            let s = s as usize;
            assert!(producers[s] && p.share_eta_exp[s] * p.x0[s] > 0.0);
            assert_eq!(WORLD.labels.items[dims.item_of(s)].group, "Primary crops");
        }
    }
}

fn shocksweep(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shocksweep")).args(args).output().expect("the program starts")
}

const MIXED: &str = r#"
[adaptive]
output_cap = 3.0
[output]
folder = "unused"
[scenarios]
set = "list"
[[scenarios.list]]
name = "rice"
shocks = [{ area = "IND", item = "Rice and products", phi = 0.1 }]
[[scenarios.list]]
name = "the same"
shocks = [{ area = "India", item = "Rice and products", phi = 0.1 }]
[[scenarios.list]]
name = "the same without adaptation"
adaptation = false
shocks = [{ area = "India", item = "Rice and products", phi = 0.1 }]
[[scenarios.list]]
name = "other switches"
relative_threshold = 0.05
shocks = [{ area = "IND", item = "Rice and products" }, { area = "UKR", item = "Wheat and products", phi = 0.3333333333333333 }]
[[scenarios.list]]
name = "nothing"
shocks = [{ area = "IND", item = "Rice and products", phi = 0.0 }]
"#;

#[test]
fn a_census_tells_no_ops_and_repeats_by_kind() {
    let plan = Plan::new(&JobFile::parse(MIXED, Path::new("job.toml")).unwrap()).unwrap();
    let kinds = census::count(&plan);
    let of = |n: usize| (kinds[n].adapts, kinds[n].scenarios, kinds[n].no_ops, kinds[n].repeats);
    assert_eq!(kinds.len(), 2);
    assert_eq!(of(0), (false, 1, 0, 0));
    assert_eq!(of(1), (true, 4, 1, 1));
    assert_eq!(kinds[1].to_run, [0, 1, 3]);
}

#[test]
fn a_plan_prints_counts_and_its_table_gives_the_same_losses() {
    let dir = TempDir::new().unwrap();
    let job = dir.path().join("job.toml");
    fs::write(&job, MIXED).unwrap();
    let original = Plan::new(&JobFile::read(&job).unwrap()).unwrap();
    let engine = ReferenceEngine::new(&WORLD, 10);
    let producers = WORLD.parameters.producers();
    let losses = |plan: &Plan| {
        let scenarios: Vec<_> =
            plan.scenarios.iter().map(|s| s.scenario.effective(&producers)).collect();
        engine.losses(&scenarios, &[engine.last_step()], 0.0, &|_| {}).unwrap().of
    };
    for name in ["table.csv", "table.parquet"] {
        let table: PathBuf = dir.path().join(name);
        let args = ["plan", job.to_str().unwrap(), "--out", table.to_str().unwrap()];
        let output = shocksweep(&args);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        for expected in ["SYNTHETIC", "5 scenarios", "no-ops", "repeats", "Estimated", "(6 rows)"] {
            assert!(said.contains(expected), "{expected}: {said}");
        }
        // No [adaptive] here: the table must stand alone.
        let text = format!("[output]\nfolder = 'x'\n[scenarios]\nset = 'table'\ntable = '{name}'");
        let again = dir.path().join("again.toml");
        fs::write(&again, text).unwrap();
        let again = Plan::new(&JobFile::read(&again).unwrap()).unwrap();
        let scenarios =
            |plan: &Plan| -> Vec<_> { plan.scenarios.iter().map(|s| s.scenario.clone()).collect() };
        assert_eq!(scenarios(&again), scenarios(&original), "{name}");
        assert_eq!(losses(&again), losses(&original), "{name}");
    }
    // A plan writes nothing else.
    let mut left: Vec<_> =
        fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["again.toml", "job.toml", "table.csv", "table.parquet"]);

    let wrong = shocksweep(&["plan", job.to_str().unwrap(), "--out", "table.txt"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains(".csv or .parquet"));
}

/// What a plan says of the space that its losses take is right within a fifth, one by one both ways and in
/// pairs.
#[test]
fn the_space_that_a_plan_foresees_is_what_its_losses_take() {
    let dir = TempDir::new().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    for (name, job) in [
        ("both", "adaptation = \"both\"\n[scenarios]\nset = \"all-single\"\n"),
        ("pairs", "adaptation = \"on\"\n[scenarios]\nset = \"pairs\"\nselect = { largest = 45 }\n"),
    ] {
        let file = path(&format!("{name}.toml"));
        fs::write(&file, format!("{job}[output]\nfolder = \"unused\"\n")).unwrap();
        let said = String::from_utf8(shocksweep(&["plan", &file]).stdout).unwrap();
        let line = said.lines().find(|line| line.starts_with("output")).expect("a line");
        let megabytes = line.split(" MB").next().and_then(|text| text.rsplit(' ').next());
        let foreseen: f64 = megabytes.unwrap().replace(',', "").parse().expect("a number");
        let out = path(name);
        let run = shocksweep(&["run", &file, "--quiet", "--out", &out]);
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let losses = fs::read_dir(Path::new(&out).join("losses")).unwrap().flatten();
        let taken = losses.map(|entry| entry.metadata().unwrap().len()).sum::<u64>() as f64 / 1e6;
        assert!((foreseen / taken - 1.0).abs() < 0.2, "{name}: {foreseen} MB, {taken} MB taken");
    }
}

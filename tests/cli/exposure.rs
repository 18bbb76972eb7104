//! The other side, as its users meet it: exposure, why, comparison, mitigation, policies.

use std::fs;
use std::process::{Command, Output};

use shocksweep::low_level::exposure::rows::{ExposureRow, InfluenceRow, VulnerabilityRow};
use shocksweep::low_level::mitigate::rows::MitigationRow;
use shocksweep::low_level::results::Record;
use tempfile::TempDir;

fn shocksweep(dir: &TempDir, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shocksweep"))
        .args(args)
        .current_dir(dir.path())
        .output()
        .expect("the program starts")
}

fn succeeds(dir: &TempDir, args: &[&str]) -> String {
    let output = shocksweep(dir, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn is_refused(dir: &TempDir, args: &[&str]) -> String {
    fails_with(dir, args, 2)
}

fn fails_with(dir: &TempDir, args: &[&str], code: i32) -> String {
    let output = shocksweep(dir, args);
    let message = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(code), "{args:?}: {message}");
    assert_eq!(message.lines().count(), 1, "{message}");
    message
}

fn small_world() -> TempDir {
    let dir = TempDir::new().unwrap();
    succeeds(&dir, &["dataset", "synth", "world", "--areas", "12", "--items", "20", "--seed", "5"]);
    dir
}

#[test]
fn exposure_why_and_their_tables() {
    let dir = small_world();
    let world = ["--dataset", "world"];
    let area = {
        let names = fs::read_dir(dir.path().join("world")).unwrap().count();
        assert!(names > 5);
        let dataset = shocksweep::open(dir.path().join("world").to_str().unwrap()).unwrap();
        dataset.labels.areas[3].name.clone()
    };
    let spot = succeeds(&dir, &[&["exposure", &area], &world[..]].concat());
    assert!(spot.contains("if this fails") && spot.contains("expected shortfall, 95 %"), "{spot}");
    succeeds(
        &dir,
        &[
            "run",
            "--all-single",
            "--adaptation",
            "both",
            "--dataset",
            "world",
            "--out",
            "all",
            "--quiet",
        ],
    );
    let read = succeeds(&dir, &[&["exposure", &area, "--result", "all"], &world[..]].concat());
    assert_eq!(spot, read, "from a folder as on the spot");
    let all =
        succeeds(&dir, &[&["exposure", "--result", "all", "--out", "tables"], &world[..]].concat());
    assert!(all.contains("The most vulnerable areas"), "{all}");
    let table = |name: &str| dir.path().join("tables").join(name);
    assert!(ExposureRow::read(&table("exposures.parquet")).unwrap().len() > 100);
    assert_eq!(VulnerabilityRow::read(&table("vulnerability.parquet")).unwrap().len(), 24);
    assert!(!InfluenceRow::read(&table("influence.parquet")).unwrap().is_empty());
    // Why: the first listed failure.
    let dataset = shocksweep::open(dir.path().join("world").to_str().unwrap()).unwrap();
    let producers = dataset.parameters.producers();
    let sector = producers.iter().position(|p| *p).unwrap();
    let failing = dataset.labels.sector_name(sector).replace(" / ", "/");
    let own = failing.split('/').next().unwrap().to_string();
    let why = succeeds(&dir, &[&["exposure", &own], &world[..], &["--why", &failing]].concat());
    assert!(why.contains("what no longer comes") && why.contains("The largest ways"), "{why}");
    assert!(is_refused(&dir, &["exposure", "Egipt"]).contains("did you mean `Egypt`?"));
    assert!(fails_with(&dir, &["exposure", &area, "--result", "nowhere"], 2).contains("nowhere"));
    let level = shocksweep(&dir, &["exposure", "Egypt", "--level", "95"]);
    assert_eq!(level.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&level.stderr).contains("less than 1"));
}

#[test]
fn policies_run_side_by_side_and_are_compared() {
    let dir = small_world();
    let dataset = shocksweep::open(dir.path().join("world").to_str().unwrap()).unwrap();
    let (dims, p) = (dataset.dimensions(), &dataset.parameters);
    // A sector with imports: a reserve of it is felt.
    let sector = (0..dims.sectors()).find(|&s| p.trade_t.row(s).any(|(_, v)| *v > 0.1)).unwrap();
    let name = dataset.labels.sector_name(sector);
    let (area, item) = name.split_once(" / ").unwrap();
    let job = format!(
        "dataset = \"world\"\nadaptation = \"off\"\nsteps = 3\n[scenarios]\nset = \"all-single\"\n\
         [output]\nfolder = \"policies\"\n[[what-if]]\nname = \"Held\"\n[[what-if.change]]\nkind = \"reserve\"\n\
         area = \"{area}\"\nitem = \"{item}\"\nmonths = 48\n"
    );
    fs::write(dir.path().join("job.toml"), job).unwrap();
    let said = succeeds(&dir, &["run", "job.toml"]);
    assert!(said.contains("Against the world as it is") && said.contains("Held"), "{said}");
    assert!(dir.path().join("policies/as-it-is/manifest.json").exists());
    let compared = succeeds(
        &dir,
        &["compare", "policies/as-it-is", "policies/held", "--page", "d.html", "--out", "d"],
    );
    assert!(compared.contains("got better") || compared.contains("better,"), "{compared}");
    let page = fs::read_to_string(dir.path().join("d.html")).unwrap();
    assert!(page.contains("<table>") && !page.contains("<script"), "a page without scripts");
    assert!(dir.path().join("d/sector_differences.parquet").exists());
    let verified = succeeds(&dir, &["verify", "policies/held", "--dataset", "world"]);
    assert!(!verified.is_empty());
    assert!(fails_with(&dir, &["compare", "policies/held", "world"], 2).contains("world"));
    let found = succeeds(
        &dir,
        &[
            "mitigate",
            area,
            item,
            "--budget",
            "10",
            "--dataset",
            "world",
            "--out",
            "m",
            "--steps",
            "4",
        ],
    );
    assert!(found.contains("Ranked by the expected loss per tonne"), "{found}");
    let rows = MitigationRow::read(&dir.path().join("m/mitigations.parquet")).unwrap();
    assert!(rows.windows(2).all(|w| w[0].cut_expected >= w[1].cut_expected) && rows.len() >= 3);
    assert!(
        is_refused(&dir, &["mitigate", area, item, "--budget", "0", "--dataset", "world"])
            .contains("above 0")
    );
}

#[test]
fn pairs_of_a_world_with_reserves_are_run_jointly() {
    let dir = small_world();
    let dataset = shocksweep::open(dir.path().join("world").to_str().unwrap()).unwrap();
    let (dims, p) = (dataset.dimensions(), &dataset.parameters);
    let sector = (0..dims.sectors()).find(|&s| p.trade_t.row(s).any(|(_, v)| *v > 0.1)).unwrap();
    let name = dataset.labels.sector_name(sector);
    let (area, item) = name.split_once(" / ").unwrap();
    let group = &dataset.labels.items[dims.item_of(sector)].commodity_group;
    let screen = |change: &str| {
        let job = format!(
            "dataset = \"world\"\nadaptation = \"off\"\nsteps = 4\n[scenarios]\nset = \"pairs\"\n\
             [scenarios.select]\ncommodity_groups = [\"{group}\"]\n[superposition]\nkeep = \"top\"\n{change}"
        );
        fs::write(dir.path().join("screen.toml"), job).unwrap();
        succeeds(&dir, &["run", "screen.toml", "--out", "screened", "--force", "--quiet"]);
        let manifest = fs::read(dir.path().join("screened/manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
        let of = |key: &str| manifest["superposition"][key].as_u64().unwrap();
        (of("pairs"), of("run"))
    };
    let (pairs, run) = screen("");
    assert!(pairs > 3 && run < pairs, "{run} of {pairs}");
    let reserve = format!(
        "[[change]]\nkind = \"reserve\"\narea = \"{area}\"\nitem = \"{item}\"\nmonths = 6\n"
    );
    assert_eq!(screen(&reserve), (pairs, pairs), "no rule holds where reserves are");
}

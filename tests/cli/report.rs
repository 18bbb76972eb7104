//! Pages, pictures and aggregated tables of results; the page in a real browser.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::World;
use crate::common::result::shocksweep;
use crate::common::skip::skip;
use shocksweep::low_level::analysis::aggregate::{Dimension, Query, rows};
use shocksweep::low_level::analysis::overview::{Options, overview};
use shocksweep::low_level::analysis::world;
use shocksweep::low_level::job::plan::open_dataset;
use shocksweep::low_level::study::traced::trace_shown;
use tempfile::TempDir;

/// A name that would run if a page took it for markup.
const EVIL_AREA: &str = "<script>window.owned=1</script>";
/// Another, for attributes and for texts with entities.
const EVIL_ITEM: &str = "Bread \"<img src=x onerror=window.owned=2>\" &amp; '";

#[track_caller]
fn run(args: &[&str]) -> String {
    let output = shocksweep(args);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{args:?}: {stderr}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
fn fails(args: &[&str], says: &str) {
    let output = shocksweep(args);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
    assert!(stderr.contains(says), "{args:?}: {stderr}");
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Writes a job of a small invented world and runs it.
fn result(dir: &Path, name: &str, job: &str) -> PathBuf {
    let world = dir.join("world");
    if !world.exists() {
        let shape = ["--areas", "40", "--items", "30", "--seed", "3"];
        run(&[&["dataset", "synth", &text(&world)][..], &shape].concat());
    }
    let (file, out) = (dir.join(format!("{name}.toml")), dir.join(name));
    let head = format!("dataset = '{}'\n{job}\n[output]\n", text(&world));
    let (head, trace) = match name {
        "singles" => (head, "trace = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]\n"),
        _ => (head, ""),
    };
    fs::write(&file, head + trace).unwrap();
    run(&["run", &text(&file), "--out", &text(&out), "--quiet"]);
    out
}

const SINGLES: &str = "adaptation = \"both\"\n[scenarios]\nset = \"all-single\"";
const PAIRS: &str = "adaptation = \"on\"\n[scenarios]\nset = \"sampled-pairs\"\ncount = 300\nseed = 2\n\
                     [superposition]\nkeep = \"all\"";
const SCREENING: &str = "adaptation = \"on\"\n[scenarios]\nset = \"pairs\"\nselect = { largest = 40, largest_by = \"production\" }\n\
                         [superposition]\nkeep = \"top\"\ntop = 10\ncheck = 20";

/// The result of a world whose names try to be markup, run both ways.
fn hostile(dir: &Path) -> PathBuf {
    let world = World::new();
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    for file in ["io_codes_alph.csv", "su_codes_alph.csv", "a_frame.csv"] {
        let content = fs::read_to_string(world.path(file)).unwrap();
        let content = content.replace(",Mali,", &format!(",{},", quoted(EVIL_AREA)));
        let content = content.replace("\nMali,", &format!("\n{},", quoted(EVIL_AREA)));
        let content = content.replace(",Bread,", &format!(",{},", quoted(EVIL_ITEM)));
        // A population and a place on the map, so that it is drawn.
        let content =
            content.replace(",1.0,MLI,,,,,", ",1.0,MLI,<b>Africa</b>,red,17.0,-4.0,20000.0");
        world.write(file, content);
    }
    let out = dir.join("hostile");
    let folder = text(world.0.path());
    run(&[
        "run",
        "--dataset",
        &folder,
        "--all-single",
        "--adaptation",
        "both",
        "--out",
        &text(&out),
        "--quiet",
    ]);
    out
}

/// Content of the page's data element.
fn data(page: &str) -> serde_json::Value {
    let (_, rest) = page.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

#[test]
fn hostile_names_reach_the_page_as_text() {
    let dir = TempDir::new().unwrap();
    let result = hostile(dir.path());
    let page = dir.path().join("page.html");
    run(&["report", &text(&result), "-o", &text(&page)]);
    let page = fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("id=\"data\">").unwrap();
    let (json, _) = rest.split_once("</script>").unwrap();
    assert!(!json.contains('<'), "data that could end their element");
    assert!(!page.replace(json, "").contains("window.owned"), "a name outside of the data");
    let data = data(&page);
    let area = data["areas"].as_array().unwrap().iter().find(|a| a["name"] == EVIL_AREA);
    assert_eq!(area.expect("the area")["region"], "<b>Africa</b>");
    assert!(data["items"].as_array().unwrap().iter().any(|i| i == EVIL_ITEM));
    assert_eq!(page.matches("</script>").count(), 3, "data, library and scripts end once each");

    let picture = dir.path().join("map.svg");
    for kind in ["map", "ranking", "heatmap"] {
        run(&["plot", &text(&result), "--kind", kind, "-o", &text(&picture)]);
        let svg = fs::read_to_string(&picture).unwrap();
        assert!(!svg.contains("<script") && !svg.contains("<img") && !svg.contains("<text"));
    }
    let csv = dir.path().join("sums.csv");
    run(&["aggregate", &text(&result), "--by", "area,item", "--out", &text(&csv)]);
    let mut reader = csv::Reader::from_path(&csv).unwrap();
    let areas: Vec<String> = reader.records().map(|r| r.unwrap()[1].to_string()).collect();
    assert!(areas.iter().any(|a| a == EVIL_AREA), "{areas:?}");
}

#[test]
fn sums_are_those_of_a_world_worked_out_by_hand() {
    // Mali's wheat fails: no wheat in Mali, none from Mali in Åland, no bread from either.
    let dir = TempDir::new().unwrap();
    let tiny = World::new();
    let (file, out) = (dir.path().join("job.toml"), dir.path().join("out"));
    let job = format!(
        "dataset = '{}'\nadaptation = \"off\"\nsteps = 2\n[scenarios]\nset = \"list\"\n[[scenarios.list]]\nname = \"Wheat\"\n\
         shocks = [{{ area = \"Mali\", item = \"Wheat\" }}]\n[output]\nmin_loss = 0.0\n",
        text(tiny.0.path())
    );
    fs::write(&file, job).unwrap();
    run(&["run", &text(&file), "--out", &text(&out), "--quiet"]);
    let world = world::World::read(&out).unwrap();
    // x(0): Åland wheat 10 + 0.4 x 100 = 50, bread 0.8 x 45 = 36; Mali wheat 102.5, bread 7 + 10.
    // x(1): Åland wheat 10 + 41 = 51, bread 0.8 x 45 = 36; Mali wheat 100, bread 0.7 x 10.25 + 9.
    // Shocked, x(0): Mali wheat 0; x(1): Åland wheat 10; Mali bread 9: Åland's wheat came late.
    let expected = [7.175 + 9.0, 100.0, 36.0, 51.0];
    for (found, expected) in world.last().iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12, "{:?}", world.last());
    }
    let query = |by: &[Dimension], others_only: bool| {
        let query = Query { by: by.to_vec(), others_only, ..Query::default() };
        rows(&out, &world, &query).unwrap()
    };
    let all = query(&[], false);
    assert_eq!(all.len(), 1);
    let loss = 100.0 + 41.0 + 7.175;
    assert!((all[0].al - loss).abs() < 1e-12, "{}", all[0].al);
    assert!((all[0].rl() - loss / (16.175 + 100.0 + 36.0 + 51.0)).abs() < 1e-12);
    // Mali has no population: its loss does not count per person, and it is counted.
    assert_eq!((all[0].population, all[0].areas_without_population), (30_000.0, 1));
    assert!((all[0].al_per_capita().unwrap() - 1000.0 * 41.0 / 30_000.0).abs() < 1e-12);
    let items = query(&[Dimension::Item, Dimension::Region], true);
    let labels: Vec<_> = items.iter().map(|r| r.labels.clone()).collect();
    let europe = Some("Europe".to_string());
    assert_eq!(labels[0], [europe.clone(), Some("Bread".to_string())]);
    assert_eq!(labels[1], [europe, Some("Wheat".to_string())]);
    assert_eq!(items.len(), 2, "nothing is left of the areas without region: {labels:?}");
    // Bread loses nothing and has no row in the losses; its region's baseline counts all the same.
    assert_eq!((items[0].al, items[0].rl()), (0.0, 0.0));
    assert!((items[0].baseline - 36.0).abs() < 1e-12);
    assert!((items[1].rl() - 41.0 / 51.0).abs() < 1e-12);
}

#[test]
fn the_same_result_gives_the_same_bytes() {
    let dir = TempDir::new().unwrap();
    let singles = result(dir.path(), "singles", SINGLES);
    let file = |name: &str| text(&dir.path().join(name));
    for threads in ["1", "3"] {
        let with = |args: &[&str]| {
            let program = env!("CARGO_BIN_EXE_shocksweep");
            let run = Command::new(program).args(args).env("RAYON_NUM_THREADS", threads).output();
            let run = run.expect("the program starts");
            assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        };
        let result = text(&singles);
        with(&["report", &result, "-o", &file(&format!("{threads}.html")), "--no-verify"]);
        let by = ["--by", "region,item_group"];
        with(
            &[&["aggregate", &result, "--out", &file(&format!("{threads}.parquet"))], &by[..]]
                .concat(),
        );
        let by = ["--by", "scenario,commodity_group"];
        with(
            &[&["aggregate", &result, "--out", &file(&format!("{threads}.csv"))], &by[..]].concat(),
        );
        with(&["plot", &result, "--kind", "map", "-o", &file(&format!("{threads}.svg"))]);
        with(&["plot", &result, "--kind", "map", "-o", &file(&format!("{threads}.png"))]);
    }
    for kind in ["html", "parquet", "csv", "svg", "png"] {
        let of = |threads: &str| fs::read(file(&format!("{threads}.{kind}"))).unwrap();
        assert!(of("1") == of("3"), "{kind}");
    }
}

#[test]
fn pictures_are_outlines_and_say_what_they_are() {
    let dir = TempDir::new().unwrap();
    let singles = text(&result(dir.path(), "singles", SINGLES));
    let pairs = text(&result(dir.path(), "pairs", PAIRS));
    for (kind, from) in [
        ("map", &singles),
        ("heatmap", &singles),
        ("trace", &singles),
        ("ranking", &singles),
        ("superposition", &pairs),
    ] {
        let (svg, png) = (dir.path().join("x.svg"), dir.path().join("x.png"));
        run(&["plot", from, "--kind", kind, "-o", &text(&svg)]);
        let svg = fs::read_to_string(&svg).unwrap();
        assert!(svg.starts_with("<svg ") && svg.contains("role=\"img\" aria-label=\""), "{kind}");
        assert!(svg.contains("<title>") && svg.contains("<desc>"), "{kind}");
        // Letters are paths, so no reader needs the font.
        assert!(!svg.contains("<text") && !svg.contains("font-family"), "{kind}");
        assert!(svg.matches("<path").count() > 50, "{kind}");
        run(&["plot", from, "--kind", kind, "-o", &text(&png), "--width", "700"]);
        let png = fs::read(&png).unwrap();
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        assert_eq!(u32::from_be_bytes(png[16..20].try_into().unwrap()), 700, "{kind}");
        assert!(png.len() > 5_000, "{kind}");
        let pdf = dir.path().join("picture.pdf");
        run(&["plot", from, "--kind", kind, "-o", &text(&pdf)]);
        let pdf = fs::read(&pdf).unwrap();
        assert!(pdf.starts_with(b"%PDF-1.") && pdf.len() > 5_000, "{kind}");
    }
    let file = text(&dir.path().join("x.svg"));
    run(&["plot", &singles, "--kind", "heatmap", "--split", "--adaptation", "off", "-o", &file]);
    let nothing = |args: &[&str], says: &str| {
        fails(&[&["plot", "-o", &file], args].concat(), says);
    };
    nothing(&[&singles, "--kind", "superposition"], "compares no pairs");
    nothing(&[&pairs, "--kind", "trace"], "has no traces");
    nothing(
        &[&pairs, "--kind", "heatmap", "--adaptation", "off"],
        "was not run without adaptation",
    );
    nothing(&[&pairs, "--kind", "heatmap", "--split"], "run all single shocks");
    nothing(&[&singles, "--kind", "map", "--item", "Unobtainium"], "does not show `Unobtainium`");
}

#[test]
fn wrong_questions_get_an_answer() {
    let dir = TempDir::new().unwrap();
    let out = result(dir.path(), "pairs", PAIRS);
    let (result, page) = (text(&out), dir.path().join("page.html"));
    fails(&["aggregate", &result, "--by", "regoin"], "did you mean `region`?");
    fails(&["aggregate", &result, "--by", "item", "--leave-out", "Meet"], "did you mean `Meat`?");
    fails(&["aggregate", &result, "--by", "item", "--scenario", "99999"], "no scenario 99999");
    fails(
        &["report", &result, "-o", &text(&page), "--scenario", "Atlantis"],
        "no scenario `Atlantis`",
    );
    fails(&["plot", &result, "--kind", "map", "-o", "map.jpg"], ".svg, .png or .pdf");
    assert!(!page.exists());
    let output = shocksweep(&["report", &text(dir.path()), "-o", &text(&page)]);
    assert_eq!(output.status.code(), Some(2));
    // A result of an earlier version has no baseline: regions could not be summed.
    fs::remove_file(out.join("baseline.parquet")).unwrap();
    let output = shocksweep(&["aggregate", &result, "--by", "item"]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && stderr.contains("run the job again"), "{stderr}");
}

/// A browser of the distribution, or the one that SHOCKSWEEP_BROWSER names.
pub fn browser() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("SHOCKSWEEP_BROWSER") {
        return Some(PathBuf::from(named));
    }
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let all = names.iter().flat_map(|name| folders.iter().map(move |f| f.join(name)));
    all.into_iter().find(|file| file.is_file())
}

#[test]
fn pages_work_in_a_real_browser() {
    if std::env::var("SHOCKSWEEP_NO_BROWSER").is_ok_and(|v| v == "1") {
        skip("SHOCKSWEEP_NO_BROWSER=1");
        return;
    }
    let Some(python) = std::env::var_os("SHOCKSWEEP_PYTHON") else {
        skip("it needs Python with Playwright: run tests/run.sh, or set SHOCKSWEEP_PYTHON");
        return;
    };
    let browser = browser().expect(
        "no Chromium in PATH: install it (Debian: apt-get install chromium), name a browser in \
         SHOCKSWEEP_BROWSER, or switch this test off with SHOCKSWEEP_NO_BROWSER=1",
    );
    let dir = TempDir::new().unwrap();
    let results = [
        result(dir.path(), "singles", SINGLES),
        result(dir.path(), "pairs", PAIRS),
        result(dir.path(), "screening", SCREENING),
        hostile(dir.path()),
    ];
    let world = text(&dir.path().join("world"));
    let pages: Vec<PathBuf> = results
        .iter()
        .map(|result| {
            let page = result.with_extension("html");
            let mut args = vec!["report".to_string(), text(result), "-o".into(), text(&page)];
            if !result.ends_with("hostile") {
                args.extend(["--dataset".to_string(), world.clone()]);
            }
            run(&args.iter().map(String::as_str).collect::<Vec<_>>());
            page
        })
        .collect();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report_browser.py");
    let tested = Command::new(python)
        .arg(script)
        .arg(browser)
        .args(&pages)
        .output()
        .expect("the Python of SHOCKSWEEP_PYTHON starts");
    let said = String::from_utf8_lossy(&tested.stdout);
    let complained = String::from_utf8_lossy(&tested.stderr);
    assert!(tested.status.success(), "{said}\n{complained}");
    assert!(said.contains("things hold in the browser"), "{said}");
}

#[test]
fn what_is_shown_over_time_is_what_the_run_would_have_kept() {
    let dir = TempDir::new().unwrap();
    let (kept, plain) =
        (result(dir.path(), "singles", SINGLES), result(dir.path(), "plain", SINGLES));
    let of_kept = overview(&kept, &Options { most: 60, ..Options::default() }).unwrap();
    let scenarios = of_kept.traces.iter().map(|trace| trace.id.to_string()).collect();
    let mut shown =
        overview(&plain, &Options { most: 60, scenarios, ..Options::default() }).unwrap();
    assert!(shown.traces.is_empty());
    let world = text(&dir.path().join("world"));
    trace_shown(&mut shown, &plain, &open_dataset(&world).unwrap()).unwrap();
    let mut compared = 0;
    for trace in &of_kept.traces {
        assert_eq!(shown.traces.iter().find(|again| again.id == trace.id), Some(trace));
        compared += trace.courses.len();
    }
    assert!(compared > 15, "only {compared} courses were compared");
    shown.traces.clear();
    let other = open_dataset("synthetic").unwrap();
    assert!(trace_shown(&mut shown, &plain, &other).unwrap_err().contains("hash differs"));
    // The page of a result without traces has them where its dataset is given.
    let page = dir.path().join("page.html");
    let of_page = |more: &[&str]| {
        run(&[&["report", &text(&plain), "-o", &text(&page)], more].concat());
        fs::read_to_string(&page).unwrap()
    };
    assert!(of_page(&[]).contains("\"traces\":[]"));
    assert!(of_page(&["--dataset", &world]).contains("\"traces\":[{"));
}

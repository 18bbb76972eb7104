//! Results of another layout, cells that spreadsheets take for formulas, regions of one's own: what
//! travels between versions, programs and people.

use std::fs;
use std::path::{Path, PathBuf};

use shocksweep::low_level::dataset::store;
use tempfile::TempDir;

use crate::common::result::{shocksweep, tables};

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Place(TempDir::new().expect("a temporary folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().expect("UTF-8").to_string()
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).expect("a file");
        self.text(name)
    }
}

/// What was said, of a command that must end with a code.
#[track_caller]
fn ends(code: i32, args: &[&str]) -> String {
    let output = shocksweep(args);
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).to_string();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    said
}

/// A small world, and the result of two failures in it.
fn result(place: &Place) -> (String, String) {
    let world = place.text("world");
    ends(0, &["dataset", "synth", &world, "--areas", "12", "--items", "15", "--seed", "3"]);
    let table = "scenario,area,item\n0,India,*\n1,China,*\n";
    let (table, out) = (place.write("t.csv", table), place.text("res"));
    ends(0, &["run", "--dataset", &world, "--scenarios", &table, "--out", &out, "--quiet"]);
    (world, out)
}

/// Changes a number of the layout wherever the manifest or a sealed ledger says it, and seals again.
fn as_of(root: &Path, layout: u32, version: &str) {
    let own = format!("\"format\":{}", shocksweep::low_level::sink::RESULT_FORMAT);
    let other = format!("\"format\":{layout}");
    let program = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
    let older = |text: &str| {
        let text = text.replace(&own.replace(':', ": "), &other).replace(&own, &other);
        text.replace(&program, &format!("\"{version}\""))
    };
    let manifest = root.join("manifest.json");
    if manifest.exists() {
        let text = fs::read_to_string(&manifest).expect("a manifest");
        assert_ne!(older(&text), text, "the manifest says its layout");
        fs::write(&manifest, older(&text)).expect("a manifest");
    }
    let ledger = root.join("ledger.jsonl");
    let text = fs::read_to_string(&ledger).expect("a ledger");
    let sealed = |line: &str| {
        let (content, _) = line.rsplit_once(",\"check\":").expect("a sealed line");
        let content = format!("{}}}", older(content));
        let check = blake3::hash(content.as_bytes()).to_hex()[..16].to_string();
        format!("{},\"check\":\"{check}\"}}\n", &content[..content.len() - 1])
    };
    fs::write(&ledger, text.lines().map(sealed).collect::<String>()).expect("a ledger");
}

#[test]
fn results_of_another_layout_are_refused_with_one_sentence() {
    let place = Place::new();
    let (world, out) = result(&place);
    ends(0, &["verify", &out, "--dataset", &world]);
    let table = place.text("t.csv");
    let run = ["run", "--dataset", &world, "--scenarios", &table, "--quiet"];
    let half = place.text("half");
    ends(0, &[&run[..], &["--out", &half, "--shard", "1/2"]].concat());
    as_of(Path::new(&out), 5, "0.0.9");
    as_of(Path::new(&half), 5, "0.0.9");
    let before = tables(Path::new(&out));
    let page = place.text("page.html");
    let refused = |args: &[&str]| {
        let said = ends(2, args);
        let expected = "written in layout 5 (by shocksweep 0.0.9), and this version reads layout 6: run the job again";
        assert!(said.contains(expected), "{args:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{args:?}: {said}");
    };
    refused(&["aggregate", &out, "--by", "region"]);
    refused(&["report", &out, "-o", &page]);
    refused(&["plot", &out, "--kind", "ranking", "-o", &place.text("x.svg")]);
    refused(&["explain", &out]);
    refused(&["compare", &out, &out]);
    refused(&["exposure", "Egypt", "--result", &out]);
    refused(&["verify", &out]);
    refused(&["status", &out]);
    refused(&["status", &half]);
    refused(&["merge", &place.text("joined"), &half, &half]);
    refused(&[&run[..], &["--out", &out, "--resume"]].concat());
    refused(&[&run[..], &["--out", &half, "--shard", "1/2", "--resume"]].concat());
    assert!(!Path::new(&page).exists() && !place.path("x.svg").exists());
    assert!(before == tables(Path::new(&out)), "nothing is touched");
    // It is a result all the same: it may be replaced.
    ends(0, &[&run[..], &["--out", &out, "--force"]].concat());
    ends(0, &["verify", &out, "--dataset", &world]);
}

#[test]
fn names_start_no_formula_in_any_table_of_text_and_come_back() {
    let place = Place::new();
    let (world, _) = result(&place);
    let root = PathBuf::from(&world);
    let mut dataset = store::read(&root).expect("a dataset");
    // Labels are in the order of their names: these come first.
    let labels = &mut dataset.labels;
    let area = "=HYPERLINK(\"http://x\",\"A\")".to_string();
    labels.areas[0].name.clone_from(&area);
    labels.areas[0].region = Some("-Asia".to_string());
    labels.items[0].name = "'+Wheat".to_string();
    labels.items[1].name = "@Rice".to_string();
    labels.items[1].commodity_group = "=1+1".to_string();
    let named = place.path("named");
    store::write(&dataset, &named, false).expect("written");
    let named = place.text("named");
    let is_guarded = |file: &Path| {
        let text = fs::read_to_string(file).expect("a table");
        assert!(text.contains("'=HYPERLINK") || text.contains("'=1+1"), "{text}");
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let mut cells = 0;
        for record in reader.records() {
            for cell in record.expect("a row").iter() {
                let is_number = cell.parse::<f64>().is_ok();
                let is_formula = cell.starts_with(['=', '+', '-', '@']) && !is_number;
                assert!(!is_formula, "{}: {cell}", file.display());
                cells += 1;
            }
        }
        assert!(cells > 10, "{}", file.display());
    };
    // A plan's table is read back as the scenarios that it was made of.
    let table = format!("scenario,area,item\n0,\"{}\",*\n", area.replace('"', "\"\""));
    let given = place.write("given.csv", &table);
    let job = format!(
        "dataset = '{named}'\n[scenarios]\nset = \"table\"\ntable = '{given}'\n[output]\nfolder = \"x\"\n"
    );
    let (job, planned) = (place.write("job.toml", &job), place.text("planned.csv"));
    ends(0, &["plan", &job, "-o", &planned]);
    is_guarded(Path::new(&planned));
    let run = |table: &str, out: &str| {
        let out = place.text(out);
        ends(0, &["run", "--dataset", &named, "--scenarios", table, "--out", &out, "--quiet"]);
        let losses = tables(Path::new(&out)).into_iter().find(|f| f.0.starts_with("losses"));
        losses.expect("losses").1
    };
    assert!(run(&given, "a") == run(&planned, "b"), "the same losses");
    // Sums.
    for by in ["area,item", "region,commodity_group"] {
        let sums = place.text("sums.csv");
        ends(0, &["aggregate", &place.text("a"), "--by", by, "--out", &sums]);
        if by == "area,item" {
            is_guarded(Path::new(&sums));
        }
    }
    // The published layout: labels come back as they were.
    let published = place.text("published");
    ends(0, &["dataset", "export", &named, &published]);
    for file in ["io_codes_alph.csv", "su_codes_alph.csv", "a_frame.csv"] {
        is_guarded(&Path::new(&published).join(file));
    }
    let again = place.text("again");
    ends(0, &["dataset", "import", &published, &again, "--year", "2020"]);
    let read = store::read(Path::new(&again)).expect("a dataset");
    let names = |d: &shocksweep::low_level::dataset::Dataset| {
        let areas = d.labels.areas.iter().map(|a| (a.name.clone(), a.region.clone()));
        let items =
            d.labels.items.iter().map(|i| (i.name.clone(), Some(i.commodity_group.clone())));
        let mut names: Vec<_> = areas.chain(items).collect();
        names.sort();
        names
    };
    assert_eq!(names(&read), names(&dataset));
}

#[test]
fn regions_of_ones_own_stand_in_jobs_pages_and_sums() {
    let place = Place::new();
    let (world, out) = result(&place);
    let regions = place.write("mine.csv", "area,region\nIND,My East\nChina,My East\nUSA,My West\n");
    let sums = place.text("sums.csv");
    ends(0, &["aggregate", &out, "--by", "region", "--regions", &regions, "--out", &sums]);
    let text = fs::read_to_string(&sums).expect("sums");
    assert!(text.contains("My East"), "{text}");
    let page = place.text("page.html");
    ends(0, &["report", &out, "--regions", &regions, "-o", &page, "--quiet", "--no-verify"]);
    let text = fs::read_to_string(&page).expect("a page");
    assert!(text.contains(r#""regions":["My East","My West"]"#), "regions of the table alone");
    // A table that is wrong says where.
    for (rows, says) in [
        ("area,region\nAtlantis,X\n", "row 1"),
        ("area,region\nIndia,X\nIND,Y\n", "two regions"),
        ("land,region\nIndia,X\n", "no column `area`"),
    ] {
        let wrong = place.write("wrong.csv", rows);
        for command in [
            vec!["aggregate", &out, "--by", "region", "--regions", &wrong],
            vec!["report", &out, "-o", &page, "--regions", &wrong],
        ] {
            let said = ends(2, &command);
            assert!(said.contains(says), "{command:?}: {said}");
        }
    }
    // A job means them, from a table beside it or written in it; so does a table of scenarios.
    let job = |regions: &str, select: &str| {
        format!(
            "dataset = '{world}'\n{regions}\n[scenarios]\nset = \"single\"\n[scenarios.select]\n{select}\n\
             [output]\nfolder = \"x\"\n"
        )
    };
    let areas_of = |out: &str| -> Vec<String> {
        let rows = shocksweep::low_level::analysis::scenarios::read(Path::new(out)).expect("rows");
        let mut areas: Vec<String> =
            rows.iter().flat_map(|row| row.areas()).map(str::to_string).collect();
        areas.sort();
        areas.dedup();
        areas
    };
    let east = ["China, mainland", "India"];
    for (n, (regions, select)) in [
        ("regions = 'mine.csv'", "regions = ['My East']"),
        (
            "regions = { 'My East' = ['IND', 'China'], 'My West' = ['USA'] }",
            "regions = ['My East']",
        ),
        ("regions = 'mine.csv'", "areas = ['my east']"),
    ]
    .into_iter()
    .enumerate()
    {
        let job = place.write("job.toml", &job(regions, select));
        let picked = place.text(&format!("picked{n}"));
        ends(0, &["run", &job, "--out", &picked, "--quiet"]);
        assert_eq!(areas_of(&picked), east, "{regions} {select}");
        ends(0, &["verify", &picked, "--dataset", &world]);
        let again = ends(0, &["run", &job, "--out", &picked, "--resume"]);
        assert!(!again.contains("different"), "{again}");
    }
    let table = place.write("east.csv", "scenario,area,item\n0,My East,*\n");
    let picked = place.text("tabled");
    let run = ["run", "--dataset", &world, "--scenarios", &table, "--quiet"];
    ends(2, &[&run[..], &["--out", &picked]].concat());
    ends(0, &[&run[..], &["--out", &picked, "--regions", &regions]].concat());
    assert_eq!(areas_of(&picked), east);
    // Other regions make another run: it is not continued as the same one.
    let other = place.write("other.csv", "area,region\nIND,My East\n");
    let said = ends(2, &[&run[..], &["--out", &picked, "--regions", &other, "--resume"]].concat());
    assert!(said.contains("regions"), "{said}");
    for (regions, says) in [
        ("regions = { X = ['Atlantis'] }", "regions, `X`: "),
        ("regions = { X = ['India'], Y = ['IND'] }", "`India` is in `X` as well"),
        ("regions = 'nowhere.csv'", "nowhere.csv"),
        ("regions = '/dev/zero'", "is no file"),
    ] {
        let job = place.write("job.toml", &job(regions, ""));
        let said = ends(2, &["run", &job, "--out", &place.text("never")]);
        assert!(said.contains(says), "{regions}: {said}");
    }
    assert!(!place.path("never").exists());
}

//! What reaches a terminal: nothing of somebody else's steers it, nothing is longer than can be read, a result
//! without anything in it is told as such, in every command.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::common::result::shocksweep;

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Place(TempDir::new().expect("a temporary folder"));
        let size = ["--areas", "10", "--items", "12", "--seed", "2"];
        let made = shocksweep(&[&["dataset", "synth", &place.text("world")][..], &size].concat());
        assert!(made.status.success());
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().expect("UTF-8").to_string()
    }

    /// Runs a table of scenarios; exit code, and what was said.
    fn run(&self, table: &str, out: &str) -> (i32, String) {
        fs::write(self.path("t.csv"), table).expect("a table");
        let (world, table, out) = (self.text("world"), self.text("t.csv"), self.text(out));
        ends(&["run", "--dataset", &world, "--scenarios", &table, "--out", &out])
    }
}

/// Exit code, and what was said on either channel.
fn ends(args: &[&str]) -> (i32, String) {
    let output = shocksweep(args);
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().expect("a code"), String::from_utf8_lossy(&said).to_string())
}

/// Every command that tells of a result.
fn telling(result: &str, page: &str, picture: &str) -> Vec<Vec<String>> {
    [
        &["aggregate", result, "--by", "scenario"][..],
        &["aggregate", result, "--by", "region"],
        &["aggregate", result, "--by", "area", "--others"],
        &["compare", result, result, "--page", page],
        &["report", result, "-o", page],
        &["report", result, "-o", page, "--against", result],
        &["plot", result, "--kind", "ranking", "-o", picture],
        &["plot", result, "--kind", "map", "-o", picture],
        &["plot", result, "--kind", "heatmap", "-o", picture],
        &["verify", result],
        &["status", result],
        &["explain", result],
        &["exposure", "India", "--result", result],
    ]
    .iter()
    .map(|args| args.iter().map(|arg| arg.to_string()).collect())
    .collect()
}

#[test]
fn no_name_steers_the_terminal() {
    let place = Place::new();
    let names = "scenario,area,item,name\n0,India,*,\"\u{1b}[31mred\u{202e}\"\n1,China,*,\"a\u{200f}b\u{7}\"\n";
    let (code, said) = place.run(names, "res");
    let steers = |text: &str| text.contains(['\u{1b}', '\u{202e}', '\u{200f}', '\u{7}']);
    assert!(code == 0 && !steers(&said) && said.contains("\\u{1b}[31mred\\u{202e}"), "{said:?}");
    let mut told = 0;
    for args in telling(&place.text("res"), &place.text("p.html"), &place.text("p.svg")) {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        for wide in [false, true] {
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_shocksweep"));
            command.args(&args);
            if wide {
                command.env("COLUMNS", "60");
            }
            let output = command.output().expect("it starts");
            let said =
                String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).to_string();
            assert!(!steers(&said), "{args:?}: {said:?}");
            told += usize::from(said.contains("\\u{1b}"));
        }
    }
    assert!(told >= 2, "{told} outputs tell the name");
}

#[test]
fn nothing_is_echoed_that_nobody_can_read() {
    let place = Place::new();
    let long = "x".repeat(5_000);
    let table = format!("scenario,area,item,name\n0,India,*,{long}\n");
    let (code, said) = place.run(&table, "res");
    assert!(code == 2 && said.contains("has 5000 characters; expected at most 400"), "{said}");
    assert!(!place.path("res").exists());
    let job = format!(
        "[scenarios]\nset = \"list\"\n[[scenarios.list]]\nname = \"{long}\"\nshocks = [{{ area = \"India\", item = \
         \"rice\" }}]\n"
    );
    fs::write(place.path("job.toml"), job).expect("a job");
    let (code, said) = ends(&["run", &place.text("job.toml"), "--out", &place.text("res")]);
    assert!(code == 2 && said.contains("expected at most 400") && said.len() < 1_000, "{said}");
    assert_eq!(place.run("scenario,area,item,name\n0,India,*,short\n", "res").0, 0);
    let (world, res) = (place.text("world"), place.text("res"));
    let shock = format!("{long}/rice");
    for args in [
        vec!["shock", &shock, "--dataset", &world],
        vec!["exposure", &long, "--dataset", &world],
        vec!["mitigate", &long, "rice", "--budget", "1", "--dataset", &world],
        vec!["aggregate", &res, "--by", &long],
        vec!["aggregate", &res, "--by", "area", "--scenario", &long],
        vec!["aggregate", &res, "--by", "area", "--leave-out", &long],
        vec!["plot", &res, "--kind", "map", "--scenario", &long, "-o", "x.svg"],
        vec!["report", &res, "--scenario", &long],
        vec!["run", &long],
        vec!["glossary", &long],
    ] {
        let (code, said) = ends(&args);
        assert_eq!(code, 2, "{said}");
        assert!(said.len() < 2_000 && said.contains('…'), "{} bytes: {said}", said.len());
    }
    // Numbers, too.
    let budget = ["mitigate", "India", "rice", "--budget", "1e300", "--dataset", &world];
    let (code, said) = ends(&budget);
    assert!(code == 0 && said.contains("1.00e300"), "{said}");
    assert!(said.lines().all(|line| line.chars().count() < 400), "{said}");
    let (code, said) = ends(&["run", "--all-single", "--threads", "65535", "--out", "never"]);
    assert!(code == 2 && said.contains("4096"), "{said}");
}

#[test]
fn a_result_of_nothing_is_told_as_such() {
    let place = Place::new();
    // Nothing is lost; and nothing that loses is listed.
    let (code, said) = place.run("scenario,area,item,phi\n0,India,*,0\n", "nothing");
    assert!(code == 0 && said.contains("1 scenario on dataset"), "{said}");
    assert!(
        said.contains("1 without effect (nothing that fails is produced, or no output is lost)"),
        "{said}"
    );
    let (world, small) = (place.text("world"), place.text("small"));
    let run = [
        "run",
        "--dataset",
        &world,
        "--all-single",
        "--min-loss",
        "1e300",
        "--quiet",
        "--out",
        &small,
    ];
    assert_eq!(ends(&run).0, 0);
    let mut commands = 0;
    for result in ["nothing", "small"] {
        for args in telling(&place.text(result), &place.text("p.html"), &place.text("p.svg")) {
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let (code, said) = ends(&args);
            assert!([0, 2].contains(&code), "{args:?}: {code} {said}");
            let is_told = !said.contains("NaN") && !said.contains("inf ") && !said.contains(": .");
            assert!(
                is_told && !said.contains("1 scenarios") && !said.contains("panicked"),
                "{args:?}: {said}"
            );
            commands += usize::from(code == 0);
        }
    }
    assert!(commands >= 14, "{commands}");
    let of = |args: &[&str]| ends(&[&["aggregate", &place.text("nothing")][..], args].concat()).1;
    assert!(of(&["--by", "region"]).contains("No scenario counts"), "{}", of(&["--by", "region"]));
    let said = of(&["--by", "scenario"]);
    assert!(said.contains("No scenario that counts loses or gains anything"), "{said}");
}

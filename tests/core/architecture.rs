//! The house rules that a compiler does not know: which module may import which, who may know wgpu,
//! how long a file may be.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The modules in the order in which data flow: each may import those above it, never one below.
const FLOW: &[&str] = &[
    // Know nothing of food.
    "text_table",
    "sparse",
    "statistics",
    "hint",
    "objects",
    // What a world is, and what happens in it.
    "dataset",
    "model",
    "measure",
    "scenario",
    "whatif",
    // Where worlds come from.
    "tables",
    "calibrate",
    "learn",
    // Losses.
    "engine",
    "superposition",
    "interaction",
    "job",
    // To the disk, and back from there.
    "results",
    "sink",
    "analysis",
    "sweep",
    "check",
    "study",
    "exposure",
    "compare",
    "mitigate",
    "trade",
    "explore",
    // To people.
    "report",
    "serve",
    "cli",
];

/// Arrows that the order would allow and that are wrong all the same, with the reason.
const NEVER: &[(&str, &str, &str)] = &[
    (
        "analysis",
        "engine",
        "analysis reads tables; what it says must not depend on who computed them",
    ),
    ("engine", "tables", "engines turn scenarios into losses and know nothing of files"),
    ("superposition", "sink", "numbers, not files"),
];

/// The files that may name a crate which everything else must not depend on.
const KNOWS: &[(&str, &[&str])] = &[
    ("wgpu", &["src/engine/gpu/adapter.rs", "src/engine/gpu/device/"]),
    ("pollster", &["src/engine/gpu/adapter.rs", "src/engine/gpu/device/"]),
    ("resvg", &["src/report/picture/pdf.rs", "src/report/picture/render.rs"]),
    ("pdf_writer", &["src/report/picture/pdf.rs"]),
    ("hyper", &["src/serve/"]),
    ("tokio", &["src/serve/", "src/objects/"]),
    ("object_store", &["src/objects/"]),
    ("rustls", &["src/objects/"]),
    ("indicatif", &["src/cli/progress.rs"]),
    ("ctrlc", &["src/cli/"]),
    ("signal_hook", &["src/cli/"]),
];

/// Lines that a file has at most.
const LINES: usize = 350;

/// The Rust files below a folder of the repository: path from its root, and content.
fn sources(folder: &str) -> BTreeMap<String, String> {
    fn walk(root: &Path, folder: &Path, into: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).expect("a folder of the repository") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                walk(root, &path, into);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(root).expect("inside").display().to_string();
                into.insert(name.replace('\\', "/"), fs::read_to_string(&path).expect("text"));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeMap::new();
    walk(root, &root.join(folder), &mut found);
    assert!(found.len() > 5, "the sources are in {folder}");
    found
}

/// Code without comments; a `//` within a string cuts the line too, which hides no import.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or("").to_string() + "\n").collect()
}

/// The words that follow `crate::`, one by one or in braces.
fn imported(code: &str) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        let Some(inner) = rest.strip_prefix('{') else {
            found.insert(word(rest));
            continue;
        };
        let mut depth = 0;
        let mut starts = true;
        for (at, c) in inner.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => starts = true,
                c if starts && !c.is_whitespace() => {
                    found.insert(word(&inner[at..]));
                    starts = false;
                }
                _ => {}
            }
        }
    }
    found
}

/// The module at the top of the library that a file belongs to.
fn room(path: &str) -> &str {
    let below = path.strip_prefix("src/").expect("a file of the library");
    below.split('/').next().unwrap_or("").trim_end_matches(".rs")
}

#[test]
fn data_flow_one_way() {
    let place = |module: &str| FLOW.iter().position(|m| *m == module);
    let mut wrong = Vec::new();
    let mut arrows = 0;
    for (path, text) in sources("src") {
        let from = room(&path);
        if from == "lib" || from == "main" {
            continue;
        }
        let Some(own) = place(from) else {
            wrong.push(format!("{path}: put the module `{from}` at its place in FLOW"));
            continue;
        };
        for to in imported(&code(&text)).iter().filter(|to| *to != from) {
            // What is no module is an item that lib.rs names for the outside: use its own path.
            match place(to) {
                None => wrong.push(format!("{path} imports crate::{to}: name the module it is in")),
                Some(at) if at >= own => {
                    wrong.push(format!("{path} imports {to}, which comes later"))
                }
                Some(_) => arrows += 1,
            }
            for (_, _, why) in NEVER.iter().filter(|(a, b, _)| *a == from && b == to) {
                wrong.push(format!("{path} imports {to}: {why}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(arrows > 100, "only {arrows} imports were seen");
}

#[test]
fn few_files_know_a_heavy_crate() {
    let sources = sources("src");
    for (name, files) in KNOWS {
        let uses = |text: &str| {
            let text = code(text);
            text.match_indices(&format!("{name}::")).any(|(at, _)| {
                !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
            })
        };
        let knowing: Vec<&String> =
            sources.iter().filter(|(_, text)| uses(text)).map(|(path, _)| path).collect();
        assert!(!knowing.is_empty(), "nobody uses {name}: take it out of this list");
        for path in knowing {
            assert!(
                files.iter().any(|f| path.starts_with(f)),
                "{path} uses {name}: only {files:?} may"
            );
        }
    }
}

/// What reaches the terminal goes through one gate, which writes out what would steer it.
#[test]
fn one_file_writes_to_standard_output() {
    let mut writers = Vec::new();
    for (path, text) in sources("src") {
        let text = code(&text);
        let writes = ["println!", "print!(", "stdout().lock()", "stdout().write"];
        if path.starts_with("src/") && writes.iter().any(|way| text.contains(way)) {
            writers.push(path);
        }
    }
    assert_eq!(writers, ["src/cli/ink.rs"]);
}

#[test]
fn files_are_short() {
    let mut wrong = Vec::new();
    for folder in ["src", "crates"] {
        for (path, text) in sources(folder) {
            let lines = text.lines().count();
            if lines > LINES {
                wrong.push(format!("{path}: {lines} lines, {LINES} at most"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A file beside the three programs would be a fourth one.
#[test]
fn tests_are_three_programs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for entry in fs::read_dir(root).expect("the folder of tests") {
        let path = entry.expect("an entry").path();
        assert!(
            path.extension().is_none_or(|e| e != "rs"),
            "{}: put it into tests/core, tests/cli or tests/gpu and name it in its main.rs",
            path.display()
        );
    }
}

#[test]
fn imports_are_found_however_they_are_written() {
    let found = imported(
        "use crate::a::B; use crate::{c::{d, e}, f, g as h};\nfn x() { crate::i::j() }\n$crate::k",
    );
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["a", "c", "f", "g", "i"]);
}

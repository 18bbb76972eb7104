//! What people read and programs rely on, as it was agreed: the help of every command, a choice of error
//! sentences, the columns of every table of results. A change shows as a difference in `tests/cli/snapshots`.
//!
//! `INSTA_UPDATE=always cargo test --profile quick --test cli snapshots::` writes them anew; look at the
//! difference before you commit it. `tests/run.sh` writes none.

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Output};

use clap::CommandFactory;
use shocksweep::low_level::cli::Cli;
use shocksweep::low_level::dataset::store;
use shocksweep::low_level::results;
use tempfile::TempDir;

/// Runs the program as on a terminal of a hundred columns without colours.
fn shocksweep(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shocksweep"))
        .args(args)
        .current_dir(folder)
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .env("SHOCKSWEEP_NO_GPU", "1")
        .output()
        .expect("the program starts")
}

/// Names of a command and of those below it, from the top.
fn commands(command: &clap::Command, above: &[&str], into: &mut Vec<Vec<String>>) {
    for own in command.get_subcommands() {
        let path: Vec<&str> = above.iter().copied().chain([own.get_name()]).collect();
        into.push(path.iter().map(|name| name.to_string()).collect());
        commands(own, &path, into);
    }
}

#[test]
fn help_of_every_command() {
    let mut paths = vec![Vec::new()];
    commands(&Cli::command(), &[], &mut paths);
    assert!(paths.len() > 20, "{paths:?}");
    for path in paths {
        let mut args: Vec<&str> = path.iter().map(String::as_str).collect();
        args.push("--help");
        let output = shocksweep(Path::new("."), &args);
        assert!(output.status.success(), "{args:?}");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let name = [&["help".to_string()], &path[..]].concat().join("-");
        insta::assert_snapshot!(name, text);
    }
}

#[test]
fn columns_of_every_table() {
    let mut text = String::new();
    for (table, fields) in results::tables().into_iter().chain(store::tables::all()) {
        writeln!(text, "{table}").expect("memory");
        for field in fields {
            let about = |key: &str| field.metadata().get(key).cloned().unwrap_or_default();
            let null = if field.is_nullable() { ", may be null" } else { "" };
            let unit = Some(about("unit")).filter(|unit| !unit.is_empty());
            let unit = unit.map_or(String::new(), |unit| format!(" [{unit}]"));
            let (name, kind, about) = (field.name(), field.data_type(), about("description"));
            writeln!(text, "    {name}: {kind}{null}{unit}  {about}").expect("memory");
        }
    }
    insta::assert_snapshot!("tables", text);
}

/// Bad input of every sort that people meet, and what is said of it.
#[test]
fn errors() {
    let folder = TempDir::new().expect("a temporary folder");
    let place = folder.path();
    let file = |name: &str, text: &str| std::fs::write(place.join(name), text).expect("a file");
    file("typo.toml", "enginee = \"cpu\"\n[scenarios]\nset = \"all-single\"\n");
    file("value.toml", "steps = 0\n[scenarios]\nset = \"all-single\"\n");
    file("syntax.toml", "engine = cpu\n");
    file("folder.toml", "[scenarios]\nset = \"all-single\"\n[output]\nfolder = \"/elsewhere\"\n");
    file("unknown.csv", "scenario,area,item\n1,India,Rise and products\n");
    file("twice.csv", "scenario,area,item\n1,India,Rice and products\n1,India,Rice and products\n");
    file("column.csv", "scenario,area,itm\n1,India,Rice and products\n");
    file("number.csv", "scenario,area,item,phi\n1,India,Rice and products,much\n");
    std::fs::create_dir(place.join("foreign")).expect("a folder");
    file("foreign/holiday.txt", "sun");
    let run = |scenarios: &'static str| ["run", "--scenarios", scenarios, "--out", "result"];
    let unknown_item = "India/Rise and products";
    let cases: Vec<Vec<&str>> = vec![
        vec!["shock", unknown_item],
        vec!["shock", "Indja/Rice and products"],
        vec!["shock", "India/Rice and products=60"],
        vec!["shock", "India"],
        vec!["shock", "India/Rice and products", "--dataset", "nowhere"],
        vec!["run", "nowhere.toml"],
        vec!["run", "typo.toml"],
        vec!["run", "value.toml", "--out", "result"],
        vec!["run", "syntax.toml"],
        vec!["run", "folder.toml"],
        vec!["run", "--all-single"],
        vec!["run", "--all-single", "--out", "foreign"],
        vec!["run", "--all-single", "--out", "foreign", "--force"],
        vec!["run", "--all-single", "--out", "result", "--trace", "99999999"],
        vec!["run", "--all-single", "--out", "result", "--engine", "quantum"],
        run("nowhere.csv").to_vec(),
        run("unknown.csv").to_vec(),
        run("twice.csv").to_vec(),
        run("column.csv").to_vec(),
        run("number.csv").to_vec(),
        vec!["report", "nowhere"],
        vec!["verify", "foreign"],
        vec!["merge", "whole", "foreign"],
        vec!["status", "foreign"],
        vec!["explain", "foreign"],
        vec!["aggregate", "foreign", "--by", "region"],
        vec!["plot", "foreign", "--kind", "map", "-o", "picture.gif"],
        vec!["dataset", "check", "foreign"],
        vec!["calibrate", "foreign", "out", "--year", "2013"],
        vec!["devices", "--jsn"],
        vec!["shok"],
    ];
    let mut text = String::new();
    for args in cases {
        let output = shocksweep(place, &args);
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        let code = output.status.code().expect("no signal");
        assert_ne!(code, 0, "{args:?}");
        writeln!(text, "$ shocksweep {}\n{}[{code}]\n", args.join(" "), said).expect("memory");
    }
    // Every machine has its own.
    let text = text.replace(&place.display().to_string(), "FOLDER");
    insta::assert_snapshot!("errors", text);
}

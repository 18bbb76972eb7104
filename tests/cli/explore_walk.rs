//! The live page used as people do, and every number that it shows compared with the reference engine asked
//! directly.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use serde::Deserialize;
use shocksweep::low_level::engine::Engine;
use shocksweep::low_level::engine::reference::ReferenceEngine;
use shocksweep::low_level::explore::Explorer;
use shocksweep::low_level::explore::question::{Case, Tell};
use shocksweep::low_level::job::Adaptation;
use shocksweep::low_level::measure::Measure;
use shocksweep::low_level::model::constants::{OVERSHOOT_MULTIPLE, STEPS};
use shocksweep::low_level::scenario::switches::Switches;
use shocksweep::low_level::scenario::{Course, Scenario, Shock, spec};
use shocksweep::low_level::serve::limits::Limits;
use shocksweep::low_level::study::answer::Telling;
use shocksweep::low_level::study::shock::Answer;
use shocksweep::low_level::whatif::{Change, apply};
use shocksweep::{Dataset, open};

use crate::common::skip::skip;
use crate::explore::{TOKEN, serve_it};
use crate::report::browser;

/// What the page showed after a click.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    after: String,
    case: Case,
    changed: Vec<Change>,
    tell: Tell,
    told: String,
    year: usize,
    area: Option<String>,
    finding: String,
    /// Area and text.
    ranking: Vec<(String, String)>,
    captions: Vec<String>,
    panel: Vec<Vec<String>>,
    panel_items: Vec<String>,
    problem: Option<String>,
}

/// What one area, or the world, loses: as a sum, per person, as a share.
#[derive(Debug, Default, Clone, Copy)]
struct Loss {
    sum: f64,
    person: Option<f64>,
    share: Option<f64>,
}

impl Loss {
    fn told(&self, how: &str) -> Option<f64> {
        match how {
            "share" => self.share.map(|share| 100.0 * share.clamp(-1.0, 1.0)),
            "person" => self.person,
            _ => Some(self.sum),
        }
    }
}

/// An engine asked directly.
struct Direct<'a> {
    dataset: &'a Dataset,
    engine: ReferenceEngine,
}

impl<'a> Direct<'a> {
    fn new(dataset: &'a Dataset) -> Self {
        Direct { dataset, engine: ReferenceEngine::new(dataset, STEPS) }
    }

    fn ways(case: &Case) -> Vec<bool> {
        match case.ways.expect("the page says how") {
            Adaptation::Off => vec![false],
            Adaptation::On => vec![true],
            Adaptation::Both => vec![false, true],
        }
    }

    /// The answer after step `t` in one way.
    fn answer(&self, case: &Case, adapts: bool, t: usize) -> Answer {
        let mut shocks: Vec<Shock> = Vec::new();
        for failing in &case.failures {
            let of = spec::shocks(&failing.area, &failing.item, failing.phi, self.dataset).unwrap();
            let from = failing.from.map_or(0, |from| from - 1);
            let to = failing.to.map_or(u32::MAX, |to| to - 1);
            let course = Course { from, to, decay: 0.0 };
            shocks.extend(of.into_iter().map(|shock| Shock { course, ..shock }));
        }
        let scenario = Scenario::new(7, shocks, &self.dataset.labels).unwrap();
        let effective = scenario.effective(&self.dataset.parameters.producers());
        let settings = Switches::default().settings_for(self.dataset).unwrap();
        let run = effective.clone().with_adaptation(adapts.then_some(settings));
        let outcome = match run.shocks.is_empty() {
            true => None,
            false => self.engine.losses(&[run], &[t], 0.0, &|_| {}).unwrap().of.pop(),
        };
        let baseline = self.engine.baseline().available[t].as_slice().into();
        let (without, with) = if adapts { (None, outcome) } else { (outcome, None) };
        Answer { effective, without, with, baseline }
    }

    /// Losses of all areas that have any.
    fn areas(&self, shown: &Shown, adapts: bool) -> BTreeMap<String, Loss> {
        let t = shown.year - 1;
        let answer = self.answer(&shown.case, adapts, t);
        let people: BTreeMap<&str, Option<f64>> =
            self.dataset.labels.areas.iter().map(|a| (a.name.as_str(), a.population)).collect();
        let missing = self.dataset.missing_rule();
        let telling = |measure| Telling {
            dataset: self.dataset,
            measure,
            missing,
            overshoot: OVERSHOOT_MULTIPLE,
            steps: t + 1,
            others: false,
        };
        match &shown.tell {
            Tell::Measure(name) => {
                let measure = Measure::parse(name, self.dataset).unwrap();
                let rows = telling(&measure).areas(&answer).into_iter();
                let row = |row: shocksweep::low_level::study::answer::AreaLoss| {
                    let loss =
                        Loss { sum: row.loss, person: row.loss_per_person, share: row.of_supply };
                    (row.area.to_string(), loss)
                };
                rows.map(row).collect()
            }
            Tell::Item(item) => {
                let measure = Measure::usual(self.dataset).unwrap();
                let rows = telling(&measure).sectors(&answer).into_iter();
                rows.filter(|row| *row.item == **item)
                    .map(|row| {
                        let area = row.area.to_string();
                        let sum = if row.runs_away { 0.0 } else { row.al };
                        let person = people[area.as_str()].map(|people| 1000.0 * sum / people);
                        let share = (row.baseline > 0.0).then(|| sum / row.baseline);
                        (area, Loss { sum, person, share })
                    })
                    .collect()
            }
        }
    }
}

/// A number as the page writes it, and half a unit of its last digit.
fn read(text: &str) -> Option<(f64, f64)> {
    let text = text.trim().replace('\u{2212}', "-").replace(',', "");
    let is_number = |c: char| c.is_ascii_digit() || "+-.e".contains(c);
    let number: String = text.chars().take_while(|&c| is_number(c)).collect();
    let value: f64 = number.parse().ok()?;
    let (digits, power) = number.split_once('e').unwrap_or((&number, "0"));
    let decimals = digits.split_once('.').map_or(0, |(_, after)| after.len());
    let unit = 10f64.powi(power.parse::<i32>().ok()? - decimals as i32);
    let size = match text[number.len()..].split_whitespace().next() {
        Some("million") => 1e6,
        Some("billion") => 1e9,
        Some("trillion") => 1e12,
        Some("quadrillion") => 1e15,
        _ => 1.0,
    };
    Some((value * size, 0.5 * unit * size))
}

fn close(text: &str, expected: f64, what: &str) {
    let (value, half) = read(text).unwrap_or_else(|| panic!("{what}: no number in `{text}`"));
    // Answers carry seven digits; 0 is said of what is below 1e-8.
    let room = half * 1.001 + 2e-6 * expected.abs() + 1e-8;
    assert!(
        (value - expected).abs() <= room,
        "{what}: the page says {text}, the engine {expected}"
    );
}

/// Compares all that a page showed; how many numbers that were.
fn compare(world: &Direct<'_>, shown: &Shown) -> usize {
    let what = format!("{} ({:?}, {:?}, year {})", shown.after, shown.case, shown.tell, shown.year);
    assert_eq!(shown.problem, None, "{what}");
    if shown.case.failures.is_empty() {
        assert_eq!(shown.finding, "Choose what fails.", "{what}");
        return 0;
    }
    let mut compared = 0;
    let ways = Direct::ways(&shown.case);
    let main = world.areas(shown, *ways.last().expect("a way"));
    for (area, text) in &shown.ranking {
        let expected = main.get(area).and_then(|loss| loss.told(&shown.told));
        close(text, expected.unwrap_or_else(|| panic!("{what}: {area} loses nothing")), &what);
        compared += 1;
    }
    // Largest first, and nobody who loses more is missing.
    let told = |area: &String| main[area].told(&shown.told).unwrap();
    assert!(shown.ranking.windows(2).all(|pair| told(&pair[0].0) >= told(&pair[1].0)), "{what}");
    if shown.changed.is_empty() {
        assert_eq!(shown.captions.len(), ways.len(), "{what}");
        for (caption, adapts) in shown.captions.iter().zip(ways.iter().copied()) {
            compared += caption_of(world, shown, &world.areas(shown, adapts), caption, &what);
        }
    } else {
        let (changed, _) = apply(world.dataset, &shown.changed).unwrap();
        let changed = Direct::new(&changed);
        let adapts = *ways.last().expect("a way");
        assert_eq!(shown.captions.len(), 2, "{what}");
        compared += caption_of(world, shown, &main, &shown.captions[0], &what);
        let areas = changed.areas(shown, adapts);
        compared += caption_of(&changed, shown, &areas, &shown.captions[1], &what);
    }
    compared + panel(world, shown, &ways, &what)
}

/// The world's loss in the title of a map.
fn caption_of(
    world: &Direct<'_>,
    shown: &Shown,
    areas: &BTreeMap<String, Loss>,
    caption: &str,
    what: &str,
) -> usize {
    let labels = &world.dataset.labels.areas;
    let with_people = labels.iter().filter(|area| area.population.is_some());
    let people: f64 = labels.iter().filter_map(|area| area.population).sum();
    let sum_of = |name: &str| areas.get(name).map_or(0.0, |loss| loss.sum);
    let expected = match &shown.tell {
        Tell::Item(_) => labels.iter().map(|area| sum_of(&area.name)).sum::<f64>(),
        Tell::Measure(name) => {
            let sum: f64 = with_people.map(|area| sum_of(&area.name)).sum();
            let measure = Measure::parse(name, world.dataset).unwrap();
            if name == "mass" { sum } else { measure.per_person(sum, people) }
        }
    };
    let (_, text) = caption.split_once(": ").expect("a title");
    // The sign says whether it is lost.
    let signed = if text.starts_with('+') { -expected } else { expected };
    close(
        &text[text.chars().next().map_or(0, char::len_utf8)..],
        signed,
        &format!("{what}, {caption}"),
    );
    1
}

/// What the chosen country loses, product by product.
fn panel(world: &Direct<'_>, shown: &Shown, ways: &[bool], what: &str) -> usize {
    let (Some(area), false) = (&shown.area, shown.panel.is_empty()) else { return 0 };
    let dims = world.dataset.dimensions();
    let labels = &world.dataset.labels;
    let at = labels.areas.iter().position(|label| label.name == *area).expect("an area");
    let mut compared = 0;
    for (way, &adapts) in ways.iter().enumerate() {
        let answer = world.answer(&shown.case, adapts, STEPS - 1);
        let outcome = answer.with.as_ref().or(answer.without.as_ref());
        for (row, item) in shown.panel.iter().zip(&shown.panel_items) {
            let item = labels.items.iter().position(|label| label.name == *item).expect("an item");
            let sector = dims.sector(at, item);
            let lost = outcome.and_then(|outcome| {
                let at = outcome.sectors.binary_search(&(sector as u32)).ok()?;
                Some(outcome.losses[at])
            });
            let text = &row[1 + way];
            if text != "runs away" {
                close(text, lost.unwrap_or(0.0), &format!("{what}, {area}, {row:?}"));
                compared += 1;
            }
        }
    }
    compared
}

#[test]
fn every_number_of_the_page_is_the_engines() {
    if std::env::var("SHOCKSWEEP_NO_BROWSER").is_ok_and(|v| v == "1") {
        skip("SHOCKSWEEP_NO_BROWSER=1");
        return;
    }
    let Some(python) = std::env::var_os("SHOCKSWEEP_PYTHON") else {
        skip("it needs Python with Playwright: run tests/run.sh, or set SHOCKSWEEP_PYTHON");
        return;
    };
    let browser =
        browser().expect("no Chromium in PATH: install it, or set SHOCKSWEEP_NO_BROWSER=1");
    let walks = std::env::var("SHOCKSWEEP_WALKS").unwrap_or_else(|_| "3".to_string());
    let dataset = Arc::new(open("synthetic").unwrap());
    let address = serve_it(Explorer::new(dataset.clone(), None).unwrap(), Limits::default());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explore_browser.py");
    let link = format!("http://{address}/#token={TOKEN}");
    let used = Command::new(python).arg(script).arg(browser).args([&link, &walks, "50"]).output();
    let used = used.expect("the Python of SHOCKSWEEP_PYTHON starts");
    let (said, complained) =
        (String::from_utf8_lossy(&used.stdout), String::from_utf8_lossy(&used.stderr));
    let last = said.lines().last().unwrap_or("");
    assert!(used.status.success(), "after {last}\n{complained}");
    let world = Direct::new(&dataset);
    let mut compared = 0;
    let mut views = 0;
    for line in said.lines() {
        let shown: Shown = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        // Areas without food of their own answer for nothing that is compared.
        compared += compare(&world, &shown);
        views += 1;
    }
    let walks: usize = walks.parse().expect("SHOCKSWEEP_WALKS is a number");
    assert!(views >= 15 + 50 * walks, "{views} views");
    assert!(compared > 10 * views, "{compared} numbers of {views} views");
}

#[test]
fn numbers_are_read_with_the_room_of_their_last_digit() {
    for (text, value, half) in [
        ("1,234 t", 1234.0, 0.5),
        ("0.12 %", 0.12, 0.005),
        ("\u{2212}3.5 million t", -3.5e6, 5e4),
        ("1.2e-5 kcal", 1.2e-5, 0.05e-5),
    ] {
        let (found, room) = read(text).unwrap();
        assert!((found - value).abs() < 1e-12 * value.abs(), "{text}");
        assert!((room - half).abs() < 1e-9 * half, "{text}: {room}");
    }
    assert_eq!(read("–"), None);
}

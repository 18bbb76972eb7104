//! `report B --against A`: every number that the page shows of what changed, computed anew by the reference engine.

use std::fs;
use std::path::Path;

use shocksweep::Dataset;
use shocksweep::low_level::dataset::store;
use shocksweep::low_level::engine::Engine;
use shocksweep::low_level::engine::reference::ReferenceEngine;
use shocksweep::low_level::scenario::{Scenario, ScenarioId, Shock};
use shocksweep::low_level::whatif::{WhatIf, apply};
use tempfile::TempDir;

use crate::common::result::shocksweep;

const STEPS: usize = 10;

fn succeeds(args: &[&str]) -> String {
    let output = shocksweep(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// What every failure of one sector costs a world, without adaptation.
struct Losses {
    /// kcal per person and day of the world, by scenario.
    scenarios: Vec<f64>,
    /// kcal per person and day, mean over the scenarios, by area.
    areas: Vec<f64>,
    /// Amount, mean over the scenarios, by item.
    items: Vec<f64>,
}

fn losses(world: &Dataset) -> Losses {
    let (p, labels, dims) = (&world.parameters, &world.labels, world.dimensions());
    let (areas, items, sectors) = (labels.areas.len(), labels.items.len(), dims.sectors());
    let population: Vec<f64> = labels.areas.iter().map(|a| a.population.unwrap_or(0.0)).collect();
    let persons: f64 = population.iter().sum();
    // kcal a day that a tonne less of the sector is less eaten.
    let kcal = |s: usize| {
        let food = labels.items[s % items].nutrition.filter(|food| food.is_food);
        let eaten = world.food_part.as_ref().map_or(1.0, |part| part[s]);
        let consumed = (1.0 - p.share_eta_prod[s] - p.share_eta_exp[s]).max(0.0);
        food.map_or(0.0, |food| food.kcal_per_kg * 1000.0 * consumed * eaten / 365.0)
    };
    let engine = ReferenceEngine::new(world, STEPS);
    let producers = p.producers();
    let mut found =
        Losses { scenarios: Vec::new(), areas: vec![0.0; areas], items: vec![0.0; items] };
    for failing in 0..sectors {
        let scenario = Scenario {
            id: ScenarioId(failing as u32),
            shocks: vec![Shock::new(failing as u32, 1.0)],
            adaptation: None,
        };
        let mut all = 0.0;
        if producers[failing] {
            let last = [engine.last_step()];
            let outcome = engine.losses(&[scenario], &last, 0.0, &|_| {}).unwrap().of.remove(0);
            for (&sector, &loss) in outcome.sectors.iter().zip(&outcome.losses) {
                let s = sector as usize;
                found.items[s % items] += loss / sectors as f64;
                if population[s / items] > 0.0 {
                    let lost = loss * kcal(s);
                    found.areas[s / items] += lost / population[s / items] / sectors as f64;
                    all += lost / persons;
                }
            }
        }
        found.scenarios.push(all);
    }
    found
}

/// Rows of the table under a heading of the page, cell by cell.
fn rows(page: &str, heading: &str) -> Vec<Vec<String>> {
    let from = page.find(heading).unwrap_or_else(|| panic!("no `{heading}`"));
    let body = page[from..].split("<tbody>").nth(1).unwrap().split("</tbody>").next().unwrap();
    let cell = |cell: &str| {
        let text = cell.split_once('>').unwrap().1.split("</td>").next().unwrap();
        text.replace("&amp;", "&")
    };
    let row = |row: &str| row.split("<td").skip(1).map(cell).collect();
    body.split("<tr>").skip(1).map(row).collect()
}

/// Whether a number is shown rightly rounded.
fn shows(shown: &str, value: f64) -> bool {
    let plain = shown.replace(',', "");
    let number: f64 = plain.parse().unwrap();
    let decimals = plain.split_once('.').map_or(0, |(_, decimals)| decimals.len()) as i32;
    let last = if plain.contains('e') { 0.1 * value.abs() } else { 10f64.powi(-decimals) };
    (number - value).abs() <= 0.5001 * last
}

/// The table's rows are those of the values that changed most, in order, each with its numbers.
fn is_table(shown: &[Vec<String>], names: &[String], of: [&[f64]; 2]) {
    let mut order: Vec<usize> = (0..names.len()).filter(|&at| of[0][at] != of[1][at]).collect();
    let change = |at: usize| of[1][at] - of[0][at];
    order.sort_by(|&a, &b| change(b).abs().total_cmp(&change(a).abs()));
    assert!(shown.len() >= 5 && shown.len() <= order.len(), "{} rows", shown.len());
    for (row, &at) in shown.iter().zip(&order) {
        let (a, b) = (of[0][at], of[1][at]);
        assert!(row[0].starts_with(&names[at]), "{row:?}: expected {}", names[at]);
        let numbers = &row[1..4];
        for (shown, value) in numbers.iter().zip([a, b, b - a]) {
            assert!(shows(shown, value), "{row:?}: {shown} is not {value}");
        }
        let part = 100.0 * (b - a) / a.abs();
        assert!(shows(row[4].trim_end_matches(" %"), part), "{row:?}: not {part} %");
    }
}

#[test]
fn the_page_shows_what_a_direct_computation_finds() {
    let dir = TempDir::new().unwrap();
    let text = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    let (world, a, b, page) = (text("world"), text("a"), text("b"), text("page.html"));
    let change = text("change.toml");
    succeeds(&["dataset", "synth", &world, "--areas", "12", "--items", "20", "--seed", "5"]);
    let before = store::read(Path::new(&world)).unwrap();
    // The largest exporter of any food makes half.
    let items = before.labels.items.len();
    let exported = |s: &usize| before.parameters.x0[*s] * before.parameters.share_eta_exp[*s];
    let is_food = |s: &usize| before.labels.items[s % items].nutrition.is_some_and(|n| n.is_food);
    let producers = before.parameters.producers();
    let foods = (0..producers.len()).filter(|s| producers[*s] && is_food(s));
    let largest = foods.max_by(|x, y| exported(x).total_cmp(&exported(y))).unwrap();
    let (area, item) =
        (&before.labels.areas[largest / items].name, &before.labels.items[largest % items].name);
    let less =
        format!("[[change]]\nkind = \"yield\"\narea = \"{area}\"\nitem = \"{item}\"\nby = -0.5\n");
    fs::write(&change, &less).unwrap();
    let what_if = WhatIf::parse(&less, Path::new(&change)).unwrap();
    let after = apply(&before, &what_if.change).unwrap().0;
    let run =
        ["run", "--dataset", &world, "--all-single", "--adaptation", "off", "--min-loss", "0"];
    succeeds(&[&run[..], &["--quiet", "--out", &a]].concat());
    succeeds(&[&run[..], &["--quiet", "--what-if", &change, "--out", &b]].concat());
    succeeds(&["report", &b, "--against", &a, "-o", &page]);
    let page = fs::read_to_string(&page).unwrap();
    let page = page.split("<section id=\"against\"").nth(1).expect("a section of what changed");
    let found = [losses(&before), losses(&after)];
    let areas: Vec<String> = before.labels.areas.iter().map(|a| a.name.clone()).collect();
    let names: Vec<String> = before.labels.items.iter().map(|item| item.name.clone()).collect();
    is_table(&rows(page, "Areas that changed most"), &areas, [&found[0].areas, &found[1].areas]);
    is_table(&rows(page, "Items that changed most"), &names, [&found[0].items, &found[1].items]);
    // Scenarios: how many, and those that changed most.
    let [of_a, of_b] = [&found[0].scenarios, &found[1].scenarios];
    let change = |at: usize| of_b[at] - of_a[at];
    let is_same = |at: &usize| change(*at).abs() <= 1e-9 * of_a[*at].abs().max(of_b[*at].abs());
    let ran = |at: &usize| producers[*at];
    let changed: Vec<usize> = (0..of_a.len()).filter(|at| ran(at) && !is_same(at)).collect();
    let (worse, mut better): (Vec<usize>, Vec<usize>) =
        changed.iter().partition(|&&at| change(at) > 0.0);
    better.sort_by(|&x, &y| change(x).total_cmp(&change(y)));
    // Who exports half hurts half: nothing gets worse by it.
    assert!(worse.is_empty() && better.len() >= 3, "{} {}", worse.len(), better.len());
    let told = format!("{} got worse, {} better", worse.len(), better.len());
    assert!(page.contains(&told), "{told}: {}", &page[..2_000]);
    let shown = rows(page, "got better, kcal");
    assert!(shown.len() >= 3 && shown.len() <= better.len() && !page.contains("got worse, kcal"));
    for (row, at) in shown.iter().zip(better) {
        assert_eq!(row[0], before.labels.sector_name(at));
        for (shown, value) in row[2..].iter().zip([of_a[at], of_b[at], change(at)]) {
            assert!(shows(shown, value), "{row:?}: {shown} is not {value}");
        }
    }
}

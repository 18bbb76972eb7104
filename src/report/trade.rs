//! What a study of trade found, for an analyst.

use std::fmt::Write;
use std::path::Path;

use shocksweep_trade::balance::Balance;
use shocksweep_trade::clusters::{ALWAYS, ClusterQuality};
use shocksweep_trade::indicators::{Indicator, YearIndicators, indicators as measure};
use shocksweep_trade::links::LinkTest;
use shocksweep_trade::panel::Panel;
use shocksweep_trade::profiles::{POOLED, TierTest};
use shocksweep_trade::regressions::Regression;
use shocksweep_trade::study::{Study, Tables};
use shocksweep_trade::world::{World, world};

use super::{number, table, whole};
use crate::trade::job::LinkChoice;
use crate::trade::run::{Finished, Manifest, STUDY};

/// Rows of a list.
const ROWS: usize = 12;

/// Importers below this share of the world's imports of an item are not listed: their shares are easily
/// extreme.
const LISTED: f64 = 0.01;

/// Largest p that is called a difference.
const LEVEL: f64 = 0.05;

/// Mean silhouette below which clusters are called weak (Kaufman & Rousseeuw 1990).
const WEAK: f64 = 0.25;

fn share(value: Option<f64>) -> String {
    value.map_or("-".into(), |v| format!("{v:.2}"))
}

fn p_value(value: Option<f64>) -> String {
    match value {
        None => "-".into(),
        Some(p) if p < 0.001 => format!("{p:.0e}"),
        Some(p) => format!("{p:.3}"),
    }
}

/// What an import read, dropped and wrote.
pub fn imported(panel: &Panel, folder: &Path) -> String {
    let about = &panel.about;
    let mut text = format!(
        "{}: {} areas, {} items, {} to {}, flows in {}.\n",
        folder.display(),
        panel.areas.len(),
        panel.items.len(),
        about.first_year,
        about.last_year,
        about.amount.unit()
    );
    text += &counted(panel);
    if about.silent_areas > 0 {
        let _ = writeln!(text, "Areas of the table that trade no item: {}.", about.silent_areas);
    }
    let silent = panel.silent_items();
    if !silent.is_empty() {
        let _ = writeln!(text, "Items without any flow, left out: {}.", silent.join(", "));
    }
    text
}

fn counted(panel: &Panel) -> String {
    let of = |what: &str| {
        let found = panel.counts.iter().find(|count| count.what == what);
        whole(found.map_or(0, |count| count.count as usize))
    };
    format!(
        "Read {} rows: {} kept, {} of other codes (they count in the totals of RCA), {} of value 0 and {} of an area with itself dropped; {} quantities filled, {} without a unit value.\n",
        of("rows"),
        of("kept"),
        of("other_codes"),
        of("zero_value"),
        of("self_trade"),
        of("quantity_filled"),
        of("quantity_dropped")
    )
}

/// All that a finished study says, most important first.
pub fn summary(finished: &Finished) -> String {
    let (panel, tables) = (&finished.panel, &finished.tables);
    let about = &panel.about;
    let mut text = String::new();
    if about.synthetic {
        text += "SYNTHETIC: the built-in panel is an invented world, not observations.\n";
    }
    let _ = writeln!(
        text,
        "{}: {} areas, {} items, {} to {}.",
        about.name,
        panel.areas.len(),
        panel.items.len(),
        about.first_year,
        about.last_year
    );
    text += &counted(panel);
    text += "\n";
    text += &links(&tables.links, finished.manifest.job.links);
    text += "\n";
    text += &worlds(&tables.world);
    let last: Vec<&Indicator> =
        tables.indicators.iter().filter(|row| row.year == about.last_year).collect();
    text += &dependent(panel, &last);
    text += &influential(&last, about.last_year);
    text += &tiers(tables);
    text += &clusters(tables);
    text += &regressions(tables);
    let _ = writeln!(
        text,
        "\n{}: one Parquet table per question, `report.html` to look at; `{STUDY}` says how they came about.",
        finished.folder.display()
    );
    text
}

/// Which candidates trade supports, and how good that evidence is.
pub fn links(tests: &[LinkTest], choice: LinkChoice) -> String {
    if tests.is_empty() {
        return "Links: no candidates were given, so every item stands alone.\n".into();
    }
    let form = if choice == LinkChoice::Levels { "levels" } else { "growth" };
    let of_form: Vec<&LinkTest> = tests.iter().filter(|test| test.form == form).collect();
    let tested = of_form.iter().filter(|test| test.reason == "tested").count();
    let kept = of_form.iter().filter(|test| test.kept).count();
    let mut text = match choice {
        LinkChoice::All => format!(
            "Links: all {} candidates are taken; the test in differences supports {kept} of the {tested} it can test.\n",
            of_form.len()
        ),
        _ => format!(
            "Links: {kept} kept of {tested} tested; {} of {} candidates cannot be tested.\n",
            of_form.len() - tested,
            of_form.len()
        ),
    };
    if choice == LinkChoice::Levels {
        text += "The test in levels keeps unrelated items as well (areas that grow, grow in everything): weak evidence.\n";
    }
    if kept == 0 && tested > 0 {
        text += "Trade does not support any of them: values of broad codes are weak evidence, for a link and against it.\n";
    }
    let mut rows: Vec<&&LinkTest> = of_form.iter().collect();
    rows.sort_by(|a, b| a.p.unwrap_or(2.0).total_cmp(&b.p.unwrap_or(2.0)));
    let row = |test: &&&LinkTest| {
        let verdict = if test.kept {
            "kept"
        } else if test.reason == "tested" {
            "not supported"
        } else {
            &test.reason
        };
        let note = if test.against_tier { ", against the tiers" } else { "" };
        vec![
            format!("{} -> {}", test.input, test.output),
            format!("{verdict}{note}"),
            share(test.coef),
            p_value(test.p),
            p_value(test.p_bh),
            test.areas.to_string(),
        ]
    };
    text += &table(
        &["link", "verdict", "coef", "p", "p (BH)", "areas"],
        rows.iter().take(30).map(row).collect(),
        2,
    );
    text + "\n"
}

/// Items in the last year, and how concentrated they were at the beginning.
fn worlds(rows: &[World]) -> String {
    let (Some(first), Some(last)) =
        (rows.first().map(|row| row.year), rows.last().map(|row| row.year))
    else {
        return String::new();
    };
    let brackets = if first == last { String::new() } else { format!("; {first} in brackets") };
    let mut text = format!(
        "World trade in {last} (largest exporter's share and Herfindahl index{brackets}):\n"
    );
    let mut of_last: Vec<&World> = rows.iter().filter(|row| row.year == last).collect();
    of_last.sort_by(|a, b| b.trade.total_cmp(&a.trade));
    let row = |now: &&World| {
        let then = rows.iter().find(|row| row.year == first && row.item == now.item);
        let both = |of: fn(&World) -> Option<f64>| match first == last {
            true => share(of(now)),
            false => format!("{} ({})", share(of(now)), share(then.and_then(of))),
        };
        vec![
            now.item.to_string(),
            now.top_exporter.as_deref().unwrap_or("-").to_string(),
            both(|row| row.top_share),
            both(|row| row.export_hhi),
            both(|row| row.weighted_concentration),
            number(now.trade / 1000.0),
        ]
    };
    let header = ["item", "largest exporter", "share", "exports HHI", "imports HHI", "million USD"];
    text += &table(&header, of_last.iter().take(20).map(row).collect(), 2);
    text + "\n\n"
}

/// Who depends on whom: importers of weight with the largest trade risk, with their supplier.
fn dependent(panel: &Panel, rows: &[&Indicator]) -> String {
    let Some(year) = panel.years.last() else { return String::new() };
    let imports = |item: &str| {
        rows.iter().filter(|row| &*row.item == item).map(|row| row.imports).sum::<f64>()
    };
    let totals: Vec<f64> = panel.items.iter().map(|item| imports(&item.name)).collect();
    let place = |item: &str| panel.items.iter().position(|other| &*other.name == item);
    let mut listed: Vec<(&Indicator, usize)> = rows
        .iter()
        .filter_map(|row| {
            let p = place(&row.item)?;
            (row.imports >= LISTED * totals[p] && row.str.or(row.exposure).is_some())
                .then_some((*row, p))
        })
        .collect();
    let risk = |row: &Indicator| row.str.or(row.exposure).unwrap_or(0.0);
    listed.sort_by(|a, b| risk(b.0).total_cmp(&risk(a.0)));
    let line = |(row, p): &(&Indicator, usize)| {
        let importer = panel.areas.iter().position(|area| *area == row.area);
        let flows = year.of(*p).iter().filter(|flow| Some(usize::from(flow.importer)) == importer);
        let amount =
            |flow: &shocksweep_trade::panel::Flow| flow.amount(panel.about.amount).unwrap_or(0.0);
        let top = flows.max_by(|a, b| amount(a).total_cmp(&amount(b)));
        let supplier =
            top.map_or("-".into(), |flow| panel.areas[usize::from(flow.exporter)].to_string());
        vec![
            row.area.to_string(),
            row.item.to_string(),
            share(row.exposure),
            format!("{supplier} {}", share(row.top_share)),
            share(row.concentration),
            share(row.str),
        ]
    };
    let mut text = format!(
        "Most exposed in {} (importers with at least 1 % of an item's trade; STR: expected loss if a supplier of each market fails):\n",
        year.year
    );
    let header = ["area", "item", "exposure", "largest supplier", "H", "STR"];
    text += &table(&header, listed.iter().take(ROWS).map(line).collect(), 2);
    text + "\n\n"
}

/// Whose failure the others would feel.
fn influential(rows: &[&Indicator], year: i32) -> String {
    let mut listed: Vec<&&Indicator> =
        rows.iter().filter(|row| row.influence_own.is_some_and(|i| i > 0.0)).collect();
    if listed.is_empty() {
        return String::new();
    }
    let own = |row: &Indicator| row.influence.unwrap_or(0.0);
    listed.sort_by(|a, b| own(b).total_cmp(&own(a)));
    let line = |row: &&&Indicator| {
        vec![
            row.area.to_string(),
            row.item.to_string(),
            share(row.influence_own),
            row.influence.map_or("-".into(), |i| format!("{:.1} %", 100.0 * i)),
            number(row.loss_abroad.unwrap_or(0.0) / 1000.0),
            share(row.str),
        ]
    };
    let mut text = format!(
        "Most influential in {year} (share of foreign supply lost when the sector fails: of the item, of everything):\n"
    );
    let header = ["area", "item", "of the item", "of all", "million lost abroad", "own STR"];
    text += &table(&header, listed.iter().take(ROWS).map(line).collect(), 2);
    text + "\n\n"
}

/// Verdicts on tiers against all items.
pub fn tiers(tables: &Tables) -> String {
    let pooled: Vec<&TierTest> = tables.tiers.iter().filter(|test| test.scope == POOLED).collect();
    let mut text =
        "Tiers against all items, area by area (Wilcoxon signed-rank, all years pooled):\n"
            .to_string();
    let line = |test: &&TierTest| {
        let verdict = match (test.p_bh, test.median_difference) {
            (Some(p), Some(d)) if p <= LEVEL => {
                if d > 0.0 {
                    "higher"
                } else {
                    "lower"
                }
            }
            (Some(_), _) => "no difference",
            _ => "too few areas",
        };
        vec![
            test.indicator.clone(),
            test.tier.clone(),
            verdict.into(),
            test.median_difference.map_or("-".into(), |d| format!("{d:+.3}")),
            p_value(test.p_bh),
            test.n.to_string(),
        ]
    };
    text += &table(
        &["indicator", "tier", "verdict", "median difference", "p (BH)", "areas"],
        pooled.iter().map(line).collect(),
        3,
    );
    text + "\n\n"
}

/// Clusters with members: of the chosen number, and of five.
pub fn clusters(tables: &Tables) -> String {
    let mut text = String::new();
    if tables.clustering.quality.is_empty() {
        return "Clusters: none; too few areas have a value in all features.\n\n".into();
    }
    let mut shown: Vec<&ClusterQuality> =
        tables.clustering.quality.iter().filter(|q| q.chosen || q.k == ALWAYS as u32).collect();
    shown.sort_by_key(|q| !q.chosen);
    for quality in shown {
        let reason = if quality.chosen { "largest silhouette" } else { "as in the paper" };
        let weak = if quality.silhouette < WEAK { ": weak, read it with care" } else { "" };
        let _ = writeln!(
            text,
            "{} clusters ({reason}, {:.2}{weak}), by falling influence:",
            quality.k, quality.silhouette
        );
        for centre in tables.clustering.centres.iter().filter(|centre| centre.k == quality.k) {
            let members = tables
                .clustering
                .clusters
                .iter()
                .filter(|c| c.k == centre.k && c.cluster == centre.cluster);
            let members: Vec<&str> = members.map(|c| &*c.area).collect();
            let _ = writeln!(
                text,
                "  {}: influence {}, STR {}, exposure {}, concentration {}: {}",
                centre.cluster,
                signed(centre.all_influence_own),
                signed(centre.all_str),
                signed(centre.all_exposure),
                signed(centre.all_concentration),
                listed(&members)
            );
        }
    }
    text + "\n"
}

/// The first names, and how many more there are.
fn listed(members: &[&str]) -> String {
    const NAMES: usize = 14;
    let more = members.len().saturating_sub(NAMES);
    let names = members[..members.len().min(NAMES)].join(", ");
    if more == 0 { names } else { format!("{names} and {more} more") }
}

fn signed(value: Option<f64>) -> String {
    value.map_or("-".into(), |v| format!("{v:+.1}"))
}

/// What regressions say of exposure and risk.
pub fn regressions(tables: &Tables) -> String {
    let mut text = "Does dependency tell what follows? (area and item-year effects, errors clustered by area)\n".to_string();
    let is_shown = |row: &&Regression| {
        let set = ["all", "input", "with_inputs"].contains(&row.set.as_str());
        row.effects == "area"
            && row.risk == "str"
            && set
            && row.regressor != "level"
            && row.regressor != "concentration"
            && row.regressor != "inputs_concentration"
    };
    let line = |row: &Regression| {
        let verdict = match (row.p, row.coef) {
            (Some(p), Some(c)) if p <= LEVEL => {
                if c > 0.0 {
                    "up"
                } else {
                    "down"
                }
            }
            (Some(_), _) => "not distinguishable from 0",
            _ => &row.reason,
        };
        let interval = row
            .low
            .zip(row.high)
            .map_or("-".into(), |(low, high)| format!("{low:.3} to {high:.3}"));
        vec![
            row.outcome.clone(),
            row.set.clone(),
            row.regressor.clone(),
            verdict.into(),
            interval,
            p_value(row.p),
            row.n.to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = tables.regressions.iter().filter(is_shown).map(line).collect();
    text += &table(&["change of", "items", "by", "verdict", "95 % interval", "p", "n"], rows, 4);
    text + "\n"
}

/// The world and who depends on whom, before any failure is run.
pub fn indicators(study: &Study<'_>) -> String {
    let panel = study.panel;
    let mut worlds_ = Vec::new();
    let mut last = None;
    for at in 0..panel.years.len() {
        let balance = Balance::of(panel, at, study.settings.reexport_share);
        let found = measure(panel, at, &balance, study.stability.as_ref());
        worlds_.extend(world(panel, &balance, &found));
        last = Some(found);
    }
    let rows = last.as_ref().map_or(Vec::new(), |last: &YearIndicators| last.rows.iter().collect());
    worlds(&worlds_) + &dependent(panel, &rows)
}

/// Trade risk and influence of a year.
pub fn risk(study: &Study<'_>, at: usize, found: &YearIndicators) -> String {
    let rows: Vec<&Indicator> = found.rows.iter().collect();
    let mut of_year = study.panel.clone();
    of_year.years = vec![study.panel.years[at].clone()];
    dependent(&of_year, &rows) + &influential(&rows, found.year)
}

/// What a study comes to, in a few sentences.
pub fn takeaways(manifest: &Manifest, tables: &Tables) -> Vec<String> {
    let last = manifest.panel.last_year;
    let rows = || tables.indicators.iter().filter(move |row| row.year == last);
    let mut told = Vec::new();
    let influential =
        rows().max_by(|a, b| a.influence.unwrap_or(0.0).total_cmp(&b.influence.unwrap_or(0.0)));
    if let Some(row) = influential {
        told.push(format!(
            "If {}'s {} failed, other areas would lose {:.0} % of their supply of it.",
            row.area,
            row.item,
            100.0 * row.influence_own.unwrap_or(0.0)
        ));
    }
    let of_last = tables.world.iter().filter(|row| row.year == last);
    let gathered =
        of_last.max_by(|a, b| a.export_hhi.unwrap_or(0.0).total_cmp(&b.export_hhi.unwrap_or(0.0)));
    if let Some(row) = gathered {
        told.push(format!(
            "{} comes from the fewest hands: {} has {:.0} % of its exports.",
            row.item,
            row.top_exporter.as_deref().unwrap_or("one area"),
            100.0 * row.top_share.unwrap_or(0.0)
        ));
    }
    let kept = tables.links.iter().filter(|l| l.form == "growth" && l.kept).count();
    let tested = tables.links.iter().filter(|l| l.form == "growth" && l.reason == "tested").count();
    if tested > 0 {
        told.push(format!("Trade supports {kept} of {tested} tested links between items."));
    }
    let differs = |t: &&TierTest| t.scope == POOLED && t.p_bh.is_some_and(|p| p <= LEVEL);
    let differing = tables.tiers.iter().filter(differs).count();
    told.push(match differing {
        0 => "No tier differs from all items in any indicator.".into(),
        n => format!("{n} of 15 comparisons of tiers with all items differ."),
    });
    told
}

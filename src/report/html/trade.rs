//! A study of trade as one page that needs nothing else: the same parts as [`super::page`].

use serde::Serialize;
use shocksweep_trade::clusters::FEATURES;
use shocksweep_trade::profiles::POOLED;
use shocksweep_trade::study::StudyTables;

use super::shared::NOTICES;
use super::{Words, framed};
use crate::trade::job::LinkChoice;
use crate::trade::run::{ItemAbout, Manifest};

/// The page, with places for its parts.
const PAGE: &str = include_str!("trade.html");
/// Scripts, in the order in which they run.
const SCRIPTS: [&str; 4] = [
    include_str!("kit.js"),
    include_str!("core.js"),
    include_str!("table.js"),
    include_str!("trade.js"),
];

/// What scripts find on the page.
#[derive(Serialize)]
struct Data<'a> {
    name: &'a str,
    synthetic: bool,
    first: i32,
    last: i32,
    unit: &'a str,
    horizon: usize,
    all_links: bool,
    items: &'a [ItemAbout],
    takeaways: Vec<String>,
    facts: Vec<(&'static str, String)>,
    notes: &'a [String],
    features: [&'static str; 8],
    counts: Vec<serde_json::Value>,
    links: Vec<serde_json::Value>,
    sectors: Vec<serde_json::Value>,
    world: Vec<serde_json::Value>,
    tiers: Vec<serde_json::Value>,
    quality: Vec<serde_json::Value>,
    clusters: Vec<serde_json::Value>,
    centres: Vec<serde_json::Value>,
    regressions: Vec<serde_json::Value>,
    notices: &'a str,
}

/// A number that a person reads: seven digits, and null for none.
fn short(value: Option<f64>) -> serde_json::Value {
    value
        .filter(|v| v.is_finite())
        .and_then(|v| format!("{v:.6e}").parse::<f64>().ok())
        .map_or(serde_json::Value::Null, |v| serde_json::json!(v))
}

/// The page of a finished study; `takeaways` are what it comes to, in sentences.
pub fn page(manifest: &Manifest, tables: &StudyTables, takeaways: Vec<String>) -> String {
    let about = &manifest.panel;
    let form = if manifest.job.links == LinkChoice::Levels { "levels" } else { "growth" };
    let facts = vec![
        ("Panel", about.name.clone()),
        ("Areas", manifest.areas.to_string()),
        ("Items", manifest.items.len().to_string()),
        ("Years", format!("{} to {}", about.first_year, about.last_year)),
        ("Re-exports", format!("{} of what passes through", manifest.job.reexport_share)),
        ("Program", manifest.made_by.clone()),
    ];
    let clustering = &tables.clustering;
    let data = Data {
        name: &about.name,
        synthetic: about.synthetic,
        first: about.first_year,
        last: about.last_year,
        unit: about.amount.unit(),
        horizon: manifest.job.horizon,
        all_links: manifest.job.links == LinkChoice::All,
        items: &manifest.items,
        takeaways,
        facts,
        notes: &manifest.notes,
        features: FEATURES,
        counts: tables.counts.iter().map(|r| serde_json::json!({"what": r.what, "count": r.count})).collect(),
        links: tables.links.iter().filter(|l| l.form == form).map(link).collect(),
        sectors: sectors(tables, about.last_year),
        world: tables.world.iter().map(world).collect(),
        tiers: tables.tiers.iter().filter(|t| t.scope == POOLED).map(tier).collect(),
        quality: clustering.quality.iter().map(|q| serde_json::json!({"k": q.k, "silhouette": short(Some(q.silhouette)), "chosen": q.chosen})).collect(),
        clusters: clustering.clusters.iter().map(|c| serde_json::json!({"k": c.k, "area": &*c.area, "cluster": c.cluster})).collect(),
        centres: clustering.centres.iter().map(centre).collect(),
        regressions: tables.regressions.iter().map(regression).collect(),
        notices: NOTICES,
    };
    let words = Words {
        title: "shocksweep report: trade",
        first: "dependent",
        skip: "Skip to the rankings",
        question: "Who depends on whom?",
    };
    framed(&words, PAGE, &SCRIPTS.concat(), &data)
}

fn link(l: &shocksweep_trade::links::LinkTest) -> serde_json::Value {
    serde_json::json!({
        "input": &*l.input, "output": &*l.output, "reason": l.reason, "kept": l.kept, "areas": l.areas,
        "coef": short(l.coef), "p": short(l.p), "p_bh": short(l.p_bh), "against_tier": l.against_tier,
    })
}

/// Sectors that a page holds: what a person can search, and a browser open.
const MOST_SECTORS: usize = 20_000;

/// Sectors of a year, those that trade most where there are many.
fn sectors(tables: &StudyTables, year: i32) -> Vec<serde_json::Value> {
    let mut rows: Vec<_> = tables.indicators.iter().filter(|r| r.year == year).collect();
    if rows.len() > MOST_SECTORS {
        rows.sort_by(|a, b| (b.imports + b.exports).total_cmp(&(a.imports + a.exports)));
        rows.truncate(MOST_SECTORS);
    }
    rows.into_iter().map(sector).collect()
}

fn sector(r: &shocksweep_trade::indicators::Indicator) -> serde_json::Value {
    serde_json::json!({
        "area": &*r.area, "item": &*r.item, "exports": short(Some(r.exports)), "imports": short(Some(r.imports)),
        "exposure": short(r.exposure), "concentration": short(r.concentration), "top_share": short(r.top_share),
        "rca": short(r.rca), "trade_risk": short(r.trade_risk), "str": short(r.str), "str_own": short(r.str_own),
        "str_inputs": short(r.str_inputs), "influence": short(r.influence),
        "influence_own": short(r.influence_own), "loss_abroad": short(r.loss_abroad),
    })
}

fn world(r: &shocksweep_trade::world::World) -> serde_json::Value {
    serde_json::json!({
        "year": r.year, "item": &*r.item, "trade": short(Some(r.trade)), "export_hhi": short(r.export_hhi),
        "top_exporter": r.top_exporter.as_deref(), "top_share": short(r.top_share),
        "weighted_concentration": short(r.weighted_concentration), "mean_exposure": short(r.mean_exposure),
        "mean_str": short(r.mean_str),
    })
}

fn tier(t: &shocksweep_trade::profiles::TierTest) -> serde_json::Value {
    serde_json::json!({
        "indicator": t.indicator, "tier": t.tier, "mean_tier": short(t.mean_tier), "mean_all": short(t.mean_all),
        "median_difference": short(t.median_difference), "n": t.n, "p_bh": short(t.p_bh),
    })
}

fn centre(r: &shocksweep_trade::clusters::ClusterCentre) -> serde_json::Value {
    serde_json::json!({
        "k": r.k, "cluster": r.cluster, "areas": r.areas,
        "all_exposure": short(r.all_exposure), "all_concentration": short(r.all_concentration),
        "all_str": short(r.all_str), "all_influence_own": short(r.all_influence_own),
        "input_exposure": short(r.input_exposure), "input_concentration": short(r.input_concentration),
        "input_str": short(r.input_str), "input_influence_own": short(r.input_influence_own),
    })
}

fn regression(r: &shocksweep_trade::regressions::Regression) -> serde_json::Value {
    serde_json::json!({
        "effects": r.effects, "risk": r.risk, "outcome": r.outcome, "set": r.set, "regressor": r.regressor,
        "reason": r.reason, "n": r.n, "coef": short(r.coef), "se": short(r.se), "p": short(r.p),
        "low": short(r.low), "high": short(r.high),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_the_page_ends_a_script_or_asks_for_anything() {
        assert!(SCRIPTS.iter().all(|script| !script.to_lowercase().contains("</script")));
        assert!(!PAGE.contains("src=") && !PAGE.contains("<link"));
    }
}

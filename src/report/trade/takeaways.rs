//! What a study comes to.

use shocksweep_trade::profiles::{POOLED, TierTest};
use shocksweep_trade::study::StudyTables;

use super::LEVEL;
use crate::trade::run::Manifest;

/// What a study comes to, in a few sentences.
pub fn takeaways(manifest: &Manifest, tables: &StudyTables) -> Vec<String> {
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
            "{} are in the fewest hands: of their exports {} has {:.0} %.",
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
    let compared = tables.tiers.iter().filter(|t| t.scope == POOLED && t.p_bh.is_some()).count();
    told.push(match (differing, compared) {
        (_, 0) => "No tier can be compared with all items.".into(),
        (0, _) => "No tier differs from all items in any indicator.".into(),
        (n, all) => format!("{n} of {all} comparisons of tiers with all items differ."),
    });
    told
}

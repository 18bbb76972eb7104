//! Who trades, who depends on whom, whose failure the others would feel.

use shocksweep_trade::indicators::Indicator;
use shocksweep_trade::panel::{Amount, Panel};
use shocksweep_trade::world::World;

use super::share;
use crate::report::{number, percent, table};

/// Rows of a list.
const ROWS: usize = 12;

/// Importers below this share of the world's imports of an item are not listed: their shares are easily
/// extreme.
const LISTED: f64 = 0.01;

/// A thousand of the unit of a panel's amounts.
fn thousands(amount: Amount) -> &'static str {
    match amount {
        Amount::Value => "million USD",
        Amount::Quantity => "thousand t",
    }
}

/// Items in the last year, and how concentrated they were at the beginning.
pub(super) fn worlds(rows: &[World], amount: Amount) -> String {
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
    let unit = thousands(amount);
    let header = ["item", "largest exporter", "share", "exports HHI", "imports HHI", unit];
    text += &table(&header, of_last.iter().take(20).map(row).collect(), 2);
    text + "\n\n"
}

/// Who depends on whom: importers of weight with the largest trade risk, with their supplier.
pub(super) fn dependent(panel: &Panel, rows: &[&Indicator]) -> String {
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
        "Most exposed in {} (importers with at least 1 % of an item's trade; exposure: imports as a share of \
         imports and production; HHI of the suppliers; STR: share of the supply that it expects to lose \
         if one producer abroad fails in each market that it depends on, which add, so that it can exceed 1):\n",
        year.year
    );
    let header = ["area", "item", "exposure", "largest supplier", "HHI", "STR"];
    text += &table(&header, listed.iter().take(ROWS).map(line).collect(), 2);
    text + "\n\n"
}

/// Whose failure the others would feel.
pub(super) fn influential(rows: &[&Indicator], year: i32, amount: Amount) -> String {
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
            row.influence_own.map_or("-".into(), percent),
            row.influence.map_or("-".into(), percent),
            number(row.loss_abroad.unwrap_or(0.0) / 1000.0),
            share(row.str),
        ]
    };
    let mut text = format!(
        "Most influential in {year} (share of foreign supply lost when the sector fails: of the item, of everything):\n"
    );
    let lost = format!("{} lost abroad", thousands(amount));
    let header = ["area", "item", "of the item", "of all", &lost, "own STR"];
    text += &table(&header, listed.iter().take(ROWS).map(line).collect(), 2);
    text + "\n\n"
}

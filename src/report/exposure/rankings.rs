//! All areas and all failures, as tables.

use crate::exposure::rows::{InfluenceRow, VulnerabilityRow};
use crate::report::fit::{Column, fitted};
use crate::report::{number, percent};

/// The most vulnerable areas and the most influential failures, with adaptation where it was run.
pub fn text(vulnerable: &[VulnerabilityRow], influential: &[InfluenceRow], top: usize) -> String {
    let adapts = vulnerable.iter().any(|row| row.adaptation);
    let share = |share: Option<f64>| share.map_or("-".to_string(), percent);
    let rows: Vec<Vec<String>> = vulnerable
        .iter()
        .filter(|row| row.adaptation == adapts && row.supply > 0.0)
        .take(top)
        .map(|row| {
            let worst = row.worst_area.as_ref().zip(row.worst_item.as_ref());
            vec![
                row.rank.to_string(),
                row.area.to_string(),
                number(row.supply),
                share(row.expected_share),
                number(row.expected),
                number(row.expected_shortfall),
                worst.map_or("-".to_string(), |(area, item)| format!("{area} / {item}")),
                number(row.worst_abroad),
            ]
        })
        .collect();
    let unit = vulnerable.first().map_or(String::new(), |row| row.loss_unit.to_string());
    let columns = [
        Column::number(""),
        Column::text("area"),
        Column::number("it has").or_out(2),
        Column::number("expected, of it"),
        Column::number("expected"),
        Column::number("expected shortfall").or_out(1),
        Column::text("worst failure abroad"),
        Column::number("costs"),
    ];
    let how = if adapts { "adapting" } else { "not adapting" };
    let mut text =
        format!("The most vulnerable areas ({how}), {unit}\n{}\n", fitted(&columns, &rows));
    let rows: Vec<Vec<String>> = influential
        .iter()
        .filter(|row| row.adaptation == adapts)
        .take(top)
        .map(|row| {
            let hardest = row.hardest_hit.as_ref().zip(row.hardest_share);
            vec![
                row.rank.to_string(),
                format!("{} / {}", row.source_area, row.source_item),
                number(row.loss_others),
                number(row.loss),
                row.areas_hit.to_string(),
                hardest.map_or("-".to_string(), |(area, share)| {
                    format!("{area} ({})", percent(share))
                }),
            ]
        })
        .collect();
    let unit = influential.first().map_or(String::new(), |row| row.loss_unit.to_string());
    let columns = [
        Column::number(""),
        Column::text("if this fails"),
        Column::number("others lose"),
        Column::number("with its own").or_out(1),
        Column::number("areas above 1 %"),
        Column::text("hardest hit abroad"),
    ];
    text += &format!(
        "\nThe failures that others feel most ({how}), {unit} of the world\n{}\n",
        fitted(&columns, &rows)
    );
    text
}

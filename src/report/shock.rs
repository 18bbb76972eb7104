//! What `shocksweep shock` prints of one scenario, without and with adaptation.

use super::{number, table, whole};
use crate::dataset::Dataset;
use crate::engine::{EventKind, Outcome};
use crate::model::constants::KG_PER_TONNE;
use crate::model::losses::{loss_per_capita, reported_relative_loss};

/// One scenario's outcome in the ways it was run.
#[derive(Debug, Clone, Copy)]
pub struct Runs<'a> {
    /// Without adaptation.
    pub without: Option<&'a Outcome>,
    /// With adaptation.
    pub with: Option<&'a Outcome>,
}

/// Totals of the scenario called `name`, in sentences.
pub fn totals(dataset: &Dataset, name: &str, steps: usize, runs: Runs<'_>) -> String {
    let mut text = format!("{name}, after {steps} steps:\n");
    let population: f64 = dataset.labels.areas.iter().filter_map(|a| a.population).sum();
    for (way, outcome) in [("without adaptation", runs.without), ("with adaptation", runs.with)] {
        let Some(outcome) = outcome else { continue };
        let totals = &outcome.totals;
        let (change, amount) = match totals.loss {
            loss if loss < 0.0 => ("more", -loss),
            loss => ("less", loss),
        };
        text += &format!("  {way}: the world has {} t {change}", number(amount));
        if population > 0.0 {
            let per_person = KG_PER_TONNE * totals.loss_populated / population;
            text += &format!(" (a loss of {} kg per person)", number(per_person));
        }
        let [percent, tenth, quarter] = totals.above_marks.map(|n| whole(n as usize));
        text += &format!(
            ";\n    {percent} sectors lose more than 1 %, {tenth} more than 10 %, {quarter} more than 26 %.\n"
        );
    }
    text += "  Totals add tonnes, live animals count as 1000 heads.\n";
    if let Some(with) = runs.with {
        let count = |kind| whole(with.events.iter().filter(|e| e.kind == kind).count());
        text += &format!(
            "  {} sectors adapted, {} looked for substitutes.\n",
            count(EventKind::Adapting),
            count(EventKind::Substituting)
        );
        let kept = with.events.iter().filter(|e| e.no_share_rule).count();
        if kept > 0 {
            text +=
                &format!("  {} of them had no rule for their shares and kept them.\n", whole(kept));
        }
        if let Some(gain) = with.totals.largest_gain.filter(|gain| gain.relative > 1.0) {
            text += &format!(
                "  Overshoot: {} ends at {} times its baseline.\n",
                dataset.labels.sector_name(gain.sector as usize),
                number(1.0 + gain.relative)
            );
        }
    }
    text
}

/// The sectors that lose most, in whichever run they lose more; largest loss first.
pub fn losers(
    dataset: &Dataset,
    baseline: &[f64],
    runs: Runs<'_>,
    shocked: &[u32],
    count: usize,
) -> String {
    let labels = &dataset.labels;
    let dims = labels.dimensions();
    let dense = |outcome: Option<&Outcome>| {
        outcome.map(|outcome| {
            let mut losses = vec![0.0; dims.sectors()];
            for (&s, &loss) in outcome.sectors.iter().zip(&outcome.losses) {
                losses[s as usize] = loss;
            }
            losses
        })
    };
    let (without, with) = (dense(runs.without), dense(runs.with));
    let loss_in = |run: &Option<Vec<f64>>, s: usize| run.as_ref().map_or(0.0, |losses| losses[s]);
    let worse = |s: usize| loss_in(&without, s).max(loss_in(&with, s));
    let mut order: Vec<usize> = (0..dims.sectors()).filter(|&s| worse(s) > 0.0).collect();
    order.sort_by(|&a, &b| worse(b).total_cmp(&worse(a)).then(a.cmp(&b)));
    let is_both = without.is_some() && with.is_some();
    let rows = order.into_iter().take(count).enumerate().map(|(rank, s)| {
        let area = &labels.areas[dims.area_of(s)];
        let item = &labels.items[dims.item_of(s)];
        let mark = if shocked.contains(&(s as u32)) { " (shocked)" } else { "" };
        let unit = if item.is_live_animal() { "x 1000 heads" } else { "t" };
        let amount = |value: f64| format!("{} {unit}", number(value));
        let mut cells = vec![
            (rank + 1).to_string(),
            area.name.clone(),
            format!("{}{mark}", item.name),
            amount(baseline[s]),
        ];
        cells.extend(without.as_ref().map(|losses| amount(losses[s])));
        cells.extend(with.as_ref().map(|losses| amount(losses[s])));
        if is_both {
            cells.push(amount(loss_in(&with, s) - loss_in(&without, s)));
        }
        let last = loss_in(if with.is_some() { &with } else { &without }, s);
        cells.push(format!("{:.1} %", 100.0 * reported_relative_loss(last, baseline[s])));
        let per_person = |p| number(loss_per_capita(last, p));
        cells.push(area.population.map_or("-".to_string(), per_person));
        cells
    });
    let mut header = vec!["", "area", "item", "baseline"];
    match (is_both, with.is_some()) {
        (true, _) => header.extend(["loss without", "with adaptation", "difference"]),
        (false, true) => header.push("loss with adaptation"),
        (false, false) => header.push("loss"),
    }
    header.extend(["of baseline", "kg/person"]);
    let note = if is_both {
        "\nThe last two columns are those with adaptation; a negative loss is a gain.\n"
    } else {
        "\n"
    };
    table(&header, rows.collect(), 3) + note
}

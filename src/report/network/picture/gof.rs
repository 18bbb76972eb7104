//! Networks drawn from a model beside the observed (figures A1 to A6).

use shocksweep_networks::job::Stored;
use shocksweep_networks::records::{CurvePoint, FitRow, GofRow};

use super::{Choice, colour, nothing, titled};
use crate::report::picture::canvas::{Anchor, Canvas};
use crate::report::picture::{INK, LINE, Picture, PictureError, RIM, SOFT, WORSE, ink, tick};

const PANEL: [f64; 2] = [400.0, 250.0];
const COLUMNS: usize = 3;
const LEFT: f64 = 52.0;
/// Values of a statistic that are drawn.
const MOST: usize = 18;
/// Statistics in the order of the panels.
const PANELS: [(&str, &str); 6] = [
    ("esp", "edgewise shared partners"),
    ("dsp", "dyadwise shared partners"),
    ("geodesic", "geodesic distance"),
    ("ideg", "in-degree"),
    ("odeg", "out-degree"),
    ("triad.directed", "triads"),
];

/// The model that is named, or the last with drawn networks.
fn chosen<'a>(stored: &'a Stored, choice: &Choice) -> Result<&'a FitRow, PictureError> {
    let is_drawn = |fit: &&FitRow| fit.acceptance.is_some();
    let is_named = |fit: &&FitRow| {
        let tier = choice.network.as_deref().is_none_or(|tier| tier == fit.tier);
        tier && choice.model.as_deref().is_none_or(|model| model == fit.model)
    };
    let mut drawn = stored.fits.iter().filter(is_drawn).filter(is_named);
    drawn.next_back().ok_or_else(|| {
        nothing("the result has no networks drawn from such a model: run with goodness of fit")
    })
}

/// Boxplots of what drawn networks have, means over steps, with the observed line.
pub fn boxes(stored: &Stored, choice: &Choice) -> Result<Picture, PictureError> {
    let fit = chosen(stored, choice)?;
    let rows: Vec<&GofRow> = (stored.gof.iter())
        .filter(|row| row.t.is_none() && row.tier == fit.tier && row.model == fit.model)
        .collect();
    if rows.is_empty() {
        return Err(nothing("areas come and go in this model's steps: there is no mean over them"));
    }
    let title = format!("Goodness of fit: {} {}", fit.tier, fit.model);
    let about = "Boxes: quartiles of networks drawn from the model, lines 2.5 and 97.5 %; dark line: \
                 observed. Counts, means over steps, on a scale of square roots.";
    let size = [COLUMNS as f64 * PANEL[0] + 20.0, 2.0 * PANEL[1] + 110.0];
    let (mut canvas, y) = titled(size, &title, about);
    for (at, (statistic, name)) in PANELS.iter().enumerate() {
        let corner = [(at % COLUMNS) as f64 * PANEL[0], y + (at / COLUMNS) as f64 * PANEL[1]];
        let own: Vec<&GofRow> =
            rows.iter().filter(|row| row.statistic == *statistic).take(MOST).copied().collect();
        panel(&mut canvas, corner, name, &own);
    }
    Ok(Picture::new(title, about, canvas))
}

fn panel(canvas: &mut Canvas, [x, y]: [f64; 2], name: &str, rows: &[&GofRow]) {
    canvas.text([x + LEFT, y + 14.0], ink(13.0, INK, Anchor::Start), name);
    let most = rows.iter().map(|row| row.max.max(row.observed)).fold(0.0, f64::max).max(1e-9);
    let [width, height] = [PANEL[0] - LEFT - 12.0, PANEL[1] - 70.0];
    let (top, step) = (y + 26.0, width / rows.len().max(1) as f64);
    // Counts span orders of magnitude: heights are square roots.
    let at = |value: f64| top + height * (1.0 - (value / most).sqrt());
    for share in [0.0, 0.0625, 0.25, 0.5625, 1.0] {
        let line = at(most * share);
        canvas.line(&[[x + LEFT, line], [x + LEFT + width, line]], LINE, 0.6, "");
        canvas.text(
            [x + LEFT - 5.0, line + 4.0],
            ink(10.0, SOFT, Anchor::End),
            &tick(most * share),
        );
    }
    let half = (0.36 * step).min(9.0);
    let mut observed = Vec::new();
    for (nth, row) in rows.iter().enumerate() {
        let middle = x + LEFT + step * (nth as f64 + 0.5);
        canvas.line(&[[middle, at(row.low)], [middle, at(row.high)]], RIM, 1.0, "");
        let box_of = [
            [middle - half, at(row.q25)],
            [middle + half, at(row.q25)],
            [middle + half, at(row.q75)],
            [middle - half, at(row.q75)],
        ];
        canvas.polygon(&box_of, "#b5dcf7", (RIM, 1.0));
        canvas.line(
            &[[middle - half, at(row.median)], [middle + half, at(row.median)]],
            RIM,
            1.6,
            "",
        );
        observed.push([middle, at(row.observed)]);
        let label = [middle + 3.0, top + height + 12.0];
        canvas.rotated(
            label,
            if row.value.len() > 2 { -60.0 } else { 0.0 },
            ink(9.5, SOFT, if row.value.len() > 2 { Anchor::End } else { Anchor::Middle }),
            &row.value,
        );
    }
    canvas.line(&observed, WORSE, 1.8, "");
}

/// ROC and precision-recall of a model.
pub fn curves(stored: &Stored, choice: &Choice) -> Result<Picture, PictureError> {
    let fit = chosen(stored, choice)?;
    let title = format!("Tie prediction: {} {}", fit.tier, fit.model);
    let about = "Fitted: conditional probabilities; simulated: how often a pair is tied in networks drawn \
                 from the model; random: in networks of the same density. All steps, areas under the \
                 curves in brackets.";
    let side = 380.0;
    let (mut canvas, y) = titled([2.0 * side + 140.0, side + 190.0], &title, about);
    let of = |source: &str| -> Vec<&CurvePoint> {
        let own = |row: &&CurvePoint| {
            row.source == source && row.tier == fit.tier && row.model == fit.model
        };
        stored.curves.iter().filter(own).collect()
    };
    let scores = [
        ("fitted", fit.auc_roc, fit.average_precision),
        ("simulated", fit.auc_simulated, fit.precision_simulated),
        ("random", fit.auc_random, fit.precision_random),
    ];
    for (at, name) in ["ROC", "precision and recall"].into_iter().enumerate() {
        let corner = [60.0 + at as f64 * (side + 60.0), y + 20.0];
        canvas.text([corner[0], y + 12.0], ink(14.0, INK, Anchor::Start), name);
        let place = |a: f64, b: f64| [corner[0] + side * a, corner[1] + side * (1.0 - b)];
        for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
            canvas.line(&[place(0.0, share), place(1.0, share)], LINE, 0.6, "");
            let [x, y] = place(0.0, share);
            canvas.text([x - 6.0, y + 4.0], ink(10.5, SOFT, Anchor::End), &tick(share));
            let [x, y] = place(share, 0.0);
            canvas.text([x, y + 16.0], ink(10.5, SOFT, Anchor::Middle), &tick(share));
        }
        let axis = if at == 0 { "false-positive rate" } else { "recall" };
        let [x, bottom] = place(0.5, 0.0);
        canvas.text([x, bottom + 34.0], ink(11.0, SOFT, Anchor::Middle), axis);
        for (nth, (source, auc, precision)) in scores.iter().enumerate() {
            let mut points: Vec<[f64; 2]> = Vec::new();
            if at == 0 {
                points.push(place(0.0, 0.0));
            }
            points.extend(of(source).iter().map(|row| match at {
                0 => place(row.false_positives, row.recall),
                _ => place(row.recall, row.precision),
            }));
            let dashes = ["", "7 4", "2 3"][nth];
            canvas.line(&points, colour(nth), 2.2, dashes);
            let score = if at == 0 { auc } else { precision };
            let text = format!("{source} ({})", score.map_or("-".into(), |s| format!("{s:.3}")));
            let legend = [corner[0] + 130.0 * nth as f64, bottom + 56.0];
            canvas.line(&[legend, [legend[0] + 18.0, legend[1]]], colour(nth), 2.2, dashes);
            canvas.text([legend[0] + 22.0, legend[1] + 4.0], ink(11.0, SOFT, Anchor::Start), &text);
        }
    }
    Ok(Picture::new(title, about, canvas))
}

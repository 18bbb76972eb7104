//! Relative losses of regions by items (Laber et al. 2023, figures 4 and 5).

use super::canvas::{Anchor, Canvas, cut};
use super::{Choice, INK, LINE, Picture, PictureError, SOFT, WAYS, heading, ink, tick};
use crate::analysis::overview::Overview;
use crate::analysis::overview::short::Short;
use crate::analysis::overview::stories::Story;
use crate::scenario::Response;

const LABELS: f64 = 230.0;
const CELL: [f64; 2] = [52.0, 24.0];
const TOP: f64 = 150.0;
/// Losses from white to nearly black.
const RAMP: [[f64; 3]; 7] = [
    [255.0, 255.0, 252.0],
    [253.0, 220.0, 154.0],
    [249.0, 178.0, 92.0],
    [236.0, 127.0, 53.0],
    [201.0, 72.0, 28.0],
    [143.0, 31.0, 23.0],
    [79.0, 13.0, 18.0],
];
const NO_GAIN: [f64; 3] = [244.0, 248.0, 252.0];
const GAIN: [f64; 3] = [47.0, 111.0, 176.0];

/// Colour of a relative loss; small losses are spread out by a square root.
pub(super) fn colour(rl: f64) -> String {
    let mix = |a: [f64; 3], b: [f64; 3], t: f64| {
        let channel = |at: usize| (a[at] + (b[at] - a[at]) * t).round() as u8;
        format!("#{:02x}{:02x}{:02x}", channel(0), channel(1), channel(2))
    };
    let size = rl.abs().min(1.0).sqrt();
    if rl < 0.0 {
        return mix(NO_GAIN, GAIN, size);
    }
    let at = size * (RAMP.len() - 1) as f64;
    let low = (at.floor() as usize).min(RAMP.len() - 2);
    mix(RAMP[low], RAMP[low + 1], at - low as f64)
}

/// Draws the table of a scenario.
pub fn draw(overview: &Overview, story: &Story, choice: &Choice) -> Result<Picture, PictureError> {
    let way = choice.adaptation.map_or_else(|| usize::from(story.ways[1]), Response::index);
    if !story.ways[way] {
        let problem = format!("`{}` was not run {}", story.name, WAYS[way]);
        return Err(PictureError::Nothing(problem));
    }
    let heat = &story.heat;
    let (table, own) = (&heat.rl[way], &heat.own[way]);
    if choice.split && own.is_empty() {
        let problem = "the split view needs the single shocks of the other items of the same area \
                       in the result: run all single shocks";
        return Err(PictureError::Nothing(problem.to_string()));
    }
    let (columns, rows) = (overview.regions.len(), heat.items.len());
    if columns == 0 || rows == 0 {
        let problem = "no region loses anything, or areas have no regions";
        return Err(PictureError::Nothing(problem.to_string()));
    }
    let width = (LABELS + columns as f64 * CELL[0] + 40.0).max(620.0);
    let title = format!("{}: what is missing where, {}", story.name, WAYS[way]);
    let mut about =
        "Relative loss of regions by items, per cent; shocked areas are left out.".to_string();
    if choice.split {
        about +=
            " Left half: this scenario; right half: a shock of the item itself in the same area.";
    }
    let mut canvas = Canvas::new(width, TOP + rows as f64 * CELL[1] + 150.0);
    let top = heading(&mut canvas, overview, &title, &about) + TOP - 20.0;
    for (column, region) in overview.regions.iter().enumerate() {
        let x = LABELS + (column as f64 + 0.55) * CELL[0];
        canvas.rotated([x, top - 8.0], -50.0, ink(12.5, SOFT, Anchor::Start), region);
    }
    let cell = |table: &[Vec<Option<Short>>], column: usize, row: usize| -> Option<f64> {
        Some(table.get(column)?.get(row)?.as_ref()?.0)
    };
    for (row, &item) in heat.items.iter().enumerate() {
        let y = top + row as f64 * CELL[1];
        let name = cut(&overview.items[item], 13.0, LABELS - 30.0);
        canvas.text([LABELS - 8.0, y + 16.0], ink(13.0, INK, Anchor::End), &name);
        for column in 0..columns {
            let x = LABELS + column as f64 * CELL[0];
            let value = cell(table, column, row);
            let size = [CELL[0] - 1.5, CELL[1] - 1.5];
            if choice.split {
                let half = [size[0] / 2.0, size[1]];
                for (nth, rl) in [value, cell(own, column, row)].into_iter().enumerate() {
                    if let Some(rl) = rl {
                        canvas.rect([x + nth as f64 * half[0], y], half, &colour(rl));
                    }
                }
                let middle = x + half[0];
                canvas.line(&[[middle, y], [middle, y + size[1]]], SOFT, 0.6, "2 2");
            } else if let Some(rl) = value {
                canvas.rect([x, y], size, &colour(rl));
                if rl.abs() >= 0.005 {
                    let fill = if rl.abs() > 0.36 { "#ffffff" } else { INK };
                    let text = format!("{:.0}", 100.0 * rl);
                    canvas.text(
                        [x + size[0] / 2.0, y + 16.0],
                        ink(11.5, fill, Anchor::Middle),
                        &text,
                    );
                }
            }
        }
    }
    let bottom = top + rows as f64 * CELL[1];
    canvas.line(
        &[[LABELS, top - 1.0], [LABELS + columns as f64 * CELL[0], top - 1.0]],
        LINE,
        1.0,
        "",
    );
    ramp(&mut canvas, [LABELS, bottom + 14.0]);
    Ok(Picture { title, about, canvas })
}

fn ramp(canvas: &mut Canvas, [x, y]: [f64; 2]) {
    const STEPS: usize = 40;
    let gains = [-1.0, -0.5, -0.25, -0.1, -0.02];
    for (nth, rl) in gains.into_iter().enumerate() {
        canvas.rect([x + 12.0 * nth as f64, y], [12.0, 12.0], &colour(rl));
    }
    let start = x + 12.0 * gains.len() as f64 + 8.0;
    for step in 0..STEPS {
        let size = step as f64 / (STEPS - 1) as f64;
        canvas.rect([start + 5.0 * step as f64, y], [5.5, 12.0], &colour(size * size));
    }
    let style = |anchor| ink(12.0, SOFT, anchor);
    canvas.text([x, y + 27.0], style(Anchor::Start), "gain");
    for rl in [0.0f64, 0.1, 0.25, 0.5, 1.0] {
        let at = start + 5.0 * STEPS as f64 * rl.sqrt();
        canvas.text([at, y + 27.0], style(Anchor::Middle), &tick(100.0 * rl));
    }
    canvas.text([start + 5.0 * STEPS as f64 + 22.0, y + 27.0], style(Anchor::Start), "% lost");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_grow_darker() {
        let light = |rl: f64| {
            let hex = colour(rl);
            let channel = |at: usize| u32::from_str_radix(&hex[at..at + 2], 16).unwrap() as f64;
            0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
        };
        let steps: Vec<f64> = (0..=50).map(|n| light(f64::from(n) / 50.0)).collect();
        assert!(steps.windows(2).all(|w| w[1] < w[0]), "{steps:?}");
    }
}

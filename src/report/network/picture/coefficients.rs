//! Coefficients with intervals, models side by side.

use shocksweep_networks::job::Stored;
use shocksweep_networks::reading::{Cell, Layout, layouts};

use super::super::term_name;
use super::{Choice, colour, nothing, titled};
use crate::report::picture::canvas::{Anchor, Canvas};
use crate::report::picture::{INK, LINE, Picture, PictureError, SOFT, ink, tick};

const PANEL: [f64; 2] = [300.0, 118.0];
const COLUMNS: usize = 4;
const LEFT: f64 = 12.0;

/// Draws the estimates of a tier, or of all: a panel per term, a line per model.
pub fn draw(stored: &Stored, choice: &Choice) -> Result<Picture, PictureError> {
    let wanted = |tier: &str| choice.network.as_deref().is_none_or(|name| name == tier);
    let fits: Vec<_> = stored.fits.iter().filter(|fit| wanted(&fit.tier)).cloned().collect();
    let found = layouts(&stored.mple, &fits);
    let Some(layout) = found.first() else {
        return Err(nothing("the result has no estimates: run `network run` or `network tergm`"));
    };
    let title = format!("Coefficients: {}", layout.title);
    let about = "Point: coefficient; line: 95 % interval of the bootstrap, thick where it excludes 0. \
                 Every term has a scale of its own.";
    let rows = layout.rows.len().div_ceil(COLUMNS);
    let height = PANEL[1].max(34.0 + 13.0 * layout.columns.len() as f64 + 22.0);
    let size = [COLUMNS as f64 * PANEL[0] + 40.0, rows as f64 * height + 150.0];
    let (mut canvas, mut y) = titled(size, &title, about);
    y = legend(&mut canvas, layout, y);
    for (at, row) in layout.rows.iter().enumerate() {
        let corner = [20.0 + (at % COLUMNS) as f64 * PANEL[0], y + (at / COLUMNS) as f64 * height];
        panel(&mut canvas, corner, height, &term_name(&row.term), &row.cells);
    }
    Ok(Picture::new(title, about, canvas))
}

fn legend(canvas: &mut Canvas, layout: &Layout, mut y: f64) -> f64 {
    let mut x = 20.0;
    for (at, column) in layout.columns.iter().enumerate() {
        let name = format!("{} {}", column.tier, column.model);
        let width = 34.0 + 7.2 * name.len() as f64;
        if x + width > canvas.width() - 20.0 {
            (x, y) = (20.0, y + 18.0);
        }
        canvas.circle([x + 5.0, y + 2.0], 4.5, colour(at), ("#ffffff", 0.5));
        canvas.text([x + 15.0, y + 6.0], ink(12.0, SOFT, Anchor::Start), &name);
        x += width;
    }
    y + 24.0
}

fn panel(canvas: &mut Canvas, [x, y]: [f64; 2], height: f64, name: &str, cells: &[Cell]) {
    canvas.text([x + LEFT, y + 14.0], ink(13.0, INK, Anchor::Start), name);
    let mut low: f64 = 0.0;
    let mut high: f64 = 0.0;
    for cell in cells {
        if let Cell::Estimate { b, interval, .. } = cell {
            let (lower, upper) = interval.unwrap_or((*b, *b));
            (low, high) = (low.min(lower).min(*b), high.max(upper).max(*b));
        }
    }
    let span = if high > low { high - low } else { 1.0 };
    let width = PANEL[0] - 2.0 * LEFT - 16.0;
    let at = |value: f64| x + LEFT + width * (value - low) / span;
    let bottom = y + height - 22.0;
    canvas.line(&[[at(0.0), y + 22.0], [at(0.0), bottom]], LINE, 1.2, "");
    for value in [low, high] {
        let anchor = if value == low { Anchor::Start } else { Anchor::End };
        canvas.text([at(value), bottom + 13.0], ink(10.5, SOFT, anchor), &short(value));
    }
    for (nth, cell) in cells.iter().enumerate() {
        let line = y + 30.0 + 13.0 * nth as f64;
        match cell {
            Cell::Estimate { b, interval, stars, .. } => {
                if let Some((lower, upper)) = interval {
                    let thick = if stars.is_empty() { 1.2 } else { 3.2 };
                    canvas.line(&[[at(*lower), line], [at(*upper), line]], colour(nth), thick, "");
                }
                canvas.circle([at(*b), line], 3.8, colour(nth), ("#ffffff", 0.8));
            }
            Cell::Missing(why) => {
                canvas.text([at(0.0) + 4.0, line + 3.0], ink(9.5, SOFT, Anchor::Start), why);
            }
            Cell::Absent => {}
        }
    }
}

/// A number beside a scale: ticks are for amounts, coefficients can be tiny.
fn short(value: f64) -> String {
    if value != 0.0 && value.abs() < 0.01 { format!("{value:.1e}") } else { tick(value) }
}

//! Areas whose losses two results tell differently, as bars to both sides.

use super::canvas::{Anchor, Canvas, cut, lines};
use super::{GAIN, INK, LINE, LOSS, Picture, SOFT, ink};
use crate::compare::Comparison;
use crate::report::compare::changed_areas;
use crate::report::number;

const SHOWN: usize = 24;
const WIDTH: f64 = 900.0;
const LABELS: f64 = 220.0;
const ROW: f64 = 24.0;

/// Draws a comparison of results with names; `None` where no area changes.
pub fn draw(comparison: &Comparison, names: [&str; 2]) -> Option<Picture> {
    let areas = changed_areas(comparison, SHOWN);
    if areas.is_empty() {
        return None;
    }
    let unit = &comparison.unit;
    let title = "Who loses more, who less".to_string();
    let about = format!(
        "{} ({}) less {} ({}), {unit}, mean over {} scenarios; to the right: more is lost.",
        "B",
        names[1],
        "A",
        names[0],
        crate::report::whole(comparison.matched)
    );
    let mut canvas = Canvas::new(WIDTH, 120.0 + ROW * areas.len() as f64);
    let mut y = 30.0;
    canvas.text([20.0, y], super::Text { bold: true, ..ink(20.0, INK, Anchor::Start) }, &title);
    for line in lines(&about, 13.0, WIDTH - 40.0) {
        y += 20.0;
        canvas.text([20.0, y], ink(13.0, SOFT, Anchor::Start), &line);
    }
    y += 20.0;
    let most = areas.iter().map(|(_, [a, b])| (b - a).abs()).fold(f64::MIN_POSITIVE, f64::max);
    let half = (WIDTH - LABELS - 160.0) / 2.0;
    let zero = LABELS + 70.0 + half;
    canvas.line(&[[zero, y], [zero, y + ROW * areas.len() as f64]], LINE, 1.0, "");
    for (nth, (area, [a, b])) in areas.iter().enumerate() {
        let top = y + ROW * nth as f64;
        let name = cut(area, 13.0, LABELS - 20.0);
        canvas.text([LABELS - 8.0, top + 16.0], ink(13.0, INK, Anchor::End), &name);
        let change = b - a;
        let length = half * change.abs() / most;
        let (left, fill) = if change > 0.0 { (zero, LOSS) } else { (zero - length, GAIN) };
        canvas.rect([left, top + 4.0], [length, ROW - 8.0], fill);
        let (at, anchor) = match change > 0.0 {
            true => (zero + length + 5.0, Anchor::Start),
            false => (zero - length - 5.0, Anchor::End),
        };
        canvas.text([at, top + 16.0], ink(11.0, SOFT, anchor), &number(change));
    }
    Some(Picture { title, about, canvas })
}

//! The worst-hit sectors over time (Laber et al. 2023, figure 3).

use super::canvas::{Anchor, Canvas, cut};
use super::{INK, LINE, Picture, PictureError, SOFT, WAYS, WORSE, heading, ink, round_ticks, tick};
use crate::analysis::overview::Overview;
use crate::analysis::overview::stories::Story;
use crate::analysis::overview::traces::{Channel, Course, Trace};

const PANEL: [f64; 2] = [380.0, 330.0];
const COLUMNS: usize = 3;
/// Left, right, top of the axes in a panel; heights of amounts and of losses.
const LEFT: f64 = 78.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 44.0;
const AMOUNTS: f64 = 140.0;
const LOSSES: f64 = 80.0;
const BELOW: f64 = 26.0;
/// Lines of the two ways: light and solid, dark and dashed.
const LINES: [(&str, &str); 2] = [("#d98e00", ""), (WORSE, "7 4")];

/// Draws the traced sectors of a scenario.
pub fn draw(overview: &Overview, story: &Story, trace: &Trace) -> Result<Picture, PictureError> {
    if trace.courses.is_empty() {
        let problem = format!("`{}` costs nobody anything: there is no trace", story.name);
        return Err(PictureError::Nothing(problem));
    }
    let rows = trace.courses.len().div_ceil(COLUMNS);
    let columns = trace.courses.len().clamp(2, COLUMNS);
    let title = format!("{}: the sectors hit worst, year by year", story.name);
    let about =
        "Above: available amount, the unshocked course dotted. Below: relative loss, per cent.";
    let size = [columns as f64 * PANEL[0] + 20.0, rows as f64 * PANEL[1] + 140.0];
    let mut canvas = Canvas::new(size[0], size[1]);
    let mut y = heading(&mut canvas, overview, &title, about);
    let mut x = 20.0;
    let entries = [("without the shock", SOFT, "2 3"), (WAYS[0], LINES[0].0, LINES[0].1)];
    for (text, colour, dashes) in entries.into_iter().chain([(WAYS[1], LINES[1].0, LINES[1].1)]) {
        let is_shown = text != WAYS[0] && text != WAYS[1]
            || WAYS.iter().position(|w| *w == text).is_some_and(|way| story.ways[way]);
        if is_shown {
            canvas.line(&[[x, y + 6.0], [x + 30.0, y + 6.0]], colour, 2.4, dashes);
            canvas.text([x + 36.0, y + 10.0], ink(13.0, SOFT, Anchor::Start), text);
            x += 190.0;
        }
    }
    y += 24.0;
    for (nth, course) in trace.courses.iter().enumerate() {
        let at = [20.0 + (nth % COLUMNS) as f64 * PANEL[0], y + (nth / COLUMNS) as f64 * PANEL[1]];
        panel(&mut canvas, overview, course, at);
    }
    Ok(Picture { title, about: about.to_string(), canvas })
}

fn panel(canvas: &mut Canvas, overview: &Overview, course: &Course, [x, y]: [f64; 2]) {
    let name = format!("{}: {}", overview.areas[course.area].name, overview.items[course.item]);
    let channel = match course.channel {
        Channel::Shocked => "shocked itself",
        Channel::SameArea => "another product, same area",
        Channel::SameItem => "the same product, another area",
        Channel::Neither => "another product, another area",
    };
    canvas.text([x, y + 14.0], ink(14.0, INK, Anchor::Start), &cut(&name, 14.0, PANEL[0] - 20.0));
    canvas.text([x, y + 31.0], ink(12.0, SOFT, Anchor::Start), channel);
    let baseline: Vec<f64> = course.baseline.iter().map(|v| v.0).collect();
    let steps = baseline.len();
    let ways: Vec<(usize, Vec<f64>)> = (0..2)
        .filter(|&way| !course.al[way].is_empty())
        .map(|way| (way, course.al[way].iter().map(|v| v.0).collect()))
        .collect();
    let amounts: Vec<Vec<f64>> = ways
        .iter()
        .map(|(_, al)| baseline.iter().zip(al).map(|(b, al)| b - al).collect())
        .collect();
    let share = |b: f64, al: f64| if b > 0.0 { 100.0 * (al / b).max(-1.0) } else { 0.0 };
    let shares: Vec<Vec<f64>> = ways
        .iter()
        .map(|(_, al)| baseline.iter().zip(al).map(|(&b, &al)| share(b, al)).collect())
        .collect();
    let most = amounts.iter().flatten().chain(&baseline).copied().fold(0.0, f64::max);
    let upper = axes(canvas, [x, y + TOP], AMOUNTS, [0.0, most], steps);
    let highest = shares.iter().flatten().copied().fold(0.0, f64::max);
    let lowest = shares.iter().flatten().copied().fold(0.0, f64::min);
    let lower = axes(canvas, [x, y + TOP + AMOUNTS + BELOW], LOSSES, [lowest, highest], steps);
    let unit = match overview.units[course.item].as_str() {
        "tonne" => "t",
        other => other,
    };
    for (height, text) in [(0.0, unit), (AMOUNTS + BELOW, "% lost")] {
        let at = [x + LEFT - 6.0, y + TOP + height - 8.0];
        canvas.text(at, ink(11.0, SOFT, Anchor::End), text);
    }
    let through = |values: &[f64], place: &dyn Fn(usize, f64) -> [f64; 2]| -> Vec<[f64; 2]> {
        values.iter().enumerate().map(|(t, &v)| place(t, v)).collect()
    };
    canvas.line(&through(&baseline, &upper), SOFT, 1.8, "2 3");
    for (nth, (way, _)) in ways.iter().enumerate() {
        let (colour, dashes) = LINES[*way];
        canvas.line(&through(&amounts[nth], &upper), colour, 2.4, dashes);
        canvas.line(&through(&shares[nth], &lower), colour, 2.4, dashes);
    }
    let bottom = y + TOP + AMOUNTS + BELOW + LOSSES;
    for t in (0..steps).filter(|t| t % 3 == 0) {
        let [x, _] = lower(t, 0.0);
        canvas.text([x, bottom + 15.0], ink(11.0, SOFT, Anchor::Middle), &(t + 1).to_string());
    }
    let middle = x + LEFT + (PANEL[0] - LEFT - RIGHT) / 2.0;
    canvas.text([middle, bottom + 30.0], ink(11.0, SOFT, Anchor::Middle), "year");
}

/// Draws axes and says where a value at a step lies.
fn axes(
    canvas: &mut Canvas,
    [x, y]: [f64; 2],
    height: f64,
    [low, high]: [f64; 2],
    steps: usize,
) -> impl Fn(usize, f64) -> [f64; 2] + use<> {
    let ticks = round_ticks([low, high], 3);
    let (low, high) = (ticks[0], ticks[ticks.len() - 1]);
    let span = high - low;
    let width = PANEL[0] - LEFT - RIGHT - 10.0;
    let place = move |t: usize, v: f64| {
        let across = t as f64 / (steps.max(2) - 1) as f64;
        [x + LEFT + width * across, y + height * (1.0 - (v - low) / span)]
    };
    for value in ticks {
        let [_, at] = place(0, value);
        canvas.line(&[[x + LEFT, at], [x + LEFT + width, at]], LINE, 0.7, "");
        canvas.text([x + LEFT - 6.0, at + 4.0], ink(11.0, SOFT, Anchor::End), &tick(value));
    }
    place
}

//! Histograms of pairs against their sum, with the outliers named (Baum et al. 2024).

use super::canvas::{Anchor, Canvas, lines};
use super::{INK, LINE, Picture, PictureError, SECOND, SOFT, WORSE, heading, ink, tick};
use crate::analysis::overview::Overview;
use crate::analysis::overview::pairs::{Measure, Pairs};
use crate::report::{number, percent, whole};
use crate::superposition::set::words;

const PANEL: [f64; 2] = [560.0, 300.0];
const LEFT: f64 = 60.0;
/// Height of an outlier's name, of two lines at most.
const NAMED: f64 = 33.0;
/// Values closer to 0 share a bin.
const SMALL: f64 = 1e-3;

/// Draws the distributions of a result.
pub fn draw(overview: &Overview, pairs: &Pairs) -> Result<Picture, PictureError> {
    let count = pairs.measures.last().map_or(0, |m| m.count);
    let words = words(pairs.shocks);
    let title = format!("{} {} of shocks against {}", whole(count as usize), words.many, words.sum);
    let share = |pairs: u64| percent(pairs as f64 / count.max(1) as f64);
    let mattering = pairs.mattering.map_or(String::new(), |[more, less]| {
        let (more, less) = (share(more), share(less));
        format!(
            "; {more} cost more together, {less} less, by over 0.1 % of the larger loss and 1 t"
        )
    });
    let about = format!(
        "S: {}. Above 0 {} are worse than {}{mattering}. Both axes are logarithmic.",
        words.s, words.many, words.than
    );
    let named = pairs.measures.iter().map(|m| m.outliers.len()).max().unwrap_or(0);
    let width = PANEL[0] * pairs.measures.len() as f64 + 20.0;
    let mut canvas = Canvas::new(width, PANEL[1] + 190.0 + NAMED * named as f64);
    let y = heading(&mut canvas, overview, &title, &about);
    for (nth, measure) in pairs.measures.iter().enumerate() {
        panel(&mut canvas, measure, [20.0 + nth as f64 * PANEL[0], y]);
    }
    Ok(Picture { title, about, canvas })
}

/// Position of a value on the signed logarithmic axis, from the bin around 0.
fn decades(value: f64) -> f64 {
    if value.abs() <= SMALL { 0.0 } else { libm::log10(value.abs() / SMALL) * value.signum() }
}

fn panel(canvas: &mut Canvas, measure: &Measure, [x, y]: [f64; 2]) {
    let (what, unit) = match measure.name.as_str() {
        "s_kcal" => ("Food that people eat less worldwide", "kcal per person and day"),
        "s_shocked_per_capita" => ("The shocked items", "kg per person"),
        "s_per_capita" => ("The whole network", "kg per person"),
        "s_shocked" => ("The shocked items", "t"),
        _ => ("The whole network", "t"),
    };
    canvas.text([x, y + 14.0], ink(15.0, INK, Anchor::Start), what);
    let test = measure.t.map_or(String::new(), |t| format!(", t = {:.2}", t.0));
    let mean = format!("mean {} {unit}{test}", number(measure.mean.0));
    canvas.text([x, y + 32.0], ink(12.0, SOFT, Anchor::Start), &mean);
    let is_small = |b: &&(_, _, u64)| {
        let (lower, upper): (f64, f64) = (bounds(b).0, bounds(b).1);
        lower.abs().max(upper.abs()) <= SMALL * 1.0001
    };
    let around_0: u64 = measure.bins.iter().filter(is_small).map(|b| b.2).sum();
    let far: Vec<(f64, f64, u64)> = measure
        .bins
        .iter()
        .filter(|b| !is_small(b))
        .map(|b| (decades(b.0.0), decades(b.1.0), b.2))
        .collect();
    // A bin's width of room for the one around 0, on either side of it.
    let gap = 0.3;
    let low = far.iter().map(|b| b.0).fold(0.0, f64::min) - gap;
    let high = far.iter().map(|b| b.1).fold(0.0, f64::max) + gap;
    let width = PANEL[0] - LEFT - 40.0;
    let shifted = |d: f64| d + gap / 2.0 * d.signum() * f64::from(u8::from(d != 0.0));
    let across = |d: f64| x + LEFT + width * (shifted(d) - low) / (high - low);
    let tallest = far.iter().map(|b| b.2).chain([around_0, 1]).max().unwrap_or(1) as f64;
    let (base, height) = (y + PANEL[1], PANEL[1] - 70.0);
    // Counts from just below 1, so that a single pair is seen.
    let tall = |count: f64| height * libm::log10(count / 0.7) / libm::log10(tallest / 0.7);
    let mut count = 1.0;
    while count <= tallest {
        let at = base - tall(count);
        canvas.line(&[[x + LEFT, at], [x + LEFT + width, at]], LINE, 0.6, "");
        canvas.text([x + LEFT - 6.0, at + 4.0], ink(11.0, SOFT, Anchor::End), &tick(count));
        count *= 10.0;
    }
    for &(lower, upper, count) in &far {
        let fill = if upper > 0.0 { WORSE } else { SECOND };
        let (left, right) = (across(lower), across(upper));
        let left = if lower == 0.0 { across(0.0) + width * gap / 2.0 / (high - low) } else { left };
        let right =
            if upper == 0.0 { across(0.0) - width * gap / 2.0 / (high - low) } else { right };
        let tall = tall(count as f64);
        canvas.rect([left + 0.5, base - tall], [right - left - 1.0, tall], fill);
    }
    if around_0 > 0 {
        let half = width * gap / 2.0 / (high - low);
        let tall = tall(around_0 as f64);
        canvas.rect([across(0.0) - half + 0.5, base - tall], [2.0 * half - 1.0, tall], "#8d959d");
    }
    canvas.line(&[[x + LEFT, base], [x + LEFT + width, base]], SOFT, 1.0, "");
    // As many factors of ten as have room.
    let every = if high - low > 9.0 { 2 } else { 1 };
    for decade in low.ceil() as i32..=high.floor() as i32 {
        let value = SMALL * 10f64.powi(decade.abs()) * f64::from(decade.signum());
        if decade % every == 0 {
            let at = [across(f64::from(decade)), base + 16.0];
            canvas.text(at, ink(11.0, SOFT, Anchor::Middle), &tick(value));
        }
    }
    let middle = x + LEFT + width / 2.0;
    canvas.text([middle, base + 34.0], ink(12.0, SOFT, Anchor::Middle), &format!("S, {unit}"));
    for (nth, (value, name)) in measure.outliers.iter().enumerate() {
        let at = across(decades(value.0));
        let mark = [at, base - height - 8.0 + 9.0 * (nth % 3) as f64];
        canvas.text(mark, ink(11.0, INK, Anchor::Middle), &(nth + 1).to_string());
        let text = format!("{}. {} {unit}: {name}", nth + 1, number(value.0));
        let mut y = base + 58.0 + NAMED * nth as f64;
        for line in lines(&text, 12.0, PANEL[0] - 30.0).iter().take(2) {
            canvas.text([x, y], ink(12.0, INK, Anchor::Start), line);
            y += 15.0;
        }
    }
}

fn bounds(
    bin: &(crate::analysis::overview::short::Short, crate::analysis::overview::short::Short, u64),
) -> (f64, f64) {
    (bin.0.0, bin.1.0)
}

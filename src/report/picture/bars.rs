//! The worst scenarios as bars.

use super::canvas::{Anchor, Canvas, cut};
use super::{
    INK, LINE, LOSS, Picture, PictureError, SECOND, SOFT, WAYS, heading, ink, round_ticks, tick,
};
use crate::analysis::overview::Overview;
use crate::analysis::overview::ranking::Ranked;
use crate::report::number;

const SHOWN: usize = 20;
const WIDTH: f64 = 900.0;
const LABELS: f64 = 330.0;
const ROW: f64 = 30.0;

/// Draws the ranking of a result.
pub fn draw(overview: &Overview) -> Result<Picture, PictureError> {
    let ranked = &overview.ranked[..overview.ranked.len().min(SHOWN)];
    let per_person = ranked.iter().any(|r| r.ways.iter().flatten().any(|o| o.per_capita.is_some()));
    let value = |r: &Ranked, way: usize| {
        let outcome = r.ways[way].as_ref()?;
        if per_person { outcome.per_capita.map(|v| v.0) } else { Some(outcome.counted.0) }
    };
    let ways: Vec<usize> =
        (0..2).filter(|&way| ranked.iter().any(|r| r.ways[way].is_some())).collect();
    let unit = if per_person { overview.unit } else { "t of food" };
    let title = match ranked.first() {
        Some(worst) => format!(
            "{} is the worst of {} scenarios",
            worst.name,
            crate::report::whole(overview.scenarios)
        ),
        None => "No scenario costs anything".to_string(),
    };
    let mut about = format!("What each costs the world, {unit}");
    if !overview.left_out.is_empty() {
        about += &format!("; left out: {}", overview.left_out.join(", "));
    }
    about += ".";
    let all = ranked.iter().flat_map(|r| ways.iter().filter_map(|&way| value(r, way)));
    let most = all.fold(0.0, f64::max);
    let ticks = round_ticks([0.0, most], 4);
    let most = ticks[ticks.len() - 1];
    let mut canvas = Canvas::new(WIDTH, 200.0 + ROW * ranked.len() as f64);
    let mut y = heading(&mut canvas, overview, &title, &about);
    let fills = [LOSS, SECOND];
    let mut x = LABELS;
    for &way in &ways {
        canvas.rect([x, y], [14.0, 10.0], fills[way]);
        canvas.text([x + 20.0, y + 10.0], ink(13.0, SOFT, Anchor::Start), WAYS[way]);
        x += 160.0;
    }
    y += 42.0;
    let room = WIDTH - LABELS - 90.0;
    let end = y + ROW * ranked.len() as f64;
    for value in ticks {
        let x = LABELS + room * value / most;
        canvas.line(&[[x, y], [x, end]], LINE, 0.6, "");
        canvas.text([x, y - 5.0], ink(11.0, SOFT, Anchor::Middle), &tick(value));
        canvas.text([x, end + 16.0], ink(11.0, SOFT, Anchor::Middle), &tick(value));
    }
    canvas.text([LABELS + room / 2.0, end + 34.0], ink(12.0, SOFT, Anchor::Middle), unit);
    canvas.line(&[[LABELS, y], [LABELS, y + ROW * ranked.len() as f64]], LINE, 1.0, "");
    for (nth, scenario) in ranked.iter().enumerate() {
        let top = y + ROW * nth as f64;
        let name = cut(&scenario.name, 13.0, LABELS - 30.0);
        canvas.text([LABELS - 8.0, top + 19.0], ink(13.0, INK, Anchor::End), &name);
        let thick = 22.0 / ways.len().max(1) as f64;
        for (at, &way) in ways.iter().enumerate() {
            let Some(value) = value(scenario, way) else { continue };
            let top = top + 4.0 + at as f64 * thick;
            let length = room * (value.max(0.0) / most.max(f64::MIN_POSITIVE));
            canvas.rect([LABELS, top], [length, thick - 1.0], fills[way]);
            let text = match value {
                v if v < 0.0 => format!("net gain: {}", number(-v)),
                v => number(v),
            };
            let at = [LABELS + length + 5.0, top + thick / 2.0 + 3.5];
            canvas.text(at, ink(11.0, SOFT, Anchor::Start), &text);
        }
    }
    Ok(Picture { title, about, canvas })
}

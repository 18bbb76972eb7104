//! Trade among groups: exporters left, importers right (figures 12 and 13).

use shocksweep_networks::job::Stored;

use super::{Choice, colour, nothing, tier, titled, year};
use crate::report::picture::canvas::{Anchor, Canvas};
use crate::report::picture::{INK, Picture, PictureError, SOFT, ink};

const SIZE: [f64; 2] = [820.0, 520.0];
const BAR: f64 = 18.0;
const GAP: f64 = 10.0;

/// Draws the flows of a tier among groups.
pub fn draw(stored: &Stored, choice: &Choice) -> Result<Picture, PictureError> {
    let tier = tier(stored, choice)?;
    let mut years: Vec<i32> =
        stored.flows.iter().filter(|row| row.tier == tier).map(|row| row.year).collect();
    years.dedup();
    let year = year(&years, choice)?;
    let rows: Vec<_> = (stored.flows.iter())
        .filter(|row| row.tier == tier && row.year == year && row.level == "group")
        .collect();
    let mut names: Vec<&str> = rows.iter().flat_map(|row| [&*row.from, &*row.to]).collect();
    names.sort_unstable();
    names.dedup();
    let total: f64 = rows.iter().map(|row| row.share).sum();
    if total == 0.0 {
        return Err(nothing(format!("the tier {tier} has no trade in {year}")));
    }
    let title = format!("Trade among groups: {tier}, {year}");
    let about = "Shares of world trade of the tier: exporters left, importers right.";
    let (mut canvas, top) = titled([SIZE[0], SIZE[1] + 100.0], &title, about);
    let room = SIZE[1] - GAP * names.len() as f64;
    let scale = room / total;
    let (left, right) = (170.0, SIZE[0] - 170.0);
    let sum = |is: &dyn Fn(&shocksweep_networks::records::FlowRow) -> bool| -> f64 {
        rows.iter().filter(|row| is(row)).map(|row| row.share).sum()
    };
    let mut out_at =
        bars(&mut canvas, &names, top, left, scale, true, &|name| sum(&|row| row.from == name));
    let mut in_at =
        bars(&mut canvas, &names, top, right, scale, false, &|name| sum(&|row| row.to == name));
    for row in &rows {
        let place = |name: &str| names.iter().position(|other| *other == name).unwrap_or(0);
        let (i, j, height) = (place(&row.from), place(&row.to), row.share * scale);
        let curve = |from: f64, to: f64| -> Vec<[f64; 2]> {
            (0..=20)
                .map(|part| {
                    let t = f64::from(part) / 20.0;
                    let rise = t * t * (3.0 - 2.0 * t);
                    [left + BAR + (right - left - BAR) * t, from + (to - from) * rise]
                })
                .collect()
        };
        let mut shape = curve(out_at[i], in_at[j]);
        shape.extend(curve(out_at[i] + height, in_at[j] + height).into_iter().rev());
        canvas.polygon(&shape, colour(i), ("#ffffff", 0.6));
        out_at[i] += height;
        in_at[j] += height;
    }
    Ok(Picture::new(title, about, canvas))
}

/// Height of a name with its share.
const LINES: f64 = 30.0;

/// Draws the bars of a side; where each begins.
fn bars(
    canvas: &mut Canvas,
    names: &[&str],
    top: f64,
    x: f64,
    scale: f64,
    is_left: bool,
    share: &dyn Fn(&str) -> f64,
) -> Vec<f64> {
    let mut y = top;
    let mut free = top;
    let mut starts = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let share = share(name);
        let height = share * scale;
        starts.push(y);
        canvas.rect([x, y], [BAR, height], colour(at));
        if share > 0.002 {
            let (anchor, beside) =
                if is_left { (Anchor::End, x - 8.0) } else { (Anchor::Start, x + BAR + 8.0) };
            // Below the name before, where bars are low.
            let middle = (y + height / 2.0).max(free);
            free = middle + LINES;
            canvas.text([beside, middle + 1.0], ink(13.0, INK, anchor), name);
            let percent = format!("{:.1} %", 100.0 * share);
            canvas.text([beside, middle + 15.0], ink(11.0, SOFT, anchor), &percent);
        }
        y += height + GAP;
    }
    starts
}

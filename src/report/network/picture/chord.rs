//! Who sells to whom: a chord diagram (figures 10 and 11).

use shocksweep_networks::job::Stored;
use shocksweep_networks::rankings::REST;

use super::{Choice, bent, colour, nothing, on_circle, tier, titled, year};
use crate::report::picture::canvas::Anchor;
use crate::report::picture::{INK, Picture, PictureError, ink};

const SIZE: f64 = 720.0;
const RADIUS: f64 = 250.0;
/// Degrees between two areas.
const GAP: f64 = 2.0;

/// Draws the flows of a tier among its largest traders.
#[allow(clippy::too_many_lines)] // one picture, from rim to legend
pub fn draw(stored: &Stored, choice: &Choice) -> Result<Picture, PictureError> {
    let tier = tier(stored, choice)?;
    let mut years: Vec<i32> =
        stored.flows.iter().filter(|row| row.tier == tier).map(|row| row.year).collect();
    years.dedup();
    let year = year(&years, choice)?;
    let rows: Vec<_> = (stored.flows.iter())
        .filter(|row| row.tier == tier && row.year == year && row.level == "area")
        .collect();
    let mut names: Vec<&str> = Vec::new();
    for row in &rows {
        for name in [row.from.as_str(), row.to.as_str()] {
            if name != REST && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let volume = |name: &str| -> f64 {
        let own =
            |row: &&&shocksweep_networks::records::FlowRow| row.from == name || row.to == name;
        rows.iter().filter(own).map(|row| row.value_usd).sum()
    };
    names.sort_by(|a, b| volume(b).total_cmp(&volume(a)).then(a.cmp(b)));
    names.push(REST);
    let place = |name: &str| names.iter().position(|other| *other == name).unwrap_or(0);
    let k = names.len();
    let mut flow = vec![0.0; k * k];
    rows.iter().for_each(|row| flow[place(&row.from) * k + place(&row.to)] += row.value_usd);
    let total: f64 = flow.iter().sum::<f64>() * 2.0;
    if total == 0.0 {
        return Err(nothing(format!("the tier {tier} has no trade in {year}")));
    }
    let title = format!("Who sells to whom: {tier}, {year}");
    let about = "A ribbon has the exporter's colour and is as wide at both ends as the flow is large; \
                 outer arcs are exports. The largest traders; `rest` is all others together.";
    let (mut canvas, y) = titled([SIZE, SIZE + 90.0], &title, about);
    let centre = [SIZE / 2.0, y + SIZE / 2.0 - 20.0];
    let degrees = (360.0 - GAP * k as f64) / total;
    let mut start = 0.0;
    let mut out_at = vec![0.0; k];
    let mut in_at = vec![0.0; k];
    for i in 0..k {
        let exports: f64 = flow[i * k..(i + 1) * k].iter().sum::<f64>() * degrees;
        let imports: f64 = (0..k).map(|j| flow[j * k + i]).sum::<f64>() * degrees;
        (out_at[i], in_at[i]) = (start, start + exports);
        let arc = |from: f64, to: f64, inner: f64, outer: f64| -> Vec<[f64; 2]> {
            let steps = ((to - from) / 2.0).ceil().max(1.0) as usize;
            let angle = |at: usize| from + (to - from) * at as f64 / steps as f64;
            let there = (0..=steps).map(|at| on_circle(centre, outer, angle(at)));
            let back = (0..=steps).rev().map(|at| on_circle(centre, inner, angle(at)));
            there.chain(back).collect()
        };
        let end = start + exports + imports;
        canvas.polygon(&arc(start, end, RADIUS + 3.0, RADIUS + 15.0), colour(i), ("#ffffff", 0.5));
        canvas.polygon(
            &arc(start, start + exports, RADIUS + 17.0, RADIUS + 22.0),
            colour(i),
            ("#ffffff", 0.3),
        );
        let middle = (start + end) / 2.0;
        let turned = middle > 180.0;
        let (anchor, turn) =
            if turned { (Anchor::End, middle + 90.0) } else { (Anchor::Start, middle - 90.0) };
        canvas.rotated(
            on_circle(centre, RADIUS + 28.0, middle),
            turn,
            ink(12.0, INK, anchor),
            names[i],
        );
        start = end + GAP;
    }
    let mut order: Vec<usize> = (0..k * k).filter(|&at| flow[at] > 0.0).collect();
    let mut ribbons = Vec::new();
    for &at in &order {
        let (i, j, width) = (at / k, at % k, flow[at] * degrees);
        ribbons.push((at, [out_at[i], out_at[i] + width], [in_at[j], in_at[j] + width]));
        out_at[i] += width;
        in_at[j] += width;
    }
    order.sort_by(|a, b| flow[*b].total_cmp(&flow[*a]).then(a.cmp(b)));
    for at in order {
        let Some((_, from, to)) = ribbons.iter().find(|ribbon| ribbon.0 == at) else { continue };
        let point = |degrees: f64| on_circle(centre, RADIUS, degrees);
        let mut shape = bent(point(from[0]), centre, point(to[1]));
        shape.extend(bent(point(to[0]), centre, point(from[1])));
        canvas.polygon(&shape, colour(at / k), ("#ffffff", 0.5));
    }
    Ok(Picture::new(title, about, canvas))
}

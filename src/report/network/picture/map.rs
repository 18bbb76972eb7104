//! Networks on a map: cooperation and conflict (figures 3 and 4), flows (figures 12 and 13).

use std::collections::BTreeMap;

use shocksweep_networks::job::Stored;

use super::{Choice, bent, nothing, tier, titled, year};
use crate::report::outlines;
use crate::report::picture::canvas::{Anchor, Canvas};
use crate::report::picture::{INK, LOSS, Picture, PictureError, SECOND, WORSE, ink};

const WIDTH: f64 = 1160.0;
const HEIGHT: f64 = WIDTH * 0.45;
/// Arcs that are drawn.
const ARCS: usize = 60;
/// Radius of the largest circle, pixels.
const LARGEST: f64 = 20.0;
/// Areas that are named.
const NAMED: usize = 15;

/// Cooperation or conflict of a year.
pub fn relations(stored: &Stored, choice: &Choice) -> Result<Picture, PictureError> {
    let relation = choice.network.as_deref().unwrap_or("coop");
    let (word, colour) = match relation {
        "coop" => ("Cooperation", SECOND),
        "conf" => ("Conflict", WORSE),
        other => {
            return Err(nothing(format!("there is no map of `{other}`; expected coop or conf")));
        }
    };
    let mut years: Vec<i32> = stored.geopolitics.iter().map(|row| row.year).collect();
    years.dedup();
    let year = year(&years, choice)?;
    let rows = stored.geopolitics.iter().filter(|row| row.year == year);
    let weight = |row: &&shocksweep_networks::records::Geopolitics| {
        if relation == "coop" { row.cooperation } else { row.conflict }
    };
    let arcs = rows.map(|row| (row.source.as_str(), row.target.as_str(), weight(&row)));
    let arcs: Vec<(&str, &str, f64)> = arcs.filter(|(_, _, weight)| *weight > 0.0).collect();
    let title = format!("{word} between governments, {year}");
    let about = format!(
        "Circles: weighted events towards and from others; lines: the {ARCS} strongest of {} directed \
         ties, the end at the acting government thick.",
        arcs.len()
    );
    picture(stored, title, about, &arcs, colour)
}

/// Trade of a tier in a year.
pub fn flows(stored: &Stored, choice: &Choice) -> Result<Picture, PictureError> {
    let tier = tier(stored, choice)?;
    let year = year(&stored.years(tier), choice)?;
    let rows = stored.pmi.iter().filter(|row| row.tier == tier && row.year == year);
    let arcs: Vec<(&str, &str, f64)> =
        rows.map(|row| (row.exporter.as_str(), row.importer.as_str(), row.value_usd)).collect();
    let title = format!("Trade of the tier {tier}, {year}");
    let about = format!(
        "Circles: imports and exports within the sample; lines: the {ARCS} largest of {} flows, the end \
         at the exporter thick.",
        arcs.len()
    );
    picture(stored, title, about, &arcs, LOSS)
}

fn picture(
    stored: &Stored,
    title: String,
    about: String,
    arcs: &[(&str, &str, f64)],
    colour: &'static str,
) -> Result<Picture, PictureError> {
    if arcs.is_empty() {
        return Err(nothing(format!("{title}: there is nothing to draw")));
    }
    let (mut canvas, y) = titled([WIDTH + 40.0, HEIGHT + 110.0], &title, &about);
    canvas.place([20.0, y], "world", &world(stored, arcs, colour));
    Ok(Picture::new(title, about, canvas))
}

fn world(stored: &Stored, arcs: &[(&str, &str, f64)], colour: &'static str) -> Canvas {
    let mut canvas = Canvas::new(WIDTH, HEIGHT);
    let scale = WIDTH / 346.0;
    let at = |[x, y]: [f64; 2]| [WIDTH / 2.0 + x * scale, (83.0 - y) * scale];
    for ring in outlines::rings() {
        let ring: Vec<[f64; 2]> = ring.into_iter().map(at).collect();
        canvas.polygon(&ring, "#eceae5", ("#bdb8ad", 0.5));
    }
    let place: BTreeMap<&str, [f64; 2]> = (stored.sample.iter())
        .map(|area| (area.area.as_str(), at(outlines::project([area.lng, area.lat]))))
        .collect();
    let mut largest: Vec<&(&str, &str, f64)> = arcs.iter().collect();
    largest.sort_by(|a, b| b.2.total_cmp(&a.2).then((a.0, a.1).cmp(&(b.0, b.1))));
    largest.truncate(ARCS);
    let most = largest.first().map_or(1.0, |arc| arc.2);
    for (from, to, weight) in largest.iter().rev() {
        let (Some(&a), Some(&b)) = (place.get(from), place.get(to)) else { continue };
        // Bent to one side, so that there and back keep apart.
        let middle = [
            (a[0] + b[0]) / 2.0 + 0.18 * (b[1] - a[1]),
            (a[1] + b[1]) / 2.0 - 0.18 * (b[0] - a[0]),
        ];
        let line = bent(a, middle, b);
        let width = 0.6 + 4.0 * (weight / most).sqrt();
        canvas.line(&line[..9], colour, width, "");
        canvas.line(&line[8..], colour, 0.45 * width, "");
    }
    let mut total: BTreeMap<&str, f64> = BTreeMap::new();
    for (from, to, weight) in arcs {
        *total.entry(from).or_insert(0.0) += weight;
        *total.entry(to).or_insert(0.0) += weight;
    }
    let mut order: Vec<(&str, f64)> = total.into_iter().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let most = order.first().map_or(1.0, |area| area.1);
    for (area, total) in &order {
        let Some(&at) = place.get(area) else { continue };
        let radius = (LARGEST * (total / most).sqrt()).max(1.2);
        canvas.circle(at, radius, "none", (INK, 1.1));
    }
    for (area, _) in order.iter().take(NAMED) {
        let Some(&[x, y]) = place.get(area) else { continue };
        canvas.haloed([x + 4.0, y - 4.0], ink(11.0, INK, Anchor::Start), area);
    }
    canvas
}

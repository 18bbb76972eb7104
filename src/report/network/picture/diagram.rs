//! Networks of two years side by side, areas on a ring by community (figures 7 and 8).

use std::collections::BTreeMap;

use shocksweep_networks::job::Stored;

use super::{Choice, bent, colour, nothing, on_circle, tier, titled, year};
use crate::report::picture::canvas::{Anchor, Canvas};
use crate::report::picture::{INK, Picture, PictureError, SOFT, ink};

const PANEL: f64 = 600.0;
const RADIUS: f64 = 225.0;
/// Areas that are named.
const NAMED: usize = 40;

/// Draws the first year beside the chosen one.
pub fn draw(stored: &Stored, choice: &Choice) -> Result<Picture, PictureError> {
    let name = match choice.network.as_deref() {
        Some(relation @ ("coop" | "conf")) => relation,
        _ => tier(stored, choice)?,
    };
    let years: Vec<i32> = match name {
        "coop" | "conf" => {
            let mut years: Vec<i32> = stored.geopolitics.iter().map(|row| row.year).collect();
            years.dedup();
            years
        }
        name => stored.years(name),
    };
    let last = year(&years, choice)?;
    let shown = if years[0] == last { vec![last] } else { vec![years[0], last] };
    let title = match &shown[..] {
        [one] => format!("{name}, {one}"),
        _ => format!("{name}, {} and {last}", years[0]),
    };
    let about = "A line is a tie, its end at the importer (or the acting government) dark; a circle's \
                 size is the number of ties; colours are communities, the largest first. Areas without \
                 ties are left out.";
    let (mut canvas, y) = titled([PANEL * shown.len() as f64, PANEL + 110.0], &title, about);
    for (at, year) in shown.into_iter().enumerate() {
        let panel = ring(stored, name, year)?;
        canvas.place([at as f64 * PANEL, y], &format!("ring{at}"), &panel);
    }
    Ok(Picture::new(title, about, canvas))
}

fn ties(stored: &Stored, name: &str, year: i32) -> Vec<(String, String)> {
    match name {
        "coop" | "conf" => stored
            .geopolitics
            .iter()
            .filter(|row| row.year == year)
            .filter(|row| if name == "coop" { row.cooperation > 0.0 } else { row.conflict > 0.0 })
            .map(|row| (row.source.clone(), row.target.clone()))
            .collect(),
        tier => stored
            .pmi
            .iter()
            .filter(|row| row.tier == tier && row.year == year)
            .map(|row| (row.importer.clone(), row.exporter.clone()))
            .collect(),
    }
}

fn ring(stored: &Stored, name: &str, year: i32) -> Result<Canvas, PictureError> {
    let ties = ties(stored, name, year);
    if ties.is_empty() {
        return Err(nothing(format!("the network `{name}` of {year} has no ties")));
    }
    let mut degree: BTreeMap<&str, usize> = BTreeMap::new();
    for (from, to) in &ties {
        *degree.entry(from).or_insert(0) += 1;
        *degree.entry(to).or_insert(0) += 1;
    }
    let network = format!("{name}_{year}");
    let community: BTreeMap<&str, u32> = (stored.communities.iter())
        .filter(|row| row.network == network)
        .filter_map(|row| Some((row.area.as_str(), row.community?)))
        .collect();
    let community_of = |area: &str| community.get(area).copied().unwrap_or(1);
    let mut order: Vec<(&str, usize)> = degree.into_iter().collect();
    order.sort_by_key(|(area, degree)| (community_of(area), std::cmp::Reverse(*degree), *area));
    let mut canvas = Canvas::new(PANEL, PANEL);
    let centre = [PANEL / 2.0, PANEL / 2.0 + 8.0];
    let turn = 360.0 / order.len() as f64;
    let place: BTreeMap<&str, f64> =
        order.iter().enumerate().map(|(at, (area, _))| (*area, at as f64 * turn)).collect();
    let light = if ties.len() > 800 { "#d9dee3" } else { "#b9c2cb" };
    for (from, to) in &ties {
        let (a, b) = (place[from.as_str()], place[to.as_str()]);
        let line = bent(on_circle(centre, RADIUS, a), centre, on_circle(centre, RADIUS, b));
        canvas.line(&line, light, 0.6, "");
    }
    // The importer's end once more, dark, over all lines.
    for (from, to) in &ties {
        let (a, b) = (place[from.as_str()], place[to.as_str()]);
        let line = bent(on_circle(centre, RADIUS, a), centre, on_circle(centre, RADIUS, b));
        canvas.line(&line[..3], "#7c8894", 0.7, "");
    }
    let most = order.iter().map(|(_, degree)| *degree).max().unwrap_or(1) as f64;
    let mut by_degree: Vec<usize> = order.iter().map(|(_, degree)| *degree).collect();
    by_degree.sort_unstable_by(|a, b| b.cmp(a));
    let least = by_degree.get(NAMED).copied().unwrap_or(0);
    for (area, degree) in &order {
        let at = place[area];
        let radius = 2.0 + 9.0 * (*degree as f64 / most).sqrt();
        let fill = colour(community_of(area) as usize - 1);
        canvas.circle(on_circle(centre, RADIUS, at), radius, fill, ("#ffffff", 0.8));
        if *degree > least || order.len() <= NAMED {
            let [x, y] = on_circle(centre, RADIUS + 16.0, at);
            let (anchor, turn) =
                if at < 180.0 { (Anchor::Start, at - 90.0) } else { (Anchor::End, at + 90.0) };
            canvas.rotated([x, y + 3.0], turn, ink(10.5, INK, anchor), area);
        }
    }
    let count = format!("{year}: {} ties, {} areas", ties.len(), order.len());
    canvas.text([PANEL / 2.0, PANEL - 6.0], ink(13.0, SOFT, Anchor::Middle), &count);
    Ok(canvas)
}

//! Lines over years: average degrees of the tiers (figure 9), ranks of areas (figures 5 and 6).

use std::collections::BTreeMap;

use shocksweep_networks::job::Stored;

use super::{Choice, colour, nothing, some_years, titled};
use crate::report::picture::canvas::{Anchor, Canvas};
use crate::report::picture::{INK, LINE, Picture, PictureError, SOFT, ink, tick};

const PANEL: [f64; 2] = [560.0, 300.0];
const LEFT: f64 = 70.0;

/// Average degree and average weighted degree of every tier.
pub fn evolution(stored: &Stored) -> Result<Picture, PictureError> {
    let title = "Networks over time".to_string();
    let about = "Ties per area, and sum of dependence g per area.";
    let (mut canvas, y) = titled([2.0 * PANEL[0] + 40.0, PANEL[1] + 160.0], &title, about);
    let tiers = &stored.about.tiers;
    let mut years: Vec<i32> = tiers.iter().flat_map(|tier| stored.years(tier)).collect();
    years.sort_unstable();
    years.dedup();
    if years.is_empty() || stored.network_indicators.is_empty() {
        return Err(nothing(
            "the result has no indicators: run `network run` or `network indicators`",
        ));
    }
    let measures =
        [("avg_degree", "average degree"), ("avg_weighted_degree", "average weighted degree")];
    for (at, (indicator, name)) in measures.into_iter().enumerate() {
        let series: Vec<Vec<(i32, f64)>> = tiers
            .iter()
            .map(|tier| {
                let value = |&year: &i32| {
                    Some((year, stored.indicator(&format!("{tier}_{year}"), indicator)?))
                };
                years.iter().filter_map(value).collect()
            })
            .collect();
        let most = series.iter().flatten().map(|(_, value)| *value).fold(0.0, f64::max);
        let corner = [20.0 + at as f64 * PANEL[0], y + 24.0];
        canvas.text([corner[0] + LEFT, y + 12.0], ink(14.0, INK, Anchor::Start), name);
        let place = axes(&mut canvas, corner, &years, most);
        for (tier, points) in series.iter().enumerate() {
            let points: Vec<[f64; 2]> = points.iter().map(|&(year, v)| place(year, v)).collect();
            canvas.line(&points, colour(tier), 2.4, DASHES[tier % DASHES.len()]);
            points.iter().for_each(|&p| canvas.circle(p, 2.6, colour(tier), ("#ffffff", 0.6)));
        }
    }
    let mut x = 20.0 + LEFT;
    for (at, tier) in tiers.iter().enumerate() {
        let y = y + PANEL[1] + 62.0;
        canvas.line(&[[x, y], [x + 30.0, y]], colour(at), 2.4, DASHES[at % DASHES.len()]);
        canvas.text([x + 38.0, y + 4.0], ink(13.0, SOFT, Anchor::Start), tier);
        x += 60.0 + 8.0 * tier.len() as f64;
    }
    Ok(Picture::new(title, about, canvas))
}

/// Lines keep apart without colours.
const DASHES: [&str; 4] = ["", "8 4", "2 3", "10 3 2 3"];

/// Draws axes from 0 to `most` and says where a value of a year lies.
fn axes(
    canvas: &mut Canvas,
    [x, y]: [f64; 2],
    years: &[i32],
    most: f64,
) -> impl Fn(i32, f64) -> [f64; 2] + use<> {
    let (first, last) = (years[0], years[years.len() - 1]);
    let [width, height] = [PANEL[0] - LEFT - 30.0, PANEL[1] - 20.0];
    let span = f64::from((last - first).max(1));
    let top = if most > 0.0 { most } else { 1.0 };
    let place = move |year: i32, value: f64| {
        let across = f64::from(year - first) / span;
        [x + LEFT + width * across, y + height * (1.0 - value / top)]
    };
    for part in 0..=4 {
        let value = top * f64::from(part) / 4.0;
        let [_, at] = place(first, value);
        canvas.line(&[[x + LEFT, at], [x + LEFT + width, at]], LINE, 0.7, "");
        canvas.text([x + LEFT - 8.0, at + 4.0], ink(11.0, SOFT, Anchor::End), &tick(value));
    }
    for year in some_years(years) {
        let [at, bottom] = place(year, 0.0);
        canvas.text([at, bottom + 18.0], ink(11.0, SOFT, Anchor::Middle), &year.to_string());
    }
    place
}

const ROW: f64 = 26.0;

/// Ranks of the first 15 areas, year by year; a line has a gap where an area is not among them.
pub fn ranks(stored: &Stored, choice: &Choice) -> Result<Picture, PictureError> {
    let network = choice.network.as_deref().unwrap_or("coop");
    let is_relation = matches!(network, "coop" | "conf");
    let measure = choice.measure.as_deref().unwrap_or(if is_relation { "degree" } else { "trade" });
    let prefix = format!("{network}_");
    let rows: Vec<_> = (stored.rankings.iter())
        .filter(|row| row.network.starts_with(&prefix) && row.measure == measure)
        .collect();
    if rows.is_empty() {
        return Err(nothing(format!("the result has no ranking of `{network}` by `{measure}`")));
    }
    let mut years: Vec<i32> = rows.iter().map(|row| row.year).collect();
    years.dedup();
    let mut order: BTreeMap<i32, Vec<&str>> = BTreeMap::new();
    rows.iter().for_each(|row| order.entry(row.year).or_default().push(&row.area));
    let deepest = order.values().map(Vec::len).max().unwrap_or(0);
    let title = format!("{network}: first areas by {measure}");
    let about = "Equal values share a rank and stand below each other by name.";
    let size = [260.0 + 74.0 * years.len().max(6) as f64, 130.0 + ROW * deepest as f64];
    let (mut canvas, y) = titled(size, &title, about);
    let step = (size[0] - 220.0) / (years.len().max(2) - 1) as f64;
    let place = |year: usize, at: usize| [110.0 + step * year as f64, y + 14.0 + ROW * at as f64];
    let last = years.len() - 1;
    let mut areas: Vec<&str> = order.values().flatten().copied().collect();
    areas.sort_unstable();
    areas.dedup();
    let final_place = |area: &str| order[&years[last]].iter().position(|other| *other == area);
    areas.sort_by_key(|area| (final_place(area).unwrap_or(usize::MAX), *area));
    for (nth, area) in areas.iter().enumerate() {
        let at = |year: usize| order[&years[year]].iter().position(|other| other == area);
        let line = colour(if final_place(area).is_some() { nth % 8 } else { 99 });
        for year in 0..years.len() {
            let Some(here) = at(year) else { continue };
            if let Some(next) = (year < last).then(|| at(year + 1)).flatten() {
                canvas.line(&[place(year, here), place(year + 1, next)], line, 2.0, "");
            }
            canvas.circle(place(year, here), 4.0, line, ("#ffffff", 1.0));
        }
        if let Some(first) = at(0) {
            let [x, y] = place(0, first);
            canvas.text([x - 10.0, y + 4.0], ink(11.5, INK, Anchor::End), area);
        }
        if let Some(end) = at(last) {
            let [x, y] = place(last, end);
            canvas.text([x + 10.0, y + 4.0], ink(11.5, INK, Anchor::Start), area);
        }
    }
    for (at, year) in years.iter().enumerate() {
        if some_years(&years).contains(year) {
            let [x, y] = place(at, deepest);
            canvas.text([x, y + 6.0], ink(11.0, SOFT, Anchor::Middle), &year.to_string());
        }
    }
    Ok(Picture::new(title, about, canvas))
}

//! Circles on a map, without and with adaptation side by side (Baum et al. 2024).

use super::canvas::{Anchor, Canvas};
use super::{
    BETTER, Choice, GAIN, INK, LOSS, Picture, PictureError, RIM, SOFT, WAYS, WORSE, heading, ink,
    item_name, layer_of,
};
use crate::analysis::overview::Overview;
use crate::analysis::overview::stories::{Layer, Story};
use crate::model::losses::loss_per_capita;
use crate::report::{number, outlines};

const WIDTH: f64 = 1200.0;
const GAP: f64 = 20.0;
/// Radius of the largest circle, pixels.
const LARGEST: f64 = 24.0;
/// A change of a smaller share is none.
const SAME: f64 = 0.01;

/// What became of an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Loss,
    Worse,
    Better,
    Gain,
}

fn fate(without: Option<f64>, value: f64) -> Fate {
    match without {
        _ if value < 0.0 => Fate::Gain,
        None => Fate::Loss,
        Some(before) if before <= 0.0 || value > before * (1.0 + SAME) => Fate::Worse,
        Some(before) if value < before * (1.0 - SAME) => Fate::Better,
        Some(_) => Fate::Loss,
    }
}

/// One area: its position, losses in tonnes and in the measure shown, by way.
struct Spot {
    area: usize,
    al: [Option<f64>; 2],
    value: [Option<f64>; 2],
}

fn spots(overview: &Overview, story: &Story, layer: &Layer, tonnes: bool) -> Vec<Spot> {
    let is_shocked = |area: usize| story.shocks.iter().any(|s| s.0 == overview.areas[area].name);
    let spot = |(at, &area): (usize, &usize)| {
        let al = [0, 1].map(|way: usize| layer.al[way].get(at).map(|al| al.0));
        let population = overview.areas[area].population;
        let value = al.map(|al| match tonnes {
            true => al,
            false => Some(loss_per_capita(al?, population?)),
        });
        Spot { area, al, value }
    };
    let all = layer.areas.iter().enumerate().filter(|(_, area)| !is_shocked(**area));
    all.map(spot).collect()
}

/// Draws the map of a scenario.
pub fn draw(overview: &Overview, story: &Story, choice: &Choice) -> Result<Picture, PictureError> {
    let at = layer_of(overview, story, choice.item.as_deref())?;
    let layer = story.layers.get(at).ok_or_else(|| {
        PictureError::Nothing(format!("`{}` costs nobody anything: there is no map", story.name))
    })?;
    let spots = spots(overview, story, layer, choice.tonnes && layer.item.is_some());
    let ways: Vec<usize> = (0..2).filter(|&way| story.ways[way]).collect();
    let sizes = spots.iter().flat_map(|s| s.value.iter().flatten()).map(|v| v.abs());
    let most = sizes.fold(0.0, f64::max);
    let in_all = choice.tonnes && layer.item.is_some();
    let unit = match (layer.item.map(|item| overview.units[item].as_str()), in_all) {
        (None, _) => overview.unit.to_string(),
        (Some("tonne"), true) => "t".to_string(),
        (Some("tonne"), false) => "kg per person".to_string(),
        (Some(own), true) => own.to_string(),
        (Some(own), false) => format!("{own} per 1,000 people"),
    };
    let item = item_name(overview, layer.item);

    let panel = (WIDTH - GAP * (ways.len() as f64 + 1.0)) / ways.len().max(1) as f64;
    let height = panel * 0.45;
    let main = ways.last().copied().unwrap_or_default();
    let worst = spots
        .iter()
        .filter_map(|spot| Some((spot.value[main].filter(|value| *value > 0.0)?, spot.area)))
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    let title = match worst {
        Some((value, area)) => format!(
            "{}: {} loses most {item}, {} {unit}",
            story.name,
            overview.areas[area].name,
            number(value)
        ),
        None => format!("{}: nobody else loses {item}", story.name),
    };
    let about = format!(
        "Circles: loss of {item}, {unit}; the largest is {} {unit}. The crosses are shocked; their own loss is not drawn.",
        number(most)
    );
    let mut canvas = Canvas::new(WIDTH, height + 200.0);
    let mut y = heading(&mut canvas, overview, &title, &about);
    for (nth, &way) in ways.iter().enumerate() {
        let x = GAP + nth as f64 * (panel + GAP);
        canvas.text([x, y + 14.0], ink(15.0, INK, Anchor::Start), WAYS[way]);
        let map = world(overview, story, &spots, way, most, [panel, height]);
        canvas.place([x, y + 22.0], &format!("map{way}"), &map);
    }
    y += height + 44.0;
    let mut x = GAP + 8.0;
    let both = ways.len() == 2;
    for (of, text) in [
        (Fate::Loss, "loss"),
        (Fate::Worse, "made worse by adaptation"),
        (Fate::Better, "made smaller by adaptation"),
        (Fate::Gain, "gain"),
    ] {
        if !both && matches!(of, Fate::Worse | Fate::Better) {
            continue;
        }
        spot_at(&mut canvas, [x, y - 5.0], 7.0, of);
        canvas.text([x + 14.0, y], ink(13.0, SOFT, Anchor::Start), text);
        x += 44.0 + 6.8 * text.len() as f64;
    }
    sizes_of(&mut canvas, [GAP + LARGEST, y + 36.0], most, &unit);
    Ok(Picture { title, about, canvas })
}

/// What the circles' sizes mean: round values, the largest as large as the largest on the map or smaller.
fn sizes_of(canvas: &mut Canvas, [mut x, y]: [f64; 2], most: f64, unit: &str) {
    if !(most > 0.0) {
        return;
    }
    let round = |value: f64| {
        let power = 10f64.powi(libm::floor(libm::log10(value)) as i32);
        let lead = [5.0, 2.0, 1.0].into_iter().find(|lead| lead * power <= value * (1.0 + 1e-9));
        lead.unwrap_or(1.0) * power
    };
    for value in [most, most / 4.0, most / 20.0].map(round) {
        let radius = LARGEST * (value / most).sqrt();
        canvas.circle([x, y], radius, "none", (SOFT, 1.0));
        let text = format!("{} {unit}", number(value));
        canvas.text([x + radius + 6.0, y + 4.5], ink(12.5, SOFT, Anchor::Start), &text);
        x += 2.0 * radius + 40.0 + 6.8 * text.chars().count() as f64;
    }
}

/// A circle whose darkness and rim tell what became of an area, also without colours.
fn spot_at(canvas: &mut Canvas, at: [f64; 2], radius: f64, fate: Fate) {
    let rim = if radius < 3.0 { 0.0 } else { 1.0 };
    match fate {
        Fate::Loss => canvas.circle(at, radius, LOSS, ("#ffffff", 0.7 * rim)),
        Fate::Worse => canvas.circle(at, radius, WORSE, (INK, 1.4 * rim)),
        Fate::Better => canvas.circle(at, radius, BETTER, (RIM, 0.5 + 0.6 * rim)),
        Fate::Gain => canvas.circle(at, radius, "none", (GAIN, 1.0 + rim)),
    }
}

fn world(
    overview: &Overview,
    story: &Story,
    spots: &[Spot],
    way: usize,
    most: f64,
    [width, height]: [f64; 2],
) -> Canvas {
    let mut canvas = Canvas::new(width, height);
    let scale = width / 346.0;
    // The south ends below Cape Horn: nobody grows food further on.
    let at = |[x, y]: [f64; 2]| [width / 2.0 + x * scale, (83.0 - y) * scale];
    for ring in outlines::rings() {
        let ring: Vec<[f64; 2]> = ring.into_iter().map(at).collect();
        canvas.polygon(&ring, "#eceae5", ("#bdb8ad", 0.5));
    }
    let mut shown: Vec<(f64, &Spot)> =
        spots.iter().filter_map(|s| Some((s.value[way]?, s))).collect();
    shown.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()).then(a.1.area.cmp(&b.1.area)));
    for (value, spot) in shown.into_iter().filter(|s| s.0.abs() > most * 2e-4) {
        let Some(place) = overview.areas[spot.area].at else { continue };
        let radius = (LARGEST * (value.abs() / most).sqrt()).max(1.2);
        let without = if way == 1 { spot.al[0] } else { None };
        let fate = fate(without, spot.al[way].unwrap_or(0.0));
        spot_at(&mut canvas, at(outlines::project(place)), radius, fate);
    }
    let mut crossed: Vec<&str> = Vec::new();
    for (area, ..) in &story.shocks {
        let place = overview.areas.iter().find(|a| a.name == *area).and_then(|a| a.at);
        if let Some(place) = place.filter(|_| !crossed.contains(&area.as_str())) {
            crossed.push(area);
            let [x, y] = at(outlines::project(place));
            for (colour, width) in [("#ffffff", 4.5), (INK, 2.2)] {
                canvas.line(&[[x - 5.0, y - 5.0], [x + 5.0, y + 5.0]], colour, width, "");
                canvas.line(&[[x - 5.0, y + 5.0], [x + 5.0, y - 5.0]], colour, width, "");
            }
        }
    }
    canvas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fates_compare_with_the_run_without_adaptation() {
        assert_eq!(fate(None, 5.0), Fate::Loss);
        assert_eq!(fate(Some(5.0), 5.04), Fate::Loss);
        assert_eq!(fate(Some(5.0), 6.0), Fate::Worse);
        assert_eq!(fate(Some(5.0), 4.0), Fate::Better);
        assert_eq!(fate(Some(-1.0), 0.5), Fate::Worse);
        assert_eq!(fate(Some(5.0), -0.1), Fate::Gain);
    }
}

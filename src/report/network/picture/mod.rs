//! Pictures of networks and models of them.

mod chord;
mod coefficients;
mod diagram;
mod gof;
mod lines;
mod map;
mod sankey;

use shocksweep_networks::job::Stored;

use crate::report::picture::canvas::{Anchor, Canvas, Text, lines as broken};
use crate::report::picture::{INK, Picture, PictureError, SOFT, ink};

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum NetworkFigure {
    /// Networks of the first and the last year, areas by community.
    Diagram,
    /// Average degree and weighted degree over time.
    Evolution,
    /// Ranks of the first 15 over time.
    Ranks,
    /// Cooperation and conflict on a map.
    Map,
    /// Trade among the largest traders as a chord diagram.
    Chord,
    /// Trade on a map: circles are imports and exports, arcs the largest flows.
    Flows,
    /// Trade among groups.
    Sankey,
    /// Coefficients with intervals, models side by side.
    Coefficients,
    /// Networks drawn from a model beside the observed.
    Gof,
    /// ROC and precision-recall.
    Roc,
}

/// Which part of a result is drawn.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Tier, or `coop`, `conf` [default: the first tier; for maps and ranks cooperation].
    pub network: Option<String>,
    /// Year [default: the last].
    pub year: Option<i32>,
    /// Model of `gof` and `roc` [default: the last with drawn networks].
    pub model: Option<String>,
    /// Measure of ranks [default: degree].
    pub measure: Option<String>,
}

/// Colours that keep apart for colour-blind eyes; beyond them grey.
pub(super) const COLOURS: [&str; 8] =
    ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8c7a00", "#5b4b9a"];

pub(super) fn colour(at: usize) -> &'static str {
    COLOURS.get(at).copied().unwrap_or("#8a9199")
}

/// Draws a part of a result.
///
/// # Errors
/// The result does not have what the picture shows.
pub fn draw(
    stored: &Stored,
    kind: NetworkFigure,
    choice: &Choice,
) -> Result<Picture, PictureError> {
    match kind {
        NetworkFigure::Diagram => diagram::draw(stored, choice),
        NetworkFigure::Evolution => lines::evolution(stored),
        NetworkFigure::Ranks => lines::ranks(stored, choice),
        NetworkFigure::Map => map::relations(stored, choice),
        NetworkFigure::Chord => chord::draw(stored, choice),
        NetworkFigure::Flows => map::flows(stored, choice),
        NetworkFigure::Sankey => sankey::draw(stored, choice),
        NetworkFigure::Coefficients => coefficients::draw(stored, choice),
        NetworkFigure::Gof => gof::boxes(stored, choice),
        NetworkFigure::Roc => gof::curves(stored, choice),
    }
}

pub(super) fn nothing(text: impl Into<String>) -> PictureError {
    PictureError::Nothing(text.into())
}

/// A tier that is named, or the first.
pub(super) fn tier<'a>(stored: &'a Stored, choice: &'a Choice) -> Result<&'a str, PictureError> {
    let tiers = &stored.about.tiers;
    match &choice.network {
        None => tiers.first().map(String::as_str).ok_or_else(|| nothing("the result has no tier")),
        Some(name) if tiers.contains(name) => Ok(name),
        Some(name) => {
            Err(nothing(format!("the result has no tier `{name}`; it has {}", tiers.join(", "))))
        }
    }
}

/// The year that is named, or the last.
pub(super) fn year(years: &[i32], choice: &Choice) -> Result<i32, PictureError> {
    match (choice.year, years.first(), years.last()) {
        (None, _, Some(last)) => Ok(*last),
        (Some(year), _, _) if years.contains(&year) => Ok(year),
        (Some(year), Some(first), Some(last)) => {
            Err(nothing(format!("there is no network of {year}; there are {first} to {last}")))
        }
        _ => Err(nothing("the result has no networks: run `network run` or `network build`")),
    }
}

/// A white drawing with a title and what it shows; gives the height taken.
pub(super) fn titled(size: [f64; 2], title: &str, about: &str) -> (Canvas, f64) {
    let mut canvas = Canvas::new(size[0], size[1]);
    let room = size[0] - 40.0;
    let mut y = 30.0;
    for line in broken(title, 20.0, room) {
        canvas.text([20.0, y], Text { bold: true, ..ink(20.0, INK, Anchor::Start) }, &line);
        y += 25.0;
    }
    for line in broken(about, 13.0, room) {
        canvas.text([20.0, y], ink(13.0, SOFT, Anchor::Start), &line);
        y += 18.0;
    }
    (canvas, y + 6.0)
}

/// A line between two points that bends towards a third.
pub(super) fn bent(from: [f64; 2], towards: [f64; 2], to: [f64; 2]) -> Vec<[f64; 2]> {
    const PARTS: usize = 16;
    (0..=PARTS)
        .map(|part| {
            let t = part as f64 / PARTS as f64;
            let (a, b, c) = ((1.0 - t) * (1.0 - t), 2.0 * t * (1.0 - t), t * t);
            [0, 1].map(|axis| a * from[axis] + b * towards[axis] + c * to[axis])
        })
        .collect()
}

/// A point on a circle, degrees clockwise from the top.
pub(super) fn on_circle(centre: [f64; 2], radius: f64, degrees: f64) -> [f64; 2] {
    let angle = degrees.to_radians();
    [centre[0] + radius * libm::sin(angle), centre[1] - radius * libm::cos(angle)]
}

/// Whole numbers of an axis, few enough to read.
pub(super) fn some_years(years: &[i32]) -> Vec<i32> {
    let step = years.len().div_ceil(8).max(1);
    years.iter().rev().step_by(step).rev().copied().collect()
}

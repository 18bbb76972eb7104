//! Pictures of a result for papers: SVG or PDF with its letters as outlines, or PNG.
//!
//! Colours go from light to dark in the order of their meaning and from orange to blue where they have
//! a sign, so that they keep apart for colour-blind eyes and on grey paper.

mod bars;
pub mod canvas;
pub mod compare;
mod heatmap;
mod image_format;
#[cfg(feature = "trade")]
mod labels;
mod map;
#[cfg(feature = "plot")]
mod pdf;
#[cfg(feature = "plot")]
mod render;
mod superposition;
mod trace;
#[cfg(feature = "trade")]
pub mod trade;

use self::canvas::{Anchor, Canvas, Text, escaped, lines};
pub use self::image_format::ImageFormat;
use crate::analysis::overview::Overview;
use crate::analysis::overview::stories::Story;
use crate::dataset::names::nearest;
use crate::measure::ALL_IS_EATEN;
use crate::report::number;
use crate::results::KCAL;
use crate::scenario::Response;

pub(super) const INK: &str = "#1d2329";
pub(super) const SOFT: &str = "#59636e";
pub(super) const LINE: &str = "#c8ccd1";
/// A loss, one that adaptation makes worse, one that it makes smaller, a gain.
pub(super) const LOSS: &str = "#e69f00";
pub(super) const WORSE: &str = "#8f1020";
pub(super) const BETTER: &str = "#b5dcf7";
/// The rim that keeps the palest of them apart from paper.
pub(super) const RIM: &str = "#2a6fad";
/// Bars of runs with adaptation, beside those without in the colour of a loss.
pub(super) const SECOND: &str = "#1f5f99";
pub(super) const GAIN: &str = "#0b7285";

/// The two ways of a run in words.
pub(super) const WAYS: [&str; 2] = ["without adaptation", "with adaptation"];

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Figure {
    /// Who loses: circles on a map, without and with adaptation.
    Map,
    /// Relative losses of regions by items.
    Heatmap,
    /// The worst-hit sectors over time.
    Trace,
    /// The worst scenarios.
    Ranking,
    /// Pairs against their sum: histograms.
    Superposition,
}

/// What is drawn of a scenario.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Item of a map; the shocked one by default, `all` for all that count.
    pub item: Option<String>,
    /// Tonnes instead of kilograms per person.
    pub tonnes: bool,
    /// For heatmaps: with adaptation or without; with, if it was run.
    pub adaptation: Option<Response>,
    /// For heatmaps: the failure beside that of each item itself.
    pub split: bool,
}

/// Why there is nothing to draw.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The result does not have what the picture shows.
    #[error("{0}")]
    Nothing(String),
    /// The program was built without what turns a drawing into pixels.
    #[error(
        "this build of shocksweep writes no PNG and no PDF (it was built without the feature `plot`); SVG it does"
    )]
    NotBuilt,
    /// The picture cannot be turned into what was asked for: a fault of the program.
    #[error("cannot draw the picture: {0}")]
    Render(String),
}

/// A picture: what it shows in words, and its drawing.
#[derive(Debug, Clone)]
pub struct Picture {
    title: String,
    about: String,
    canvas: Canvas,
}

/// Draws a result; of several scenarios the first of the overview's stories.
///
/// # Errors
/// The result does not have what the picture shows.
pub fn draw(overview: &Overview, kind: Figure, choice: &Choice) -> Result<Picture, PictureError> {
    let nothing = |text: &str| PictureError::Nothing(text.to_string());
    let story = || -> Result<&Story, PictureError> {
        overview.stories.first().ok_or_else(|| {
            nothing(match overview.manifest.is_screening() {
                true => {
                    "a screening holds no single scenarios; there is the picture `superposition`"
                }
                false => "no scenario of the result was run to its end: there is nothing to draw",
            })
        })
    };
    match kind {
        Figure::Map => map::draw(overview, story()?, choice),
        Figure::Heatmap => heatmap::draw(overview, story()?, choice),
        Figure::Trace => {
            let traced = |s: &&Story| overview.traces.iter().any(|t| t.id == s.id);
            let first = overview.stories.iter().find(traced);
            let trace = first.and_then(|s| overview.traces.iter().find(|t| t.id == s.id));
            let (Some(story), Some(trace)) = (first, trace) else {
                let problem = match overview.traces.is_empty() {
                    true => "the result has no traces",
                    false => "the scenario has no trace",
                };
                let cure = "name scenarios in the job, `trace = [0]` in [output]";
                return Err(PictureError::Nothing(format!("{problem}: {cure}")));
            };
            trace::draw(overview, story, trace)
        }
        Figure::Ranking => {
            story()?;
            bars::draw(overview)
        }
        Figure::Superposition => {
            let pairs = overview.pairs.as_ref().ok_or_else(|| {
                nothing("the result compares no pairs: run its job with [superposition]")
            })?;
            superposition::draw(overview, pairs)
        }
    }
}

impl Picture {
    /// A drawing with its title and what it shows.
    #[cfg(feature = "networks")]
    pub(super) fn new(title: String, about: impl Into<String>, canvas: Canvas) -> Self {
        Picture { title, about: about.into(), canvas }
    }

    /// An SVG element for a page, its letters as text; `name` sets it apart from others of the page.
    #[cfg(feature = "networks")]
    pub(super) fn inline(&self, name: &str) -> String {
        // Names of clipping paths must be the page's only ones.
        let svg = self.canvas.svg().replace("id=\"", &format!("id=\"{name}-"));
        let svg = svg.replace("url(#", &format!("url(#{name}-"));
        let rest = svg.strip_prefix("<svg").unwrap_or(&svg);
        format!(r#"<svg role="img" aria-label="{}"{rest}"#, escaped(&self.title))
    }

    /// An SVG element for a page, its letters as text.
    pub(super) fn markup(&self) -> String {
        self.with_words(&self.canvas.svg())
    }

    /// An SVG document whose letters are text, in the reader's font where Roboto is not there: to be searched,
    /// translated and edited.
    pub fn text_svg(&self) -> String {
        self.markup()
    }

    /// What it shows.
    pub fn title(&self) -> &str {
        &self.title
    }
}

impl Picture {
    /// An SVG document that says in words what it shows: read out by screen readers, and found by
    /// searches, which outlines of letters are not.
    fn with_words(&self, svg: &str) -> String {
        let (head, rest) = svg.split_once('>').unwrap_or((svg, ""));
        // With it a picture can be scaled to any width.
        let [width, height] = self.canvas.size();
        let view = match head.contains("viewBox") {
            true => String::new(),
            false => format!(r#" viewBox="0 0 {width} {height}""#),
        };
        format!(
            r#"{head}{view} role="img" aria-label="{0}"><title>{0}</title><desc>{1}</desc>{rest}"#,
            escaped(&self.title),
            escaped(&self.about)
        )
    }
}

#[cfg(not(feature = "plot"))]
impl Picture {
    /// An SVG document whose letters are text, in whatever font its reader has: their outlines need the
    /// feature `plot`.
    ///
    /// # Errors
    /// None in this build.
    pub fn svg(&self) -> Result<String, PictureError> {
        Ok(self.with_words(&self.canvas.svg()))
    }

    /// Nothing: this build draws no pixels.
    ///
    /// # Errors
    /// Always.
    pub fn png(&self, _width: u32) -> Result<Vec<u8>, PictureError> {
        Err(PictureError::NotBuilt)
    }

    /// Nothing: this build has no outlines of letters.
    ///
    /// # Errors
    /// Always.
    pub fn pdf(&self) -> Result<Vec<u8>, PictureError> {
        Err(PictureError::NotBuilt)
    }
}

/// A number beside an axis: as short as it can be.
pub(super) fn tick(value: f64) -> String {
    let units = [(1e9, " G"), (1e6, " M"), (1e3, " k")];
    let (size, unit) =
        units.into_iter().find(|(size, _)| value.abs() >= *size).unwrap_or((1.0, ""));
    let text = format!("{:.3}", value / size);
    // Three digits are enough, and zeros after the point say nothing.
    let digits = text.trim_start_matches('-').find('.').unwrap_or(0);
    let text = format!("{:.*}", 3usize.saturating_sub(digits), value / size);
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text,
    };
    if value != 0.0 && text.trim_start_matches('-') == "0" {
        return number(value);
    }
    text + unit
}

/// Round values from `low` to `high` for an axis, about `count` of them: multiples of 1, 2 or 5 times a
/// power of ten, the first not above `low`, the last not below `high`.
pub(super) fn round_ticks([low, high]: [f64; 2], count: usize) -> Vec<f64> {
    let span = high - low;
    if !(span > 0.0 && span.is_finite()) {
        return vec![low, low + 1.0];
    }
    let rough = span / count.max(1) as f64;
    let power = 10f64.powi(libm::floor(libm::log10(rough)) as i32);
    let steps = [1.0, 2.0, 5.0, 10.0].map(|lead| lead * power);
    let step = steps.into_iter().find(|step| *step >= rough * (1.0 - 1e-9)).unwrap_or(steps[3]);
    let (first, last) = ((low / step + 1e-9).floor() as i64, (high / step - 1e-9).ceil() as i64);
    (first..=last).map(|n| n as f64 * step).collect()
}

/// A text style.
pub(super) fn ink(size: f64, fill: &'static str, anchor: Anchor) -> Text {
    Text { size, bold: false, fill, anchor }
}

/// Title and, where numbers must not be cited, why: every picture says so itself. Gives the height taken.
pub(super) fn heading(canvas: &mut Canvas, overview: &Overview, title: &str, about: &str) -> f64 {
    let room = canvas.width() - 40.0;
    let mut y = 30.0;
    for line in lines(title, 20.0, room) {
        canvas.text([20.0, y], Text { bold: true, ..ink(20.0, INK, Anchor::Start) }, &line);
        y += 25.0;
    }
    let mut notes = vec![about.to_string()];
    if overview.unit == KCAL && !overview.manifest.dataset.tells_food {
        notes.push(ALL_IS_EATEN.to_string());
    }
    if let Some(warning) = &overview.manifest.dataset.warning {
        notes.push(format!("Not to be cited: {warning}."));
    }
    for line in notes.iter().flat_map(|note| lines(note, 13.0, room)) {
        canvas.text([20.0, y], ink(13.0, SOFT, Anchor::Start), &line);
        y += 18.0;
    }
    y + 6.0
}

/// The layer of a story that shows an item.
pub(super) fn layer_of(
    overview: &Overview,
    story: &Story,
    item: Option<&str>,
) -> Result<usize, PictureError> {
    let default =
        if story.shocks.len() == 1 { 1.min(story.layers.len().saturating_sub(1)) } else { 0 };
    let Some(name) = item else { return Ok(default) };
    let named = |item: Option<usize>| item.map_or("all", |item| overview.items[item].as_str());
    let lower = name.trim().to_lowercase();
    let found = story.layers.iter().position(|l| named(l.item).to_lowercase() == lower);
    found.ok_or_else(|| {
        let names: Vec<&str> = story.layers.iter().map(|l| named(l.item)).collect();
        let hint = nearest(name, names.iter().copied())
            .map_or(String::new(), |near| format!(", did you mean `{near}`?"));
        PictureError::Nothing(format!(
            "the map of `{}` does not show `{name}`{hint} (it shows {})",
            story.name,
            names.join("; ")
        ))
    })
}

/// Name of the item of a layer.
pub(super) fn item_name(overview: &Overview, item: Option<usize>) -> &str {
    item.map_or("all food", |item| &overview.items[item])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_hold_the_values() {
        let near = |found: Vec<f64>, expected: &[f64]| {
            assert_eq!(found.len(), expected.len(), "{found:?}");
            assert!(
                found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 1e-9 * e.abs().max(1.0))
            );
        };
        near(round_ticks([0.0, 97.16], 4), &[0.0, 50.0, 100.0]);
        near(round_ticks([0.0, 3.0], 3), &[0.0, 1.0, 2.0, 3.0]);
        near(round_ticks([-0.3, 1.0], 4), &[-0.5, 0.0, 0.5, 1.0]);
        near(round_ticks([5.0, 5.0], 3), &[5.0, 6.0]);
    }

    #[test]
    fn ticks_are_short() {
        let ticks = [0.0, 1.0, 10.0, 0.1, -0.05, 404_844_512.0, 12_340.0, 97.16, 0.001];
        let texts = ["0", "1", "10", "0.1", "-0.05", "405 M", "12.3 k", "97.2", "0.001"];
        assert_eq!(ticks.map(tick), texts);
    }
}

//! Pictures of a study of trade, for papers.

mod areas;
mod bars;
mod clusters;
mod influence;
mod links;
mod years;

use shocksweep_trade::indicators::Indicator;
use shocksweep_trade::study::StudyTables;

use super::canvas::{Anchor, Canvas, lines};
use super::{GAIN, INK, LOSS, Picture, PictureError, SECOND, SOFT, ink};
use crate::trade::run::Manifest;

/// What is drawn of a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum TradeKind {
    /// Links between items by tier; rejected candidates dashed.
    Links,
    /// Exposure of areas by items.
    Exposure,
    /// Supplier concentration of areas by items.
    Concentration,
    /// Systemic trade risk of areas by items.
    Risk,
    /// Trade risk against influence.
    Influence,
    /// Largest exporter's share and Herfindahl index over the years.
    Years,
    /// Cluster centres.
    Clusters,
    /// Differences of tiers.
    Tiers,
    /// Coefficients with 95 % bars.
    Coefficients,
}

const WIDTH: f64 = 900.0;
const TIERS: [&str; 3] = ["raw", "input", "final"];
const TIER_FILLS: [&str; 3] = [LOSS, SECOND, GAIN];

/// What a picture is drawn of.
#[derive(Clone, Copy)]
struct Of<'a> {
    manifest: &'a Manifest,
    tables: &'a StudyTables,
}

/// Draws a finished study.
///
/// # Errors
/// The study does not have what the picture shows.
pub fn draw(
    manifest: &Manifest,
    tables: &StudyTables,
    kind: TradeKind,
) -> Result<Picture, PictureError> {
    let of = Of { manifest, tables };
    match kind {
        TradeKind::Links => of.links(),
        TradeKind::Exposure => of.heat("Exposure", |row| row.exposure),
        TradeKind::Concentration => of.heat("Supplier concentration", |row| row.concentration),
        TradeKind::Risk => of.heat("Systemic trade risk", |row| row.str),
        TradeKind::Influence => of.influence(),
        TradeKind::Years => of.years(),
        TradeKind::Clusters => of.clusters(),
        TradeKind::Tiers => of.tiers(),
        TradeKind::Coefficients => of.coefficients(),
    }
}

fn nothing(text: &str) -> PictureError {
    PictureError::Nothing(text.to_string())
}

/// A point of a range on a stretch of pixels.
fn scale(value: f64, (from, to): (f64, f64), (left, right): (f64, f64)) -> f64 {
    left + (right - left) * (value - from) / (to - from).max(f64::MIN_POSITIVE)
}

impl Of<'_> {
    /// Title, what it shows, and where numbers must not be cited, why.
    fn heading(&self, canvas: &mut Canvas, title: &str, about: &str) -> f64 {
        let room = canvas.width() - 40.0;
        let mut y = 30.0;
        for line in lines(title, 20.0, room) {
            let style = super::canvas::Text { bold: true, ..ink(20.0, INK, Anchor::Start) };
            canvas.text([20.0, y], style, &line);
            y += 25.0;
        }
        let mut notes = vec![about.to_string()];
        if self.manifest.panel.synthetic {
            notes.push("Not to be cited: the panel is SYNTHETIC, an invented world.".into());
        }
        for line in notes.iter().flat_map(|note| lines(note, 13.0, room)) {
            canvas.text([20.0, y], ink(13.0, SOFT, Anchor::Start), &line);
            y += 18.0;
        }
        y + 6.0
    }

    fn tier(&self, item: &str) -> usize {
        let found = self.manifest.items.iter().find(|about| about.name == item);
        found.and_then(|about| TIERS.iter().position(|tier| *tier == about.tier)).unwrap_or(0)
    }

    /// Indicators of the last year.
    fn last(&self) -> Vec<&Indicator> {
        let last = self.manifest.panel.last_year;
        self.tables.indicators.iter().filter(|row| row.year == last).collect()
    }

    fn legend(&self, canvas: &mut Canvas, y: f64) {
        for (at, (tier, fill)) in TIERS.iter().zip(TIER_FILLS).enumerate() {
            let x = 24.0 + 90.0 * at as f64;
            canvas.circle([x, y], 6.0, fill, (INK, 0.5));
            canvas.text([x + 12.0, y + 4.5], ink(13.0, SOFT, Anchor::Start), tier);
        }
    }
}

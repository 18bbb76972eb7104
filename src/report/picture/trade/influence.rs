//! Trade risk against influence.

use shocksweep_trade::indicators::Indicator;

use super::{Of, TIER_FILLS, WIDTH, nothing, scale};
use crate::report::picture::canvas::{Anchor, Canvas, cut};
use crate::report::picture::labels::{Circle, Labels};
use crate::report::picture::{INK, LINE, Picture, PictureError, SOFT, ink, tick};

/// The most influential sectors that are named.
const MOST_NAMES: usize = 18;

impl Of<'_> {
    pub(super) fn influence(&self) -> Result<Picture, PictureError> {
        let rows: Vec<(&Indicator, f64, f64)> = self
            .last()
            .into_iter()
            .filter_map(|row| Some((row, row.str_own?, row.influence_own.filter(|&i| i >= 1e-6)?)))
            .collect();
        if rows.is_empty() {
            return Err(nothing("no sector has an influence of 1e-6 or more"));
        }
        let title = format!("Trade risk against influence in {}", self.manifest.panel.last_year);
        let about = "Own-market trade risk (to the right), share of foreign supply lost when the sector fails (up, logarithmic); the area of a circle is its exports.".to_string();
        let mut canvas = Canvas::new(WIDTH, 660.0);
        let top = self.heading(&mut canvas, &title, &about) + 34.0;
        self.legend(&mut canvas, top - 16.0);
        let (left, right, bottom) = (80.0, WIDTH - 40.0, 600.0);
        let most = rows.iter().map(|row| row.1).fold(0.0, f64::max).max(0.1);
        let exports = rows.iter().map(|row| row.0.exports).fold(1.0, f64::max);
        let x = |risk: f64| scale(risk, (0.0, most), (left, right));
        let y = |influence: f64| scale(libm::log10(influence), (-6.0, 0.0), (bottom, top));
        for power in -6..=0 {
            let v = libm::pow(10.0, f64::from(power));
            canvas.line(&[[left, y(v)], [right, y(v)]], LINE, 0.8, "");
            canvas.text([left - 8.0, y(v) + 4.0], ink(12.0, SOFT, Anchor::End), &tick(v));
        }
        for step in 0..=5 {
            let v = most * f64::from(step) / 5.0;
            canvas.text(
                [x(v), bottom + 18.0],
                ink(12.0, SOFT, Anchor::Middle),
                &tick((v * 1000.0).round() / 1000.0),
            );
        }
        canvas.text(
            [(left + right) / 2.0, bottom + 40.0],
            ink(13.0, SOFT, Anchor::Middle),
            "own-market trade risk",
        );
        canvas.rotated(
            [24.0, (top + bottom) / 2.0],
            -90.0,
            ink(13.0, SOFT, Anchor::Middle),
            "influence",
        );
        let mut sorted = rows;
        sorted.sort_by(|a, b| b.0.exports.total_cmp(&a.0.exports));
        let circle = |&(row, risk, influence): &(&Indicator, f64, f64)| {
            ([x(risk), y(influence)], 2.0 + 24.0 * (row.exports / exports).sqrt())
        };
        let circles: Vec<Circle> = sorted.iter().map(circle).collect();
        for (&(middle, radius), (row, ..)) in circles.iter().zip(&sorted) {
            canvas.circle(middle, radius, TIER_FILLS[self.tier(&row.item)], ("#ffffff", 0.8));
        }
        // The most influential ones are named first; those without room stay without a name.
        let mut order: Vec<usize> = (0..sorted.len()).collect();
        order.sort_by(|&a, &b| sorted[b].2.total_cmp(&sorted[a].2));
        let mut labels = Labels::default();
        for &at in order.iter().take(MOST_NAMES) {
            let row = sorted[at].0;
            let text = cut(&format!("{} / {}", row.area, row.item), 11.5, 300.0);
            let bounds = [left, top - 12.0, right + 30.0, bottom];
            let Some(place) = labels.place(&circles, at, (&text, 11.5), bounds) else { continue };
            if let Some(leader) = place.leader {
                canvas.line(&leader, SOFT, 0.7, "");
            }
            canvas.haloed(place.at, ink(11.5, INK, place.anchor), &text);
        }
        Ok(Picture { title, about, canvas })
    }
}

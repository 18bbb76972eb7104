//! Areas by items: exposure, concentration, risk.

use shocksweep_trade::indicators::Indicator;

use super::Of;
use crate::report::picture::canvas::{Anchor, Canvas, cut};
use crate::report::picture::heatmap::colour;
use crate::report::picture::{INK, Picture, PictureError, SOFT, ink};

impl Of<'_> {
    pub(super) fn heat(
        &self,
        name: &str,
        value: fn(&Indicator) -> Option<f64>,
    ) -> Result<Picture, PictureError> {
        let rows = self.last();
        let mut areas: Vec<(&str, f64)> = Vec::new();
        for row in &rows {
            match areas.last_mut().filter(|(area, _)| *area == &*row.area) {
                Some((_, sum)) => *sum += row.imports,
                None => areas.push((&row.area, row.imports)),
            }
        }
        areas.sort_by(|a, b| b.1.total_cmp(&a.1));
        areas.truncate(30);
        let traded = |item: &str| rows.iter().any(|row| &*row.item == item);
        let mut items: Vec<&str> = self
            .manifest
            .items
            .iter()
            .map(|item| item.name.as_str())
            .filter(|i| traded(i))
            .collect();
        items.sort_by_key(|item| self.tier(item));
        items.truncate(40);
        let (left, cell) = (190.0, [46.0, 22.0]);
        let title = format!("{name} in {}", self.manifest.panel.last_year);
        let about = format!(
            "The {} largest importers; items from upstream to downstream. Empty cells are undefined.",
            areas.len()
        );
        let width = (left + cell[0] * items.len() as f64 + 110.0).max(560.0);
        let mut canvas = Canvas::new(width, 250.0 + cell[1] * areas.len() as f64);
        let top = self.heading(&mut canvas, &title, &about) + 130.0;
        for (at, item) in items.iter().enumerate() {
            let x = left + (at as f64 + 0.55) * cell[0];
            canvas.rotated(
                [x, top - 8.0],
                -45.0,
                ink(12.0, SOFT, Anchor::Start),
                &cut(item, 12.0, 170.0),
            );
        }
        for (y, (area, _)) in areas.iter().enumerate() {
            let line = top + y as f64 * cell[1];
            canvas.text(
                [left - 8.0, line + 15.0],
                ink(12.5, INK, Anchor::End),
                &cut(area, 12.5, left - 20.0),
            );
            for (x, item) in items.iter().enumerate() {
                let row = rows.iter().find(|row| &*row.area == *area && &*row.item == *item);
                let Some(v) = row.and_then(|row| value(row)) else { continue };
                // The colours spread small losses by a square root; shares are to be read evenly.
                let shade = v.min(1.0) * v.min(1.0);
                let at = [left + x as f64 * cell[0], line];
                canvas.rect(at, [cell[0] - 1.5, cell[1] - 1.5], &colour(shade));
                let fill = if shade > 0.36 { "#ffffff" } else { INK };
                let middle = [at[0] + cell[0] / 2.0 - 1.0, line + 15.0];
                canvas.text(middle, ink(11.0, fill, Anchor::Middle), &format!("{v:.2}"));
            }
        }
        Ok(Picture { title, about, canvas })
    }
}

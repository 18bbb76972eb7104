//! How concentrated trade is over the years.

use super::{Of, WIDTH, nothing, scale};
use crate::report::picture::canvas::{Anchor, Canvas, cut};
use crate::report::picture::{
    GAIN, INK, LINE, LOSS, Picture, PictureError, SECOND, SOFT, ink, tick,
};

impl Of<'_> {
    pub(super) fn years(&self) -> Result<Picture, PictureError> {
        let world = &self.tables.world;
        let about = &self.manifest.panel;
        if about.first_year == about.last_year {
            return Err(nothing("the panel has one year; expected several"));
        }
        let mut items: Vec<(&str, f64)> = world
            .iter()
            .filter(|row| row.year == about.last_year)
            .map(|row| (&*row.item, row.trade))
            .collect();
        items.sort_by(|a, b| b.1.total_cmp(&a.1));
        items.truncate(8);
        let title = "Whose trade gathers in few hands".to_string();
        let text = format!(
            "The {} items most traded in {}, {} to {}.",
            items.len(),
            about.last_year,
            about.first_year,
            about.last_year
        );
        let mut canvas = Canvas::new(WIDTH, 640.0);
        let top = self.heading(&mut canvas, &title, &text) + 20.0;
        let panels: [(&str, fn(&shocksweep_trade::world::World) -> Option<f64>); 2] = [
            ("largest exporter's share", |row| row.top_share),
            ("Herfindahl index of exports", |row| row.export_hhi),
        ];
        for (at, (name, value)) in panels.into_iter().enumerate() {
            let (left, right) = (60.0 + 440.0 * at as f64, 440.0 + 440.0 * at as f64);
            let bottom = top + 330.0;
            canvas.text([left, top - 6.0], ink(13.0, INK, Anchor::Start), name);
            for step in 0..=4 {
                let v = f64::from(step) / 4.0;
                let y = scale(v, (0.0, 1.0), (bottom, top + 10.0));
                canvas.line(&[[left, y], [right, y]], LINE, 0.8, "");
                canvas.text([left - 6.0, y + 4.0], ink(12.0, SOFT, Anchor::End), &tick(v));
            }
            let span = (f64::from(about.first_year), f64::from(about.last_year));
            for year in
                [about.first_year, (about.first_year + about.last_year) / 2, about.last_year]
            {
                let x = scale(f64::from(year), span, (left, right));
                canvas.text([x, bottom + 18.0], ink(12.0, SOFT, Anchor::Middle), &year.to_string());
            }
            for (nth, (item, _)) in items.iter().enumerate() {
                let of_item = world.iter().filter(|row| &*row.item == *item);
                let points: Vec<[f64; 2]> = of_item
                    .filter_map(|row| {
                        let x = scale(f64::from(row.year), span, (left, right));
                        Some([x, scale(value(row)?, (0.0, 1.0), (bottom, top + 10.0))])
                    })
                    .collect();
                let (stroke, dashes) = stroke(nth);
                canvas.line(&points, stroke, 2.0, dashes);
            }
        }
        for (nth, (item, _)) in items.iter().enumerate() {
            let (x, y) = (60.0 + 430.0 * (nth % 2) as f64, top + 375.0 + 22.0 * (nth / 2) as f64);
            let (stroke, dashes) = stroke(nth);
            canvas.line(&[[x, y], [x + 34.0, y]], stroke, 2.4, dashes);
            canvas.text(
                [x + 42.0, y + 4.5],
                ink(13.0, INK, Anchor::Start),
                &cut(item, 13.0, 340.0),
            );
        }
        Ok(Picture { title, about: text, canvas })
    }
}

/// Line of the n-th item: colours first, then dashes.
fn stroke(nth: usize) -> (&'static str, &'static str) {
    let strokes = [LOSS, SECOND, GAIN, "#8f1020"];
    (strokes[nth % 4], ["", "7 4", "2 3"][(nth / 4) % 3])
}

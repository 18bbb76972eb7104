//! Links between items by tier.

use super::{Of, TIER_FILLS, TIERS, WIDTH, nothing};
use crate::report::picture::canvas::{Anchor, Canvas, cut};
use crate::report::picture::{INK, Picture, PictureError, SOFT, ink};
use crate::trade::job::LinkChoice;

impl Of<'_> {
    pub(super) fn links(&self) -> Result<Picture, PictureError> {
        let form = if self.manifest.job.links == LinkChoice::Levels { "levels" } else { "growth" };
        let links: Vec<_> = self.tables.links.iter().filter(|link| link.form == form).collect();
        if links.is_empty() {
            return Err(nothing(
                "the study has no candidate links: its job names no table of candidates",
            ));
        }
        let kept = links.iter().filter(|link| link.kept).count();
        let title = "Links between items that trade supports".to_string();
        let about = format!(
            "{kept} of {} candidates are supported by the test (full lines); the others are dashed.",
            links.len()
        );
        let named = |name: &str| links.iter().any(|l| &*l.input == name || &*l.output == name);
        let columns = TIERS.map(|tier| {
            let items = self.manifest.items.iter().filter(|i| i.tier == tier && named(&i.name));
            items.map(|item| item.name.as_str()).collect::<Vec<_>>()
        });
        let tall = columns.iter().map(Vec::len).max().unwrap_or(1).max(1) as f64 * 52.0;
        let mut canvas = Canvas::new(WIDTH, 170.0 + tall);
        let top = self.heading(&mut canvas, &title, &about) + 30.0;
        let place = |name: &str| -> Option<[f64; 2]> {
            columns.iter().enumerate().find_map(|(at, names)| {
                let row = names.iter().position(|other| *other == name)?;
                let step = tall / names.len() as f64;
                Some([120.0 + 330.0 * at as f64, top + (row as f64 + 0.5) * step])
            })
        };
        for link in &links {
            let (Some(from), Some(to)) = (place(&link.input), place(&link.output)) else {
                continue;
            };
            arrow(&mut canvas, from, to, link.kept);
        }
        for (at, names) in columns.iter().enumerate() {
            for name in names {
                let Some([x, y]) = place(name) else { continue };
                canvas.circle([x, y], 7.0, TIER_FILLS[at], (INK, 0.6));
                let text = cut(name, 12.5, 200.0);
                // Lines pass behind the names.
                let width = 6.6 * text.chars().count() as f64;
                canvas.rect([x - width / 2.0, y - 23.0], [width, 14.0], "#ffffff");
                canvas.text([x, y - 12.0], ink(12.5, INK, Anchor::Middle), &text);
            }
        }
        self.legend(&mut canvas, top + tall + 24.0);
        Ok(Picture { title, about, canvas })
    }
}

/// A line with a head, from circle to circle.
fn arrow(canvas: &mut Canvas, from: [f64; 2], to: [f64; 2], full: bool) {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let length = (dx * dx + dy * dy).sqrt().max(1.0);
    let (ux, uy) = (dx / length, dy / length);
    let start = [from[0] + 9.0 * ux, from[1] + 9.0 * uy];
    let end = [to[0] - 10.0 * ux, to[1] - 10.0 * uy];
    let (stroke, width, dashes) = if full { (INK, 1.6, "") } else { (SOFT, 0.9, "5 4") };
    // Within a tier the line bends around what lies between.
    let points = if dx.abs() < 1.0 {
        let bend = 26.0 + 0.12 * length;
        let steps = (0..=12).map(|n| {
            let t = f64::from(n) / 12.0;
            let aside = 4.0 * t * (1.0 - t) * bend;
            [start[0] - aside, start[1] + t * (end[1] - start[1])]
        });
        steps.collect::<Vec<_>>()
    } else {
        vec![start, end]
    };
    canvas.line(&points, stroke, width, dashes);
    let head = [
        end,
        [end[0] - 8.0 * ux - 4.0 * uy, end[1] - 8.0 * uy + 4.0 * ux],
        [end[0] - 8.0 * ux + 4.0 * uy, end[1] - 8.0 * uy - 4.0 * ux],
    ];
    canvas.polygon(&head, stroke, (stroke, 0.5));
}

//! Centres of clusters, with their members.

use shocksweep_trade::clusters::{ClusterCentre, FEATURES};

use super::{Of, WIDTH, nothing};
use crate::report::picture::canvas::{Anchor, Canvas, lines};
use crate::report::picture::heatmap::colour;
use crate::report::picture::{INK, Picture, PictureError, SOFT, ink};

impl Of<'_> {
    pub(super) fn clusters(&self) -> Result<Picture, PictureError> {
        let clustering = &self.tables.clustering;
        let Some(best) = clustering.quality.iter().find(|q| q.chosen) else {
            return Err(nothing(
                "the study has no clusters: too few areas have a value in all features",
            ));
        };
        let centres: Vec<&ClusterCentre> =
            clustering.centres.iter().filter(|c| c.k == best.k).collect();
        let title = format!("{} groups of areas that depend alike", best.k);
        let about = format!(
            "Centres in standard deviations from the mean of all areas (orange above, blue below); mean silhouette {:.2}.",
            best.silhouette
        );
        let members = |cluster: u32| {
            let of = clustering.clusters.iter().filter(|c| c.k == best.k && c.cluster == cluster);
            of.map(|c| &*c.area).collect::<Vec<_>>().join(", ")
        };
        let listed: Vec<Vec<String>> = centres
            .iter()
            .map(|c| lines(&members(c.cluster), 12.0, WIDTH - 70.0).into_iter().take(4).collect())
            .collect();
        let text: f64 = listed.iter().map(|lines| 34.0 + 16.0 * lines.len() as f64).sum();
        let mut canvas = Canvas::new(WIDTH, 260.0 + 30.0 * centres.len() as f64 + text);
        let top = self.heading(&mut canvas, &title, &about) + 120.0;
        let (left, cell) = (110.0, 88.0);
        for (at, feature) in FEATURES.iter().enumerate() {
            let x = left + (at as f64 + 0.4) * cell;
            canvas.rotated(
                [x, top - 8.0],
                -40.0,
                ink(12.0, SOFT, Anchor::Start),
                &feature.replace('_', " "),
            );
        }
        for (row, centre) in centres.iter().enumerate() {
            let y = top + 30.0 * row as f64;
            canvas.text(
                [left - 10.0, y + 19.0],
                ink(13.0, INK, Anchor::End),
                &format!("{} ({})", centre.cluster, centre.areas),
            );
            for (at, value) in values(centre).into_iter().enumerate() {
                let Some(v) = value else { continue };
                let size = (v / 2.5).clamp(-1.0, 1.0);
                let shade = size * size.abs();
                let x = left + cell * at as f64;
                canvas.rect([x, y], [cell - 2.0, 28.0], &colour(shade));
                let fill = if shade > 0.36 { "#ffffff" } else { INK };
                canvas.text(
                    [x + cell / 2.0, y + 19.0],
                    ink(12.0, fill, Anchor::Middle),
                    &format!("{v:+.1}"),
                );
            }
        }
        let mut y = top + 30.0 * centres.len() as f64 + 30.0;
        for (centre, lines) in centres.iter().zip(listed) {
            canvas.text([24.0, y], ink(13.0, INK, Anchor::Start), &centre.cluster.to_string());
            for line in lines {
                canvas.text([50.0, y], ink(12.0, SOFT, Anchor::Start), &line);
                y += 16.0;
            }
            y += 14.0;
        }
        Ok(Picture { title, about, canvas })
    }
}

/// Features of a centre in their order.
fn values(c: &ClusterCentre) -> [Option<f64>; 8] {
    [
        c.all_exposure,
        c.all_concentration,
        c.all_str,
        c.all_influence_own,
        c.input_exposure,
        c.input_concentration,
        c.input_str,
        c.input_influence_own,
    ]
}

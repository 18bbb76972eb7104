//! Pictures of a study of trade, for papers.

use shocksweep_trade::clusters::{ClusterCentre, FEATURES};
use shocksweep_trade::indicators::Indicator;
use shocksweep_trade::profiles::POOLED;
use shocksweep_trade::study::Tables;

use super::canvas::{Anchor, Canvas, cut, lines};
use super::heatmap::colour;
use super::{BETTER, GAIN, INK, LINE, LOSS, Picture, PictureError, SECOND, SOFT, ink, tick};
use crate::trade::job::LinkChoice;
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
    tables: &'a Tables,
}

/// Draws a finished study.
///
/// # Errors
/// The study does not have what the picture shows.
pub fn draw(
    manifest: &Manifest,
    tables: &Tables,
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

    fn links(&self) -> Result<Picture, PictureError> {
        let form = if self.manifest.job.links == LinkChoice::Levels { "levels" } else { "growth" };
        let links: Vec<_> = self.tables.links.iter().filter(|link| link.form == form).collect();
        if links.is_empty() {
            return Err(nothing("the study has no candidate links: give --candidates"));
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

    fn heat(
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

    fn influence(&self) -> Result<Picture, PictureError> {
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
        for &(row, risk, influence) in &sorted {
            let radius = 2.0 + 24.0 * (row.exports / exports).sqrt();
            canvas.circle(
                [x(risk), y(influence)],
                radius,
                TIER_FILLS[self.tier(&row.item)],
                ("#ffffff", 0.8),
            );
        }
        sorted.sort_by(|a, b| b.2.total_cmp(&a.2));
        let mut taken: Vec<[f64; 2]> = Vec::new();
        for &(row, risk, influence) in sorted.iter().take(30) {
            // Names do not cover each other; the most influential ones go first.
            let place = [x(risk), y(influence)];
            let covers = |other: &[f64; 2]| {
                (place[1] - other[1]).abs() < 13.0 && (place[0] - other[0]).abs() < 300.0
            };
            if taken.iter().any(covers) {
                continue;
            }
            taken.push(place);
            let text = format!("{} / {}", row.area, row.item);
            let (at, anchor) = match x(risk) > (left + right) / 2.0 {
                true => (x(risk) - 10.0, Anchor::End),
                false => (x(risk) + 10.0, Anchor::Start),
            };
            canvas.text([at, y(influence) + 4.0], ink(11.5, INK, anchor), &cut(&text, 11.5, 300.0));
        }
        Ok(Picture { title, about, canvas })
    }

    fn years(&self) -> Result<Picture, PictureError> {
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

    fn clusters(&self) -> Result<Picture, PictureError> {
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

    fn tiers(&self) -> Result<Picture, PictureError> {
        let tests: Vec<_> = self.tables.tiers.iter().filter(|t| t.scope == POOLED).collect();
        let largest =
            tests.iter().filter_map(|t| t.median_difference).map(f64::abs).fold(0.0, f64::max);
        if largest == 0.0 {
            return Err(nothing("the study has no differences of tiers"));
        }
        let title = "Tiers against all items".to_string();
        let about = "Median difference over areas, all years pooled; full bars differ (Wilcoxon signed-rank, Benjamini-Hochberg at 5 %), pale ones do not.".to_string();
        let mut canvas = Canvas::new(WIDTH, 140.0 + 26.0 * tests.len() as f64);
        let top = self.heading(&mut canvas, &title, &about) + 14.0;
        let (left, right) = (250.0, WIDTH - 70.0);
        let x = |v: f64| scale(v, (-largest, largest), (left, right));
        for (row, test) in tests.iter().enumerate() {
            let y = top + 26.0 * row as f64;
            let name = format!("{}: {}", test.indicator.replace('_', " "), test.tier);
            canvas.text([left - 10.0, y + 15.0], ink(13.0, INK, Anchor::End), &name);
            let Some(v) = test.median_difference else { continue };
            let differs = test.p_bh.is_some_and(|p| p <= 0.05);
            let fill = match (differs, v >= 0.0) {
                (true, true) => LOSS,
                (true, false) => SECOND,
                (false, true) => "#fbe3b4",
                (false, false) => BETTER,
            };
            canvas.rect([x(v.min(0.0)), y + 3.0], [(x(v) - x(0.0)).abs(), 17.0], fill);
            let (at, anchor) =
                if v >= 0.0 { (x(v) + 5.0, Anchor::Start) } else { (x(v) - 5.0, Anchor::End) };
            canvas.text([at, y + 16.0], ink(11.5, SOFT, anchor), &format!("{v:+.3}"));
        }
        canvas.line(&[[x(0.0), top], [x(0.0), top + 26.0 * tests.len() as f64]], SOFT, 1.0, "");
        Ok(Picture { title, about, canvas })
    }

    fn coefficients(&self) -> Result<Picture, PictureError> {
        let rows: Vec<_> = self
            .tables
            .regressions
            .iter()
            .filter(|r| r.effects == "area" && r.risk == "str" && r.regressor != "level")
            .filter_map(|r| Some((r, r.coef?, r.low?, r.high?)))
            .collect();
        if rows.is_empty() {
            return Err(nothing("no regression could be estimated: too few years or areas"));
        }
        let title = "What dependency foretells".to_string();
        let about = format!(
            "Coefficients with 95 % intervals: change of ln(1 + RCA) and ln(1 + exports) over {} years; area and item-year effects, errors clustered by area. Pale: not distinguishable from 0.",
            self.manifest.job.horizon
        );
        let least = rows.iter().map(|row| row.2).fold(0.0, f64::min);
        let most = rows.iter().map(|row| row.3).fold(0.0, f64::max);
        let mut canvas = Canvas::new(WIDTH, 150.0 + 19.0 * rows.len() as f64);
        let top = self.heading(&mut canvas, &title, &about) + 24.0;
        let (left, right) = (330.0, WIDTH - 40.0);
        let x = |v: f64| scale(v, (least, most), (left, right));
        for (at, (row, coef, low, high)) in rows.iter().enumerate() {
            let y = top + 19.0 * at as f64 + 10.0;
            let name = format!("{}, {}: {}", row.outcome, row.set, row.regressor).replace('_', " ");
            canvas.text([left - 12.0, y + 4.0], ink(12.0, INK, Anchor::End), &name);
            let differs = row.p.is_some_and(|p| p <= 0.05);
            let fill = if !differs {
                LINE
            } else if *coef > 0.0 {
                LOSS
            } else {
                SECOND
            };
            canvas.line(&[[x(*low), y], [x(*high), y]], fill, 2.4, "");
            canvas.circle([x(*coef), y], 4.0, fill, (SOFT, 0.5));
        }
        let bottom = top + 19.0 * rows.len() as f64 + 4.0;
        canvas.line(&[[x(0.0), top], [x(0.0), bottom]], SOFT, 1.0, "");
        for v in [least, 0.0, most] {
            canvas.text([x(v), top - 6.0], ink(12.0, SOFT, Anchor::Middle), &tick(v));
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

/// Line of the n-th item: colours first, then dashes.
fn stroke(nth: usize) -> (&'static str, &'static str) {
    let strokes = [LOSS, SECOND, GAIN, "#8f1020"];
    (strokes[nth % 4], ["", "7 4", "2 3"][(nth / 4) % 3])
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

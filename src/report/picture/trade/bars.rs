//! Differences of tiers, and coefficients of regressions.

use shocksweep_trade::profiles::POOLED;

use super::{Of, WIDTH, nothing, scale};
use crate::report::picture::canvas::{Anchor, Canvas};
use crate::report::picture::{
    BETTER, INK, LINE, LOSS, Picture, PictureError, SECOND, SOFT, ink, tick,
};

impl Of<'_> {
    pub(super) fn tiers(&self) -> Result<Picture, PictureError> {
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

    pub(super) fn coefficients(&self) -> Result<Picture, PictureError> {
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

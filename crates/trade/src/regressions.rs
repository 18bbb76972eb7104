//! Does dependency today tell how trade changes?
//!
//! ```text
//! f(y+h) - f(y) = b1 E + b2 H + b3 risk + b4 f(y) + entity effect + cell effect + e
//! ```
//!
//! f = ln(1 + RCA) or ln(1 + X), risk = STR or TR, all at y. Effects `area`: area and item-year;
//! `sector`: sector and year. An item no longer traded at y+h has X = 0 and RCA = 0. `with_inputs`
//! takes the items with kept inputs and adds the plain means of E, H and risk over the direct inputs
//! that the area trades. Source: Klimek et al. 2025 (the question); the formula is shocksweep's own.

use rayon::prelude::*;
use shocksweep_columnar::record;

use crate::effects::{Design, Fit, fit};
use crate::indicators::{Indicator, YearIndicators};
use crate::panel::Panel;
use crate::parameters::Link;
use crate::profiles::{SETS, members};
use crate::world::mean;

record! {
    /// A coefficient of a regression.
    pub struct Regression = "regressions" {
        /// Effects: area (area and item-year) or sector (sector and year).
        pub effects: String,
        /// Risk: str or trade_risk.
        pub risk: String,
        /// Outcome: rca or exports, its logarithm's change over the horizon.
        pub outcome: String,
        /// Items: all, raw, input, final, or with_inputs.
        pub set: String,
        /// exposure, concentration, risk, level, or the means over inputs.
        pub regressor: String,
        /// estimated; dropped: explained by the effects and the regressors before it; too_few.
        pub reason: String,
        /// Observations used.
        pub n: u32,
        /// Entities used.
        pub entities: u32,
        /// Cells used.
        pub cells: u32,
        /// Clusters used: areas.
        pub clusters: u32,
        /// Estimate.
        pub coef: Option<f64>,
        /// Standard error, clustered by area.
        pub se: Option<f64>,
        /// coef / se.
        pub t: Option<f64>,
        /// Degrees of freedom.
        pub dof: Option<u32>,
        /// Two-sided.
        pub p: Option<f64>,
        /// Lower end of the 95 % interval.
        pub low: Option<f64>,
        /// Upper end.
        pub high: Option<f64>,
        /// In standard deviations of the outcome per one of the regressor.
        pub beta_std: Option<f64>,
        /// Share of the variance left by the effects that is explained.
        pub r2_within: Option<f64>,
    }
}

/// Which effects are taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effects {
    /// Area and item-year.
    Area,
    /// Sector and year.
    Sector,
}

/// A regression.
#[derive(Debug, Clone, Copy)]
struct Model {
    effects: Effects,
    risk: (&'static str, fn(&Indicator) -> Option<f64>),
    outcome: &'static str,
    set: &'static str,
}

/// The set of items with kept inputs.
const WITH_INPUTS: &str = "with_inputs";

/// Names of the regressors in their order.
const PLAIN: [&str; 4] = ["exposure", "concentration", "risk", "level"];
const INPUTS: [&str; 7] = [
    "exposure",
    "concentration",
    "risk",
    "inputs_exposure",
    "inputs_concentration",
    "inputs_risk",
    "level",
];

/// All regressions with a horizon in years.
pub fn regressions(
    panel: &Panel,
    years: &[YearIndicators],
    links: &[Link],
    horizon: usize,
) -> Vec<Regression> {
    let mut models = Vec::new();
    let risks: [(&'static str, fn(&Indicator) -> Option<f64>); 2] =
        [("str", |row| row.str), ("trade_risk", |row| row.trade_risk)];
    for effects in [Effects::Area, Effects::Sector] {
        for risk in risks {
            for outcome in ["rca", "exports"] {
                for set in SETS.into_iter().chain([WITH_INPUTS]) {
                    models.push(Model { effects, risk, outcome, set });
                }
            }
        }
    }
    let run = |model: &Model| model.rows(panel, years, links, horizon);
    models.par_iter().map(run).collect::<Vec<_>>().concat()
}

/// Observations of a model.
#[derive(Default)]
struct Sample {
    entity: Vec<u32>,
    cell: Vec<u32>,
    cluster: Vec<u32>,
    outcome: Vec<f64>,
    regressors: Vec<Vec<f64>>,
}

impl Model {
    fn names(&self) -> &'static [&'static str] {
        if self.set == WITH_INPUTS { &INPUTS } else { &PLAIN }
    }

    /// Outcome at a year: ln(1 + RCA) or ln(1 + X).
    fn level(&self, row: &Indicator) -> Option<f64> {
        let value = if self.outcome == "rca" { row.rca? } else { row.exports };
        Some(libm::log1p(value))
    }

    fn sample(
        &self,
        panel: &Panel,
        years: &[YearIndicators],
        links: &[Link],
        horizon: usize,
    ) -> Sample {
        let items = panel.items.len();
        let inputs: Vec<Vec<usize>> = (0..items)
            .map(|p| links.iter().filter(|link| link.1 == p).map(|link| link.0).collect())
            .collect();
        let set: Vec<usize> = match self.set {
            WITH_INPUTS => (0..items).filter(|&p| !inputs[p].is_empty()).collect(),
            set => members(panel, set),
        };
        let mut sample =
            Sample { regressors: vec![Vec::new(); self.names().len()], ..Sample::default() };
        for (y, pair) in years.iter().zip(years.iter().skip(horizon)).enumerate() {
            for c in 0..panel.areas.len() {
                for &p in &set {
                    let Some((row, change)) = self.observation(pair, &inputs[p], (p, c)) else {
                        continue;
                    };
                    let (entity, cell) = match self.effects {
                        Effects::Area => (c, y * items + p),
                        Effects::Sector => (c * items + p, y),
                    };
                    sample.entity.push(entity as u32);
                    sample.cell.push(cell as u32);
                    sample.cluster.push(c as u32);
                    sample.outcome.push(change);
                    sample
                        .regressors
                        .iter_mut()
                        .zip(row)
                        .for_each(|(column, value)| column.push(value));
                }
            }
        }
        sample
    }

    /// Regressors and outcome of a sector-year; `None` where one of them is undefined.
    fn observation(
        &self,
        (now, then): (&YearIndicators, &YearIndicators),
        inputs: &[usize],
        (p, c): (usize, usize),
    ) -> Option<(Vec<f64>, f64)> {
        let row = now.get(p, c)?;
        let level = self.level(row)?;
        let later = then.get(p, c).and_then(|row| self.level(row)).unwrap_or(0.0);
        let mut regressors = vec![row.exposure?, row.concentration?, (self.risk.1)(row)?];
        if self.set == WITH_INPUTS {
            let of = |value: fn(&Indicator) -> Option<f64>| {
                mean(inputs.iter().map(|&r| now.get(r, c).and_then(value)))
            };
            regressors.extend([
                of(|row| row.exposure)?,
                of(|row| row.concentration)?,
                of(self.risk.1)?,
            ]);
        }
        regressors.push(level);
        Some((regressors, later - level))
    }

    fn rows(
        &self,
        panel: &Panel,
        years: &[YearIndicators],
        links: &[Link],
        horizon: usize,
    ) -> Vec<Regression> {
        let sample = self.sample(panel, years, links, horizon);
        let found = fit(&Design {
            entity: &sample.entity,
            cell: &sample.cell,
            cluster: &sample.cluster,
            outcome: &sample.outcome,
            regressors: &sample.regressors,
        });
        self.names().iter().enumerate().map(|(at, name)| self.row(&found, at, name)).collect()
    }

    fn row(&self, found: &Fit, at: usize, name: &str) -> Regression {
        let coefficient = found.coefficients[at];
        let reason = match (found.is_estimated, coefficient) {
            (false, _) => "too_few",
            (true, None) => "dropped",
            (true, Some(_)) => "estimated",
        };
        Regression {
            effects: if self.effects == Effects::Area { "area" } else { "sector" }.into(),
            risk: self.risk.0.into(),
            outcome: self.outcome.into(),
            set: self.set.into(),
            regressor: name.into(),
            reason: reason.into(),
            n: found.n as u32,
            entities: found.entities as u32,
            cells: found.cells as u32,
            clusters: found.clusters as u32,
            coef: coefficient.map(|c| c.coef),
            se: coefficient.map(|c| c.se),
            t: coefficient.map(|c| c.t),
            dof: coefficient.map(|_| found.clusters as u32 - 1),
            p: coefficient.map(|c| c.p),
            low: coefficient.map(|c| c.low),
            high: coefficient.map(|c| c.high),
            beta_std: coefficient.map(|c| c.beta_std),
            r2_within: found.r2_within,
        }
    }
}

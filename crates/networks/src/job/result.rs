//! What came of a model, as rows of tables.

use super::checks::{DesignSum, FitMeasure};
use crate::records::{
    BootstrapSummary, CurvePoint, DesignRow, FitRow, GofRow, Mple, ReplicateRow, SimulatedStatistic,
};
use crate::tergm::bootstrap::Bootstrap;
use crate::tergm::curves::{Curves, curves, thinned};
use crate::tergm::fit::{Fit, Outcome};
use crate::tergm::intervals::{Spread, spread};
use crate::tergm::likelihood::{Designs, fitted};
use crate::tergm::model::Model;
use crate::tergm::step::Step;
use crate::world::World;

/// Points of a curve in tables.
const CURVE_POINTS: usize = 201;
/// Batches of a chain whose means tell its Monte-Carlo error.
pub(super) const BATCHES: usize = 10;

/// Rows of one model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelRows {
    /// Coefficients.
    pub mple: Vec<Mple>,
    /// The fit, one row.
    pub fits: Vec<FitRow>,
    /// Bootstrap.
    pub summary: Vec<BootstrapSummary>,
    /// Replicates, on demand and for exact bootstraps.
    pub replicates: Vec<ReplicateRow>,
    /// Goodness of fit.
    pub gof: Vec<GofRow>,
    /// The model's own statistics in drawn networks.
    pub simulated: Vec<SimulatedStatistic>,
    /// ROC and precision-recall.
    pub curves: Vec<CurvePoint>,
    /// Change statistics, on demand.
    pub design: Vec<DesignRow>,
    /// Measures of the fit.
    pub measures: Vec<FitMeasure>,
    /// Sums of the change statistics.
    pub checksums: Vec<DesignSum>,
}

pub(super) fn key(model: &Model) -> (String, String) {
    (model.tier.clone(), model.name.clone())
}

/// Coefficients, fit and bootstrap.
pub(super) fn estimates(
    model: &Model,
    designs: &Designs,
    fit: &Fit,
    bootstrap: &Bootstrap,
    keep_replicates: bool,
) -> ModelRows {
    let (tier, name) = key(model);
    let mut rows = ModelRows::default();
    let pairs: f64 = fit.sums.iter().map(|sums| sums.pairs).sum();
    let slope = fit.sums.iter().map(|sums| sums.curvature).sum::<f64>() / pairs;
    let is_estimated = fit.outcome == Outcome::Estimated;
    for (term, label) in model.labels().into_iter().enumerate() {
        let b = fit.coefficient(term);
        let found = b.and_then(|_| spread(bootstrap, term));
        if let (Some(b), Some(found)) = (b, &found) {
            rows.summary.push(summary(model, &label, b, found, bootstrap.exact));
        }
        let ends = |level: usize| found.as_ref().map(|found| found.intervals[level]);
        let (lower, upper) = (|level| ends(level).map(|e| e.0), |level| ends(level).map(|e| e.1));
        rows.mple.push(Mple {
            tier: tier.clone(),
            model: name.clone(),
            k: term as u32 + 1,
            term: label,
            mple: b,
            information_se: fit.standard_error(term),
            outcome: outcome(fit, term).to_string(),
            boot_mean: found.as_ref().map(|found| found.mean),
            boot_sd: found.as_ref().map(|found| found.sd),
            lower_90: lower(0),
            upper_90: upper(0),
            lower_95: lower(1),
            upper_95: upper(1),
            lower_99: lower(2),
            upper_99: upper(2),
            stars: "*".repeat(found.as_ref().map_or(0, |found| found.stars)),
            odds_ratio: b.map(libm::exp),
            odds_lower: lower(1).map(libm::exp),
            odds_upper: upper(1).map(libm::exp),
            percent: b.map(|b| 100.0 * libm::expm1(b)),
            marginal_effect: b.map(|b| slope * b),
        });
    }
    if keep_replicates || bootstrap.exact {
        rows.replicates = replicates(model, fit, bootstrap);
    }
    let scored = if is_estimated { fitted(designs, &fit.theta) } else { Vec::new() };
    let mean_fitted = scored.iter().map(|(p, _)| p).sum::<f64>() / pairs;
    let curves = curves(scored);
    if is_estimated {
        let measure = |(measure, value): (&str, Option<f64>)| {
            let (tier, model) = key(model);
            value.map(|value| FitMeasure { tier, model, measure: measure.into(), value })
        };
        let all = [
            ("pseudo_loglik", Some(fit.loglik)),
            ("mean_fitted", Some(mean_fitted)),
            ("auc_roc", curves.as_ref().map(|curves| curves.auc)),
            ("average_precision", curves.as_ref().map(|curves| curves.average_precision)),
        ];
        rows.measures = all.into_iter().filter_map(measure).collect();
    }
    push_curve(model, "fitted", curves.as_ref(), &mut rows.curves);
    rows.fits.push(fit_row(model, designs.steps(), fit, bootstrap, curves.as_ref()));
    rows
}

fn outcome(fit: &Fit, term: usize) -> &'static str {
    if fit.collinear.contains(&term) {
        return "collinear";
    }
    match fit.outcome {
        Outcome::Separated if !fit.separated.contains(&term) => "not_estimated",
        outcome => outcome.name(),
    }
}

fn summary(model: &Model, label: &str, b: f64, found: &Spread, exact: bool) -> BootstrapSummary {
    let (lower_95, upper_95) = found.intervals[1];
    let only = |value: f64| exact.then_some(value);
    let (tier, name) = key(model);
    BootstrapSummary {
        tier,
        model: name,
        term: label.to_string(),
        bootstrap: if exact { "exact" } else { "drawn" }.to_string(),
        mple: b,
        exact_mean: only(found.mean),
        exact_sd: only(found.sd),
        exact_low: only(lower_95),
        exact_high: only(upper_95),
        boot_mean: found.mean,
        boot_sd: found.sd,
        lower_95,
        upper_95,
    }
}

fn replicates(model: &Model, fit: &Fit, bootstrap: &Bootstrap) -> Vec<ReplicateRow> {
    let labels = model.labels();
    let (tier, name) = key(model);
    let mut rows = Vec::with_capacity(bootstrap.replicates.len() * labels.len());
    for (at, replicate) in bootstrap.replicates.iter().enumerate() {
        let drawn: Vec<String> = replicate.multiplicities.iter().map(u32::to_string).collect();
        for (term, label) in labels.iter().enumerate() {
            let theta = replicate.theta.as_ref().filter(|_| fit.active.contains(&term));
            rows.push(ReplicateRow {
                tier: tier.clone(),
                model: name.clone(),
                replicate: at as u32 + 1,
                multiplicities: drawn.join(" "),
                probability: replicate.probability,
                term: label.clone(),
                coefficient: theta.map(|theta| theta[term]),
            });
        }
    }
    rows
}

fn fit_row(
    model: &Model,
    steps: &[Step],
    fit: &Fit,
    bootstrap: &Bootstrap,
    curves: Option<&Curves>,
) -> FitRow {
    let (tier, name) = key(model);
    let labels = model.labels();
    let named = |terms: &[usize]| -> String {
        terms.iter().map(|&term| labels[term].as_str()).collect::<Vec<_>>().join(", ")
    };
    let mut areas: Vec<u32> = steps.iter().flat_map(|step| step.areas.iter().copied()).collect();
    areas.sort_unstable();
    areas.dedup();
    let kind = match (bootstrap.replicates.is_empty(), bootstrap.exact) {
        (true, _) => "none",
        (_, true) => "exact",
        _ => "drawn",
    };
    FitRow {
        tier,
        model: name,
        first_year: steps.first().map_or(0, |step| step.year),
        last_year: steps.last().map_or(0, |step| step.year),
        pairs: steps.iter().map(|step| step.pairs() as u64).sum(),
        ties: steps.iter().map(|step| step.structure.edges() as u64).sum(),
        steps: steps.len() as u32,
        areas: areas.len() as u32,
        pseudo_loglik: (fit.outcome == Outcome::Estimated).then_some(fit.loglik),
        auc_roc: curves.map(|curves| curves.auc),
        average_precision: curves.map(|curves| curves.average_precision),
        iterations: fit.iterations as u32,
        bootstrap: kind.to_string(),
        replicates: bootstrap.replicates.len() as u32,
        dropped: bootstrap.dropped() as u32,
        outcome: fit.outcome.name().to_string(),
        collinear: named(&fit.collinear),
        separated: named(&fit.separated),
        auc_simulated: None,
        precision_simulated: None,
        auc_random: None,
        precision_random: None,
        acceptance: None,
        autocorrelation: None,
        degenerate_steps: None,
    }
}

pub(super) fn push_curve(
    model: &Model,
    source: &str,
    found: Option<&Curves>,
    rows: &mut Vec<CurvePoint>,
) {
    let (tier, name) = key(model);
    for point in found.map_or(Vec::new(), |found| thinned(&found.points, CURVE_POINTS)) {
        rows.push(CurvePoint {
            tier: tier.clone(),
            model: name.clone(),
            source: source.to_string(),
            false_positives: point.false_positives,
            recall: point.recall,
            precision: point.precision,
        });
    }
}

/// Rows of the design of a model.
pub(super) fn design(world: &World, model: &Model, steps: &[Step]) -> Vec<DesignRow> {
    let labels = model.labels();
    let (tier, name) = key(model);
    let mut rows = Vec::new();
    for step in steps {
        let code = |at: usize| world.areas[step.areas[at] as usize].code.clone();
        let n = step.areas.len();
        for i in 0..n {
            for j in (0..n).filter(|&j| j != i) {
                for (term, label) in labels.iter().enumerate() {
                    rows.push(DesignRow {
                        tier: tier.clone(),
                        model: name.clone(),
                        t: step.t as u32,
                        importer: code(i),
                        exporter: code(j),
                        y: u32::from(step.structure.tie(i, j)),
                        term: label.clone(),
                        value: step.change(&step.structure, term, i, j),
                    });
                }
            }
        }
    }
    rows
}

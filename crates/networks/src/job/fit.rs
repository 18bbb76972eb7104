//! How a model fits, as rows of tables.

use super::result::{BATCHES, ModelRows, key, push_curve};
use crate::records::{GofRow, SimulatedStatistic};
use crate::tergm::counts::Counts;
use crate::tergm::curves::curves;
use crate::tergm::gof::{StepGof, distribution, random_scores, tie_scores};
use crate::tergm::model::Model;
use crate::tergm::simulate::Chain;

/// Adds goodness of fit to the rows of a model.
pub(super) fn add_gof(model: &Model, steps: &[StepGof], chain: &Chain, rows: &mut ModelRows) {
    let simulated = curves(tie_scores(steps));
    let random = curves(random_scores(steps, chain));
    push_curve(model, "simulated", simulated.as_ref(), &mut rows.curves);
    push_curve(model, "random", random.as_ref(), &mut rows.curves);
    if let Some(row) = rows.fits.first_mut() {
        row.auc_simulated = simulated.as_ref().map(|found| found.auc);
        row.precision_simulated = simulated.as_ref().map(|found| found.average_precision);
        row.auc_random = random.as_ref().map(|found| found.auc);
        row.precision_random = random.as_ref().map(|found| found.average_precision);
        let count = steps.len().max(1) as f64;
        row.acceptance = Some(steps.iter().map(|step| step.run.acceptance).sum::<f64>() / count);
        row.autocorrelation =
            steps.iter().filter_map(|step| step.run.autocorrelation).max_by(f64::total_cmp);
        row.degenerate_steps = Some(steps.iter().filter(|s| s.run.degenerate).count() as u32);
    }
    for step in steps {
        count_rows(model, step, &mut rows.gof);
        statistic_rows(model, step, &mut rows.simulated);
    }
    mean_rows(model, steps, &mut rows.gof);
}

fn gof_row(
    model: &Model,
    at: (Option<u32>, Option<i32>),
    (statistic, value): (&str, String),
    observed: f64,
    drawn: &[f64],
) -> Option<GofRow> {
    let found = distribution(observed, drawn)?;
    let [min, low, q25, median, q75, high, max] = found.quantiles;
    if max == 0.0 && observed == 0.0 {
        return None;
    }
    let (tier, name) = key(model);
    let statistic = statistic.to_string();
    let (t, year, mean, sd, p) = (at.0, at.1, found.mean, found.sd, found.p);
    let model = name;
    Some(GofRow {
        tier,
        model,
        t,
        year,
        statistic,
        value,
        observed,
        mean,
        sd,
        min,
        low,
        q25,
        median,
        q75,
        high,
        max,
        p,
    })
}

fn count_rows(model: &Model, step: &StepGof, rows: &mut Vec<GofRow>) {
    let at = (Some(step.t as u32), Some(step.year));
    for place in 0..step.observed.len() {
        let drawn: Vec<f64> =
            step.simulated.iter().map(|counts| f64::from(counts.all()[place])).collect();
        let observed = f64::from(step.observed.all()[place]);
        rows.extend(gof_row(model, at, Counts::name(step.n, place), observed, &drawn));
    }
}

/// Means over steps, where all steps have as many areas.
fn mean_rows(model: &Model, steps: &[StepGof], rows: &mut Vec<GofRow>) {
    let Some(first) = steps.first() else { return };
    if steps.iter().any(|step| step.n != first.n) {
        return;
    }
    let count = steps.len() as f64;
    for place in 0..first.observed.len() {
        let mean = |counts: &dyn Fn(&StepGof) -> u32| -> f64 {
            steps.iter().map(|step| f64::from(counts(step))).sum::<f64>() / count
        };
        let observed = mean(&|step| step.observed.all()[place]);
        let drawn: Vec<f64> = (0..first.simulated.len())
            .map(|network| mean(&|step| step.simulated[network].all()[place]))
            .collect();
        rows.extend(gof_row(model, (None, None), Counts::name(first.n, place), observed, &drawn));
    }
}

fn statistic_rows(model: &Model, step: &StepGof, rows: &mut Vec<SimulatedStatistic>) {
    let (tier, name) = key(model);
    for (term, label) in model.labels().into_iter().enumerate() {
        let drawn: Vec<f64> = step.drawn.iter().map(|statistics| statistics[term]).collect();
        let Some(found) = distribution(step.statistics[term], &drawn) else { continue };
        rows.push(SimulatedStatistic {
            tier: tier.clone(),
            model: name.clone(),
            t: step.t as u32,
            year: step.year,
            term: label,
            observed: found.observed,
            sim_mean: found.mean,
            sim_sd: found.sd,
            mc_se: monte_carlo_error(&drawn),
            p: found.p,
        });
    }
}

/// Standard error of the mean of a chain, by the spread of the means of its batches.
fn monte_carlo_error(chain: &[f64]) -> Option<f64> {
    let size = chain.len() / BATCHES;
    if size < 2 {
        return None;
    }
    let means: Vec<f64> =
        chain.chunks_exact(size).map(|batch| batch.iter().sum::<f64>() / size as f64).collect();
    let count = means.len() as f64;
    let mean = means.iter().sum::<f64>() / count;
    let square: f64 = means.iter().map(|x| (x - mean) * (x - mean)).sum();
    Some((square / (count - 1.0) / count).sqrt())
}

//! Refits of many replicates side by side, by BFGS from the full fit.
//!
//! The inverse of sum m_t H_t, H_t the information of step t in the full fit, is the first metric,
//! so that a pass needs gradients alone. All replicates go through a tile together.

use nalgebra::{DMatrix, DVector};
use pulp::Arch;
use rayon::prelude::*;

use super::design::Design;
use super::fit::Fit;
use super::kernel::{GROUP, add_gradients};
use super::likelihood::{Designs, Sums};
use super::solve::{factor, scaled, select};

/// Largest scaled move of the last pass.
const CONVERGED: f64 = 1e-10;
/// Curvature along a move that is this share of what it is in the full fit: there may be no finite
/// maximum, as where ties are separated from non-ties; Newton's method tells.
const FLAT: f64 = 0.02;
/// Passes after which a replicate is left to Newton's method.
const MAX_PASSES: usize = 60;
/// Replicates that go through a tile together.
const TEAM: usize = 8 * GROUP;

/// How a refit ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Refit {
    /// Coefficients of all terms, 0 where the full fit has no estimate.
    Found(Vec<f64>),
    /// No end.
    Lost,
}

/// A replicate on its way.
struct Resampled<'a> {
    weights: &'a [f64],
    theta: Vec<f64>,
    /// Hessian of the scaled, active terms at the coefficients of the full fit.
    information: DMatrix<f64>,
    /// Inverse of the Hessian, as far as it is known.
    metric: DMatrix<f64>,
    /// Last move and the gradient before it.
    last: Option<(DVector<f64>, DVector<f64>)>,
    gradient: Vec<f64>,
    decrement: f64,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Going,
    Done,
    Lost,
}

/// Refits a model for several weights per step; `None` if `stop` said so between two steps of a pass.
pub fn refit(
    designs: &Designs,
    full: &Fit,
    weights: &[&[f64]],
    stop: &(dyn Fn() -> bool + Sync),
) -> Option<Vec<Refit>> {
    let ties: Vec<Vec<f64>> =
        (0..designs.steps().len()).map(|at| designs.get(at).tie_sums()).collect();
    let mut runs: Vec<Resampled> =
        weights.par_iter().map(|weights| Resampled::new(full, weights)).collect();
    for _ in 0..MAX_PASSES {
        let mut going: Vec<&mut Resampled> =
            runs.iter_mut().filter(|run| run.state == State::Going).collect();
        if going.is_empty() {
            break;
        }
        going.par_iter_mut().for_each(|run| run.gradient.fill(0.0));
        for at in 0..designs.steps().len() {
            if stop() {
                return None;
            }
            let mut drawn: Vec<&mut &mut Resampled> =
                going.iter_mut().filter(|run| run.weights[at] > 0.0).collect();
            if drawn.is_empty() {
                continue;
            }
            let design = designs.get(at);
            drawn.par_chunks_mut(TEAM).for_each(|team| add_step(&design, team, at, &ties[at]));
        }
        going.par_iter_mut().for_each(|run| run.advance(full));
    }
    let ended = (runs.into_iter())
        .map(|run| if run.state == State::Done { Refit::Found(run.theta) } else { Refit::Lost });
    Some(ended.collect())
}

/// Adds the gradient of a step to every replicate of a team.
fn add_step(design: &Design, team: &mut [&mut &mut Resampled], at: usize, ties: &[f64]) {
    let arch = Arch::new();
    let terms = ties.len();
    let groups = team.len().div_ceil(GROUP);
    let mut sums: Vec<[Vec<f64>; GROUP]> =
        (0..groups).map(|_| std::array::from_fn(|_| vec![0.0; terms])).collect();
    for (x, _, _) in design.tiles() {
        for (group, sums) in team.chunks(GROUP).zip(&mut sums) {
            // Empty seats do the work of the first; nobody reads it.
            let thetas: [&[f64]; GROUP] =
                std::array::from_fn(|g| group.get(g).unwrap_or(&group[0]).theta.as_slice());
            add_gradients(arch, x, &thetas, sums);
        }
    }
    for (group, sums) in team.chunks_mut(GROUP).zip(&sums) {
        for (run, sums) in group.iter_mut().zip(sums) {
            let weight = run.weights[at];
            for ((total, sum), tie) in run.gradient.iter_mut().zip(sums).zip(ties) {
                *total += weight * (sum - tie);
            }
        }
    }
}

impl<'a> Resampled<'a> {
    fn new(full: &Fit, weights: &'a [f64]) -> Self {
        let total = Sums::weighted(&full.sums, weights);
        let information = select(&scaled(&total.information, &full.scale), &full.active);
        let inverse = factor(&information).map(|factor| factor.inverse());
        let state = if inverse.is_some() { State::Going } else { State::Lost };
        let p = full.active.len();
        Resampled {
            weights,
            theta: full.theta.clone(),
            information,
            metric: inverse.unwrap_or_else(|| DMatrix::zeros(p, p)),
            last: None,
            gradient: vec![0.0; full.theta.len()],
            decrement: f64::INFINITY,
            state,
        }
    }

    /// Corrects the metric by the last move and makes the next.
    fn advance(&mut self, full: &Fit) {
        let gradient = full.active.iter().map(|&a| self.gradient[a] / full.scale[a]);
        let gradient = DVector::from_iterator(full.active.len(), gradient);
        if let Some((step, before)) = self.last.take() {
            let change = &gradient - before;
            let first = step.dot(&(&self.information * &step));
            // Below that, moves are rounding.
            if step.amax() > 1e-6 && step.dot(&change) < FLAT * first {
                self.state = State::Lost;
                return;
            }
            self.correct(&step, &change);
        }
        let step = -(&self.metric * &gradient);
        let decrement = -step.dot(&gradient);
        let size = step.amax();
        if !(size.is_finite() && decrement >= 0.0) || decrement > 10.0 * self.decrement {
            self.state = State::Lost;
            return;
        }
        for (&a, step) in full.active.iter().zip(&step) {
            self.theta[a] += step / full.scale[a];
        }
        self.decrement = decrement;
        if size < CONVERGED {
            self.state = State::Done;
        }
        self.last = Some((step, gradient));
    }

    /// B + (1 + y.By / s.y) s s^T / s.y - (By s^T + s y^T B) / s.y.
    fn correct(&mut self, s: &DVector<f64>, y: &DVector<f64>) {
        let sy = s.dot(y);
        if sy <= 0.0 {
            return;
        }
        let by = &self.metric * y;
        let factor = (1.0 + y.dot(&by) / sy) / sy;
        let p = s.len();
        for a in 0..p {
            for b in 0..p {
                self.metric[(a, b)] += factor * s[a] * s[b] - (by[a] * s[b] + s[a] * by[b]) / sy;
            }
        }
    }
}

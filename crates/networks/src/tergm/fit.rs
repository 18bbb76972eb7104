//! Maximum pseudolikelihood: logistic regression of ties on change statistics (section 7).
//!
//! Newton from 0 on columns divided by their root mean square. What has no finite maximum is named
//! instead of printed as a huge number: terms that depend on those before them, and terms along
//! which ties and non-ties are separated.

use nalgebra::{DMatrix, DVector};

use super::likelihood::{Designs, Moments, Sums, all_sums};
use super::solve::{factor, null_space, scaled, select, solve};

/// A column is collinear when, orthogonal to those before it, less than this of its norm is left.
pub const COLLINEAR: f64 = 1e-9;
/// Largest scaled move of the last iteration.
const CONVERGED: f64 = 1e-12;
/// A move below this that no longer shrinks is rounding.
const STALLED: f64 = 1e-8;
const MAX_ITERATIONS: usize = 60;
/// Iterations after which a lack of rank is looked at.
const PATIENCE: usize = 4;

/// How a fit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All terms have estimates but those that are collinear.
    Estimated,
    /// No finite maximum.
    Separated,
    /// Newton's method found no end.
    NotConverged,
}

impl Outcome {
    /// Name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Estimated => "estimated",
            Outcome::Separated => "separated",
            Outcome::NotConverged => "not_converged",
        }
    }
}

/// A fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// How it ended.
    pub outcome: Outcome,
    /// Coefficients; 0 where there is no estimate.
    pub theta: Vec<f64>,
    /// Terms with an estimate.
    pub active: Vec<usize>,
    /// Terms that depend on those before them.
    pub collinear: Vec<usize>,
    /// Terms along which ties are separated from non-ties.
    pub separated: Vec<usize>,
    /// Standard errors from the information (too small: pairs are not independent).
    pub information_se: Vec<f64>,
    /// Log pseudolikelihood.
    pub loglik: f64,
    /// Newton iterations.
    pub iterations: usize,
    /// Root mean square of the columns.
    pub scale: Vec<f64>,
    /// Sums per step at the coefficients.
    pub sums: Vec<Sums>,
}

impl Fit {
    /// Coefficient of a term, if it has one.
    pub fn coefficient(&self, term: usize) -> Option<f64> {
        let is_estimate = self.outcome == Outcome::Estimated && self.active.contains(&term);
        is_estimate.then(|| self.theta[term])
    }

    /// Standard error of a term, if it has one.
    pub fn standard_error(&self, term: usize) -> Option<f64> {
        self.coefficient(term).map(|_| self.information_se[term])
    }
}

/// Fits a model with a weight per step (0 = the step does not count).
pub fn fit(designs: &Designs, weights: &[f64], squares: &[Sums]) -> Fit {
    let terms = designs.terms();
    let total = Sums::weighted(squares, weights);
    let scale = root_mean_squares(&total, terms);
    let (active, collinear) = independent(designs, weights, &total);
    Newton { designs, weights, scale, active, collinear }.run(terms)
}

/// Squares of the columns per step: what [`fit`] wants.
pub fn squares(designs: &Designs) -> Vec<Sums> {
    let steps = designs.steps().len();
    all_sums(designs, &vec![1.0; steps], &vec![0.0; designs.terms()], Moments::Squares)
}

fn root_mean_squares(total: &Sums, terms: usize) -> Vec<f64> {
    (0..terms)
        .map(|term| {
            let square = total.information[term * (term + 3) / 2] / total.pairs;
            if square > 0.0 { square.sqrt() } else { 1.0 }
        })
        .collect()
}

/// Terms that do not depend on those before them, and those that do.
///
/// The squares of the columns tell dependence only to about 1e-8, so what they leave in doubt is
/// decided by the residual of the column itself.
pub fn independent(designs: &Designs, weights: &[f64], total: &Sums) -> (Vec<usize>, Vec<usize>) {
    let terms = designs.terms();
    let norms: Vec<f64> =
        (0..terms).map(|term| total.information[term * (term + 3) / 2].max(0.0).sqrt()).collect();
    let unit: Vec<f64> = norms.iter().map(|&norm| if norm > 0.0 { norm } else { 1.0 }).collect();
    let gram = scaled(&total.information, &unit);
    let (mut active, mut collinear): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    for term in 0..terms {
        if norms[term] == 0.0 {
            collinear.push(term);
            continue;
        }
        let own = DVector::from_iterator(active.len(), active.iter().map(|&a| gram[(a, term)]));
        let before = select(&gram, &active);
        let left = match solve(&before, &own) {
            Some(slopes) => 1.0 - own.dot(&slopes),
            None => 0.0,
        };
        let is_independent =
            left > 1e-6 || residual(designs, weights, &before, &active, term, &unit) > COLLINEAR;
        if is_independent { active.push(term) } else { collinear.push(term) }
    }
    (active, collinear)
}

/// Norm of what a column (of norm 1) has beside the columns before it.
fn residual(
    designs: &Designs,
    weights: &[f64],
    before: &DMatrix<f64>,
    active: &[usize],
    term: usize,
    unit: &[f64],
) -> f64 {
    let Some(factor) = factor(before) else { return 0.0 };
    let mut slopes = DVector::zeros(active.len());
    let mut norm = 0.0;
    // Each round corrects the slopes by what is left of the columns in the residual.
    for _ in 0..3 {
        let mut products = DVector::zeros(active.len());
        let mut square = 0.0;
        for (at, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
            let design = designs.get(at);
            for row in 0..design.pairs {
                let (x, _) = design.row(row);
                let column = |a: usize| x[a] / unit[a];
                let fit: f64 = active.iter().zip(&slopes).map(|(&a, s)| column(a) * s).sum();
                let rest = column(term) - fit;
                square += weight * rest * rest;
                for (product, &a) in products.iter_mut().zip(active) {
                    *product += weight * column(a) * rest;
                }
            }
        }
        norm = square.sqrt();
        slopes += factor.solve(&products);
    }
    norm
}

struct Newton<'a> {
    designs: &'a Designs<'a>,
    weights: &'a [f64],
    scale: Vec<f64>,
    active: Vec<usize>,
    collinear: Vec<usize>,
}

impl Newton<'_> {
    fn sums(&self, theta: &[f64]) -> (Vec<Sums>, Sums) {
        let steps = all_sums(self.designs, self.weights, theta, Moments::Information);
        let total = Sums::weighted(&steps, self.weights);
        (steps, total)
    }

    /// Scaled information and gradient of the active terms.
    fn system(&self, total: &Sums) -> (DMatrix<f64>, DVector<f64>) {
        let information = select(&scaled(&total.information, &self.scale), &self.active);
        let gradient = self.active.iter().map(|&a| total.gradient[a] / self.scale[a]);
        (information, DVector::from_iterator(self.active.len(), gradient))
    }

    fn run(self, terms: usize) -> Fit {
        let mut theta = vec![0.0; terms];
        let (mut steps, mut total) = self.sums(&theta);
        let mut last = f64::INFINITY;
        let mut ended = Outcome::NotConverged;
        let mut separated = Vec::new();
        let mut iterations = 0;
        while iterations < MAX_ITERATIONS {
            iterations += 1;
            let (information, gradient) = self.system(&total);
            let direction = solve(&information, &-&gradient);
            if iterations > PATIENCE {
                let step = direction.clone().unwrap_or_else(|| -&gradient);
                if let Some(terms) = self.certificate(&information, &step) {
                    (ended, separated) = (Outcome::Separated, terms);
                    break;
                }
            }
            let Some(direction) = direction else { break };
            let moved = self.move_by(&mut theta, &direction, &mut steps, &mut total);
            if moved < CONVERGED || (moved < STALLED && moved >= 0.5 * last) {
                ended = Outcome::Estimated;
                break;
            }
            last = moved;
        }
        self.finish(theta, steps, &total, ended, separated, iterations)
    }

    /// Goes along a direction, half as far as long as the likelihood falls; the largest move.
    fn move_by(
        &self,
        theta: &mut Vec<f64>,
        direction: &DVector<f64>,
        steps: &mut Vec<Sums>,
        total: &mut Sums,
    ) -> f64 {
        let mut length = 1.0;
        loop {
            let mut next = theta.clone();
            for (&a, d) in self.active.iter().zip(direction) {
                next[a] += length * d / self.scale[a];
            }
            let (next_steps, next_total) = self.sums(&next);
            let slack = 1e-11 * total.loglik.abs();
            if next_total.loglik >= total.loglik - slack || length < 1e-8 {
                (*theta, *steps, *total) = (next, next_steps, next_total);
                return length * direction.amax();
            }
            length /= 2.0;
        }
    }

    /// Terms of a direction v with (2A - 1) x.v >= 0 for every pair, if there is one.
    fn certificate(&self, information: &DMatrix<f64>, step: &DVector<f64>) -> Option<Vec<usize>> {
        let null = null_space(information, 1e-5);
        if null.is_empty() {
            return None;
        }
        // Along the step every separated pair's margin grows by about 1.
        let mut along = DVector::zeros(step.len());
        for v in &null {
            along += v * v.dot(step);
        }
        let mut candidates = vec![step.clone(), along];
        candidates.extend(null.iter().flat_map(|v| [v.clone(), -v]));
        candidates.iter().find(|v| self.separates(v)).map(|v| {
            let largest = v.amax();
            let named = |at: &usize| v[*at].abs() > 1e-6 * largest;
            (0..v.len()).filter(named).map(|at| self.active[at]).collect()
        })
    }

    fn separates(&self, v: &DVector<f64>) -> bool {
        let slopes: Vec<(usize, f64)> =
            self.active.iter().zip(v).map(|(&a, v)| (a, v / self.scale[a])).collect();
        let (mut least, mut most) = (0.0f64, 0.0f64);
        for at in (0..self.weights.len()).filter(|&at| self.weights[at] > 0.0) {
            let design = self.designs.get(at);
            for row in 0..design.pairs {
                let (x, tie) = design.row(row);
                let along: f64 = slopes.iter().map(|&(a, slope)| x[a] * slope).sum();
                let margin = if tie { along } else { -along };
                (least, most) = (least.min(margin), most.max(margin));
            }
            if least < -1e-6 * most.max(1e-300) && least < -1e-9 {
                return false;
            }
        }
        most > 0.0 && least >= -1e-6 * most
    }

    fn finish(
        self,
        theta: Vec<f64>,
        sums: Vec<Sums>,
        total: &Sums,
        outcome: Outcome,
        separated: Vec<usize>,
        iterations: usize,
    ) -> Fit {
        let mut information_se = vec![0.0; theta.len()];
        let inverse = factor(&self.system(total).0).map(|factor| factor.inverse());
        if let Some(inverse) = inverse {
            for (at, &a) in self.active.iter().enumerate() {
                information_se[a] = inverse[(at, at)].max(0.0).sqrt() / self.scale[a];
            }
        }
        Fit {
            outcome,
            theta,
            active: self.active,
            collinear: self.collinear,
            separated,
            information_se,
            loglik: total.loglik,
            iterations,
            scale: self.scale,
            sums,
        }
    }
}

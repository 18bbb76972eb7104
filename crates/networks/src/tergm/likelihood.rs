//! Pseudolikelihood of the steps of a model and its derivatives.

use std::borrow::Cow;

use pulp::Arch;
use rayon::prelude::*;

use super::design::{Design, TILE};
use super::kernel::{add_moments, predict};
use super::step::Step;

/// Designs above this many bytes are made anew for every pass over them.
pub const STORED_BYTES: usize = 2 << 30;

/// The designs of all steps: stored, or made when they are asked for.
#[derive(Debug)]
pub struct Designs<'a> {
    steps: &'a [Step],
    stored: Option<Vec<Design>>,
}

impl<'a> Designs<'a> {
    /// Designs of the steps, stored if they fit `bytes`.
    pub fn new(steps: &'a [Step], bytes: usize) -> Self {
        let cell = |step: &Step| 8 * step.pairs() * (step.terms() + 1);
        let needed: usize = steps.iter().map(cell).sum();
        let stored =
            (needed <= bytes).then(|| steps.par_iter().map(Design::new).collect::<Vec<_>>());
        Designs { steps, stored }
    }

    /// The steps.
    pub fn steps(&self) -> &'a [Step] {
        self.steps
    }

    /// Number of terms.
    pub fn terms(&self) -> usize {
        self.steps.first().map_or(0, Step::terms)
    }

    /// Design of a step.
    pub fn get(&self, step: usize) -> Cow<'_, Design> {
        match &self.stored {
            Some(stored) => Cow::Borrowed(&stored[step]),
            None => Cow::Owned(Design::new(&self.steps[step])),
        }
    }
}

/// Sums over the pairs of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Sums {
    /// Log pseudolikelihood.
    pub loglik: f64,
    /// Sum of x (p - y): gradient of its negative.
    pub gradient: Vec<f64>,
    /// Sum of p (1 - p) x x^T, lower triangle row by row: the information.
    pub information: Vec<f64>,
    /// Sum of p (1 - p).
    pub curvature: f64,
    /// Number of pairs.
    pub pairs: f64,
}

impl Sums {
    fn new(terms: usize) -> Self {
        Sums {
            loglik: 0.0,
            gradient: vec![0.0; terms],
            information: vec![0.0; terms * (terms + 1) / 2],
            curvature: 0.0,
            pairs: 0.0,
        }
    }

    /// Adds `weight` times other sums.
    pub fn add(&mut self, other: &Sums, weight: f64) {
        self.loglik += weight * other.loglik;
        self.curvature += weight * other.curvature;
        self.pairs += weight * other.pairs;
        let add = |own: &mut [f64], other: &[f64]| {
            own.iter_mut().zip(other).for_each(|(own, other)| *own += weight * other);
        };
        add(&mut self.gradient, &other.gradient);
        add(&mut self.information, &other.information);
    }

    /// Weighted sum over steps.
    pub fn weighted(steps: &[Sums], weights: &[f64]) -> Self {
        let mut total = Sums::new(steps.first().map_or(0, |sums| sums.gradient.len()));
        for (sums, &weight) in steps.iter().zip(weights) {
            if weight != 0.0 {
                total.add(sums, weight);
            }
        }
        total
    }
}

/// Tiles of which sums are made together; fixed, so that the sums do not depend on threads.
const CHUNK: usize = 8;

/// What the weights of [`Sums::information`] are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moments {
    /// p (1 - p).
    Information,
    /// 1: the squares of the columns, whatever the coefficients.
    Squares,
}

/// Sums of a step at the coefficients `theta`.
pub fn sums(design: &Design, theta: &[f64], moments: Moments) -> Sums {
    let arch = Arch::new();
    let tiles: Vec<_> = design.tiles().collect();
    let chunk = |tiles: &[(&[f64], &[f64], usize)]| {
        let mut sums = Sums::new(theta.len());
        let (mut eta, mut p) = ([0.0; TILE], [0.0; TILE]);
        for &(x, y, real) in tiles {
            predict(arch, x, theta, &mut eta, &mut p);
            let mut residual = p;
            let mut weights = [1.0; TILE];
            for row in 0..TILE {
                residual[row] -= y[row];
                if moments == Moments::Information {
                    weights[row] = p[row] * (1.0 - p[row]);
                }
            }
            add_moments(arch, x, &residual, &weights, &mut sums.gradient, &mut sums.information);
            for row in 0..real {
                sums.loglik += y[row] * eta[row] - softplus(eta[row]);
                sums.curvature += p[row] * (1.0 - p[row]);
            }
            sums.pairs += real as f64;
        }
        sums
    };
    let parts: Vec<Sums> = tiles.par_chunks(CHUNK).map(chunk).collect();
    Sums::weighted(&parts, &vec![1.0; parts.len()]).or_empty(theta.len())
}

impl Sums {
    /// Sums of a step without pairs.
    fn or_empty(self, terms: usize) -> Self {
        if self.gradient.len() == terms { self } else { Sums::new(terms) }
    }
}

/// ln(1 + e^x).
fn softplus(x: f64) -> f64 {
    x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
}

/// Sums of every step that counts.
pub fn all_sums(designs: &Designs, weights: &[f64], theta: &[f64], moments: Moments) -> Vec<Sums> {
    let one = |at: usize| {
        if weights[at] == 0.0 {
            Sums::new(theta.len())
        } else {
            sums(&designs.get(at), theta, moments)
        }
    };
    let count = designs.steps().len();
    if designs.stored.is_some() {
        (0..count).into_par_iter().map(one).collect()
    } else {
        // One design after another, for their size.
        (0..count).map(one).collect()
    }
}

/// Fitted probabilities and outcomes of all pairs, step by step.
pub fn fitted(designs: &Designs, theta: &[f64]) -> Vec<(f64, bool)> {
    let arch = Arch::new();
    let mut all = Vec::new();
    let (mut eta, mut p) = ([0.0; TILE], [0.0; TILE]);
    for at in 0..designs.steps().len() {
        for (x, y, real) in designs.get(at).tiles() {
            predict(arch, x, theta, &mut eta, &mut p);
            all.extend(p.iter().zip(y).take(real).map(|(&p, &y)| (p, y == 1.0)));
        }
    }
    all
}

//! Least squares with two sets of effects and clustered errors.
//!
//! Observations alone in their entity or cell are dropped until none is. Both effects are removed
//! exactly: one set is absorbed, the other solved for. With Z the regressors and e the residuals after
//! that:
//!
//! ```text
//! Var = F (Z'Z)^-1 (sum_g Z_g' e_g e_g' Z_g) (Z'Z)^-1      F = G/(G-1) (N-1)/(N-K)      K = regressors + cells
//! ```
//!
//! Entities nest in clusters and are not counted. t with G - 1 degrees of freedom. Source: the
//! convention of fixest and pyfixest (nested effects not counted).

use shocksweep_statistics::{student_quantile, student_two_sided};

use crate::absorb::Absorber;

/// Observations.
pub struct Design<'a> {
    /// Entity of each.
    pub entity: &'a [u32],
    /// Cell of each.
    pub cell: &'a [u32],
    /// Cluster of each; entities nest in clusters.
    pub cluster: &'a [u32],
    /// Outcome.
    pub outcome: &'a [f64],
    /// Regressors, in the order in which they are kept.
    pub regressors: &'a [Vec<f64>],
}

/// A coefficient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coefficient {
    /// Estimate.
    pub coef: f64,
    /// Standard error, clustered.
    pub se: f64,
    /// Their ratio.
    pub t: f64,
    /// Two-sided.
    pub p: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// In standard deviations of the outcome per one of the regressor.
    pub beta_std: f64,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Whether there were observations enough.
    pub is_estimated: bool,
    /// Observations used.
    pub n: usize,
    /// Entities used.
    pub entities: usize,
    /// Cells used.
    pub cells: usize,
    /// Clusters used.
    pub clusters: usize,
    /// One per regressor; `None` for one that the effects and those before it explain.
    pub coefficients: Vec<Option<Coefficient>>,
    /// Share of the variance left by the effects that the regressors explain.
    pub r2_within: Option<f64>,
}

/// Share of a regressor's variance below which it counts as explained by the others.
const COLLINEAR: f64 = 1e-10;

/// Fewest clusters.
const FEWEST_CLUSTERS: usize = 5;

/// Estimates.
pub fn fit(design: &Design<'_>) -> Fit {
    let kept = without_singletons(design.entity, design.cell);
    let pick = |of: &[u32]| numbered(kept.iter().map(|&at| of[at]));
    let (entity, entities) = pick(design.entity);
    let (cell, cells) = pick(design.cell);
    let (cluster, clusters) = pick(design.cluster);
    let n = kept.len();
    let raw = |of: &[f64]| kept.iter().map(|&at| of[at]).collect::<Vec<f64>>();
    let mut fit = Fit {
        is_estimated: false,
        n,
        entities,
        cells,
        clusters,
        coefficients: vec![None; design.regressors.len()],
        r2_within: None,
    };
    if clusters < FEWEST_CLUSTERS || n <= design.regressors.len() + cells + entities {
        return fit;
    }
    fit.is_estimated = true;
    let absorber = Absorber::new((&entity, entities), (&cell, cells));
    let outcome = raw(design.outcome);
    let mut left = outcome.clone();
    absorber.remove(&mut left);
    let basis = Basis::new(&absorber, design.regressors.iter().map(|z| raw(z)));
    solve(&mut fit, &basis, left, &cluster, spread(&outcome));
    fit
}

/// Regressors after the effects, as an orthonormal basis.
struct Basis {
    /// Position, spread before, and orthonormal column of every kept regressor.
    kept: Vec<(usize, f64, Vec<f64>)>,
    /// `Z = Q R`: upper triangle by columns.
    r: Vec<Vec<f64>>,
}

impl Basis {
    fn new(absorber: &Absorber<'_>, regressors: impl Iterator<Item = Vec<f64>>) -> Self {
        let mut basis = Basis { kept: Vec::new(), r: Vec::new() };
        for (at, mut column) in regressors.enumerate() {
            let spread = spread(&column);
            absorber.remove(&mut column);
            let mut above = vec![0.0; basis.kept.len()];
            // Twice is enough to be orthogonal to rounding.
            for _ in 0..2 {
                for (sum, (_, _, q)) in above.iter_mut().zip(&basis.kept) {
                    let along = dot(q, &column);
                    *sum += along;
                    column.iter_mut().zip(q).for_each(|(z, q)| *z -= along * q);
                }
            }
            let length = dot(&column, &column).sqrt();
            let total = spread * (column.len() as f64).sqrt();
            if length * length <= COLLINEAR * total * total {
                continue;
            }
            column.iter_mut().for_each(|z| *z /= length);
            above.push(length);
            basis.r.push(above);
            basis.kept.push((at, spread, column));
        }
        basis
    }

    /// Solves `R x = b`.
    fn back(&self, b: &[f64]) -> Vec<f64> {
        let mut x = b.to_vec();
        for k in (0..x.len()).rev() {
            x[k] /= self.r[k][k];
            for j in 0..k {
                x[j] -= self.r[k][j] * x[k];
            }
        }
        x
    }
}

fn solve(fit: &mut Fit, basis: &Basis, left: Vec<f64>, cluster: &[u32], outcome_spread: f64) {
    let k = basis.kept.len();
    let total = dot(&left, &left);
    let along: Vec<f64> = basis.kept.iter().map(|(_, _, q)| dot(q, &left)).collect();
    let mut residual = left;
    for (along, (_, _, q)) in along.iter().zip(&basis.kept) {
        residual.iter_mut().zip(q).for_each(|(e, q)| *e -= along * q);
    }
    let coefficients = basis.back(&along);
    fit.r2_within = (total > 0.0).then(|| 1.0 - dot(&residual, &residual) / total);
    // Scores of the clusters in the basis: R^-1 S R^-T is what the formula asks for.
    let mut scores = vec![vec![0.0; k]; fit.clusters];
    for (at, (&g, e)) in cluster.iter().zip(&residual).enumerate() {
        for (score, (_, _, q)) in scores[g as usize].iter_mut().zip(&basis.kept) {
            *score += q[at] * e;
        }
    }
    let mut variance = vec![0.0; k];
    for score in &scores {
        for (sum, part) in variance.iter_mut().zip(basis.back(score)) {
            *sum += part * part;
        }
    }
    let (n, g) = (fit.n as f64, fit.clusters as f64);
    let factor = g / (g - 1.0) * (n - 1.0) / (n - (k + fit.cells) as f64);
    let quantile = student_quantile(0.05, g - 1.0);
    for (j, (at, spread, _)) in basis.kept.iter().enumerate() {
        let (coef, se) = (coefficients[j], (factor * variance[j]).sqrt());
        // A perfect fit has no error: t is undefined, and so is all that follows.
        if se > 0.0 && se.is_finite() {
            fit.coefficients[*at] = Some(Coefficient {
                coef,
                se,
                t: coef / se,
                p: student_two_sided(coef / se, g - 1.0),
                low: coef - quantile * se,
                high: coef + quantile * se,
                beta_std: if outcome_spread > 0.0 { coef * spread / outcome_spread } else { 0.0 },
            });
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Standard deviation over all (the divisor cancels where it is used).
fn spread(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt()
}

/// Observations that are alone neither in their entity nor in their cell, until none is.
fn without_singletons(entity: &[u32], cell: &[u32]) -> Vec<usize> {
    let mut kept: Vec<usize> = (0..entity.len()).collect();
    let size = |of: &[u32]| of.iter().max().map_or(0, |&most| most as usize + 1);
    let (entities, cells) = (size(entity), size(cell));
    loop {
        let mut of_entity = vec![0u32; entities];
        let mut of_cell = vec![0u32; cells];
        for &at in &kept {
            of_entity[entity[at] as usize] += 1;
            of_cell[cell[at] as usize] += 1;
        }
        let before = kept.len();
        kept.retain(|&at| of_entity[entity[at] as usize] > 1 && of_cell[cell[at] as usize] > 1);
        if kept.len() == before {
            return kept;
        }
    }
}

/// Groups numbered by first appearance, and how many there are.
fn numbered(groups: impl Iterator<Item = u32>) -> (Vec<u32>, usize) {
    let mut number: Vec<u32> = Vec::new();
    let mut count = 0;
    let of = groups.map(|group| {
        let group = group as usize;
        if number.len() <= group {
            number.resize(group + 1, u32::MAX);
        }
        if number[group] == u32::MAX {
            number[group] = count;
            count += 1;
        }
        number[group]
    });
    let all: Vec<u32> = of.collect();
    (all, count as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_are_removed_and_slopes_found() {
        // y = 2 z + area + year, without noise but for one observation.
        let (mut entity, mut cell, mut z, mut y) = (vec![], vec![], vec![], vec![]);
        for a in 0..6u32 {
            for t in 0..5u32 {
                if (a + t) % 7 == 3 {
                    continue;
                }
                let x = f64::from((a * 7 + t * t * 3) % 11);
                entity.push(a);
                cell.push(t);
                z.push(x);
                y.push(
                    2.0 * x + 10.0 * f64::from(a) - f64::from(t * t)
                        + if a == 2 && t == 2 { 0.5 } else { 0.0 },
                );
            }
        }
        let constant = vec![3.0; z.len()];
        let regressors = [z, constant];
        let design = Design {
            entity: &entity,
            cell: &cell,
            cluster: &entity,
            outcome: &y,
            regressors: &regressors,
        };
        let found = fit(&design);
        assert!(found.is_estimated);
        let slope = found.coefficients[0].unwrap();
        assert!((slope.coef - 2.0).abs() < 0.05 && slope.se > 0.0, "{slope:?}");
        assert_eq!(found.coefficients[1], None);
    }

    #[test]
    fn singletons_go_until_none_is_left() {
        // Entity 3 is alone; without it cell 9 is alone, and with that entity 2.
        let entity = [0, 0, 1, 1, 2, 2, 3];
        let cell = [0, 1, 0, 1, 0, 9, 9];
        assert_eq!(without_singletons(&entity, &cell), [0, 1, 2, 3]);
    }

    #[test]
    fn few_clusters_are_not_estimated() {
        let (entity, cell) = ([0, 0, 1, 1], [0, 1, 0, 1]);
        let regressors = [vec![1.0, 2.0, 3.0, 5.0]];
        let y = [0.0, 1.0, 2.0, 4.0];
        let design = Design {
            entity: &entity,
            cell: &cell,
            cluster: &entity,
            outcome: &y,
            regressors: &regressors,
        };
        assert!(!fit(&design).is_estimated);
    }
}

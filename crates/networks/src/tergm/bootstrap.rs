//! Bootstrap over steps (section 8): steps are drawn with replacement, pairs never.
//!
//! A replicate is its multiplicities: m_t weights step t. Replicate r of N depends on (seed, r)
//! alone. Exact: every multiset of T' steps once, with its multinomial probability.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng;

use super::fit::{Fit, Outcome, fit, independent};
use super::likelihood::{Designs, Sums};
use super::refit::{Refit, refit};

/// Most multisets that are all refitted without being asked for.
pub const MAX_EXACT: u64 = 10_000;
/// Replicates where none are asked for and there are too many multisets.
pub const DEFAULT_REPLICATES: usize = 1000;

/// How many replicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Exact where there are at most [`MAX_EXACT`] multisets, else [`DEFAULT_REPLICATES`].
    Automatic,
    /// Every multiset.
    Exact,
    /// So many draws; 0 = no bootstrap.
    Draws(usize),
}

/// Most multisets that are refitted at all: memory and patience end before.
const MAX_MULTISETS: u64 = 2_000_000;

/// Number of multisets of `steps` draws from `steps`; `None` beyond what can be refitted.
pub fn multisets(steps: usize) -> Option<u64> {
    let mut count: u64 = 1;
    for k in 1..steps as u64 {
        // C(steps - 1 + k, k), whole at every k.
        count = count.checked_mul(steps as u64 - 1 + k)? / k;
        if count > MAX_MULTISETS * 64 {
            return None;
        }
    }
    count = count.checked_mul(2 * steps as u64 - 1)? / steps as u64;
    (count <= MAX_MULTISETS).then_some(count)
}

/// A replicate: multiplicities of the steps, its probability (exact) and coefficients.
#[derive(Debug, Clone, PartialEq)]
pub struct Replicate {
    /// How often each step was drawn.
    pub multiplicities: Vec<u32>,
    /// Multinomial probability of the multiset; for draws 1 / N.
    pub probability: f64,
    /// Coefficients of the terms that have an estimate in the full fit; `None` where a term of them
    /// cannot be estimated from these steps.
    pub theta: Option<Vec<f64>>,
}

/// All replicates of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Bootstrap {
    /// Whether every multiset is there.
    pub exact: bool,
    /// Replicates.
    pub replicates: Vec<Replicate>,
}

impl Bootstrap {
    /// Number without estimates.
    pub fn dropped(&self) -> usize {
        self.replicates.iter().filter(|replicate| replicate.theta.is_none()).count()
    }

    /// Probability that is kept.
    pub fn kept(&self) -> f64 {
        let kept = self.replicates.iter().filter(|replicate| replicate.theta.is_some());
        kept.map(|replicate| replicate.probability).sum()
    }
}

/// Multiplicities of the replicates of a plan, with probabilities; empty for none.
///
/// # Errors
/// The exact plan has too many multisets.
pub fn multiplicities(
    plan: Plan,
    steps: usize,
    seed: u64,
) -> Result<(bool, Vec<(Vec<u32>, f64)>), String> {
    let count = multisets(steps);
    if steps < 2 {
        return Ok((false, Vec::new()));
    }
    let draws = match plan {
        Plan::Exact => {
            if count.is_none() {
                return Err(format!(
                    "{steps} steps have more than {MAX_MULTISETS} multisets, too many for an exact \
                     bootstrap; expected a number of replicates"
                ));
            }
            None
        }
        Plan::Automatic if count.is_some_and(|count| count <= MAX_EXACT) => None,
        Plan::Automatic => Some(DEFAULT_REPLICATES),
        Plan::Draws(draws) => Some(draws),
    };
    let Some(draws) = draws else { return Ok((true, every(steps))) };
    let draw = |replicate: usize| (drawn(steps, seed, replicate), 1.0 / draws as f64);
    Ok((false, (0..draws).map(draw).collect()))
}

/// Multiplicities of one drawn replicate.
fn drawn(steps: usize, seed: u64, replicate: usize) -> Vec<u32> {
    let mut random = Pcg64::new(u128::from(seed) << 64 | 0xb007, replicate as u128);
    let mut counts = vec![0; steps];
    for _ in 0..steps {
        counts[below(&mut random, steps as u64) as usize] += 1;
    }
    counts
}

/// Uniform in 0..n, without bias.
pub(crate) fn below(random: &mut impl Rng, n: u64) -> u64 {
    loop {
        let product = u128::from(random.next_u64()) * u128::from(n);
        let low = product as u64;
        if low >= n.wrapping_neg() % n {
            return (product >> 64) as u64;
        }
    }
}

/// Every multiset in lexicographic order, with T'! / (prod m_t!) / T'^T'.
fn every(steps: usize) -> Vec<(Vec<u32>, f64)> {
    let mut all = Vec::new();
    let mut counts = vec![0u32; steps];
    fill(&mut counts, 0, steps as u32, &mut all);
    all
}

fn fill(counts: &mut Vec<u32>, at: usize, left: u32, all: &mut Vec<(Vec<u32>, f64)>) {
    if at + 1 == counts.len() {
        counts[at] = left;
        all.push((counts.clone(), probability(counts)));
        return;
    }
    for count in 0..=left {
        counts[at] = count;
        fill(counts, at + 1, left - count, all);
    }
}

/// Multinomial probability: a product of T' factors k / (m T'), each 1 / T' of a draw.
fn probability(counts: &[u32]) -> f64 {
    let total = counts.len() as f64;
    let mut probability = 1.0;
    let mut k = 0.0;
    for &count in counts {
        for m in 1..=count {
            k += 1.0;
            probability *= k / (f64::from(m) * total);
        }
    }
    probability
}

/// Refits a model for all replicates of a plan, each from the full fit; `None` if `stop` said so.
///
/// # Errors
/// As [`multiplicities`].
pub fn bootstrap(
    designs: &Designs,
    full: &Fit,
    squares: &[Sums],
    plan: Plan,
    seed: u64,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Option<Bootstrap>, String> {
    let (exact, drawn) = multiplicities(plan, designs.steps().len(), seed)?;
    if full.outcome != Outcome::Estimated {
        return Ok(Some(Bootstrap { exact, replicates: Vec::new() }));
    }
    let mut replicates: Vec<Replicate> = (drawn.into_iter())
        .map(|(multiplicities, probability)| Replicate { multiplicities, probability, theta: None })
        .collect();
    // What depends on other terms in these steps has no estimate, so the whole replicate is dropped.
    let weights: Vec<Vec<f64>> = (replicates.iter())
        .map(|replicate| replicate.multiplicities.iter().map(|&m| f64::from(m)).collect())
        .collect();
    let able: Vec<usize> = (0..replicates.len())
        .filter(|&r| {
            let total = Sums::weighted(squares, &weights[r]);
            let (active, _) = independent(designs, &weights[r], &total);
            full.active.iter().all(|term| active.contains(term))
        })
        .collect();
    let wanted: Vec<&[f64]> = able.iter().map(|&r| weights[r].as_slice()).collect();
    let Some(refitted) = refit(designs, full, &wanted, stop) else { return Ok(None) };
    for (&r, found) in able.iter().zip(refitted) {
        if stop() {
            return Ok(None);
        }
        replicates[r].theta = match found {
            Refit::Found(theta) => Some(theta),
            // A slow way for the few that the fast one could not end.
            Refit::Lost => {
                let again = fit(designs, &weights[r], squares);
                let whole = again.outcome == Outcome::Estimated && again.active == full.active;
                whole.then_some(again.theta)
            }
        };
    }
    Ok(Some(Bootstrap { exact, replicates }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_multiset_has_its_probability() {
        for steps in 2..=8 {
            let all = every(steps);
            assert_eq!(Some(all.len() as u64), multisets(steps));
            assert!((all.iter().map(|(_, p)| p).sum::<f64>() - 1.0).abs() < 1e-12);
        }
        assert_eq!(multisets(8), Some(6435));
        assert_eq!(multisets(22), None);
        // Two of five steps drawn once and four times: 5!/(4! 1!) / 5^5.
        assert!((probability(&[0, 0, 0, 1, 4]) - 0.0016).abs() < 1e-15);
    }

    #[test]
    fn a_replicate_depends_on_seed_and_number_alone() {
        assert_eq!(drawn(5, 1, 7), drawn(5, 1, 7));
        assert_eq!(drawn(5, 1, 7).iter().sum::<u32>(), 5);
        let different = (0..20).filter(|&r| drawn(5, 1, r) != drawn(5, 2, r)).count();
        assert!(different > 10);
    }
}

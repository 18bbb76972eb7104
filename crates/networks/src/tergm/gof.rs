//! Goodness of fit: networks drawn from the fitted model beside the observed ones (section 9).

use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng;
use rayon::prelude::*;

use super::counts::{Counts, ties};
use super::curves::Scored;
use super::simulate::{Chain, ChainRun, simulate};
use super::step::Step;
use super::structure::Structure;

/// Networks of a step drawn from a model, as counts.
#[derive(Debug, Clone, PartialEq)]
pub struct StepGof {
    /// Position of the network in the tier.
    pub t: usize,
    /// Year.
    pub year: i32,
    /// Number of areas.
    pub n: usize,
    /// Counts of the observed network.
    pub observed: Counts,
    /// Counts of the drawn networks.
    pub simulated: Vec<Counts>,
    /// The model's own statistics, observed.
    pub statistics: Vec<f64>,
    /// The same of the drawn networks.
    pub drawn: Vec<Vec<f64>>,
    /// How the chain went.
    pub run: ChainRun,
    /// How often each pair was tied, row by row, and the observed ties.
    frequency: Vec<u32>,
    structure: Structure,
}

/// Draws networks of all steps; steps go side by side, each with a chain of its own. `None` if `stop` said so.
pub fn goodness(
    steps: &[Step],
    coefficients: &[f64],
    chain: &Chain,
    stop: &(dyn Fn() -> bool + Sync),
) -> Option<Vec<StepGof>> {
    let one = |step| (!stop()).then(|| of_step(step, coefficients, chain));
    steps.par_iter().map(one).collect()
}

fn of_step(step: &Step, coefficients: &[f64], chain: &Chain) -> StepGof {
    let n = step.areas.len();
    let mut frequency = vec![0; n * n];
    let mut simulated = Vec::with_capacity(chain.networks);
    let mut drawn = Vec::with_capacity(chain.networks);
    let own = |structure: &Structure| -> Vec<f64> {
        (0..step.terms()).map(|term| step.statistic(structure, term)).collect()
    };
    let run = simulate(step, coefficients, chain, |structure| {
        ties(structure).for_each(|(i, j)| frequency[i * n + j] += 1);
        simulated.push(Counts::new(structure));
        drawn.push(own(structure));
    });
    StepGof {
        t: step.t,
        year: step.year,
        n,
        observed: Counts::new(&step.structure),
        simulated,
        statistics: own(&step.structure),
        drawn,
        run,
        frequency,
        structure: step.structure.clone(),
    }
}

/// Share of the drawn networks in which each pair is tied, beside the observed tie; all steps.
pub fn tie_scores(steps: &[StepGof]) -> Vec<Scored> {
    let mut scored = Vec::new();
    for step in steps {
        let networks = step.simulated.len().max(1) as f64;
        for i in 0..step.n {
            for j in (0..step.n).filter(|&j| j != i) {
                let share = f64::from(step.frequency[i * step.n + j]) / networks;
                scored.push((share, step.structure.tie(i, j)));
            }
        }
    }
    scored
}

/// The same of random networks with each step's density: what no model knows.
pub fn random_scores(steps: &[StepGof], chain: &Chain) -> Vec<Scored> {
    let mut scored = Vec::new();
    for step in steps {
        let mut random = Pcg64::new(u128::from(chain.seed) << 64 | 0xba5e, step.t as u128);
        let pairs = (step.n * (step.n - 1)).max(1) as f64;
        let density = step.structure.edges() as f64 / pairs;
        // A number of 53 bits below this is a tie.
        let limit = (density * (1u64 << 53) as f64) as u64;
        for i in 0..step.n {
            for j in (0..step.n).filter(|&j| j != i) {
                let hits = (0..chain.networks).filter(|_| random.next_u64() >> 11 < limit).count();
                scored.push((hits as f64, step.structure.tie(i, j)));
            }
        }
    }
    scored
}

/// Distribution of a count over the drawn networks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distribution {
    /// Of the observed network.
    pub observed: f64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
    /// Minimum, 2.5, 25, 50, 75, 97.5 % and maximum.
    pub quantiles: [f64; 7],
    /// Two-sided Monte-Carlo p.
    pub p: f64,
}

/// Distribution of drawn values beside the observed one; `None` without draws.
pub fn distribution(observed: f64, drawn: &[f64]) -> Option<Distribution> {
    if drawn.is_empty() {
        return None;
    }
    let mut sorted = drawn.to_vec();
    sorted.sort_by(f64::total_cmp);
    let count = sorted.len() as f64;
    let mean = sorted.iter().sum::<f64>() / count;
    let square: f64 = sorted.iter().map(|x| (x - mean) * (x - mean)).sum();
    let quantile = |q: f64| {
        let at = q * (count - 1.0);
        let low = at.floor() as usize;
        let high = (low + 1).min(sorted.len() - 1);
        sorted[low] + (at - low as f64) * (sorted[high] - sorted[low])
    };
    let share = |is: &dyn Fn(f64) -> bool| sorted.iter().filter(|x| is(**x)).count() as f64 / count;
    let p = 2.0 * share(&|x| x <= observed).min(share(&|x| x >= observed));
    Some(Distribution {
        observed,
        mean,
        sd: if sorted.len() > 1 { (square / (count - 1.0)).sqrt() } else { 0.0 },
        quantiles: [0.0, 0.025, 0.25, 0.5, 0.75, 0.975, 1.0].map(quantile),
        p: p.min(1.0),
    })
}

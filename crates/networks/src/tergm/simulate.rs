//! Networks drawn from a model (section 9): Metropolis toggles of single ties, each step given the
//! observed networks before it.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng;

use super::bootstrap::below;
use super::step::Step;
use super::structure::{Prepared, Structure};

/// How a toggle is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Proposal {
    /// Half a random tie, half a random pair, corrected for: networks are mostly empty.
    #[default]
    TieOrPair,
    /// A random pair.
    Pair,
}

/// How long a chain is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chain {
    /// Networks kept per step.
    pub networks: usize,
    /// Toggles before the first, in multiples of n (n - 1).
    pub burn_in: u64,
    /// Toggles between two, in multiples of n (n - 1).
    pub interval: u64,
    /// Proposal.
    pub proposal: Proposal,
    /// Seed; a step's chain depends on it and on t alone.
    pub seed: u64,
}

impl Default for Chain {
    fn default() -> Self {
        let proposal = Proposal::default();
        Chain { networks: 100, burn_in: 20, interval: 1, proposal, seed: 1 }
    }
}

/// How a chain went.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChainRun {
    /// Share of the proposals that were accepted.
    pub acceptance: f64,
    /// Autocorrelation of the number of ties from one kept network to the next; `None` where it
    /// never changes.
    pub autocorrelation: Option<f64>,
    /// Whether the last network is empty or complete.
    pub degenerate: bool,
}

/// A network with its ties in a list, from which one can be drawn.
struct Sampler<'a> {
    structure: Structure,
    ties: Vec<(u32, u32)>,
    /// Place of a tie in the list.
    place: Vec<u32>,
    offsets: &'a [f64],
    structural: &'a [(Prepared, f64)],
    proposal: Proposal,
    /// Logarithm of how much likelier the way back is proposed, by the number of ties: of taking one away,
    /// of adding one.
    corrections: Vec<[f64; 2]>,
}

/// [`Sampler::corrections`] of networks of so many pairs, tied or not.
fn corrections(pairs: usize) -> Vec<[f64; 2]> {
    let all = pairs as f64;
    // Probability of proposing a tie's removal, or a pair's tie, with so many ties.
    let removal = |edges: f64| 0.5 / edges + 0.5 / all;
    let addition = |edges: f64| if edges > 0.0 { 0.5 / all } else { 1.0 / all };
    let of = |edges: usize| {
        let edges = edges as f64;
        [
            libm::log(addition(edges - 1.0) / removal(edges)),
            libm::log(removal(edges + 1.0) / addition(edges)),
        ]
    };
    (0..=pairs).map(of).collect()
}

impl Sampler<'_> {
    /// A number in (0, 1).
    fn unit(random: &mut Pcg64) -> f64 {
        ((random.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// A proposal and whether it is accepted.
    fn toggle(&mut self, random: &mut Pcg64) -> bool {
        let n = self.structure.n();
        let edges = self.ties.len();
        let by_tie =
            self.proposal == Proposal::TieOrPair && edges > 0 && random.next_u64() >> 63 == 1;
        let (i, j) = if by_tie {
            let (i, j) = self.ties[below(random, edges as u64) as usize];
            (i as usize, j as usize)
        } else {
            let pair = below(random, (n * (n - 1)) as u64) as usize;
            let (i, at) = (pair / (n - 1), pair % (n - 1));
            (i, if at < i { at } else { at + 1 })
        };
        let is_tie = self.structure.tie(i, j);
        let mut change = self.offsets[i * n + j];
        for (term, coefficient) in self.structural {
            change += coefficient * self.structure.change(term, i, j);
        }
        let mut log_ratio = if is_tie { -change } else { change };
        if self.proposal == Proposal::TieOrPair {
            log_ratio += self.corrections[edges][usize::from(!is_tie)];
        }
        if log_ratio < 0.0 && Self::unit(random) >= libm::exp(log_ratio) {
            return false;
        }
        self.structure.toggle(i, j);
        if is_tie {
            let at = self.place[i * n + j] as usize;
            self.ties.swap_remove(at);
            if let Some(&(a, b)) = self.ties.get(at) {
                self.place[a as usize * n + b as usize] = at as u32;
            }
        } else {
            self.place[i * n + j] = self.ties.len() as u32;
            self.ties.push((i as u32, j as u32));
        }
        true
    }
}

/// Draws networks of a step and hands each to `take`.
pub fn simulate(
    step: &Step,
    coefficients: &[f64],
    chain: &Chain,
    mut take: impl FnMut(&Structure),
) -> ChainRun {
    let n = step.areas.len();
    let (offsets, structural) = step.split(coefficients);
    let structure = step.structure.clone();
    let mut ties = Vec::new();
    let mut place = vec![0; n * n];
    for i in 0..n {
        for j in crate::network::ones(structure.bits().row(i)) {
            place[i * n + j] = ties.len() as u32;
            ties.push((i as u32, j as u32));
        }
    }
    let (offsets, structural) = (&offsets, &structural);
    let proposal = chain.proposal;
    let corrections = corrections(n * n.saturating_sub(1));
    let mut sampler =
        Sampler { structure, ties, place, offsets, structural, proposal, corrections };
    let mut random = Pcg64::new(u128::from(chain.seed) << 64 | 0x51b0, step.t as u128);
    let pairs = (n * (n - 1)) as u64;
    let mut accepted = 0u64;
    let mut advance = |sampler: &mut Sampler, toggles: u64| {
        for _ in 0..toggles {
            accepted += u64::from(sampler.toggle(&mut random));
        }
    };
    advance(&mut sampler, chain.burn_in * pairs);
    let mut edges = Vec::with_capacity(chain.networks);
    for at in 0..chain.networks {
        if at > 0 {
            advance(&mut sampler, chain.interval * pairs);
        }
        edges.push(sampler.ties.len() as f64);
        take(&sampler.structure);
    }
    let toggles =
        pairs * (chain.burn_in + chain.interval * chain.networks.saturating_sub(1) as u64);
    let last = sampler.ties.len() as u64;
    ChainRun {
        acceptance: accepted as f64 / toggles.max(1) as f64,
        autocorrelation: autocorrelation(&edges),
        degenerate: last == 0 || last == pairs,
    }
}

/// Correlation of neighbours in a series.
fn autocorrelation(series: &[f64]) -> Option<f64> {
    let mean = series.iter().sum::<f64>() / series.len() as f64;
    let square: f64 = series.iter().map(|x| (x - mean) * (x - mean)).sum();
    let product: f64 = series.windows(2).map(|x| (x[0] - mean) * (x[1] - mean)).sum();
    (square > 0.0).then(|| product / square)
}

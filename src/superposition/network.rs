//! The unchanged network by column, and weights that bound what a loss can still do.

use crate::dataset::{Dataset, Parameters};
use crate::model::combined;

/// Growth per step that the weights aim at. Any weights of at least 1 give valid bounds; these make
/// them tight: smaller values put more weight on the few sectors that feed themselves.
const GROWTH: f64 = 1.02;

/// Rounds of the iteration towards weights of that growth; it need not have converged.
const ROUNDS: usize = 100;

/// The step's matrix `A = alpha nu diag(eta_prod) + T diag(eta_exp)` and the weights built on it.
#[derive(Debug, Clone)]
pub struct BaseNetwork {
    /// Per sector, what its output is made from: `(input, output per unit of input)`.
    pub inputs: Vec<Vec<(u32, f64)>>,
    /// `V`: per sector, what one tonne lost there weighs, at least 1. After k steps without
    /// adaptation it has become at most `V growth^k` tonnes, over all sectors.
    pub weights: Vec<f64>,
    /// `A' V`.
    pub spread: Vec<f64>,
    /// Largest growth of weighted losses in one step, `max(1, A' V / V)`.
    pub growth: f64,
}

impl BaseNetwork {
    /// The network of a dataset.
    pub fn new(dataset: &Dataset) -> Self {
        let links = links(&dataset.parameters);
        let mut inputs = vec![Vec::new(); dataset.dimensions().sectors()];
        let p = &dataset.parameters;
        for (output, input, weight) in
            combined::production(&p.conversion_alpha, &p.allocation_nu, &p.share_eta_prod)
        {
            inputs[output].push((input as u32, weight));
        }
        let sectors = inputs.len();
        let backward = |weights: &[f64]| {
            let mut spread = vec![0.0; sectors];
            for &(to, from, weight) in &links {
                spread[from] += weight * weights[to];
            }
            spread
        };
        let mut weights = vec![1.0; sectors];
        for _ in 0..ROUNDS {
            weights = backward(&weights).into_iter().map(|w| (w / GROWTH).max(1.0)).collect();
        }
        let spread = backward(&weights);
        let growth = spread.iter().zip(&weights).map(|(s, w)| s / w).fold(1.0, f64::max);
        BaseNetwork { inputs, weights, spread, growth }
    }
}

/// Entries `(to, from, weight)` of the step's matrix, production and trade apart.
fn links(p: &Parameters) -> Vec<(usize, usize, f64)> {
    let mut links = combined::production(&p.conversion_alpha, &p.allocation_nu, &p.share_eta_prod);
    let trade = p.trade_t.iter().map(|(to, from, share)| (to, from, share * p.share_eta_exp[from]));
    links.extend(trade);
    links
}

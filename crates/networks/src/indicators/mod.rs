//! Indicators of a network and of its areas (section 3).

mod clustering;
mod eigen;
mod groups;
mod paths;

pub use eigen::{Spectrum, spectrum};
pub use groups::{Weights, modularity};
pub use paths::hop_counts;

use crate::network::{Bits, Network};

/// Indicators of one area; `None` = undefined.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeIndicators {
    /// Ties from it: suppliers, or governments acted upon.
    pub outdeg: Vec<u32>,
    /// Ties to it: customers, or governments acting upon it.
    pub indeg: Vec<u32>,
    /// Distinct neighbours, k_i.
    pub neighbors: Vec<u32>,
    /// Sum of weights from it.
    pub out_strength: Vec<f64>,
    /// Sum of weights to it.
    pub in_strength: Vec<f64>,
    /// C_i = Y_i / (k_i (k_i - 1)), Y_i directed ties among neighbours.
    pub clustering: Vec<Option<f64>>,
    /// The same of max(A, A^T).
    pub clustering_undirected: Vec<Option<f64>>,
    /// A x = lambda x.
    pub eigenvector: Option<Vec<f64>>,
    /// A^T x = lambda x.
    pub eigenvector_in: Option<Vec<f64>>,
    /// Of max(A, A^T).
    pub eigenvector_undirected: Option<Vec<f64>>,
    /// W x = lambda x.
    pub eigenvector_weighted: Option<Vec<f64>>,
    /// W^T x = lambda x.
    pub eigenvector_in_weighted: Option<Vec<f64>>,
}

/// All indicators of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Indicators {
    /// Name and value in the order of tables; `None` = undefined.
    pub network: Vec<(&'static str, Option<f64>)>,
    /// Per area.
    pub nodes: NodeIndicators,
}

/// Quotient, undefined where the divisor is 0.
fn ratio(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| a / b)
}

/// Computes all indicators; `groups` is a partition of the areas.
pub fn indicators(network: &Network, groups: &[u32]) -> Indicators {
    let bits = network.bits();
    let turned = bits.transposed();
    let either = bits.or(&turned);
    let areas = network.areas;
    let (n, m) = (network.n() as f64, network.m() as f64);
    let neighbors: Vec<u32> = (0..areas).map(|i| either.degree(i)).collect();
    let active = neighbors.iter().filter(|&&k| k > 0).count() as f64;
    let weight: f64 = network.ties.iter().map(|tie| tie.weight).sum();
    let mut all: Vec<(&'static str, Option<f64>)> = vec![
        ("areas", Some(n)),
        ("active_areas", Some(active)),
        ("edges", Some(m)),
        ("density", ratio(m, n * (n - 1.0))),
        ("density_active", ratio(m, active * (active - 1.0))),
        ("avg_degree", ratio(m, n)),
        ("avg_degree_active", ratio(m, active)),
        ("avg_weighted_degree", ratio(weight, n)),
    ];
    all.extend(reciprocity(&bits, n, m));
    all.extend(paths::indicators(&bits, &either, n));
    let clustering = clustering::coefficients(&bits, &either);
    let clustering_undirected = clustering::coefficients(&either, &either);
    all.extend(clustering::means(&clustering, &clustering_undirected, n, active));
    all.extend(clustering::transitivity(&bits, &turned, &either));
    all.extend(groups::indicators(network, groups));
    let spectra = eigen::spectra(network);
    all.extend(spectra.values);
    let (outdeg, indeg) = network.degrees();
    let (out_strength, in_strength) = network.strengths();
    let [
        eigenvector,
        eigenvector_in,
        eigenvector_undirected,
        eigenvector_weighted,
        eigenvector_in_weighted,
    ] = spectra.vectors;
    let nodes = NodeIndicators {
        outdeg,
        indeg,
        neighbors,
        out_strength,
        in_strength,
        clustering,
        clustering_undirected,
        eigenvector,
        eigenvector_in,
        eigenvector_undirected,
        eigenvector_weighted,
        eigenvector_in_weighted,
    };
    Indicators { network: all, nodes }
}

/// Pairs by how many of their two ties there are.
fn reciprocity(bits: &Bits, n: f64, m: f64) -> Vec<(&'static str, Option<f64>)> {
    let turned = bits.transposed();
    let both: u32 = (0..bits.n()).map(|i| crate::network::shared(bits.row(i), turned.row(i))).sum();
    let mutual = f64::from(both / 2);
    let asymmetric = m - 2.0 * mutual;
    let pairs = n * (n - 1.0) / 2.0;
    let null = pairs - mutual - asymmetric;
    vec![
        ("mutual_dyads", Some(mutual)),
        ("asymmetric_dyads", Some(asymmetric)),
        ("null_dyads", Some(null)),
        ("reciprocity", ratio(2.0 * mutual, m)),
        ("reciprocity_ratio", ratio(mutual, mutual + asymmetric)),
        ("reciprocity_dyadic", ratio(mutual + null, pairs)),
    ]
}

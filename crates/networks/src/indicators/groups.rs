//! Modularity of a partition.

use crate::network::Network;

/// What the modularity of a partition counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weights {
    /// u = W + W^T.
    Sum,
    /// u = A + A^T.
    BinarySum,
    /// u = max(A, A^T).
    Collapsed,
    /// W with its direction (Leicht and Newman 2008).
    Directed,
    /// A with its direction.
    DirectedBinary,
}

/// 1/(2m) sum_ij (u_ij - A_i A_j / 2m) delta(c_i, c_j), A_i row sums and 2m total of u; with
/// direction 1/m sum_ij (w_ij - out_i in_j / m) delta. Undefined without ties.
///
/// `labels` has a community per area. Source: Liu et al. 2025, eq. 11.
pub fn modularity(network: &Network, labels: &[u32], weights: Weights) -> Option<f64> {
    let communities = labels.iter().map(|&label| label as usize + 1).max().unwrap_or(0);
    let (mut out, mut into) = (vec![0.0; communities], vec![0.0; communities]);
    let (mut within, mut total) = (0.0, 0.0);
    let bits = (weights == Weights::Collapsed).then(|| network.bits());
    for tie in &network.ties {
        let (i, j) = (tie.from as usize, tie.to as usize);
        let weight = match weights {
            Weights::Sum | Weights::Directed => tie.weight,
            Weights::BinarySum | Weights::DirectedBinary => 1.0,
            // A pair with both ties counts once.
            Weights::Collapsed if bits.as_ref().is_some_and(|bits| bits.get(j, i)) => 0.5,
            Weights::Collapsed => 1.0,
        };
        total += weight;
        out[labels[i] as usize] += weight;
        into[labels[j] as usize] += weight;
        if labels[i] == labels[j] {
            within += weight;
        }
    }
    if total == 0.0 {
        return None;
    }
    let is_directed = matches!(weights, Weights::Directed | Weights::DirectedBinary);
    let expected: f64 = (out.iter().zip(&into))
        .map(|(&out, &into)| {
            if is_directed {
                out / total * (into / total)
            } else {
                let share = (out + into) / (2.0 * total);
                share * share
            }
        })
        .sum();
    Some(within / total - expected)
}

pub(super) fn indicators(network: &Network, groups: &[u32]) -> Vec<(&'static str, Option<f64>)> {
    [
        ("modularity_group", Weights::Sum),
        ("modularity_directed_group", Weights::Directed),
        ("modularity_directed_binary_group", Weights::DirectedBinary),
        ("modularity_binary_group", Weights::BinarySum),
        ("modularity_collapsed_group", Weights::Collapsed),
    ]
    .into_iter()
    .map(|(name, weights)| (name, modularity(network, groups, weights)))
    .collect()
}

//! Clustering coefficients and transitivity.

use super::ratio;
use crate::network::{Bits, ones, shared};

/// C_i = ties of `bits` among the neighbours of i in `either`, over k_i (k_i - 1); undefined below
/// two neighbours.
pub(super) fn coefficients(bits: &Bits, either: &Bits) -> Vec<Option<f64>> {
    (0..bits.n())
        .map(|i| {
            let neighbors = either.row(i);
            let k = f64::from(either.degree(i));
            let ties: u32 = ones(neighbors).map(|j| shared(bits.row(j), neighbors)).sum();
            if k < 2.0 { None } else { Some(f64::from(ties) / (k * (k - 1.0))) }
        })
        .collect()
}

/// Means over all areas and those with ties (undefined counted as 0), and over those defined.
pub(super) fn means(
    directed: &[Option<f64>],
    undirected: &[Option<f64>],
    n: f64,
    active: f64,
) -> Vec<(&'static str, Option<f64>)> {
    let total = |all: &[Option<f64>]| {
        let defined = all.iter().flatten();
        (defined.clone().sum::<f64>(), defined.count() as f64)
    };
    let ((sum, defined), (sum_undirected, defined_undirected)) =
        (total(directed), total(undirected));
    vec![
        ("clustering_mean_all", ratio(sum, n)),
        ("clustering_mean_active", ratio(sum, active)),
        ("clustering_mean_defined", ratio(sum, defined)),
        ("clustering_undirected_mean_all", ratio(sum_undirected, n)),
        ("clustering_undirected_mean_defined", ratio(sum_undirected, defined_undirected)),
    ]
}

/// i -> j -> k closed by i -> k, and the closed share of connected triples of max(A, A^T).
pub(super) fn transitivity(
    bits: &Bits,
    turned: &Bits,
    either: &Bits,
) -> Vec<(&'static str, Option<f64>)> {
    vec![
        ("transitivity_directed", closed(bits, turned)),
        ("transitivity_undirected", closed(either, either)),
    ]
}

fn closed(bits: &Bits, turned: &Bits) -> Option<f64> {
    let (mut paths, mut triangles) = (0u64, 0u64);
    for j in 0..bits.n() {
        // Paths i -> j -> k, without those that return to i.
        let back = shared(bits.row(j), turned.row(j));
        paths += u64::from(turned.degree(j)) * u64::from(bits.degree(j)) - u64::from(back);
        for k in ones(bits.row(j)) {
            // i with i -> j and i -> k.
            triangles += u64::from(shared(turned.row(j), turned.row(k)));
        }
    }
    ratio(triangles as f64, paths as f64)
}

//! Hop counts over ordered pairs.

use super::ratio;
use crate::network::{Bits, ones};

/// How many ordered pairs are 1, 2, ... hops apart.
pub fn hop_counts(bits: &Bits) -> Vec<u64> {
    let n = bits.n();
    let words = n.div_ceil(64);
    let mut counts: Vec<u64> = Vec::new();
    let (mut seen, mut front, mut next) = (vec![0u64; words], vec![0u64; words], vec![0; words]);
    for source in 0..n {
        seen.fill(0);
        seen[source / 64] |= 1 << (source % 64);
        front.copy_from_slice(&seen);
        for hop in 0.. {
            next.fill(0);
            for i in ones(&front) {
                for (word, row) in next.iter_mut().zip(bits.row(i)) {
                    *word |= row;
                }
            }
            let mut reached = 0;
            for (word, seen) in next.iter_mut().zip(seen.iter_mut()) {
                *word &= !*seen;
                *seen |= *word;
                reached += u64::from(word.count_ones());
            }
            if reached == 0 {
                break;
            }
            if counts.len() == hop {
                counts.push(0);
            }
            counts[hop] += reached;
            std::mem::swap(&mut front, &mut next);
        }
    }
    counts
}

/// Number of pairs, sum and maximum of hop counts.
fn totals(bits: &Bits) -> (f64, f64, Option<f64>) {
    let counts = hop_counts(bits);
    let pairs = counts.iter().sum::<u64>() as f64;
    let hops = counts.iter().zip(1u64..).map(|(count, hop)| count * hop).sum::<u64>() as f64;
    (pairs, hops, (!counts.is_empty()).then_some(counts.len() as f64))
}

pub(super) fn indicators(bits: &Bits, either: &Bits, n: f64) -> Vec<(&'static str, Option<f64>)> {
    let (pairs, hops, diameter) = totals(bits);
    let (pairs_either, hops_either, diameter_either) = totals(either);
    vec![
        ("reachable_pairs", Some(pairs)),
        ("avg_path_length", ratio(hops, pairs)),
        ("avg_path_length_all_pairs", ratio(hops, n * (n - 1.0))),
        ("diameter", diameter),
        ("avg_path_length_undirected", ratio(hops_either, pairs_either)),
        ("diameter_undirected", diameter_either),
    ]
}

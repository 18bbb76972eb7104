//! PageRank on a weighted network.

/// Damping `a`. Source: shocksweep's own choice; the paper's is not to be had.
pub const DAMPING: f64 = 0.85;

/// Summed change of a step at which the iteration ends: what is left of the error is below six
/// times that.
const SETTLED: f64 = 1e-15;

/// Steps at most; 0.85 to that power is nothing.
const STEPS: usize = 600;

/// PageRank of `n` nodes: the share of time a walker spends in each who follows an edge by its
/// weight, and jumps anywhere with probability `1 - a` or where no edge leads on.
///
/// ```text
/// PR[c] = (1 - a)/n + a sum_{d: S > 0} w[d,c] / S[d] PR[d] + a/n sum_{d: S = 0} PR[d]       S[d] = sum_c w[d,c]
/// ```
///
/// Edges are (from, to, weight > 0). The ranks sum to 1.
/// Source: Klimek, Obersteiner & Thurner 2015 (the idea); the form is shocksweep's own.
pub fn pagerank(n: usize, edges: &[(usize, usize, f64)]) -> Vec<f64> {
    if n == 0 {
        return Vec::new();
    }
    let mut out = vec![0.0; n];
    for &(from, _, weight) in edges {
        out[from] += weight;
    }
    // By target, so that every sum has one order.
    let mut by_target: Vec<(u32, u32, f64)> = edges
        .iter()
        .map(|&(from, to, weight)| (to as u32, from as u32, DAMPING * weight / out[from]))
        .collect();
    by_target.sort_unstable_by_key(|&(to, from, _)| (to, from));
    let share = 1.0 / n as f64;
    let mut rank = vec![share; n];
    for _ in 0..STEPS {
        let dangling: f64 = (0..n).filter(|&d| out[d] == 0.0).map(|d| rank[d]).sum();
        let mut next = vec![(1.0 - DAMPING) * share + DAMPING * share * dangling; n];
        for &(to, from, weight) in &by_target {
            next[to as usize] += weight * rank[from as usize];
        }
        let total: f64 = next.iter().sum();
        next.iter_mut().for_each(|rank| *rank /= total);
        let change: f64 = next.iter().zip(&rank).map(|(a, b)| (a - b).abs()).sum();
        rank = next;
        if change < SETTLED {
            break;
        }
    }
    rank
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_nodes_by_hand() {
        // 0 -> 1, and 1 leads nowhere: r1 = 0.075 + 0.85 r0 + 0.425 r1, r0 + r1 = 1.
        let ranks = pagerank(2, &[(0, 1, 3.0)]);
        let second = 0.925 / 1.425;
        assert!((ranks[1] - second).abs() < 1e-15);
        assert!((ranks.iter().sum::<f64>() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn a_ring_is_even_and_nothing_gives_nothing() {
        let ring: Vec<_> = (0..5).map(|d| (d, (d + 1) % 5, 0.5)).collect();
        assert!(pagerank(5, &ring).iter().all(|r| (r - 0.2).abs() < 1e-15));
        assert!(pagerank(0, &[]).is_empty());
        assert_eq!(pagerank(2, &[]), [0.5, 0.5]);
    }
}

//! k-means, silhouettes, and the agreement of partitions.
//!
//! A library would do, but those at hand (linfa-clustering, smartcore) bring a matrix library and
//! random numbers of their own for what is two short loops here, and promise no result that is the
//! same on every machine and with any number of threads.

use rayon::prelude::*;
use shocksweep_statistics::SplitMix64;

/// Restarts, of which the best counts.
pub const RESTARTS: u64 = 500;

/// Rounds of a restart at most.
const ROUNDS: usize = 300;

/// A partition of points into `k` clusters.
#[derive(Debug, Clone, PartialEq)]
pub struct Partition {
    /// Cluster of every point, from 0.
    pub of: Vec<usize>,
    /// Number of clusters.
    pub k: usize,
    /// Sum of squared distances to the centres.
    pub inertia: f64,
}

/// Squared Euclidean distance.
fn squared(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// The best of [`RESTARTS`] runs of Lloyd's algorithm from k-means++ seeds; `None` for fewer points
/// than clusters, or none at all.
///
/// Source: Arthur & Vassilvitskii 2007 (the seeding).
pub fn kmeans(points: &[Vec<f64>], k: usize, seed: u64) -> Option<Partition> {
    if k == 0 || points.len() < k {
        return None;
    }
    let runs = (0..RESTARTS).into_par_iter().map(|restart| {
        let mut draws = SplitMix64::new(SplitMix64::output(seed ^ k as u64, restart));
        (lloyd(points, seeds(points, k, &mut draws)), restart)
    });
    // The least, the first of equals: whatever the threads.
    let best = runs
        .min_by(|(a, first), (b, second)| a.inertia.total_cmp(&b.inertia).then(first.cmp(second)));
    best.map(|(partition, _)| partition)
}

/// Seeds: each next one is the best of a few points drawn by their squared distance to those before.
fn seeds(points: &[Vec<f64>], k: usize, draws: &mut SplitMix64) -> Vec<Vec<f64>> {
    let unit = |draws: &mut SplitMix64| (draws.draw() >> 11) as f64 / (1u64 << 53) as f64;
    let first = (unit(draws) * points.len() as f64) as usize;
    let mut centres = vec![points[first].clone()];
    let mut near: Vec<f64> = points.iter().map(|p| squared(p, &centres[0])).collect();
    let trials = 2 + libm::log(k as f64) as usize;
    while centres.len() < k {
        let total: f64 = near.iter().sum();
        let mut best: Option<(f64, usize, Vec<f64>)> = None;
        for _ in 0..trials {
            let next = drawn(&near, unit(draws) * total);
            let with: Vec<f64> =
                near.iter().zip(points).map(|(d, p)| d.min(squared(p, &points[next]))).collect();
            let left = with.iter().sum();
            if best.as_ref().is_none_or(|(least, ..)| left < *least) {
                best = Some((left, next, with));
            }
        }
        let Some((_, next, with)) = best else { break };
        centres.push(points[next].clone());
        near = with;
    }
    centres
}

/// The point at which the running sum of weights passes a value.
fn drawn(weights: &[f64], mut left: f64) -> usize {
    for (at, &weight) in weights.iter().enumerate() {
        left -= weight;
        if left < 0.0 && weight > 0.0 {
            return at;
        }
    }
    // The last one that can be drawn, where rounding leaves something.
    weights.iter().rposition(|&weight| weight > 0.0).unwrap_or(0)
}

fn lloyd(points: &[Vec<f64>], mut centres: Vec<Vec<f64>>) -> Partition {
    let k = centres.len();
    let mut of = vec![usize::MAX; points.len()];
    for _ in 0..ROUNDS {
        let mut moved = false;
        for (cluster, point) in of.iter_mut().zip(points) {
            let mut best = (f64::INFINITY, 0);
            for (at, centre) in centres.iter().enumerate() {
                let d = squared(point, centre);
                if d < best.0 {
                    best = (d, at);
                }
            }
            moved |= *cluster != best.1;
            *cluster = best.1;
        }
        fill_empty(points, &centres, &mut of, k);
        centres = means(points, &of, k);
        if !moved {
            break;
        }
    }
    let inertia = points.iter().zip(&of).map(|(p, &c)| squared(p, &centres[c])).sum();
    Partition { of, k, inertia }
}

/// A cluster that has lost all its points gets the one that is farthest from its centre.
fn fill_empty(points: &[Vec<f64>], centres: &[Vec<f64>], of: &mut [usize], k: usize) {
    for cluster in 0..k {
        if of.contains(&cluster) {
            continue;
        }
        let size = |c: usize| of.iter().filter(|&&other| other == c).count();
        let mut best: Option<(f64, usize)> = None;
        for (at, point) in points.iter().enumerate() {
            let d = squared(point, &centres[of[at]]);
            if size(of[at]) > 1 && best.is_none_or(|(most, _)| d > most) {
                best = Some((d, at));
            }
        }
        if let Some((_, at)) = best {
            of[at] = cluster;
        }
    }
}

/// Centres of clusters, in the order of the points.
pub fn means(points: &[Vec<f64>], of: &[usize], k: usize) -> Vec<Vec<f64>> {
    let width = points.first().map_or(0, Vec::len);
    let mut sums = vec![vec![0.0; width]; k];
    let mut sizes = vec![0.0f64; k];
    for (point, &cluster) in points.iter().zip(of) {
        sizes[cluster] += 1.0;
        sums[cluster].iter_mut().zip(point).for_each(|(sum, v)| *sum += v);
    }
    for (sum, size) in sums.iter_mut().zip(&sizes) {
        sum.iter_mut().for_each(|v| *v /= size.max(1.0));
    }
    sums
}

/// Silhouette of every point, by Euclidean distances; 0 for one that is alone in its cluster.
///
/// Source: Rousseeuw 1987.
pub fn silhouettes(points: &[Vec<f64>], of: &[usize], k: usize) -> Vec<f64> {
    let mut sizes = vec![0usize; k];
    of.iter().for_each(|&c| sizes[c] += 1);
    let of_point = |at: usize| {
        let own = of[at];
        if sizes[own] < 2 {
            return 0.0;
        }
        let mut sums = vec![0.0; k];
        for (other, point) in points.iter().enumerate() {
            sums[of[other]] += squared(&points[at], point).sqrt();
        }
        let inside = sums[own] / (sizes[own] - 1) as f64;
        let others = (0..k).filter(|&c| c != own && sizes[c] > 0);
        let nearest = others.map(|c| sums[c] / sizes[c] as f64).fold(f64::INFINITY, f64::min);
        let larger = inside.max(nearest);
        if nearest.is_finite() && larger > 0.0 { (nearest - inside) / larger } else { 0.0 }
    };
    (0..points.len()).map(of_point).collect()
}

/// Adjusted Rand index of two partitions of the same points; 1 where they are the same.
///
/// Source: Hubert & Arabie 1985.
pub fn adjusted_rand(a: &[usize], b: &[usize]) -> Option<f64> {
    if a.len() != b.len() || a.len() < 2 {
        return None;
    }
    let size = |of: &[usize]| of.iter().max().map_or(0, |&most| most + 1);
    let (rows, columns) = (size(a), size(b));
    let mut table = vec![0u64; rows * columns];
    a.iter().zip(b).for_each(|(&i, &j)| table[i * columns + j] += 1);
    let pairs = |n: u64| (n * n.saturating_sub(1) / 2) as f64;
    let together: f64 = table.iter().map(|&n| pairs(n)).sum();
    let of_row = |i: usize| pairs((0..columns).map(|j| table[i * columns + j]).sum());
    let of_column = |j: usize| pairs((0..rows).map(|i| table[i * columns + j]).sum());
    let first: f64 = (0..rows).map(of_row).sum();
    let second: f64 = (0..columns).map(of_column).sum();
    let expected = first * second / pairs(a.len() as u64);
    let most = (first + second) / 2.0;
    // Two partitions into one cluster, or into single points, agree wholly.
    Some(if most == expected { 1.0 } else { (together - expected) / (most - expected) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points() -> Vec<Vec<f64>> {
        [0.0, 0.1, 0.2, 5.0, 5.1, 9.0].iter().map(|&x| vec![x, -x]).collect()
    }

    #[test]
    fn plain_groups_are_found() {
        let found = kmeans(&points(), 3, 1).unwrap();
        assert_eq!(adjusted_rand(&found.of, &[0, 0, 0, 1, 1, 2]), Some(1.0));
        assert!((found.inertia - 2.0 * (0.02 + 0.005)).abs() < 1e-12);
        let all = silhouettes(&points(), &found.of, 3);
        assert_eq!(all[5], 0.0);
        // Mean distance inside 0.15, to the nearest others 5.05 (times the root of 2).
        assert!((all[0] - (1.0 - 0.15 / 5.05)).abs() < 1e-12);
        assert_eq!(kmeans(&points(), 7, 1), None);
        assert_eq!(kmeans(&points(), 6, 1).unwrap().inertia, 0.0);
    }

    #[test]
    fn agreement_is_adjusted_for_chance() {
        assert_eq!(adjusted_rand(&[0, 0, 1, 1], &[1, 1, 0, 0]), Some(1.0));
        let against = adjusted_rand(&[0, 0, 1, 1], &[0, 1, 0, 1]).unwrap();
        assert!((against + 0.5).abs() < 1e-15);
        assert_eq!(adjusted_rand(&[0], &[0]), None);
    }
}

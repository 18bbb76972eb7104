//! Communities by modularity: Louvain and Leiden on u = W + W^T, the best of many seeded runs.
//!
//! The partition is not unique, so the spread over the runs is reported with it. Source: Blondel et
//! al. 2008; Traag, Waltman and van Eck 2019.

use std::collections::BTreeMap;

use rand_pcg::Pcg64;

use crate::indicators::{Weights, modularity};
use crate::network::Network;
use crate::tergm::bootstrap::below;

/// Communities of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Communities {
    /// Community of each area, from 1 by size, then by first area; `None` without ties.
    pub labels: Vec<Option<u32>>,
    /// Modularity of the best run.
    pub modularity: f64,
    /// Number of communities of the best run.
    pub count: u32,
    /// Smallest and median modularity of the Louvain runs.
    pub louvain: (f64, f64),
    /// Smallest and median modularity of the Leiden runs.
    pub leiden: (f64, f64),
    /// Mean adjusted Rand index of all runs with the best.
    pub agreement: f64,
}

/// A weighted graph without directions: neighbours, loops (twice their weight), total 2m.
#[derive(Clone)]
struct Graph {
    neighbors: Vec<Vec<(u32, f64)>>,
    loops: Vec<f64>,
    strength: Vec<f64>,
    total: f64,
}

impl Graph {
    fn new(network: &Network) -> Self {
        let mut pairs: BTreeMap<(u32, u32), f64> = BTreeMap::new();
        for tie in &network.ties {
            let key = (tie.from.min(tie.to), tie.from.max(tie.to));
            *pairs.entry(key).or_insert(0.0) += tie.weight;
        }
        Self::from_pairs(network.areas, &pairs)
    }

    fn from_pairs(n: usize, pairs: &BTreeMap<(u32, u32), f64>) -> Self {
        let mut graph = Graph {
            neighbors: vec![Vec::new(); n],
            loops: vec![0.0; n],
            strength: vec![0.0; n],
            total: 0.0,
        };
        for (&(i, j), &weight) in pairs {
            let (a, b) = (i as usize, j as usize);
            if a == b {
                graph.loops[a] += weight;
                graph.strength[a] += weight;
                graph.total += weight;
            } else {
                graph.neighbors[a].push((j, weight));
                graph.neighbors[b].push((i, weight));
                graph.strength[a] += weight;
                graph.strength[b] += weight;
                graph.total += 2.0 * weight;
            }
        }
        graph
    }

    /// The graph of communities; labels 0.. without gaps.
    fn aggregated(&self, labels: &[u32], count: usize) -> Self {
        let mut pairs: BTreeMap<(u32, u32), f64> = BTreeMap::new();
        for (i, neighbors) in self.neighbors.iter().enumerate() {
            let own = labels[i];
            *pairs.entry((own, own)).or_insert(0.0) += self.loops[i];
            for &(j, weight) in neighbors {
                let other = labels[j as usize];
                // Every tie is met from both ends: a loop counts both, a pair one of them.
                if own == other || i < j as usize {
                    *pairs.entry((own.min(other), own.max(other))).or_insert(0.0) += weight;
                }
            }
        }
        Self::from_pairs(count, &pairs)
    }
}

/// Renumbers labels 0.. in the order in which they appear; how many there are.
fn compact(labels: &mut [u32]) -> usize {
    let mut names: BTreeMap<u32, u32> = BTreeMap::new();
    for label in labels.iter_mut() {
        let next = names.len() as u32;
        *label = *names.entry(*label).or_insert(next);
    }
    names.len()
}

fn shuffle(order: &mut [u32], random: &mut Pcg64) {
    for at in (1..order.len()).rev() {
        order.swap(at, below(random, at as u64 + 1) as usize);
    }
}

/// Moves areas to the neighbouring community of largest gain until none gains; whether any moved.
/// Where `within` is given, areas stay in its parts and only areas alone move (refinement).
fn moves(graph: &Graph, labels: &mut [u32], within: Option<&[u32]>, random: &mut Pcg64) -> bool {
    let n = labels.len();
    let mut strength = vec![0.0; n];
    let mut size = vec![0u32; n];
    for (i, &label) in labels.iter().enumerate() {
        strength[label as usize] += graph.strength[i];
        size[label as usize] += 1;
    }
    let mut order: Vec<u32> = (0..n as u32).collect();
    shuffle(&mut order, random);
    let mut queue: std::collections::VecDeque<u32> = order.into();
    let mut waits = vec![true; n];
    let mut to = vec![0.0; n];
    let mut touched: Vec<u32> = Vec::new();
    let mut moved = false;
    while let Some(i) = queue.pop_front() {
        let i = i as usize;
        waits[i] = false;
        let own = labels[i] as usize;
        if within.is_some() && size[own] > 1 {
            continue;
        }
        for &(j, weight) in &graph.neighbors[i] {
            let j = j as usize;
            if within.is_some_and(|parts| parts[i] != parts[j]) {
                continue;
            }
            let label = labels[j];
            if to[label as usize] == 0.0 {
                touched.push(label);
            }
            to[label as usize] += weight;
        }
        strength[own] -= graph.strength[i];
        let gain = |label: usize| to[label] - graph.strength[i] * strength[label] / graph.total;
        let mut best = (gain(own), own);
        touched.sort_unstable();
        for &label in &touched {
            let gain = gain(label as usize);
            // Gains of rounding are none, or areas would move for ever.
            if gain > best.0 + 1e-12 * graph.total {
                best = (gain, label as usize);
            }
        }
        touched.drain(..).for_each(|label| to[label as usize] = 0.0);
        strength[best.1] += graph.strength[i];
        if best.1 != own {
            moved = true;
            size[own] -= 1;
            size[best.1] += 1;
            labels[i] = best.1 as u32;
            for &(j, _) in &graph.neighbors[i] {
                if !waits[j as usize] && labels[j as usize] != labels[i] && within.is_none() {
                    waits[j as usize] = true;
                    queue.push_back(j);
                }
            }
        }
    }
    moved
}

/// One run: labels of the areas. With `refined` Leiden, else Louvain.
fn run(graph: &Graph, refined: bool, random: &mut Pcg64) -> Vec<u32> {
    let n = graph.neighbors.len();
    // Place of every area in the graph of the level.
    let mut place: Vec<u32> = (0..n as u32).collect();
    let mut level = graph.clone();
    let mut labels: Vec<u32> = (0..n as u32).collect();
    loop {
        let moved = moves(&level, &mut labels, None, random);
        let count = compact(&mut labels);
        if !moved || count == labels.len() {
            return place.iter().map(|&at| labels[at as usize]).collect();
        }
        let mut parts = labels.clone();
        let mut pieces = count;
        if refined {
            parts = (0..labels.len() as u32).collect();
            moves(&level, &mut parts, Some(&labels), random);
            pieces = compact(&mut parts);
            if pieces == parts.len() {
                // Nothing joined: go on with the communities themselves.
                (parts, pieces) = (labels.clone(), count);
            }
        }
        let mut next = vec![0; pieces];
        for (at, &part) in parts.iter().enumerate() {
            next[part as usize] = labels[at];
        }
        level = level.aggregated(&parts, pieces);
        place.iter_mut().for_each(|at| *at = parts[*at as usize]);
        labels = next;
        if !refined {
            labels = (0..pieces as u32).collect();
        } else {
            // Labels must be places of the level, of which there may be fewer than before.
            compact(&mut labels);
        }
    }
}

/// Best of `runs` runs of Louvain and as many of Leiden; `None` without ties.
pub fn communities(network: &Network, runs: usize, seed: u64) -> Option<Communities> {
    if network.ties.is_empty() || runs == 0 {
        return None;
    }
    let graph = Graph::new(network);
    let mut all: Vec<(f64, Vec<u32>)> = Vec::with_capacity(2 * runs);
    for at in 0..2 * runs {
        let mut random = Pcg64::new(u128::from(seed) << 64 | 0xc033, at as u128);
        let labels = run(&graph, at >= runs, &mut random);
        let q = modularity(network, &labels, Weights::Sum)?;
        all.push((q, labels));
    }
    let mut best = &all[0];
    for found in &all[1..] {
        if found.0 > best.0 + 1e-12 {
            best = found;
        }
    }
    let spread = |some: &[(f64, Vec<u32>)]| {
        let mut values: Vec<f64> = some.iter().map(|(q, _)| *q).collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let median = if values.len() % 2 == 1 {
            values[middle]
        } else {
            0.5 * (values[middle - 1] + values[middle])
        };
        (values[0], median)
    };
    let (louvain, leiden) = (spread(&all[..runs]), spread(&all[runs..]));
    let tied: Vec<usize> = (0..network.areas).filter(|&i| graph.strength[i] > 0.0).collect();
    let agreement = all.iter().map(|(_, other)| rand_index(&best.1, other, &tied)).sum::<f64>();
    let (labels, count) = by_size(&best.1, &tied);
    let modularity = best.0;
    let agreement = agreement / all.len() as f64;
    Some(Communities { labels, modularity, count, louvain, leiden, agreement })
}

/// Labels from 1 by size, then by first area; how many.
fn by_size(labels: &[u32], tied: &[usize]) -> (Vec<Option<u32>>, u32) {
    let mut sizes: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    for &i in tied {
        sizes.entry(labels[i]).or_insert((0, i)).0 += 1;
    }
    let mut order: Vec<(u32, (usize, usize))> = sizes.into_iter().collect();
    order.sort_by_key(|&(_, (size, first))| (std::cmp::Reverse(size), first));
    let mut named = vec![None; labels.len()];
    for &i in tied {
        let at = order.iter().position(|(label, _)| *label == labels[i]);
        named[i] = at.map(|at| at as u32 + 1);
    }
    (named, order.len() as u32)
}

/// Adjusted Rand index of two partitions of some areas. Source: Hubert and Arabie 1985.
pub fn rand_index(a: &[u32], b: &[u32], areas: &[usize]) -> f64 {
    let pairs = |count: usize| (count * count.saturating_sub(1)) as f64 / 2.0;
    let mut cells: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    let (mut rows, mut columns) = (BTreeMap::new(), BTreeMap::new());
    for &i in areas {
        *cells.entry((a[i], b[i])).or_insert(0) += 1;
        *rows.entry(a[i]).or_insert(0usize) += 1;
        *columns.entry(b[i]).or_insert(0usize) += 1;
    }
    let together: f64 = cells.values().map(|&count| pairs(count)).sum();
    let of_a: f64 = rows.values().map(|&count| pairs(count)).sum();
    let of_b: f64 = columns.values().map(|&count| pairs(count)).sum();
    let all = pairs(areas.len());
    let expected = if all > 0.0 { of_a * of_b / all } else { 0.0 };
    let most = 0.5 * (of_a + of_b);
    if most == expected { 1.0 } else { (together - expected) / (most - expected) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Tie;

    #[test]
    fn two_triangles_with_a_bridge_are_two_communities() {
        let pairs = [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (2, 3)];
        let ties = pairs.map(|(from, to)| Tie { from, to, weight: 1.0 }).to_vec();
        let network = Network::new(vec![true; 7], ties);
        let found = communities(&network, 5, 1).unwrap();
        let expected = [Some(1), Some(1), Some(1), Some(2), Some(2), Some(2), None];
        assert_eq!(found.labels, expected);
        // 6 of 7 ties within; half of the degrees in each: 6/7 - 1/2.
        assert!((found.modularity - (6.0 / 7.0 - 0.5)).abs() < 1e-12);
        assert_eq!((found.count, found.agreement), (2, 1.0));
    }

    #[test]
    fn the_rand_index_is_1_for_the_same_and_low_for_unlike() {
        let areas: Vec<usize> = (0..6).collect();
        assert_eq!(rand_index(&[0, 0, 1, 1, 2, 2], &[5, 5, 3, 3, 4, 4], &areas), 1.0);
        assert!(rand_index(&[0, 0, 0, 1, 1, 1], &[0, 1, 0, 1, 0, 1], &areas) < 0.0);
    }
}

//! Eigenvector centrality: x = limit of (A + s I)^k 1, s > 0, and the largest eigenvalue.
//!
//! Iterating that limit takes for ever where strong components are chained or alike, so it is
//! taken apart: every strong component has one positive vector and one eigenvalue; those with the
//! largest are dominant; what grows fastest are the areas from which a path crosses most dominant
//! components. Below those, the others follow from linear equations. (Rothblum 1975 has the theory.)

use nalgebra::{DMatrix, DVector};
use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use crate::network::Network;

/// Largest eigenvalue and its vector with the largest entry 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrum {
    /// Largest eigenvalue; 0 without a cycle.
    pub value: f64,
    /// The vector; `None` without a cycle.
    pub vector: Option<Vec<f64>>,
}

/// Eigenvalues closer than this (relative) are the same.
const SAME: f64 = 1e-12;
/// Entries below are 0.
const ZERO: f64 = 1e-14;
/// Steps of the power method, and largest size of a component that is then solved directly.
const STEPS: usize = 1000;
const DIRECT: usize = 600;

/// Entries of a row: (column, weight).
type Rows = Vec<Vec<(usize, f64)>>;

pub(super) struct Spectra {
    pub(super) values: Vec<(&'static str, Option<f64>)>,
    pub(super) vectors: [Option<Vec<f64>>; 5],
}

/// The five vectors and three eigenvalues of the tables.
pub(super) fn spectra(network: &Network) -> Spectra {
    let rows = |weighted: bool, turned: bool| {
        let mut rows: Rows = vec![Vec::new(); network.areas];
        for tie in &network.ties {
            let (mut i, mut j) = (tie.from as usize, tie.to as usize);
            if turned {
                (i, j) = (j, i);
            }
            rows[i].push((j, if weighted { tie.weight } else { 1.0 }));
        }
        rows
    };
    let bits = network.bits();
    let mut either: Rows = vec![Vec::new(); network.areas];
    for tie in &network.ties {
        let (i, j) = (tie.from as usize, tie.to as usize);
        if i < j || !bits.get(j, i) {
            either[i].push((j, 1.0));
            either[j].push((i, 1.0));
        }
    }
    either.iter_mut().for_each(|row| row.sort_by_key(|entry| entry.0));
    let plain = spectrum(&rows(false, false));
    let plain_in = spectrum(&rows(false, true));
    let undirected = spectrum(&either);
    let weighted = spectrum(&rows(true, false));
    let weighted_in = spectrum(&rows(true, true));
    let values = vec![
        ("eigenvalue", Some(plain.value)),
        ("eigenvalue_weighted", Some(weighted.value)),
        ("eigenvalue_undirected", Some(undirected.value)),
    ];
    let vectors = [plain, plain_in, undirected, weighted, weighted_in].map(|s| s.vector);
    Spectra { values, vectors }
}

/// Largest eigenvalue and vector of a matrix of weights of at least 0 given by rows.
pub fn spectrum(rows: &[Vec<(usize, f64)>]) -> Spectrum {
    let blocks = blocks(rows);
    let value = blocks.iter().map(|block| block.value).fold(0.0, f64::max);
    if value == 0.0 {
        return Spectrum { value, vector: None };
    }
    let mut x = limit(rows, &blocks, value);
    let largest = x.iter().copied().fold(0.0, f64::max);
    for entry in &mut x {
        *entry = if *entry / largest < ZERO { 0.0 } else { *entry / largest };
    }
    Spectrum { value, vector: Some(x) }
}

/// A strong component.
struct Block {
    members: Vec<usize>,
    /// Its eigenvalue; 0 for one area alone.
    value: f64,
    /// Positive right vector.
    right: Vec<f64>,
}

/// Strong components, each after those it has ties to.
fn blocks(rows: &[Vec<(usize, f64)>]) -> Vec<Block> {
    let mut graph = DiGraph::<(), ()>::with_capacity(rows.len(), 0);
    let nodes: Vec<_> = rows.iter().map(|_| graph.add_node(())).collect();
    for (i, row) in rows.iter().enumerate() {
        for &(j, _) in row {
            graph.add_edge(nodes[i], nodes[j], ());
        }
    }
    tarjan_scc(&graph)
        .into_iter()
        .map(|component| {
            let mut members: Vec<usize> = component.into_iter().map(|node| node.index()).collect();
            members.sort_unstable();
            if members.len() == 1 {
                return Block { members, value: 0.0, right: vec![1.0] };
            }
            let (value, right) = perron(&inner(rows, &members));
            Block { members, value, right }
        })
        .collect()
}

/// Rows of a component, columns by place in it.
fn inner(rows: &[Vec<(usize, f64)>], members: &[usize]) -> Rows {
    let place = |j: usize| members.binary_search(&j).ok();
    members
        .iter()
        .map(|&i| rows[i].iter().filter_map(|&(j, w)| Some((place(j)?, w))).collect())
        .collect()
}

/// Eigenvalue and positive vector of a matrix whose graph is strongly connected.
fn perron(rows: &Rows) -> (f64, Vec<f64>) {
    let product = |x: &[f64]| -> Vec<f64> {
        rows.iter().map(|row| row.iter().map(|&(j, w)| w * x[j]).sum()).collect()
    };
    let mut x = vec![1.0; rows.len()];
    let mut bounds = (0.0, f64::INFINITY);
    let mut still = 0;
    for _ in 0..STEPS {
        let y = product(&x);
        // The eigenvalue lies between the least and the largest quotient (Collatz, Wielandt).
        let quotients = y.iter().zip(&x).map(|(y, x)| y / x);
        bounds = quotients.fold((f64::INFINITY, 0.0f64), |(l, h), q| (l.min(q), h.max(q)));
        let shift = 0.5 * bounds.1;
        let next: Vec<f64> = y.iter().zip(&x).map(|(y, x)| y + shift * x).collect();
        let largest = next.iter().copied().fold(0.0, f64::max);
        let mut change: f64 = 0.0;
        for (x, next) in x.iter_mut().zip(next) {
            let next = next / largest;
            change = change.max((next - *x).abs() / next);
            *x = next;
        }
        still = if change < 4e-16 { still + 1 } else { 0 };
        if still == 3 || bounds.0 == bounds.1 {
            return (0.5 * (bounds.0 + bounds.1), x);
        }
    }
    if rows.len() <= DIRECT { inverse_iteration(rows, x, bounds.1) } else { (bounds.1, x) }
}

/// Ends a slow power method: solves (mu I - A) y = x with mu just above the eigenvalue.
fn inverse_iteration(rows: &Rows, mut x: Vec<f64>, mut above: f64) -> (f64, Vec<f64>) {
    let n = rows.len();
    for _ in 0..8 {
        let mut matrix = DMatrix::<f64>::identity(n, n) * (above * (1.0 + 1e-13));
        for (i, row) in rows.iter().enumerate() {
            for &(j, w) in row {
                matrix[(i, j)] -= w;
            }
        }
        let Some(y) = matrix.lu().solve(&DVector::from_column_slice(&x)) else { break };
        if y.iter().any(|y| !(*y > 0.0 && y.is_finite())) {
            break;
        }
        let largest = y.max();
        x = y.iter().map(|y| y / largest).collect();
        let quotient = |(row, x_i): (&Vec<(usize, f64)>, &f64)| {
            row.iter().map(|&(j, w)| w * x[j]).sum::<f64>() / x_i
        };
        let quotients: Vec<f64> = rows.iter().zip(&x).map(quotient).collect();
        above = quotients.iter().copied().fold(0.0, f64::max);
        let below = quotients.iter().copied().fold(f64::INFINITY, f64::min);
        if above - below <= 1e-14 * above {
            break;
        }
    }
    (above, x)
}

/// Direction of (A + s I)^k 1 for k without end.
fn limit(rows: &[Vec<(usize, f64)>], blocks: &[Block], value: f64) -> Vec<f64> {
    let n = rows.len();
    let is_dominant = |block: &Block| block.value >= value * (1.0 - SAME);
    let dominant = blocks.iter().filter(|block| is_dominant(block)).count();
    // How many dominant components a path from the area crosses at most.
    let mut height = vec![0usize; n];
    // Coefficient of k^(height - 1) lambda^k; for height 0 the solution of (lambda I - A) x = 1.
    let mut x = vec![0.0; n];
    for block in blocks {
        let below = |height: &[usize]| {
            let out = block.members.iter().flat_map(|&i| rows[i].iter().map(|&(j, _)| j));
            out.filter(|j| block.members.binary_search(j).is_err()).map(|j| height[j]).max()
        };
        let level = below(&height).unwrap_or(0);
        // What comes from areas of a height, per member.
        let inflow = |level: usize, x: &[f64]| -> Vec<f64> {
            let member = |&i: &usize| {
                let row = rows[i].iter().filter(|(j, _)| {
                    height[*j] == level && block.members.binary_search(j).is_err()
                });
                row.map(|&(j, w)| w * x[j]).sum()
            };
            block.members.iter().map(member).collect()
        };
        let mut source = inflow(level, &x);
        if level == 0 {
            source.iter_mut().for_each(|entry| *entry += 1.0);
        }
        let solution = if is_dominant(block) {
            // Alone it needs no scale.
            let scale = if dominant == 1 { 1.0 } else { projection(rows, block, &source) };
            block.right.iter().map(|entry| scale * entry).collect()
        } else {
            resolvent(rows, block, value, &source)
        };
        let level = level + usize::from(is_dominant(block));
        for (&i, entry) in block.members.iter().zip(solution) {
            height[i] = level;
            x[i] = entry;
        }
    }
    let top = height.iter().copied().max().unwrap_or(0);
    for (entry, height) in x.iter_mut().zip(height) {
        if height != top {
            *entry = 0.0;
        }
    }
    x
}

/// l . source / l . r with l the left vector of the component.
fn projection(rows: &[Vec<(usize, f64)>], block: &Block, source: &[f64]) -> f64 {
    let own = inner(rows, &block.members);
    let mut turned: Rows = vec![Vec::new(); own.len()];
    for (i, row) in own.iter().enumerate() {
        row.iter().for_each(|&(j, w)| turned[j].push((i, w)));
    }
    let (_, left) = perron(&turned);
    let dot = |a: &[f64]| a.iter().zip(&left).map(|(a, b)| a * b).sum::<f64>();
    dot(source) / dot(&block.right)
}

/// Solution of (lambda I - A) x = source within a component that is not dominant.
fn resolvent(rows: &[Vec<(usize, f64)>], block: &Block, value: f64, source: &[f64]) -> Vec<f64> {
    if block.members.len() == 1 {
        return vec![source[0] / value];
    }
    let n = block.members.len();
    let mut matrix = DMatrix::<f64>::identity(n, n) * value;
    for (i, row) in inner(rows, &block.members).iter().enumerate() {
        for &(j, w) in row {
            matrix[(i, j)] -= w;
        }
    }
    let solved = matrix.lu().solve(&DVector::from_column_slice(source));
    // The eigenvalue of the component is smaller, so there is a solution.
    solved.map_or_else(|| vec![0.0; n], |x| x.iter().copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(n: usize, ties: &[(usize, usize, f64)]) -> Rows {
        let mut rows = vec![Vec::new(); n];
        ties.iter().for_each(|&(i, j, w)| rows[i].push((j, w)));
        rows
    }

    /// The limit by squaring A + I, exact while the numbers fit.
    fn by_squaring(n: usize, ties: &[(usize, usize, f64)], squarings: usize) -> Vec<f64> {
        let mut power = DMatrix::<f64>::identity(n, n);
        ties.iter().for_each(|&(i, j, w)| power[(i, j)] += w);
        for _ in 0..squarings {
            power = &power * &power;
            power /= power.max();
        }
        let x = &power * DVector::repeat(n, 1.0);
        x.iter().map(|v| v / x.max()).collect()
    }

    #[test]
    fn chained_and_separate_components_take_the_limit() {
        let two = [(0, 1, 1.0), (1, 0, 1.0)];
        // Two equal cycles in a chain with an area between and one before, and two separate cycles.
        let chain = [(2, 3, 1.0), (3, 2, 1.0), (4, 0, 3.0), (3, 4, 2.0), (5, 2, 1.0)];
        let apart = [(2, 3, 1.0), (3, 2, 1.0), (3, 4, 1.0), (5, 0, 1.0)];
        for more in [&chain[..], &apart[..]] {
            let ties: Vec<_> = two.iter().chain(more).copied().collect();
            let found = spectrum(&rows(6, &ties));
            assert!((found.value - 1.0).abs() < 1e-14);
            let expected = by_squaring(6, &ties, 40);
            for (a, b) in found.vector.unwrap().iter().zip(expected) {
                assert!((a - b).abs() < 1e-9, "{a} {b} in {ties:?}");
            }
        }
    }

    #[test]
    fn no_cycle_no_vector() {
        let found = spectrum(&rows(3, &[(0, 1, 1.0), (1, 2, 5.0), (0, 2, 1.0)]));
        assert_eq!(found, Spectrum { value: 0.0, vector: None });
    }
}

//! What goodness of fit counts in a network (section 9): shared partners, degrees, distances, triads.

use super::structure::Structure;
use crate::indicators::hop_counts;
use crate::network::{Bits, ones};

/// The 16 classes of triads, by mutual, asymmetric and null pairs. Source: Holland and Leinhardt 1970.
pub const TRIADS: [&str; 16] = [
    "003", "012", "102", "021D", "021U", "021C", "111D", "111U", "030T", "030C", "201", "120D",
    "120U", "120C", "210", "300",
];

/// How many of the three pairs of a triad are tied, by class; of 003 none, written 1 as nothing is
/// divided.
const TIED: [u64; 16] = [1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 2, 3, 3, 3, 3, 3];

/// Statistics counted, in the order of tables.
pub const STATISTICS: [&str; 8] =
    ["esp", "dsp", "nsp", "ideg", "odeg", "deg", "geodesic", "triad.directed"];

/// Counts of all statistics of a network of n areas: for each of the first seven n values (0..n; of
/// geodesic 1..n, the last for pairs without a path), then the triads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    n: usize,
    counts: Vec<u32>,
}

impl Counts {
    /// Counts everything.
    pub fn new(structure: &Structure) -> Self {
        let n = structure.n();
        let mut counts = vec![0u32; 7 * n + TRIADS.len()];
        for i in 0..n {
            for j in (0..n).filter(|&j| j != i) {
                let sp = structure.shared_partners(i, j);
                counts[n + sp] += 1;
                counts[if structure.tie(i, j) { sp } else { 2 * n + sp }] += 1;
            }
        }
        let (out, into) = structure.degrees();
        let either = structure.bits().or(structure.turned());
        for i in 0..n {
            counts[3 * n + into[i] as usize] += 1;
            counts[4 * n + out[i] as usize] += 1;
            counts[5 * n + either.degree(i) as usize] += 1;
        }
        let mut unreachable = (n * n.saturating_sub(1)) as u64;
        for (at, &count) in hop_counts(structure.bits()).iter().enumerate() {
            counts[6 * n + at] = count as u32;
            unreachable -= count;
        }
        counts[7 * n - 1] = unreachable as u32;
        counts[7 * n..].copy_from_slice(&triads(structure.bits(), structure.turned()));
        Counts { n, counts }
    }

    /// Number of values over all statistics.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether nothing is counted.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// All counts.
    pub fn all(&self) -> &[u32] {
        &self.counts
    }

    /// Statistic and value of a place.
    pub fn name(n: usize, at: usize) -> (&'static str, String) {
        if at >= 7 * n {
            return (STATISTICS[7], TRIADS[at - 7 * n].to_string());
        }
        let (statistic, value) = (at / n, at % n);
        let value = match statistic {
            6 if value + 1 == n => "Inf".to_string(),
            6 => (value + 1).to_string(),
            _ => value.to_string(),
        };
        (STATISTICS[statistic], value)
    }
}

/// Class of a triad (i, j, k) from its pairs (i, j), (i, k), (j, k), each 0 none, 1 there, 2 back,
/// 3 both.
fn class(ij: usize, ik: usize, jk: usize) -> usize {
    // Ties of the three areas.
    let back = |code: usize| (code & 1) << 1 | code >> 1;
    let tie = [[0, ij, ik], [back(ij), 0, jk], [back(ik), back(jk), 0]];
    let there = |a: usize, b: usize| tie[a][b] & 1 == 1;
    let codes = [ij, ik, jk];
    let mutual = codes.iter().filter(|&&code| code == 3).count();
    let asymmetric = codes.iter().filter(|&&code| code == 1 || code == 2).count();
    let out = |a: usize| (0..3).filter(|&b| b != a && there(a, b)).count();
    let into = |a: usize| (0..3).filter(|&b| b != a && there(b, a)).count();
    let outs = [out(0), out(1), out(2)];
    let ins = [into(0), into(1), into(2)];
    let name = match (mutual, asymmetric) {
        (0, 0) => "003",
        (0, 1) => "012",
        (1, 0) => "102",
        (0, 2) if outs.contains(&2) => "021D",
        (0, 2) if ins.contains(&2) => "021U",
        (0, 2) => "021C",
        // The area beside the mutual pair has a tie to it (in-degree 2 within), or from it.
        (1, 1) if ins.contains(&2) => "111D",
        (1, 1) => "111U",
        (0, 3) if outs.contains(&2) => "030T",
        (0, 3) => "030C",
        (2, 0) => "201",
        (1, 2) => {
            // The area with two asymmetric ties: both from it, both to it, or one of each.
            let lone = (0..3).find(|&a| (0..3).all(|b| b == a || !(there(a, b) && there(b, a))));
            match lone.map(|a| (outs[a], ins[a])) {
                Some((2, 0)) => "120D",
                Some((0, 2)) => "120U",
                _ => "120C",
            }
        }
        (2, 1) => "210",
        _ => "300",
    };
    TRIADS.iter().position(|triad| *triad == name).unwrap_or(0)
}

/// Triad census, by intersecting the rows of every pair of areas.
pub fn triads(bits: &Bits, turned: &Bits) -> [u32; 16] {
    let n = bits.n();
    let words = n.div_ceil(64);
    // Rows by how an area is tied to the others: none, there, back, both.
    let mut kinds: Vec<[Vec<u64>; 4]> = Vec::with_capacity(n);
    for i in 0..n {
        let (out, into) = (bits.row(i), turned.row(i));
        let mut kind: [Vec<u64>; 4] = std::array::from_fn(|_| vec![0; words]);
        for word in 0..words {
            let real =
                if word + 1 < words || n.is_multiple_of(64) { !0 } else { (1 << (n % 64)) - 1 };
            let (out, into) = (out[word], into[word]);
            kind[0][word] = !out & !into & real;
            kind[1][word] = out & !into;
            kind[2][word] = into & !out;
            kind[3][word] = out & into;
        }
        kind[0][i / 64] &= !(1 << (i % 64));
        kinds.push(kind);
    }
    let mut classes = [[[0usize; 4]; 4]; 4];
    for (ij, plane) in classes.iter_mut().enumerate() {
        for (ik, row) in plane.iter_mut().enumerate() {
            for (jk, cell) in row.iter_mut().enumerate() {
                *cell = class(ij, ik, jk);
            }
        }
    }
    // A triad is met at each of its pairs that are tied, few of all in most networks; what is never met
    // has no tie.
    let mut met = [0u64; 16];
    for i in 0..n {
        for j in i + 1..n {
            let ij = usize::from(bits.get(i, j)) | usize::from(bits.get(j, i)) << 1;
            if ij == 0 {
                continue;
            }
            for ik in 0..4 {
                for jk in 0..4 {
                    let (a, b) = (&kinds[i][ik], &kinds[j][jk]);
                    let mut count = 0;
                    for word in 0..words {
                        let mut both = a[word] & b[word];
                        for area in [i, j] {
                            if area / 64 == word {
                                both &= !(1 << (area % 64));
                            }
                        }
                        count += both.count_ones();
                    }
                    met[classes[ij][ik][jk]] += u64::from(count);
                }
            }
        }
    }
    let mut counts: [u64; 16] = std::array::from_fn(|at| met[at] / TIED[at]);
    let n = n as u64;
    counts[0] = n * n.saturating_sub(1) * n.saturating_sub(2) / 6 - counts.iter().sum::<u64>();
    counts.map(|count| count as u32)
}

/// Ties of a network as ordered pairs.
pub fn ties(structure: &Structure) -> impl Iterator<Item = (usize, usize)> + '_ {
    (0..structure.n()).flat_map(|i| ones(structure.bits().row(i)).map(move |j| (i, j)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_have_as_many_tied_pairs_as_is_divided_by() {
        for codes in 0..64 {
            let (ij, ik, jk) = (codes / 16, codes / 4 % 4, codes % 4);
            let tied = [ij, ik, jk].iter().filter(|&&code| code > 0).count() as u64;
            assert_eq!(TIED[class(ij, ik, jk)], tied.max(1), "{ij} {ik} {jk}");
        }
    }
}

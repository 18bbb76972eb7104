//! Directed networks without loops: ties with weights, and the same as rows of bits.

/// A tie and its weight, more than 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tie {
    /// Importer, or acting government.
    pub from: u32,
    /// Exporter, or government acted upon.
    pub to: u32,
    /// Weight.
    pub weight: f64,
}

/// A directed network on the areas of the sample, of which some may be absent.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Areas of the sample; ties use their places.
    pub areas: usize,
    /// Which of them exist.
    pub present: Vec<bool>,
    /// Ties by `from`, then `to`, between areas that exist.
    pub ties: Vec<Tie>,
}

impl Network {
    /// The same ties, each of weight 1.
    pub fn binary(&self) -> Self {
        let ties = self.ties.iter().map(|tie| Tie { weight: 1.0, ..*tie }).collect();
        Network { ties, ..self.clone() }
    }

    /// A network of ties in any order, each pair once; ties of absent areas are left out.
    pub fn new(present: Vec<bool>, mut ties: Vec<Tie>) -> Self {
        ties.retain(|tie| present[tie.from as usize] && present[tie.to as usize]);
        ties.sort_by_key(|tie| (tie.from, tie.to));
        Network { areas: present.len(), present, ties }
    }

    /// Number of areas that exist, n.
    pub fn n(&self) -> usize {
        self.present.iter().filter(|present| **present).count()
    }

    /// Number of ties, m.
    pub fn m(&self) -> usize {
        self.ties.len()
    }

    /// The ties as bits.
    pub fn bits(&self) -> Bits {
        let mut bits = Bits::new(self.areas);
        for tie in &self.ties {
            bits.set(tie.from as usize, tie.to as usize, true);
        }
        bits
    }

    /// Weighted degrees: (out, in) per area.
    pub fn strengths(&self) -> (Vec<f64>, Vec<f64>) {
        let (mut out, mut into) = (vec![0.0; self.areas], vec![0.0; self.areas]);
        for tie in &self.ties {
            out[tie.from as usize] += tie.weight;
            into[tie.to as usize] += tie.weight;
        }
        (out, into)
    }

    /// Numbers of ties: (out, in) per area.
    pub fn degrees(&self) -> (Vec<u32>, Vec<u32>) {
        let (mut out, mut into) = (vec![0; self.areas], vec![0; self.areas]);
        for tie in &self.ties {
            out[tie.from as usize] += 1;
            into[tie.to as usize] += 1;
        }
        (out, into)
    }
}

/// A square matrix of bits, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bits {
    n: usize,
    words: usize,
    rows: Vec<u64>,
}

impl Bits {
    /// No ties among `n` areas.
    pub fn new(n: usize) -> Self {
        let words = n.div_ceil(64);
        Bits { n, words, rows: vec![0; n * words] }
    }

    /// Number of areas.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Bits of a row, 64 areas a word.
    #[inline]
    pub fn row(&self, i: usize) -> &[u64] {
        &self.rows[i * self.words..(i + 1) * self.words]
    }

    /// Whether i has a tie to j.
    #[inline]
    pub fn get(&self, i: usize, j: usize) -> bool {
        self.rows[i * self.words + j / 64] >> (j % 64) & 1 == 1
    }

    /// Makes or removes a tie.
    #[inline]
    pub fn set(&mut self, i: usize, j: usize, tie: bool) {
        let word = &mut self.rows[i * self.words + j / 64];
        let bit = 1 << (j % 64);
        *word = if tie { *word | bit } else { *word & !bit };
    }

    /// Every tie turned round.
    pub fn transposed(&self) -> Self {
        let mut turned = Bits::new(self.n);
        for i in 0..self.n {
            for j in ones(self.row(i)) {
                turned.set(j, i, true);
            }
        }
        turned
    }

    /// Ties of either.
    pub fn or(&self, other: &Self) -> Self {
        let rows = self.rows.iter().zip(&other.rows).map(|(a, b)| a | b).collect();
        Bits { rows, ..*self }
    }

    /// Ties of row i.
    #[inline]
    pub fn degree(&self, i: usize) -> u32 {
        self.row(i).iter().map(|word| word.count_ones()).sum()
    }

    /// All ties.
    pub fn count(&self) -> usize {
        self.rows.iter().map(|word| word.count_ones() as usize).sum()
    }
}

/// Places of the ones of a row, ascending.
#[inline]
pub fn ones(row: &[u64]) -> impl Iterator<Item = usize> + '_ {
    row.iter().enumerate().flat_map(|(at, &word)| Ones(word).map(move |bit| at * 64 + bit))
}

/// Places of the ones that two rows share, ascending.
#[inline]
pub fn common<'a>(a: &'a [u64], b: &'a [u64]) -> impl Iterator<Item = usize> + 'a {
    a.iter().zip(b).enumerate().flat_map(|(at, (&a, &b))| Ones(a & b).map(move |bit| at * 64 + bit))
}

/// Number of ones that two rows share.
#[inline]
pub fn shared(a: &[u64], b: &[u64]) -> u32 {
    a.iter().zip(b).map(|(a, b)| (a & b).count_ones()).sum()
}

/// Places of the ones of a word.
struct Ones(u64);

impl Iterator for Ones {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let bit = self.0.trailing_zeros() as usize;
        self.0 &= self.0 - 1;
        Some(bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_ties() {
        let mut bits = Bits::new(130);
        for (i, j) in [(0, 129), (129, 64), (3, 0), (3, 63), (3, 64)] {
            bits.set(i, j, true);
        }
        assert_eq!(ones(bits.row(3)).collect::<Vec<_>>(), [0, 63, 64]);
        assert_eq!((bits.count(), bits.degree(3)), (5, 3));
        let turned = bits.transposed();
        assert!(turned.get(129, 0) && turned.get(64, 3) && !turned.get(3, 64));
        assert_eq!(turned.transposed(), bits);
        assert_eq!(common(bits.row(3), bits.row(129)).collect::<Vec<_>>(), [64]);
        assert_eq!(shared(bits.row(3), bits.row(129)), 1);
        bits.set(3, 64, false);
        assert_eq!(shared(bits.row(3), bits.row(129)), 0);
    }
}

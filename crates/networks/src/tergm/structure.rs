//! A network with its degrees and shared partners: change statistics, statistics, toggles.
//!
//! w(k) = e^a (1 - q^k), q = 1 - e^-a, w(0) = 0, 0^0 = 1; sp_ij = sum_k A_ik A_kj, paths i -> k -> j.

use super::term::Structural;
use crate::network::{Bits, common, ones, shared};

/// Powers q^k for k = 0..=n, and e^a, of a decay.
#[derive(Debug, Clone, PartialEq)]
pub struct Decay {
    powers: Vec<f64>,
    scale: f64,
}

impl Decay {
    /// Powers up to `n`.
    pub fn new(decay: f64, n: usize) -> Self {
        let q = 1.0 - libm::exp(-decay);
        let mut powers = Vec::with_capacity(n + 1);
        let mut power = 1.0;
        for _ in 0..=n {
            powers.push(power);
            power *= q;
        }
        Decay { powers, scale: libm::exp(decay) }
    }

    /// w(k).
    #[inline]
    fn w(&self, k: usize) -> f64 {
        self.scale * (1.0 - self.powers[k])
    }

    /// q^k.
    #[inline]
    fn q(&self, k: usize) -> f64 {
        self.powers[k]
    }
}

/// A structural term with what it needs on networks of a size.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    term: Structural,
    decay: Decay,
}

impl Prepared {
    /// For networks of `n` areas.
    pub fn new(term: Structural, n: usize) -> Self {
        let decay = match term {
            Structural::Gwideg(decay)
            | Structural::Gwodeg(decay)
            | Structural::Gwesp(decay)
            | Structural::Gwdsp(decay) => decay,
            _ => 0.0,
        };
        Prepared { term, decay: Decay::new(decay, n) }
    }
}

/// A network of areas 0..n with what its structural terms need.
#[derive(Debug, Clone, PartialEq)]
pub struct Structure {
    n: usize,
    bits: Bits,
    turned: Bits,
    outdegree: Vec<u32>,
    indegree: Vec<u32>,
    /// sp_ij by row; the diagonal is not used.
    partners: Vec<u16>,
    edges: usize,
}

impl Structure {
    /// Counts degrees and shared partners.
    pub fn new(bits: Bits) -> Self {
        let n = bits.n();
        let turned = bits.transposed();
        let mut partners = vec![0; n * n];
        for i in 0..n {
            for j in 0..n {
                if i != j {
                    // At most the areas that a u16 counts: 65,535.
                    partners[i * n + j] = shared(bits.row(i), turned.row(j)) as u16;
                }
            }
        }
        let outdegree = (0..n).map(|i| bits.degree(i)).collect();
        let indegree = (0..n).map(|i| turned.degree(i)).collect();
        let edges = bits.count();
        Structure { n, bits, turned, outdegree, indegree, partners, edges }
    }

    /// Number of areas.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Number of ties.
    pub fn edges(&self) -> usize {
        self.edges
    }

    /// The ties.
    pub fn bits(&self) -> &Bits {
        &self.bits
    }

    /// The ties turned round.
    pub fn turned(&self) -> &Bits {
        &self.turned
    }

    /// Whether i has a tie to j.
    #[inline]
    pub fn tie(&self, i: usize, j: usize) -> bool {
        self.bits.get(i, j)
    }

    /// sp_ij.
    #[inline]
    pub fn shared_partners(&self, i: usize, j: usize) -> usize {
        usize::from(self.partners[i * self.n + j])
    }

    /// Degrees (out, in).
    pub fn degrees(&self) -> (&[u32], &[u32]) {
        (&self.outdegree, &self.indegree)
    }

    /// Makes the tie (i, j) where there is none, removes it where there is one.
    pub fn toggle(&mut self, i: usize, j: usize) {
        let is_new = !self.bits.get(i, j);
        let n = self.n;
        let change = |count: &mut u16| *count = if is_new { *count + 1 } else { *count - 1 };
        for k in ones(self.bits.row(j)).filter(|&k| k != i) {
            change(&mut self.partners[i * n + k]);
        }
        for k in ones(self.turned.row(i)).filter(|&k| k != j) {
            change(&mut self.partners[k * n + j]);
        }
        self.bits.set(i, j, is_new);
        self.turned.set(j, i, is_new);
        if is_new {
            self.outdegree[i] += 1;
            self.indegree[j] += 1;
            self.edges += 1;
        } else {
            self.outdegree[i] -= 1;
            self.indegree[j] -= 1;
            self.edges -= 1;
        }
    }

    /// Statistic with the tie (i, j) minus without it, the rest as it is.
    #[inline]
    pub fn change(&self, term: &Prepared, i: usize, j: usize) -> f64 {
        let a = usize::from(self.tie(i, j));
        let decay = &term.decay;
        match term.term {
            Structural::Mutual => f64::from(u8::from(self.tie(j, i))),
            Structural::Gwideg(_) => decay.q(self.indegree[j] as usize - a),
            Structural::Gwodeg(_) => decay.q(self.outdegree[i] as usize - a),
            Structural::Gwesp(_) => {
                let first = self.closing(i, j).map(|sp| decay.q(sp - a)).sum::<f64>();
                decay.w(self.shared_partners(i, j)) + first
            }
            Structural::Gwdsp(_) => {
                let n = self.n;
                let onward = ones(self.bits.row(j)).filter(|&k| k != i);
                let onward = onward.map(|k| decay.q(usize::from(self.partners[i * n + k]) - a));
                let before = ones(self.turned.row(i)).filter(|&k| k != j);
                let before = before.map(|k| decay.q(usize::from(self.partners[k * n + j]) - a));
                onward.sum::<f64>() + before.sum::<f64>()
            }
            Structural::Ttriple => self.transitive(i, j),
            Structural::Ctriple => self.shared_partners(j, i) as f64,
            Structural::Triangle => self.transitive(i, j) + self.shared_partners(j, i) as f64,
            Structural::Transitiveties => {
                let own = f64::from(u8::from(self.shared_partners(i, j) > 0));
                own + self.closing(i, j).filter(|sp| sp - a == 0).count() as f64
            }
            Structural::Istar2 => f64::from(self.indegree[j]) - a as f64,
            Structural::Ostar2 => f64::from(self.outdegree[i]) - a as f64,
        }
    }

    /// sp of the ties that the tie (i, j) helps to close: i -> k by i -> j -> k, k -> j by k -> i -> j.
    #[inline]
    fn closing(&self, i: usize, j: usize) -> impl Iterator<Item = usize> + '_ {
        let n = self.n;
        let onward = common(self.bits.row(j), self.bits.row(i))
            .map(move |k| usize::from(self.partners[i * n + k]));
        let before = common(self.turned.row(i), self.turned.row(j))
            .map(move |k| usize::from(self.partners[k * n + j]));
        onward.chain(before)
    }

    /// Transitive triples with the tie (i, j) in any of its three places.
    fn transitive(&self, i: usize, j: usize) -> f64 {
        let onward = shared(self.bits.row(j), self.bits.row(i));
        let before = shared(self.turned.row(i), self.turned.row(j));
        self.shared_partners(i, j) as f64 + f64::from(onward) + f64::from(before)
    }

    /// The statistic itself.
    pub fn statistic(&self, term: &Prepared) -> f64 {
        let decay = &term.decay;
        let ties = || (0..self.n).flat_map(|i| ones(self.bits.row(i)).map(move |j| (i, j)));
        let pairs =
            || (0..self.n).flat_map(|i| (0..self.n).filter(move |&j| j != i).map(move |j| (i, j)));
        let star = |degrees: &[u32]| {
            degrees.iter().map(|&d| f64::from(d) * (f64::from(d) - 1.0) / 2.0).sum::<f64>()
        };
        let sp = |(i, j): (usize, usize)| self.shared_partners(i, j);
        match term.term {
            Structural::Mutual => ties().filter(|&(i, j)| i < j && self.tie(j, i)).count() as f64,
            Structural::Gwideg(_) => self.indegree.iter().map(|&d| decay.w(d as usize)).sum(),
            Structural::Gwodeg(_) => self.outdegree.iter().map(|&d| decay.w(d as usize)).sum(),
            Structural::Gwesp(_) => ties().map(|pair| decay.w(sp(pair))).sum(),
            Structural::Gwdsp(_) => pairs().map(|pair| decay.w(sp(pair))).sum(),
            Structural::Ttriple => ties().map(|pair| sp(pair) as f64).sum(),
            Structural::Ctriple => ties().map(|(i, j)| sp((j, i)) as f64).sum::<f64>() / 3.0,
            Structural::Triangle => {
                let transitive: f64 = ties().map(|pair| sp(pair) as f64).sum();
                transitive + ties().map(|(i, j)| sp((j, i)) as f64).sum::<f64>() / 3.0
            }
            Structural::Transitiveties => ties().filter(|&pair| sp(pair) > 0).count() as f64,
            Structural::Istar2 => star(&self.indegree),
            Structural::Ostar2 => star(&self.outdegree),
        }
    }
}

//! Numbers that carry their interaction: one part for every subset of some shocks.
//!
//! A quantity `q` of a run (a parameter, an amount, a loss) has a value `q(S)` for every set S of
//! shocks that happen. Its *parts* are what each subset adds beyond all smaller ones,
//!
//! ```text
//! q(S) = sum over T within S of q_T         q_ab = q(ab) - q(a) - q(b) + q(none)
//! ```
//!
//! and sums, products and quotients of parts follow from those of the values without subtracting
//! any two values: `(u v)_T = sum over U, V with union T of u_U v_V`. So the interaction keeps its
//! own relative accuracy however small it is against the values. Subsets are bit masks: of two
//! shocks 0 none, 1 a, 2 b, 3 both.

/// The parts and the values of one quantity; `N` is two to the number of shocks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parts<const N: usize> {
    /// What each subset adds.
    pub part: [f64; N],
    /// The quantity where exactly the shocks of a subset happen.
    pub value: [f64; N],
}

/// Where a quantity may come from; which one holds differs from subset to subset.
#[derive(Debug, Clone, Copy)]
pub enum Branch<'a, const N: usize> {
    /// A quantity.
    Is(&'a Parts<N>),
    /// A target divided by a quantity that is not 0 where this is chosen.
    Ratio(f64, &'a Parts<N>),
}

impl Parts<2> {
    /// The same quantity among more shocks, of which the one with this bit is its own.
    pub fn among<const N: usize>(&self, shock: usize) -> Parts<N> {
        let mut part = [0.0; N];
        (part[0], part[shock]) = (self.part[0], self.part[1]);
        let happens = |set: usize| usize::from(set & shock != 0);
        Parts { part, value: std::array::from_fn(|set| self.value[happens(set)]) }
    }
}

impl<const N: usize> Parts<N> {
    /// The same in every run.
    pub fn constant(value: f64) -> Self {
        let mut part = [0.0; N];
        part[0] = value;
        Parts { part, value: [value; N] }
    }

    /// From the parts; values are sums over subsets in ascending order.
    pub fn from_parts(part: [f64; N]) -> Self {
        let mut value = [0.0; N];
        for (set, value) in value.iter_mut().enumerate() {
            for (subset, part) in part.iter().enumerate() {
                if subset & !set == 0 {
                    *value += part;
                }
            }
        }
        Parts { part, value }
    }

    /// Whether every run has the same value.
    pub fn is_constant(&self) -> bool {
        self.part[1..].iter().all(|&part| part == 0.0)
    }

    /// The sum.
    pub fn plus(&self, other: &Self) -> Self {
        let mut sum = *self;
        for set in 0..N {
            sum.part[set] += other.part[set];
            sum.value[set] += other.value[set];
        }
        sum
    }

    /// What lies above a number that is its value without shocks.
    pub fn above(&self, base: f64) -> Self {
        let mut rest = *self;
        rest.part[0] -= base;
        rest.value.iter_mut().for_each(|value| *value -= base);
        rest
    }

    /// The product with a number.
    pub fn scaled(&self, factor: f64) -> Self {
        let mut scaled = *self;
        for set in 0..N {
            scaled.part[set] *= factor;
            scaled.value[set] *= factor;
        }
        scaled
    }

    /// The product.
    pub fn times(&self, other: &Self) -> Self {
        let mut product = Parts { part: [0.0; N], value: [0.0; N] };
        for set in 0..N {
            product.value[set] = self.value[set] * other.value[set];
            // The value stands for the sum of all parts it is made of: exact where that is 0.
            product.part[set] = self.part[set] * other.value[set];
        }
        // Most quantities are the same in every run, or differ with one shock alone.
        if other.is_constant() {
            return product;
        }
        for u in (0..N - 1).filter(|&u| self.part[u] != 0.0) {
            let beyond = (N - 1) & !u;
            for more in subsets(beyond).skip(1) {
                // The parts that are missing from `u` to the whole subset, with or without what it has itself.
                let rest: f64 = subsets(u).map(|own| other.part[own | more]).sum();
                product.part[u | more] += self.part[u] * rest;
            }
        }
        product
    }

    /// In every run the branch that holds there: `pick` says which by subset.
    ///
    /// Subsets are split only where branches differ: two values of one branch are never
    /// subtracted.
    pub fn choose(pick: &[usize; N], branches: &[Branch<'_, N>]) -> Self {
        if let Branch::Is(quantity) = branches[pick[0]]
            && pick.iter().all(|of| *of == pick[0])
        {
            let mut same = *quantity;
            same.part[0] = quantity.value[0];
            return same;
        }
        let mut value = [0.0; N];
        for (set, value) in value.iter_mut().enumerate() {
            *value = match branches[pick[set]] {
                Branch::Is(quantity) => quantity.value[set],
                Branch::Ratio(target, quantity) => target / quantity.value[set],
            };
        }
        Parts { part: split(pick, branches, 0, N - 1), value }
    }

    /// `then` in the subsets of a mask (one bit each), else `otherwise`.
    pub fn where_set(mask: u32, then: &Self, otherwise: &Self) -> Self {
        let pick = std::array::from_fn(|set| (mask >> set & 1) as usize);
        Self::choose(&pick, &[Branch::Is(otherwise), Branch::Is(then)])
    }

    /// Parts over the subsets of `free` where the shocks of `base` happen too.
    fn shifted(&self, base: usize, free: usize) -> [f64; N] {
        let mut shifted = [0.0; N];
        shifted[0] = self.value[base];
        for set in (1..N).filter(|set| set & !free == 0) {
            for more in (0..N).filter(|more| more & !base == 0) {
                shifted[set] += self.part[set | more];
            }
        }
        shifted
    }

    /// As [`Parts::shifted`] of `target / self`.
    fn shifted_ratio(&self, target: f64, base: usize, free: usize) -> [f64; N] {
        let own = self.shifted(base, free);
        let mut ratio = [0.0; N];
        ratio[0] = target / own[0];
        for set in (1..N).filter(|set| set & !free == 0) {
            // All terms of (ratio x self)_set = 0 but those with ratio_set.
            let mut rest = 0.0;
            for v in (0..set).filter(|v| v & !set == 0) {
                let mut parts = 0.0;
                for u in (1..=set).filter(|u| u & !set == 0 && u | v == set) {
                    parts += own[u];
                }
                rest += ratio[v] * parts;
            }
            ratio[set] = -rest / self.value[base | set];
        }
        ratio
    }
}

/// Subsets of a set in ascending order, the empty one first.
fn subsets(of: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(0), move |&set: &usize| {
        let next = set.wrapping_sub(of) & of;
        (next != 0).then_some(next)
    })
}

fn split<const N: usize>(
    pick: &[usize; N],
    branches: &[Branch<'_, N>],
    base: usize,
    free: usize,
) -> [f64; N] {
    let sets = || (0..N).filter(|set| set & !free == 0);
    if sets().all(|set| pick[base | set] == pick[base]) {
        return match branches[pick[base]] {
            Branch::Is(quantity) => quantity.shifted(base, free),
            Branch::Ratio(target, quantity) => quantity.shifted_ratio(target, base, free),
        };
    }
    // A shock that makes a difference: there is one, or all picks were equal.
    let differs = |shock: &usize| sets().any(|set| pick[base | set] != pick[base | set | shock]);
    let shocks = (0..).map(|n| 1usize << n).take_while(|shock| *shock < N);
    let shock =
        shocks.filter(|shock| free & shock != 0).find(differs).unwrap_or(free & !(free - 1));
    let without = split(pick, branches, base, free & !shock);
    let with = split(pick, branches, base | shock, free & !shock);
    let mut parts = without;
    for set in (0..N).filter(|set| set & !(free & !shock) == 0) {
        parts[set | shock] = with[set] - without[set];
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(parts: &Parts<8>) {
        let again = Parts::from_parts(parts.part);
        for (a, b) in again.value.iter().zip(&parts.value) {
            assert!((a - b).abs() <= 1e-12 * (1.0 + b.abs()), "{parts:?}");
        }
    }

    #[test]
    fn values_and_parts_of_results_agree() {
        let u = Parts::<8>::from_parts([2.0, 0.5, -0.25, 1e-3, 3.0, 0.0, 0.7, -0.1]);
        let v = Parts::<8>::from_parts([1.0, 0.0, 0.5, 0.125, -0.3, 0.2, 0.0, 1.0]);
        sums(&u.plus(&v));
        sums(&u.times(&v));
        sums(&u.above(2.0));
        for pattern in 0..256usize {
            let pick = std::array::from_fn(|set| pattern >> set & 1);
            sums(&Parts::choose(&pick, &[Branch::Is(&v), Branch::Ratio(3.0, &u)]));
        }
    }

    #[test]
    fn a_small_interaction_keeps_its_digits() {
        // 1 / (1 + a + b) with a = b = 1e-9: the interaction is 2e-18, far below the rounding of
        // any value.
        let sum = Parts::<4>::from_parts([1.0, 1e-9, 1e-9, 0.0]);
        let factor = Parts::choose(&[0; 4], &[Branch::Ratio(1.0, &sum)]);
        let expected = 2e-18 * (1.0 - 3e-9);
        assert!((factor.part[3] / expected - 1.0).abs() < 1e-12, "{factor:?}");
        let product = sum.times(&factor);
        assert!(product.part[3].abs() < 1e-33 && product.part[1].abs() < 1e-24, "{product:?}");
    }

    #[test]
    fn where_branches_differ_only_they_are_subtracted() {
        let rl = Parts::<4>::from_parts([0.0, 0.5, 1e-12, 1e-13]);
        let old = Parts::constant(0.75);
        // Adapts in the runs with the first shock.
        let new = Parts::where_set(0b1010, &rl.scaled(0.75), &old);
        assert_eq!(new.part[0], 0.75);
        assert_eq!(new.part[1], 0.375 - 0.75);
        assert_eq!(new.part[2], 0.0);
        assert!((new.part[3] / (0.75 * 1.1e-12) - 1.0).abs() < 1e-15);
        // Adapts in the joint run only.
        let new = Parts::where_set(0b1000, &rl.scaled(0.75), &old);
        assert_eq!(new.part[..3], [0.75, 0.0, 0.0]);
        assert_eq!(new.part[3], new.value[3] - 0.75);
    }
}

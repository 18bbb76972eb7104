//! Small statistics: tails, tests, corrections, a generator. Knows nothing of food or trade.
#![warn(clippy::print_stderr, clippy::print_stdout, clippy::too_many_lines, clippy::unwrap_used)]

pub mod wilcoxon;

/// Probability that a t variable with `degrees` degrees of freedom is at least as far from 0.
///
/// `I_x(degrees / 2, 1 / 2)` with `x = degrees / (degrees + t^2)`, the regularised incomplete beta
/// function as a continued fraction.
pub fn student_two_sided(t: f64, degrees: f64) -> f64 {
    let x = degrees / (degrees + t * t);
    let (a, b) = (degrees / 2.0, 0.5);
    let front = libm::exp(
        libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b)
            + a * libm::log(x)
            + b * libm::log1p(-x),
    );
    // The fraction converges fast on the side where x is small.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, 1.0 - x) / b
    }
}

/// Continued fraction of the incomplete beta function, by Lentz's method.
///
/// Source: NIST Digital Library of Mathematical Functions, 8.17.22.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..500 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / away(1.0 + term * d);
            c = away(1.0 + term / c);
            change = c * d;
            fraction *= change;
        }
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

/// Probability that a t variable with `degrees` degrees of freedom is `t` or more.
pub fn student_upper(t: f64, degrees: f64) -> f64 {
    let half = student_two_sided(t, degrees) / 2.0;
    if t > 0.0 { half } else { 1.0 - half }
}

/// The `t` that a t variable with `degrees` degrees of freedom exceeds in size with probability `p`.
pub fn student_quantile(p: f64, degrees: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while student_two_sided(high, degrees) > p && high < 1e12 {
        low = high;
        high *= 2.0;
    }
    // As many halvings as an f64 has bits, and some.
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if student_two_sided(middle, degrees) > p { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// Mean and standard deviation with n - 1; the deviation is undefined below two values.
pub fn moments(values: &[f64]) -> (f64, Option<f64>) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n.max(1.0);
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    (mean, (values.len() > 1).then(|| (squares / (n - 1.0)).sqrt()))
}

/// One-sample t statistic of the mean against 0, and its upper tail at n - 1 degrees.
///
/// `None` below two values. Where all values are equal the statistic is undefined and p is 0 for a
/// positive mean, else 1.
pub fn t_test(values: &[f64]) -> Option<(Option<f64>, f64)> {
    let (mean, deviation) = moments(values);
    let deviation = deviation?;
    if deviation == 0.0 {
        return Some((None, if mean > 0.0 { 0.0 } else { 1.0 }));
    }
    let n = values.len() as f64;
    let t = mean / (deviation / n.sqrt());
    Some((Some(t), student_upper(t, n - 1.0)))
}

/// The SplitMix64 generator: a sequence that any language can repeat.
#[derive(Debug, Clone)]
pub struct SplitMix64 {
    state: u64,
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl SplitMix64 {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Self {
        SplitMix64 { state: seed }
    }

    /// Output number `n` of a seed's sequence, from 0.
    pub fn output(seed: u64, n: u64) -> u64 {
        SplitMix64 { state: seed.wrapping_add(n.wrapping_mul(GOLDEN)) }.draw()
    }

    /// The next output.
    pub fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Up to this number of values every combination of signs is tried.
pub const EXACT_FLIPS: usize = 12;
/// Random flips where there are more values.
pub const RANDOM_FLIPS: u64 = 9_999;

/// Upper-tailed sign-flip test of the sum: the share of sign combinations whose sum is at least the
/// observed one, ties counted up to a rounding of `1e-12 sum |v|`.
///
/// Up to [`EXACT_FLIPS`] values all `2^n` combinations count; above, [`RANDOM_FLIPS`] random ones
/// from the SplitMix64 sequence of `seed`, and the observed one.
pub fn sign_flip_test(values: &[f64], seed: u64) -> f64 {
    let n = values.len();
    let observed: f64 = values.iter().sum();
    let size: f64 = values.iter().map(|v| v.abs()).sum();
    let limit = observed - 1e-12 * size;
    let reaches = |negative: &dyn Fn(usize) -> bool| {
        let sum: f64 =
            values.iter().enumerate().map(|(b, v)| if negative(b) { -v } else { *v }).sum();
        sum >= limit
    };
    if n <= EXACT_FLIPS {
        let all = 1u32 << n;
        let count = (0..all).filter(|flip| reaches(&|b| flip >> b & 1 == 1)).count();
        return count as f64 / f64::from(all);
    }
    let mut draws = SplitMix64::new(seed);
    let mut words = vec![0u64; n.div_ceil(64)];
    let mut count = 0u64;
    for _ in 0..RANDOM_FLIPS {
        words.iter_mut().for_each(|word| *word = draws.draw());
        count += u64::from(reaches(&|b| words[b / 64] >> (b % 64) & 1 == 1));
    }
    (1 + count) as f64 / (RANDOM_FLIPS + 1) as f64
}

/// Benjamini-Hochberg adjusted p values, in the order given.
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut adjusted = vec![0.0; p.len()];
    let mut least = 1.0f64;
    for (rank, &at) in order.iter().enumerate().rev() {
        least = least.min(p[at] * p.len() as f64 / (rank + 1) as f64);
        adjusted[at] = least;
    }
    adjusted
}

/// Matthews correlation of two verdicts; undefined where one of them is always the same.
pub fn matthews(tp: u64, tn: u64, fp: u64, fn_: u64) -> Option<f64> {
    let [tp, tn, fp, fn_] = [tp, tn, fp, fn_].map(|count| count as f64);
    let margins = [tp + fp, tp + fn_, tn + fp, tn + fn_];
    let defined = margins.iter().all(|&margin| margin > 0.0);
    // Roots of pairs: exact where all cases agree, and no product of four large margins.
    let root = |a: f64, b: f64| (a * b).sqrt();
    defined.then(|| {
        let [a, b, c, d] = margins;
        (tp * tn - fp * fn_) / (root(a, b) * root(c, d))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_tables() {
        for (degrees, expected) in
            [(4.0, 2.776_445_105_2), (24.0, 2.063_898_561_6), (1000.0, 1.962_339_080_8)]
        {
            assert!((student_quantile(0.05, degrees) - expected).abs() < 1e-9, "{degrees}");
        }
    }

    #[test]
    fn tails_of_the_t_distribution() {
        // Closed forms: 1 degree (Cauchy), 2 degrees; and a table value.
        let cauchy = 1.0 - 2.0 / std::f64::consts::PI * 1.0_f64.atan();
        assert!((student_two_sided(1.0, 1.0) - cauchy).abs() < 1e-14);
        let two = 1.0 - 3.0 / (2.0_f64 + 9.0).sqrt();
        assert!((student_two_sided(3.0, 2.0) - two).abs() < 1e-14);
        assert!((student_two_sided(2.228_138_852, 10.0) - 0.05).abs() < 1e-9);
        assert_eq!(student_two_sided(0.0, 5.0), 1.0);
    }

    #[test]
    fn corrections_and_correlations() {
        let adjusted = benjamini_hochberg(&[0.04, 0.01, 0.03, 0.5]);
        let expected = [0.16 / 3.0, 0.04, 0.16 / 3.0, 0.5];
        assert!(adjusted.iter().zip(expected).all(|(a, e)| (a - e).abs() < 1e-15));
        assert_eq!(matthews(5, 5, 0, 0), Some(1.0));
        assert_eq!(matthews(0, 0, 3, 3), Some(-1.0));
        assert_eq!(matthews(4, 0, 1, 0), None);
    }

    #[test]
    fn equal_values_have_no_t() {
        assert_eq!(t_test(&[0.5, 0.5]), Some((None, 0.0)));
        assert_eq!(t_test(&[-0.5, -0.5]), Some((None, 1.0)));
        assert_eq!(t_test(&[0.5]), None);
    }
}

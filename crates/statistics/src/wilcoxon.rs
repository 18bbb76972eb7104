//! The Wilcoxon signed-rank test.

/// How a p value came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// All sign combinations.
    Exact,
    /// Normal approximation.
    Normal,
    /// Not tested.
    TooFew,
}

impl Method {
    /// The value in tables.
    pub fn name(self) -> &'static str {
        match self {
            Method::Exact => "exact",
            Method::Normal => "normal",
            Method::TooFew => "too_few",
        }
    }
}

/// Result of a signed-rank test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignedRank {
    /// Values that are not 0.
    pub n: usize,
    /// Sum of the ranks of the positive ones; `None` where not tested.
    pub w_plus: Option<f64>,
    /// Two-sided; `None` where not tested.
    pub p: Option<f64>,
    /// How.
    pub method: Method,
}

/// Up to this number of values, without ties and zeros, all combinations of signs are counted.
pub const EXACT: usize = 50;

/// Fewest values that are tested.
pub const FEWEST: usize = 6;

/// Two-sided Wilcoxon signed-rank test of paired differences.
///
/// Zeros are dropped, ties have their mid-rank. Exact up to [`EXACT`] values without ties and zeros,
/// else normal, with the variance corrected for ties and no continuity correction. Below
/// [`FEWEST`] values nothing is tested.
pub fn signed_rank(differences: &[f64]) -> SignedRank {
    let mut values: Vec<f64> = differences.iter().copied().filter(|&d| d != 0.0).collect();
    let n = values.len();
    if n < FEWEST {
        return SignedRank { n, w_plus: None, p: None, method: Method::TooFew };
    }
    values.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let (mut w_plus, mut ties, mut before) = (0.0, 0.0, 0usize);
    for same in values.chunk_by(|a, b| a.abs() == b.abs()) {
        let count = same.len() as f64;
        let rank = before as f64 + (count + 1.0) / 2.0;
        w_plus += rank * same.iter().filter(|&&d| d > 0.0).count() as f64;
        ties += count * count * count - count;
        before += same.len();
    }
    let is_exact = n <= EXACT && ties == 0.0 && n == differences.len();
    let (p, method) = if is_exact {
        (exact(n, w_plus as usize), Method::Exact)
    } else {
        let n = n as f64;
        let mean = n * (n + 1.0) / 4.0;
        let variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ties / 48.0;
        let z = (w_plus - mean).abs() / variance.sqrt();
        (libm::erfc(z / std::f64::consts::SQRT_2), Method::Normal)
    };
    SignedRank { n, w_plus: Some(w_plus), p: Some(p), method }
}

/// Two-sided p of a rank sum among all `2^n` combinations of signs; counts are whole numbers that an
/// f64 holds up to n = 53.
fn exact(n: usize, w: usize) -> f64 {
    let most = n * (n + 1) / 2;
    let mut counts = vec![0.0f64; most + 1];
    counts[0] = 1.0;
    for rank in 1..=n {
        for sum in (rank..=most).rev() {
            counts[sum] += counts[sum - rank];
        }
    }
    let all = (n as f64).exp2();
    let lower: f64 = counts[..=w].iter().sum::<f64>() / all;
    let upper: f64 = counts[w..].iter().sum::<f64>() / all;
    (2.0 * lower.min(upper)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_equal_signs_have_one_combination_in_64() {
        let found = signed_rank(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(found.w_plus, Some(21.0));
        assert_eq!(found.p, Some(2.0 / 64.0));
        assert_eq!(found.method, Method::Exact);
    }

    #[test]
    fn ties_and_zeros_make_it_normal() {
        let found = signed_rank(&[0.25; 8]);
        assert_eq!((found.n, found.w_plus, found.method), (8, Some(36.0), Method::Normal));
        assert!((found.p.unwrap() - 0.004_677_734_981).abs() < 1e-12);
        assert_eq!(signed_rank(&[1.0, 2.0, 3.0, 4.0, 5.0, 0.0]).method, Method::TooFew);
        assert_eq!(signed_rank(&[1.0, 2.0, 3.0, 4.0, 5.0, -6.0, 0.0]).method, Method::Normal);
    }
}

//! Intervals of bootstrapped coefficients (section 8).

use super::bootstrap::Bootstrap;

/// Levels of the intervals in tables.
pub const LEVELS: [f64; 3] = [0.90, 0.95, 0.99];

/// Lower and upper end of the percentile interval of R replicates at a level; `values` sorted.
///
/// r = (R + 1) q, k = floor(r): the k-th order statistic, or between k and k + 1 interpolated on the
/// scale of normal quantiles; the extreme where k < 1 or k >= R.
/// Source: Davison and Hinkley 1997, section 2.4; as in R's `boot`.
pub fn percentile(values: &[f64], level: f64) -> Option<(f64, f64)> {
    let end = |q: f64| -> Option<f64> {
        let count = values.len();
        let (first, last) = (*values.first()?, *values.last()?);
        let r = (count + 1) as f64 * q;
        // (R + 1) q is whole in intent where rounding leaves it beside a whole number.
        let r = if (r - r.round()).abs() < 1e-10 * r { r.round() } else { r };
        let k = r.floor();
        if k < 1.0 {
            return Some(first);
        }
        if k >= count as f64 {
            return Some(last);
        }
        let at = k as usize;
        let below = values[at - 1];
        if r == k {
            return Some(below);
        }
        let quantile = |share: f64| normal_quantile(share);
        let [low, high] = [k, k + 1.0].map(|k| quantile(k / (count + 1) as f64));
        Some(below + (quantile(q) - low) / (high - low) * (values[at] - below))
    };
    Some((end((1.0 - level) / 2.0)?, end((1.0 + level) / 2.0)?))
}

/// Smallest value whose cumulative probability reaches q; `values` (value, probability) sorted.
pub fn exact_quantile(values: &[(f64, f64)], q: f64) -> Option<f64> {
    let total: f64 = values.iter().map(|(_, probability)| probability).sum();
    let mut sum = 0.0;
    for &(value, probability) in values {
        sum += probability;
        // Sums of many probabilities reach q but for rounding.
        if sum >= q * total * (1.0 - 1e-12) {
            return Some(value);
        }
    }
    values.last().map(|(value, _)| *value)
}

/// Standard normal quantile: Acklam's rational start, ended by Newton on erfc.
pub fn normal_quantile(q: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
    ];
    if q > 0.5 {
        return -normal_quantile(1.0 - q);
    }
    let polynomial = |terms: &[f64], x: f64| terms.iter().fold(0.0, |sum, term| sum * x + term);
    let mut x = if q < 0.02425 {
        // Far out: x^2 = -2 ln q - ln(2 pi x^2).
        let l = -2.0 * libm::log(q);
        -(l - libm::log(2.0 * std::f64::consts::PI * l)).max(1.0).sqrt()
    } else {
        let r = q - 0.5;
        let s = r * r;
        polynomial(&A, s) * r / (polynomial(&B, s) * s + 1.0)
    };
    for _ in 0..6 {
        let error = 0.5 * libm::erfc(-x / std::f64::consts::SQRT_2) - q;
        let density = libm::exp(-0.5 * x * x) / (2.0 * std::f64::consts::PI).sqrt();
        let newton = error / density;
        let step = newton / (1.0 + 0.5 * x * newton);
        x -= step;
        if step.abs() < 1e-15 * x.abs() {
            break;
        }
    }
    x
}

/// Distribution of a bootstrapped coefficient.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// Mean over the replicates that are kept.
    pub mean: f64,
    /// Standard deviation: of the distribution (exact), of the sample (draws).
    pub sd: f64,
    /// Intervals at [`LEVELS`].
    pub intervals: [(f64, f64); 3],
    /// Stars: the 90, 95, 99 % interval excludes 0.
    pub stars: usize,
}

/// Spread of a term; `None` without replicates.
pub fn spread(bootstrap: &Bootstrap, term: usize) -> Option<Spread> {
    let kept = bootstrap.replicates.iter().filter_map(|replicate| {
        replicate.theta.as_ref().map(|theta| (theta[term], replicate.probability))
    });
    let mut values: Vec<(f64, f64)> = kept.collect();
    if values.is_empty() {
        return None;
    }
    let total: f64 = values.iter().map(|(_, probability)| probability).sum();
    let mean = values.iter().map(|(value, p)| value * p).sum::<f64>() / total;
    let square = values.iter().map(|(value, p)| p * (value - mean) * (value - mean)).sum::<f64>();
    let count = values.len() as f64;
    let sd = if bootstrap.exact {
        (square / total).sqrt()
    } else if values.len() > 1 {
        (square / total * count / (count - 1.0)).sqrt()
    } else {
        0.0
    };
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let plain: Vec<f64> = values.iter().map(|(value, _)| *value).collect();
    let mut intervals = [(0.0, 0.0); 3];
    for (interval, level) in intervals.iter_mut().zip(LEVELS) {
        *interval = if bootstrap.exact {
            let end = |q| exact_quantile(&values, q);
            (end((1.0 - level) / 2.0)?, end((1.0 + level) / 2.0)?)
        } else {
            percentile(&plain, level)?
        };
    }
    let stars = intervals.iter().filter(|(lower, upper)| *lower > 0.0 || *upper < 0.0).count();
    Some(Spread { mean, sd, intervals, stars })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_quantiles_are_those_of_tables() {
        for (q, x) in [
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (0.95, 1.644_853_626_951_472_2),
            (0.005, -2.575_829_303_548_900_4),
            (1e-6, -4.753_424_308_822_899),
        ] {
            assert!((normal_quantile(q) - x).abs() < 1e-12, "{q}");
        }
    }
}

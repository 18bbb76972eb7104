//! Growth adjustment: amounts of later years scaled to the world of the first (Baum et al. 2024,
//! Methods 4, eq. 10 of the appendix).
//!
//! Shares need none. `x0` is scaled per item, over all areas; alpha and beta per process column,
//! each on its own: one is a ratio, the other an amount. A sum that is 0 stays 0, and "the first
//! year" is the first in which the sum is positive.

use super::series::Series;
use crate::dataset::Parameters;
use crate::sparse::Csr;

/// Scales the amounts of every year.
pub fn adjust(series: &mut Series) {
    let items = series.labels.items.len();
    let global = |p: &Parameters| {
        let mut sums = vec![0.0; items];
        p.x0.iter().enumerate().for_each(|(s, x)| sums[s % items] += x);
        sums
    };
    let of_alpha: Factors = Factors::of(series, |p| p.conversion_alpha.column_sums());
    let of_beta: Factors = Factors::of(series, |p| p.output_beta.column_sums());
    let of_items: Factors = Factors::of(series, global);
    for (at, year) in series.years.iter_mut().enumerate() {
        let p = &mut year.parameters;
        p.x0.iter_mut().enumerate().for_each(|(s, x)| *x *= of_items.0[at][s % items]);
        scale(&mut p.conversion_alpha, &of_alpha.0[at]);
        scale(&mut p.output_beta, &of_beta.0[at]);
    }
}

/// Per year, a factor per item or column.
struct Factors(Vec<Vec<f64>>);

impl Factors {
    /// First positive sum over the sum of each year.
    fn of(series: &Series, sums: impl Fn(&Parameters) -> Vec<f64>) -> Self {
        let sums: Vec<Vec<f64>> = series.years.iter().map(|y| sums(&y.parameters)).collect();
        let mut first = vec![0.0; sums[0].len()];
        for year in &sums {
            for (first, &sum) in first.iter_mut().zip(year) {
                if *first == 0.0 {
                    *first = sum;
                }
            }
        }
        let factor = |(first, sum): (&f64, &f64)| if *sum > 0.0 { first / sum } else { 1.0 };
        Factors(sums.iter().map(|year| first.iter().zip(year).map(factor).collect()).collect())
    }
}

fn scale(matrix: &mut Csr<f64>, factors: &[f64]) {
    matrix.change(|_, column, value| *value *= factors[column]);
}

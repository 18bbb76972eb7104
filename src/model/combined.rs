//! Production as one matrix: what follows from the model being linear in the available amounts.

use crate::sparse::Csr;

/// `alpha nu diag(eta_prod)` as `(output sector, input sector, weight)` entries.
///
/// Output of a process that several inputs feed is linear in each of them, so the two products of
/// the model's production step can be one; parallel processes are summed in process order.
pub fn production(
    alpha: &Csr<f64>,
    nu: &Csr<f64>,
    share_eta_prod: &[f64],
) -> Vec<(usize, usize, f64)> {
    let mut entries = Vec::new();
    let mut sums = vec![0.0; nu.cols()];
    for output in 0..alpha.rows() {
        let mut inputs: Vec<usize> = Vec::new();
        for (process, conversion) in alpha.row(output) {
            for (input, share) in nu.row(process) {
                inputs.push(input);
                sums[input] += conversion * share;
            }
        }
        inputs.sort_unstable();
        inputs.dedup();
        for input in inputs {
            let weight = std::mem::take(&mut sums[input]) * share_eta_prod[input];
            if weight != 0.0 {
                entries.push((output, input, weight));
            }
        }
    }
    entries
}

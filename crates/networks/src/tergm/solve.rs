//! Small symmetric systems: scaling, Cholesky, null directions.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

/// A symmetric matrix from its lower triangle row by row, each entry divided by the scales of its
/// row and column.
pub fn scaled(lower: &[f64], scale: &[f64]) -> DMatrix<f64> {
    let p = scale.len();
    let mut matrix = DMatrix::zeros(p, p);
    let mut at = 0;
    for a in 0..p {
        for b in 0..=a {
            let value = lower[at] / (scale[a] * scale[b]);
            matrix[(a, b)] = value;
            matrix[(b, a)] = value;
            at += 1;
        }
    }
    matrix
}

/// Rows and columns of some terms.
pub fn select(matrix: &DMatrix<f64>, terms: &[usize]) -> DMatrix<f64> {
    DMatrix::from_fn(terms.len(), terms.len(), |a, b| matrix[(terms[a], terms[b])])
}

/// Cholesky factor, if the matrix is positive definite to rounding.
pub fn factor(matrix: &DMatrix<f64>) -> Option<Cholesky<f64, Dyn>> {
    Cholesky::new(matrix.clone())
}

/// Solution of a system with a positive definite matrix.
pub fn solve(matrix: &DMatrix<f64>, right: &DVector<f64>) -> Option<DVector<f64>> {
    factor(matrix).map(|factor| factor.solve(right))
}

/// Eigenvectors of a symmetric matrix whose eigenvalues are below `share` of the largest.
pub fn null_space(matrix: &DMatrix<f64>, share: f64) -> Vec<DVector<f64>> {
    let eigen = matrix.clone().symmetric_eigen();
    let largest = eigen.eigenvalues.iter().copied().fold(0.0, f64::max);
    (0..eigen.eigenvalues.len())
        .filter(|&at| eigen.eigenvalues[at] < share * largest)
        .map(|at| eigen.eigenvectors.column(at).into_owned())
        .collect()
}

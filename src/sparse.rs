//! Compressed sparse row matrices: the only sparse form kept in memory.
//!
//! This module knows nothing of food. Entries of a row are in ascending column order and no
//! position occurs twice, so that every sum over a row has one defined order.

use std::collections::BTreeMap;

/// A sparse matrix in compressed row form; `V` is `f64` for parameters and a rule for rule tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Csr<V> {
    rows: usize,
    cols: usize,
    /// `starts[r]..starts[r + 1]` is the range of row `r` in `indices` and `values`.
    starts: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<V>,
}

/// Why triplets do not form a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TripletError {
    /// An entry outside the shape.
    #[error("entry ({row}, {col}) lies outside a {rows} x {cols} matrix")]
    OutOfRange {
        /// Row of the entry, counted from 0.
        row: usize,
        /// Column of the entry, counted from 0.
        col: usize,
        /// Rows of the matrix.
        rows: usize,
        /// Columns of the matrix.
        cols: usize,
    },
    /// Two entries at one position.
    #[error("entry ({row}, {col}) occurs twice")]
    Duplicate {
        /// Row of the entry, counted from 0.
        row: usize,
        /// Column of the entry, counted from 0.
        col: usize,
    },
}

impl<V: Clone> Csr<V> {
    /// An empty matrix of the given shape.
    pub fn empty(rows: usize, cols: usize) -> Self {
        Csr { rows, cols, starts: vec![0; rows + 1], indices: Vec::new(), values: Vec::new() }
    }

    /// Builds a matrix from `(row, column, value)` entries in any order.
    ///
    /// # Errors
    /// An entry outside `rows` x `cols`, or two entries at one position. Nothing is summed.
    pub fn from_triplets(
        rows: usize,
        cols: usize,
        mut triplets: Vec<(u32, u32, V)>,
    ) -> Result<Self, TripletError> {
        for &(r, c, _) in &triplets {
            let (row, col) = (r as usize, c as usize);
            if row >= rows || col >= cols {
                return Err(TripletError::OutOfRange { row, col, rows, cols });
            }
        }
        triplets.sort_unstable_by_key(|&(r, c, _)| (r, c));
        for pair in triplets.windows(2) {
            if (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1) {
                let (row, col) = (pair[0].0 as usize, pair[0].1 as usize);
                return Err(TripletError::Duplicate { row, col });
            }
        }
        let mut starts = vec![0usize; rows + 1];
        let mut indices = Vec::with_capacity(triplets.len());
        let mut values = Vec::with_capacity(triplets.len());
        for (r, c, v) in triplets {
            starts[r as usize + 1] += 1;
            indices.push(c);
            values.push(v);
        }
        for r in 0..rows {
            starts[r + 1] += starts[r];
        }
        Ok(Csr { rows, cols, starts, indices, values })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Number of stored entries.
    pub fn nnz(&self) -> usize {
        self.values.len()
    }

    /// Column indices of row `r`, ascending.
    pub fn row_indices(&self, r: usize) -> &[u32] {
        &self.indices[self.starts[r]..self.starts[r + 1]]
    }

    /// Values of row `r`, in the order of [`Csr::row_indices`].
    pub fn row_values(&self, r: usize) -> &[V] {
        &self.values[self.starts[r]..self.starts[r + 1]]
    }

    /// `(column, value)` of row `r`, columns ascending.
    pub fn row(&self, r: usize) -> impl Iterator<Item = (usize, &V)> {
        self.row_indices(r).iter().map(|&c| c as usize).zip(self.row_values(r))
    }

    /// The entry at (`r`, `c`), if stored.
    pub fn get(&self, r: usize, c: usize) -> Option<&V> {
        let found = self.row_indices(r).binary_search(&u32::try_from(c).ok()?).ok()?;
        Some(&self.row_values(r)[found])
    }

    /// `(row, column, value)` of every entry, in row order.
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize, &V)> {
        (0..self.rows).flat_map(move |r| self.row(r).map(move |(c, v)| (r, c, v)))
    }

    /// The entries whose value is as asked.
    pub fn filtered(&self, is_kept: impl Fn(&V) -> bool) -> Self {
        let mut kept = Csr::empty(self.rows, self.cols);
        for r in 0..self.rows {
            for (c, v) in self.row(r).filter(|(_, v)| is_kept(v)) {
                kept.indices.push(c as u32);
                kept.values.push(v.clone());
            }
            kept.starts[r + 1] = kept.values.len();
        }
        kept
    }

    /// The same entries but for some that are set, by row and column, whether or not they were stored.
    ///
    /// # Panics
    /// If one lies outside the matrix.
    pub fn with(&self, set: &BTreeMap<(usize, usize), V>) -> Self {
        let is_inside = |&(r, c): &(usize, usize)| r < self.rows && c < self.cols;
        assert!(set.keys().all(is_inside), "an entry lies outside the matrix");
        let mut with = Csr::empty(self.rows, self.cols);
        let mut set = set.iter().peekable();
        for r in 0..self.rows {
            let mut push = |c: usize, v: &V| {
                with.indices.push(c as u32);
                with.values.push(v.clone());
            };
            for (c, v) in self.row(r) {
                while let Some((at, new)) = set.next_if(|(at, _)| **at < (r, c)) {
                    push(at.1, new);
                }
                let new = set.next_if(|(at, _)| **at == (r, c));
                push(c, new.map_or(v, |(_, new)| new));
            }
            while let Some((at, new)) = set.next_if(|(at, _)| at.0 == r) {
                push(at.1, new);
            }
            with.starts[r + 1] = with.values.len();
        }
        with
    }

    /// The same shape with only the rows that are asked for; the others are empty.
    pub fn rows_where(&self, is_kept: impl Fn(usize) -> bool) -> Self {
        let mut kept = Csr::empty(self.rows, self.cols);
        for r in 0..self.rows {
            if is_kept(r) {
                kept.indices.extend_from_slice(self.row_indices(r));
                kept.values.extend_from_slice(self.row_values(r));
            }
            kept.starts[r + 1] = kept.values.len();
        }
        kept
    }

    /// Changes every value, told its row and column.
    pub fn change(&mut self, mut value: impl FnMut(usize, usize, &mut V)) {
        for r in 0..self.rows {
            for at in self.starts[r]..self.starts[r + 1] {
                value(r, self.indices[at] as usize, &mut self.values[at]);
            }
        }
    }

    /// The transposed matrix; its rows are this matrix's columns.
    pub fn transposed(&self) -> Self {
        let mut starts = vec![0usize; self.cols + 1];
        for &c in &self.indices {
            starts[c as usize + 1] += 1;
        }
        for c in 0..self.cols {
            starts[c + 1] += starts[c];
        }
        let mut next = starts.clone();
        // Filled by order of arrival: row order makes the new column indices ascending.
        let mut order = vec![0usize; self.nnz()];
        let mut indices = vec![0u32; self.nnz()];
        for r in 0..self.rows {
            for at in self.starts[r]..self.starts[r + 1] {
                let slot = &mut next[self.indices[at] as usize];
                indices[*slot] = r as u32;
                order[*slot] = at;
                *slot += 1;
            }
        }
        let values = order.into_iter().map(|at| self.values[at].clone()).collect();
        Csr { rows: self.cols, cols: self.rows, starts, indices, values }
    }
}

impl Csr<f64> {
    /// `y = M x`, every row summed in ascending column order.
    ///
    /// # Panics
    /// If `x` has not one element per column.
    pub fn times(&self, x: &[f64]) -> Vec<f64> {
        assert_eq!(x.len(), self.cols, "vector length must equal the column count");
        (0..self.rows).map(|r| self.row(r).map(|(c, v)| v * x[c]).sum()).collect()
    }

    /// Sum of every column, in ascending row order.
    pub fn column_sums(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.cols];
        for (&c, v) in self.indices.iter().zip(&self.values) {
            sums[c as usize] += v;
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Csr<f64> {
        // [ 0 2 0 ]
        // [ 0 0 0 ]
        // [ 3 0 5 ]
        Csr::from_triplets(3, 3, vec![(2, 2, 5.0), (0, 1, 2.0), (2, 0, 3.0)]).unwrap()
    }

    #[test]
    fn entries_are_sorted_and_found() {
        let m = example();
        assert_eq!(m.nnz(), 3);
        assert_eq!(m.row_indices(2), [0, 2]);
        assert_eq!(m.get(2, 0), Some(&3.0));
        assert_eq!(m.get(1, 1), None);
        assert_eq!(m.times(&[1.0, 10.0, 100.0]), [20.0, 0.0, 503.0]);
        assert_eq!(m.column_sums(), [3.0, 2.0, 5.0]);
    }

    #[test]
    fn transposing_swaps_rows_and_columns() {
        let t = example().transposed();
        let entries: Vec<_> = t.iter().map(|(r, c, v)| (r, c, *v)).collect();
        assert_eq!(entries, [(0, 2, 3.0), (1, 0, 2.0), (2, 2, 5.0)]);
        assert_eq!(t.transposed(), example());
    }

    #[test]
    fn entries_are_set_whether_stored_or_not() {
        let set = [((0, 0), 1.0), ((0, 1), 0.0), ((1, 2), 4.0), ((2, 1), 6.0), ((2, 2), 7.0)];
        let with = example().with(&set.into_iter().collect());
        let entries: Vec<_> = with.iter().map(|(r, c, v)| (r, c, *v)).collect();
        let expected =
            [(0, 0, 1.0), (0, 1, 0.0), (1, 2, 4.0), (2, 0, 3.0), (2, 1, 6.0), (2, 2, 7.0)];
        assert_eq!(entries, expected);
        assert_eq!(with.row_indices(2), [0, 1, 2]);
        assert_eq!(example().with(&BTreeMap::new()), example());
    }

    #[test]
    fn bad_triplets_are_refused() {
        let twice = Csr::from_triplets(2, 2, vec![(1, 1, 1.0), (1, 1, 2.0)]);
        assert_eq!(twice.unwrap_err(), TripletError::Duplicate { row: 1, col: 1 });
        let outside = Csr::from_triplets(2, 2, vec![(0, 2, 1.0)]);
        assert_eq!(
            outside.unwrap_err(),
            TripletError::OutOfRange { row: 0, col: 2, rows: 2, cols: 2 }
        );
    }
}

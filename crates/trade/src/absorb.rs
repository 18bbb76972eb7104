//! Two sets of effects, taken out of a variable.

/// Removes two sets of group means exactly: the larger set is absorbed, the smaller one solved for.
pub(crate) struct Absorber<'a> {
    large: &'a [u32],
    small: &'a [u32],
    /// Observations of the large groups.
    sizes: Vec<f64>,
    /// How often a large and a small group meet: by large group, (small group, count).
    meet: Vec<Vec<(u32, f64)>>,
    /// Cholesky factor of the small groups' Schur complement, by rows.
    factor: Vec<f64>,
    count: usize,
}

impl<'a> Absorber<'a> {
    pub(crate) fn new(a: (&'a [u32], usize), b: (&'a [u32], usize)) -> Self {
        let ((large, groups), (small, count)) = if a.1 >= b.1 { (a, b) } else { (b, a) };
        let mut sizes = vec![0.0; groups];
        let mut of_group: Vec<Vec<u32>> = vec![Vec::new(); groups];
        let mut schur = vec![0.0; count * count];
        for (&l, &s) in large.iter().zip(small) {
            sizes[l as usize] += 1.0;
            of_group[l as usize].push(s);
            schur[s as usize * count + s as usize] += 1.0;
        }
        let counted = |mut of: Vec<u32>| -> Vec<(u32, f64)> {
            of.sort_unstable();
            of.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as f64)).collect()
        };
        let meet: Vec<Vec<(u32, f64)>> = of_group.into_iter().map(counted).collect();
        for (of, size) in meet.iter().zip(&sizes) {
            for &(i, ni) in of {
                let row = &mut schur[i as usize * count..][..count];
                of.iter().for_each(|&(j, nj)| row[j as usize] -= ni * nj / size);
            }
        }
        factorize(&mut schur, count);
        Absorber { large, small, sizes, meet, factor: schur, count }
    }

    /// Takes both sets of effects out of a variable; a second pass takes out what rounding left.
    pub(crate) fn remove(&self, values: &mut [f64]) {
        for _ in 0..2 {
            let mut of_large = vec![0.0; self.sizes.len()];
            let mut of_small = vec![0.0; self.count];
            for ((&l, &s), value) in self.large.iter().zip(self.small).zip(values.iter()) {
                of_large[l as usize] += value;
                of_small[s as usize] += value;
            }
            for ((of, sum), size) in self.meet.iter().zip(&of_large).zip(&self.sizes) {
                of.iter().for_each(|&(s, n)| of_small[s as usize] -= n * sum / size);
            }
            self.solve(&mut of_small);
            for ((of, sum), size) in self.meet.iter().zip(&mut of_large).zip(&self.sizes) {
                let effects: f64 = of.iter().map(|&(s, n)| n * of_small[s as usize]).sum();
                *sum = (*sum - effects) / size;
            }
            for ((&l, &s), value) in self.large.iter().zip(self.small).zip(values.iter_mut()) {
                *value -= of_large[l as usize] + of_small[s as usize];
            }
        }
    }

    /// Solves with the factor; groups without a pivot are the reference and have effect 0.
    fn solve(&self, b: &mut [f64]) {
        let n = self.count;
        let l = |i: usize, j: usize| self.factor[i * n + j];
        for i in 0..n {
            if l(i, i) == 0.0 {
                b[i] = 0.0;
                continue;
            }
            let sum: f64 = (0..i).map(|j| l(i, j) * b[j]).sum();
            b[i] = (b[i] - sum) / l(i, i);
        }
        for i in (0..n).rev() {
            if l(i, i) == 0.0 {
                b[i] = 0.0;
                continue;
            }
            let sum: f64 = (i + 1..n).map(|j| l(j, i) * b[j]).sum();
            b[i] = (b[i] - sum) / l(i, i);
        }
    }
}

/// Cholesky in place, lower triangle; a row without a pivot, one of each connected set of groups,
/// becomes 0.
fn factorize(matrix: &mut [f64], n: usize) {
    for i in 0..n {
        let diagonal = matrix[i * n + i];
        for j in 0..=i {
            let (head, tail) = matrix.split_at(i * n);
            let row = &tail[..n];
            let other = if j == i { row } else { &head[j * n..(j + 1) * n] };
            let sum: f64 = row[..j].iter().zip(&other[..j]).map(|(a, b)| a * b).sum();
            let left = row[j] - sum;
            matrix[i * n + j] = if j == i {
                if left > 1e-10 * diagonal.max(1.0) { left.sqrt() } else { 0.0 }
            } else {
                let pivot = head[j * n + j];
                if pivot > 0.0 { left / pivot } else { 0.0 }
            };
        }
    }
}

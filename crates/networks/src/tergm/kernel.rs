//! Sums over tiles, of x p and of w x x^T, with p = 1 / (1 + e^-x.theta) and w = p (1 - p).
//!
//! Eight pairs go side by side and no operation is fused, so that the sums are the same bytes on
//! every machine, whatever its vectors; the wide instructions are chosen when the program runs.

use pulp::Arch;

use super::design::TILE;

/// Pairs side by side.
const LANES: usize = 8;
/// Replicates side by side.
pub const GROUP: usize = 4;
/// Blocks of a tile.
const BLOCKS: usize = TILE / LANES;

type Lanes = [f64; LANES];

/// e^x for |x| <= 708, within 1 unit in the last place or so; beyond, e^708 or e^-708.
#[inline(always)]
fn exp(x: Lanes) -> Lanes {
    const LOG2_E: f64 = std::f64::consts::LOG2_E;
    // ln 2 in two parts: the first with zeros at its end, so that its multiples are exact.
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    // Adding it leaves the nearest whole number in the last bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    // 1 / k! from k = 13 down.
    const TERMS: [f64; 14] = [
        1.605_904_383_682_161_3e-10,
        2.087_675_698_786_81e-9,
        2.505_210_838_544_172e-8,
        2.755_731_922_398_589e-7,
        2.755_731_922_398_589_3e-6,
        2.480_158_730_158_730_2e-5,
        1.984_126_984_126_984e-4,
        1.388_888_888_888_889e-3,
        8.333_333_333_333_333e-3,
        4.166_666_666_666_666_4e-2,
        1.666_666_666_666_666_6e-1,
        0.5,
        1.0,
        1.0,
    ];
    let mut y = [0.0; LANES];
    for l in 0..LANES {
        let x = if x[l] > 708.0 { 708.0 } else { x[l] };
        let x = if x < -708.0 { -708.0 } else { x };
        let shifted = x * LOG2_E + ROUND;
        let whole = shifted - ROUND;
        let rest = (x - whole * LN2_HIGH) - whole * LN2_LOW;
        let mut sum = TERMS[0];
        for &term in &TERMS[1..] {
            sum = sum * rest + term;
        }
        y[l] = f64::from_bits(sum.to_bits().wrapping_add(shifted.to_bits() << 52));
    }
    y
}

/// 1 / (1 + e^-x).
#[inline(always)]
fn logistic(x: Lanes) -> Lanes {
    let mut negative = [0.0; LANES];
    for l in 0..LANES {
        negative[l] = -x[l];
    }
    let e = exp(negative);
    let mut p = [0.0; LANES];
    for l in 0..LANES {
        p[l] = 1.0 / (1.0 + e[l]);
    }
    p
}

/// Eight numbers of a column.
#[inline(always)]
fn lanes(column: &[f64], block: usize) -> &Lanes {
    let (chunks, _) = column.as_chunks::<LANES>();
    &chunks[block]
}

/// Sum in a fixed order.
#[inline(always)]
fn sum(x: &Lanes) -> f64 {
    ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7]))
}

/// x . theta of a tile for `G` coefficient vectors.
#[inline(always)]
fn predictors<const G: usize>(tile: &[f64], thetas: &[&[f64]; G], out: &mut [[f64; TILE]; G]) {
    for block in 0..BLOCKS {
        let mut eta = [[0.0; LANES]; G];
        for (term, column) in tile.chunks_exact(TILE).enumerate() {
            let x = lanes(column, block);
            for g in 0..G {
                let theta = thetas[g][term];
                for l in 0..LANES {
                    eta[g][l] += x[l] * theta;
                }
            }
        }
        for g in 0..G {
            out[g][block * LANES..][..LANES].copy_from_slice(&eta[g]);
        }
    }
}

/// p of a tile from its x . theta, in place.
#[inline(always)]
fn probabilities(values: &mut [f64; TILE]) {
    let (blocks, _) = values.as_chunks_mut::<LANES>();
    for block in blocks {
        *block = logistic(*block);
    }
}

/// Adds the sums of x p over a tile to `sums`, for [`GROUP`] coefficient vectors.
pub fn add_gradients(
    arch: Arch,
    tile: &[f64],
    thetas: &[&[f64]; GROUP],
    sums: &mut [Vec<f64>; GROUP],
) {
    arch.dispatch(
        #[inline(always)]
        || {
            let mut p = [[0.0; TILE]; GROUP];
            predictors(tile, thetas, &mut p);
            p.iter_mut().for_each(probabilities);
            for (term, column) in tile.chunks_exact(TILE).enumerate() {
                let mut total = [[0.0; LANES]; GROUP];
                for block in 0..BLOCKS {
                    let x = lanes(column, block);
                    for g in 0..GROUP {
                        let p = lanes(&p[g], block);
                        for l in 0..LANES {
                            total[g][l] += x[l] * p[l];
                        }
                    }
                }
                for g in 0..GROUP {
                    sums[g][term] += sum(&total[g]);
                }
            }
        },
    );
}

/// x . theta and p of a tile.
pub fn predict(
    arch: Arch,
    tile: &[f64],
    theta: &[f64],
    eta: &mut [f64; TILE],
    p: &mut [f64; TILE],
) {
    arch.dispatch(
        #[inline(always)]
        || {
            let mut all = [[0.0; TILE]];
            predictors(tile, &[theta], &mut all);
            *eta = all[0];
            *p = all[0];
            probabilities(p);
        },
    );
}

/// Adds over a tile: sums of x w to `sums`, of v x x^T to `squares` (lower triangle, row by row),
/// with a weight w and v per pair.
pub fn add_moments(
    arch: Arch,
    tile: &[f64],
    w: &[f64; TILE],
    v: &[f64; TILE],
    sums: &mut [f64],
    squares: &mut [f64],
) {
    arch.dispatch(
        #[inline(always)]
        || {
            let terms = sums.len();
            let mut weighted = vec![0.0; terms * TILE];
            for (term, column) in tile.chunks_exact(TILE).enumerate() {
                let mut total = [0.0; LANES];
                for block in 0..BLOCKS {
                    let (x, w, v) = (lanes(column, block), lanes(w, block), lanes(v, block));
                    let out = &mut weighted[term * TILE + block * LANES..][..LANES];
                    for l in 0..LANES {
                        total[l] += x[l] * w[l];
                        out[l] = x[l] * v[l];
                    }
                }
                sums[term] += sum(&total);
            }
            let mut at = 0;
            for a in 0..terms {
                let left = &weighted[a * TILE..][..TILE];
                for b in 0..=a {
                    let right = &tile[b * TILE..][..TILE];
                    let mut total = [0.0; LANES];
                    for block in 0..BLOCKS {
                        let (x, y) = (lanes(left, block), lanes(right, block));
                        for l in 0..LANES {
                            total[l] += x[l] * y[l];
                        }
                    }
                    squares[at] += sum(&total);
                    at += 1;
                }
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_right_to_the_last_places() {
        let mut worst: f64 = 0.0;
        for step in -7080..=7080 {
            let x = f64::from(step) / 10.0 + 0.0123;
            let x = x.clamp(-708.0, 708.0);
            let expected = libm::exp(x);
            worst = worst.max((exp([x; LANES])[3] / expected - 1.0).abs());
        }
        assert!(worst < 4.5e-16, "{worst}");
        assert_eq!(exp([0.0; LANES]), [1.0; LANES]);
        assert_eq!(exp([-1e9; LANES])[0], exp([-708.0; LANES])[0]);
    }

    #[test]
    fn sums_are_those_of_plain_loops() {
        let terms = 3;
        let tile: Vec<f64> =
            (0..terms * TILE).map(|k| ((k * 7919) % 101) as f64 / 50.0 - 1.0).collect();
        let theta = [0.3, -1.2, 2.0];
        let (mut gradient, mut information) = (vec![0.0; 3], vec![0.0; 6]);
        let (mut eta, mut p) = ([0.0; TILE], [0.0; TILE]);
        let arch = Arch::new();
        predict(arch, &tile, &theta, &mut eta, &mut p);
        let w = p.map(|p| p * (1.0 - p));
        add_moments(arch, &tile, &p, &w, &mut gradient, &mut information);
        let mut groups: [Vec<f64>; GROUP] = std::array::from_fn(|_| vec![0.0; 3]);
        add_gradients(arch, &tile, &[&theta; GROUP], &mut groups);
        assert_eq!(groups[1], gradient);
        let x = |row: usize, term: usize| tile[term * TILE + row];
        let (mut plain, mut square) = (vec![0.0; 3], vec![0.0; 6]);
        for row in 0..TILE {
            let linear: f64 = (0..terms).map(|term| x(row, term) * theta[term]).sum();
            assert!((eta[row] - linear).abs() < 1e-14);
            let q = 1.0 / (1.0 + libm::exp(-linear));
            assert!((p[row] - q).abs() < 1e-15);
            let mut at = 0;
            for a in 0..terms {
                plain[a] += x(row, a) * q;
                for b in 0..=a {
                    square[at] += q * (1.0 - q) * x(row, a) * x(row, b);
                    at += 1;
                }
            }
        }
        let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-11);
        assert!(near(&plain, &gradient) && near(&square, &information));
    }
}

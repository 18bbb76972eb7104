//! The bytes of a page: runs, levels, numbers.
//!
//! Source: Apache Parquet format, "RLE/Bit-Packing Hybrid", "Byte Stream Split".

/// Writes what `with` writes, with its length before it.
pub(super) fn prefixed(page: &mut Vec<u8>, with: impl FnOnce(&mut Vec<u8>)) {
    let start = page.len();
    page.extend_from_slice(&[0; 4]);
    with(page);
    let length = (page.len() - start - 4) as u32;
    page[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// The rows from `first` to `last`, which is not among them, of runs of keys and their numbers of rows.
pub(super) fn of_runs(
    page: &mut Vec<u8>,
    runs: &[(usize, usize)],
    (first, last): (usize, usize),
    bytes: usize,
) {
    let mut row = 0;
    for &(key, n) in runs {
        let rows = last.min(row + n).saturating_sub(first.max(row));
        if rows > 0 {
            varint(page, rows << 1);
            page.extend_from_slice(&(key as u32).to_le_bytes()[..bytes]);
        }
        row += n;
    }
}

pub(super) fn varint(page: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        page.push(number as u8 | 0x80);
        number >>= 7;
    }
    page.push(number as u8);
}

/// Numbers, one after the other; or, `split`, their first bytes, then their second ones, and so on.
pub(super) fn of_numbers(
    page: &mut Vec<u8>,
    n: usize,
    numbers: impl Iterator<Item = f64>,
    split: bool,
) {
    let start = page.len();
    page.resize(start + n * 8, 0);
    let out = &mut page[start..];
    if split {
        for (at, number) in numbers.take(n).enumerate() {
            for (byte, of_number) in number.to_le_bytes().into_iter().enumerate() {
                out[byte * n + at] = of_number;
            }
        }
    } else {
        for (to, number) in out.chunks_exact_mut(8).zip(numbers) {
            to.copy_from_slice(&number.to_le_bytes());
        }
    }
}

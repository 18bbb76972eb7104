//! Numbers as trade files write them: plain decimals, few digits.

use super::MAX_CODE;

/// Powers of ten that an f64 holds exactly, as far as they are needed.
const TENS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// A cell without blanks or quotes around it.
pub fn bare(cell: &[u8]) -> &[u8] {
    let cell = cell.trim_ascii();
    match cell {
        [b'"', inner @ .., b'"'] => inner.trim_ascii(),
        _ => cell,
    }
}

/// Cell as it is shown to a person, shortened.
pub fn shown(cell: &[u8]) -> String {
    let text = String::from_utf8_lossy(bare(cell));
    if text.is_empty() {
        "nothing".into()
    } else {
        format!("`{}`", text.chars().take(40).collect::<String>())
    }
}

/// A decimal number, rounded as Rust's own parser rounds; `None` for what is no number.
///
/// Up to 15 digits with up to 15 decimals are one division of exact numbers.
#[inline]
pub fn decimal(cell: &[u8]) -> Option<f64> {
    let (mut mantissa, mut digits, mut decimals, mut point) = (0u64, 0usize, 0usize, false);
    for &byte in cell {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
            digits += 1;
            decimals += usize::from(point);
        } else if byte == b'.' && !point {
            point = true;
        } else {
            return slow(cell);
        }
    }
    if digits == 0 || digits > 15 {
        return slow(cell);
    }
    Some(mantissa as f64 / TENS[decimals])
}

#[cold]
fn slow(cell: &[u8]) -> Option<f64> {
    std::str::from_utf8(bare(cell)).ok()?.parse().ok()
}

/// A whole number below [`MAX_CODE`] of at most six digits; `None` for anything else.
#[inline]
pub fn whole(cell: &[u8]) -> Option<u32> {
    let plain = |cell: &[u8]| {
        if cell.is_empty() || cell.len() > 6 {
            return None;
        }
        let mut number = 0u32;
        for &byte in cell {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return None;
            }
            number = number * 10 + u32::from(digit);
        }
        Some(number)
    };
    plain(cell).or_else(|| plain(bare(cell)))
}

/// A year, such as 2019.
pub fn year(cell: &[u8]) -> Result<u32, String> {
    whole(cell)
        .filter(|year| (1..=9999).contains(year))
        .ok_or_else(|| format!("column `t`: expected a year, found {}", shown(cell)))
}

/// BACI's code of an area.
pub fn area(cell: &[u8], column: &str) -> Result<u32, String> {
    whole(cell).ok_or_else(|| {
        let found = shown(cell);
        format!("column `{column}`: expected BACI's number of an area, found {found}")
    })
}

/// An HS code as a number.
pub fn code(cell: &[u8]) -> Result<u32, String> {
    whole(cell).ok_or_else(|| {
        format!("column `k`: expected an HS code of up to six digits, found {}", shown(cell))
    })
}

/// An amount that must be there.
pub fn amount(cell: &[u8]) -> Result<f64, String> {
    let value = decimal(cell)
        .ok_or_else(|| format!("column `v`: expected a number (kUSD), found {}", shown(cell)))?;
    checked(value, "v")
}

/// An amount that may be missing: nothing, or `NA`.
#[inline]
pub fn optional(cell: &[u8]) -> Result<Option<f64>, String> {
    if let Some(value) = decimal(cell) {
        return checked(value, "q").map(Some);
    }
    match bare(cell) {
        b"" | b"NA" => Ok(None),
        _ => {
            let found = shown(cell);
            Err(format!("column `q`: expected a number (tonnes), nothing or NA, found {found}"))
        }
    }
}

/// Refuses what is infinite or negative.
#[inline]
pub fn checked(value: f64, column: &str) -> Result<f64, String> {
    if value.is_finite() && value >= 0.0 {
        return Ok(value.abs());
    }
    Err(format!("column `{column}`: expected a finite number of 0 or more, found {value}"))
}

/// Refuses a code of seven digits or more.
pub fn code_number(number: i64) -> Option<u32> {
    u32::try_from(number).ok().filter(|&code| code < MAX_CODE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_what_the_standard_library_reads() {
        for text in [
            "0",
            "0.000",
            "22635.849",
            "1e3",
            "123456789012345",
            "0.1",
            "99999999999999999",
            ".5",
            "5.",
        ] {
            assert_eq!(decimal(text.as_bytes()), text.parse().ok(), "{text}");
        }
        for seed in 0..20_000u64 {
            let mantissa = shocksweep_statistics::SplitMix64::output(7, seed) % 1_000_000_000_000;
            let text = format!("{}.{:03}", mantissa / 1000, mantissa % 1000);
            assert_eq!(decimal(text.as_bytes()), text.parse().ok(), "{text}");
        }
        assert_eq!(decimal(b" 4.5 "), Some(4.5));
        assert_eq!(decimal(b"4;5"), None);
        assert_eq!(decimal(b""), None);
        assert_eq!(decimal(b"1.2.3"), None);
    }

    #[test]
    fn codes_have_at_most_six_digits() {
        assert_eq!(whole(b"050800"), Some(50800));
        assert_eq!(whole(b" 7 "), Some(7));
        assert_eq!(whole(b"\"850511\""), Some(850_511));
        for bad in ["85A855", "1234567", "", "-1", "1.0"] {
            assert_eq!(whole(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn missing_quantities_are_told_from_faulty_ones() {
        assert_eq!(optional(b"NA"), Ok(None));
        assert_eq!(optional(b"   "), Ok(None));
        assert_eq!(optional(b"0.000"), Ok(Some(0.0)));
        assert!(optional(b"n/a").is_err());
        assert!(optional(b"inf").is_err());
        assert!(amount(b"-4").is_err());
        assert!(amount(b"nan").is_err());
    }
}

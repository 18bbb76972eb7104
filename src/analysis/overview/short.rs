//! Numbers as pictures need them.

use serde::{Serialize, Serializer};

/// Significant digits that are kept.
const DIGITS: usize = 7;

/// A number that is written with seven significant digits; what is no number is written as null.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Short(pub f64);

impl Serialize for Short {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.0.is_finite() {
            return serializer.serialize_none();
        }
        let text = format!("{:.*e}", DIGITS - 1, self.0);
        let rounded: f64 = text.parse().unwrap_or(self.0);
        // Whole numbers need no point.
        if rounded.fract() == 0.0 && rounded.abs() < 1e15 {
            serializer.serialize_i64(rounded as i64)
        } else {
            serializer.serialize_f64(rounded)
        }
    }
}

/// Numbers of a row.
pub fn shorts(values: &[f64]) -> Vec<Short> {
    values.iter().copied().map(Short).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_seven_digits() {
        let text = |value: f64| serde_json::to_string(&Short(value)).unwrap();
        assert_eq!(text(1234567.89), "1234568");
        assert_eq!(text(-0.000123456789), "-0.0001234568");
        assert_eq!(text(0.0), "0");
        assert_eq!(text(f64::NAN), "null");
        assert_eq!(text(1.5e20), "1.5e+20");
    }
}

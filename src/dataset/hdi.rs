//! Human development index by area (Baum et al. 2024, appendix 7).

/// `(area, index)` as printed in the paper; apostrophes normalised to `'`.
const TABLE: &str = include_str!("hdi.csv");

/// Human development class of an area (Baum et al. 2024; bounds of the UNDP report).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HdiClass {
    /// Below 0.55.
    Low,
    /// 0.55 to below 0.70.
    Medium,
    /// 0.70 to below 0.80.
    High,
    /// 0.80 and above.
    VeryHigh,
}

impl HdiClass {
    /// Class of an index value.
    pub fn of(hdi: f64) -> Self {
        match hdi {
            h if h < 0.55 => HdiClass::Low,
            h if h < 0.70 => HdiClass::Medium,
            h if h < 0.80 => HdiClass::High,
            _ => HdiClass::VeryHigh,
        }
    }
}

impl HdiClass {
    /// The class in words.
    pub fn name(self) -> &'static str {
        match self {
            HdiClass::Low => "low",
            HdiClass::Medium => "medium",
            HdiClass::High => "high",
            HdiClass::VeryHigh => "very high",
        }
    }
}

/// The printed index of an area, by its FAO name.
pub fn published_hdi(area: &str) -> Option<f64> {
    let wanted = area.replace('\u{2019}', "'");
    TABLE.lines().skip(1).find_map(|line| {
        // The value has no comma, area names may.
        let (name, value) = line.rsplit_once(',')?;
        (name.trim_matches('"') == wanted).then(|| value.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_values_and_classes() {
        assert_eq!(published_hdi("India"), Some(0.633));
        assert_eq!(published_hdi("China, mainland"), Some(0.770));
        assert_eq!(published_hdi("Côte d'Ivoire"), published_hdi("Côte d\u{2019}Ivoire"));
        assert!(published_hdi("Côte d'Ivoire").is_some());
        assert_eq!(published_hdi("USSR"), None);
        assert_eq!(HdiClass::of(0.633), HdiClass::Medium);
        assert_eq!(HdiClass::of(0.55), HdiClass::Medium);
        assert_eq!(HdiClass::of(0.8), HdiClass::VeryHigh);
    }

    #[test]
    fn every_line_parses() {
        for line in TABLE.lines().skip(1) {
            let (name, value) = line.rsplit_once(',').expect("name,value");
            let value: f64 = value.parse().expect("a number");
            assert!((0.3..1.0).contains(&value), "{name}");
        }
    }
}

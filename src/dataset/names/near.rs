//! The valid name that a wrong one may have meant.

use shocksweep_columnar::nearest as plain;

use super::text::core;

/// The candidate nearest to `name`, if one is near enough to be a likely slip: [`plain::likeness`], with what
/// labels of food data add to their names apart.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    plain::likeliest(candidates, |candidate| likeness(name, candidate))
}

/// How likely `name` is a slip for `candidate`: [`plain::likeness`].
pub fn likeness(name: &str, candidate: &str) -> f64 {
    plain::likeness(name, candidate, core(candidate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        let items = ["Rice and products", "Ricebran Oil", "Wheat and products", "Rye and products"];
        assert_eq!(nearest("Ricee and products", items).as_deref(), Some("Rice and products"));
        assert_eq!(nearest("wheat", items).as_deref(), Some("Wheat and products"));
        assert_eq!(nearest("zzzz", items), None);
        let items = ["Horses", "Rice and products", "Ricebran Oil"];
        assert_eq!(nearest("Rise", items).as_deref(), Some("Rice and products"));
        assert_eq!(nearest("Hourses", items).as_deref(), Some("Horses"));
    }

    #[test]
    fn what_only_begins_alike_is_not_suggested() {
        let areas = ["Ukraine", "Ecuador", "South Sudan", "Burkina Faso", "Benin", "Switzerland"];
        for name in ["UK", "EU", "South Korea", "Burma", "Reunion", "Swaziland"] {
            assert_eq!(nearest(name, areas), None, "{name}");
        }
        assert_eq!(nearest("Ukrane", areas).as_deref(), Some("Ukraine"));
        assert_eq!(nearest("Swizerland", areas).as_deref(), Some("Switzerland"));
    }
}

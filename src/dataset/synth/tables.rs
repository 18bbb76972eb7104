//! The built-in tables: facts (labels) and the invented traits numbers are drawn from.

/// Facts: names, codes, regions, positions, populations.
pub(super) const AREAS: &str = include_str!("areas.csv");
/// Facts: names, codes and groups; in the order in which items join a growing world.
pub(super) const ITEMS: &str = include_str!("items.csv");
/// Facts: names and codes.
pub(super) const PROCESSES: &str = include_str!("processes.csv");
/// Invented: uses, reach and trade of an item, in coarse classes.
pub(super) const ITEM_MODEL: &str = include_str!("item_model.csv");
/// Invented: what a process takes and gives, and where it is at home.
pub(super) const PROCESS_MODEL: &str = include_str!("process_model.csv");
/// Invented: places with more or less of a process than population and climate suggest.
pub(super) const AFFINITY: &str = include_str!("affinity.csv");

/// `name*number|name*number`; the tables' names hold neither sign.
pub(super) fn parts(text: &str) -> impl Iterator<Item = (&str, f64)> {
    text.split('|').filter_map(|part| part.split_once('*')).map(|(name, n)| (name, number(n)))
}

/// Rows of one of the built-in tables, without the header.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = csv::StringRecord> {
    let reader = csv::Reader::from_reader(table.as_bytes());
    reader.into_records().map(|row| row.expect("the built-in tables are well formed"))
}

pub(super) fn number(text: &str) -> f64 {
    text.parse().expect("the built-in tables hold numbers")
}

#[cfg(test)]
mod tests {
    use super::super::{REAL_AREAS, REAL_ITEMS};
    use super::*;

    #[test]
    fn built_in_tables_agree() {
        assert_eq!((rows(AREAS).count(), rows(ITEMS).count()), (REAL_AREAS, REAL_ITEMS));
        for (fact, model) in rows(ITEMS).zip(rows(ITEM_MODEL)) {
            assert_eq!(fact[0], model[0]);
        }
        let processes: Vec<_> = rows(PROCESSES).map(|r| r[0].to_string()).collect();
        let model: Vec<_> = rows(PROCESS_MODEL).map(|r| r[0].to_string()).collect();
        assert_eq!(processes, model);
        let known = |name: &str| name == "*" || processes.iter().any(|p| p == name);
        assert!(rows(AFFINITY).all(|r| known(&r[0])));
    }
}

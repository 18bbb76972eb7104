//! Facts about names: ISO 3166 codes, names that FAO, the World Bank and people use, and groups of
//! areas.
//!
//! Codes are those of ISO 3166-1, with the ones the published data give to former states. Memberships
//! of groups are those of 2025.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::text::{item_key, key};

/// An area of the world, whether or not a dataset has it.
#[derive(Debug)]
pub struct KnownArea {
    /// ISO 3166-1 alpha-3 code.
    pub iso3: &'static str,
    /// ISO 3166-1 alpha-2 code; empty for former states.
    pub iso2: &'static str,
    /// Names, the usual one first.
    pub names: Vec<&'static str>,
}

/// A group of areas.
#[derive(Debug)]
pub struct Group {
    /// Names, the usual one first.
    pub names: Vec<&'static str>,
    /// ISO3 codes of its members.
    pub members: Vec<&'static str>,
}

/// All that is known of names.
#[derive(Debug)]
pub struct Atlas {
    /// Areas.
    pub places: Vec<KnownArea>,
    /// Groups of areas.
    pub groups: Vec<Group>,
    by_key: BTreeMap<String, usize>,
    items: BTreeMap<String, &'static str>,
}

/// The facts, read once.
pub static ATLAS: LazyLock<Atlas> = LazyLock::new(Atlas::new);

impl Atlas {
    fn new() -> Self {
        let lines = |text: &'static str| text.lines().skip(1);
        let places: Vec<KnownArea> = lines(include_str!("areas.csv"))
            .filter_map(|line| {
                let mut parts = line.splitn(3, ',');
                let (iso3, iso2, names) = (parts.next()?, parts.next()?, parts.next()?);
                Some(KnownArea { iso3, iso2, names: names.split('|').collect() })
            })
            .collect();
        let groups = lines(include_str!("groups.csv"))
            .filter_map(|line| {
                let (names, members) = line.split_once(';')?;
                let (names, members) = (names.split('|'), members.split(' '));
                Some(Group { names: names.collect(), members: members.collect() })
            })
            .collect();
        let mut by_key = BTreeMap::new();
        for (at, place) in places.iter().enumerate() {
            for name in &place.names {
                by_key.insert(key(name), at);
            }
        }
        let mut items = BTreeMap::new();
        for line in lines(include_str!("items.csv")) {
            // Names of items may hold commas, their other names do not.
            if let Some((item, names)) = line.rsplit_once(',') {
                for name in names.split('|') {
                    items.insert(item_key(name), item.trim_matches('"'));
                }
            }
        }
        Atlas { places, groups, by_key, items }
    }

    /// The area that a code or a name means.
    pub fn place(&self, name: &str) -> Option<&KnownArea> {
        let name = name.trim();
        let is = |code: &str| !code.is_empty() && code.eq_ignore_ascii_case(name);
        let coded = self.places.iter().find(|p| is(p.iso3) || is(p.iso2));
        coded.or_else(|| self.by_key.get(&key(name)).map(|&at| &self.places[at]))
    }

    /// The group that a name means.
    pub fn group(&self, name: &str) -> Option<&Group> {
        let wanted = key(name);
        self.groups.iter().find(|group| group.names.iter().any(|name| key(name) == wanted))
    }

    /// The published name of an item that another name means.
    pub fn item(&self, name: &str) -> Option<&'static str> {
        self.items.get(&item_key(name)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_name_or_code_means_two_areas() {
        let (mut keys, mut codes) = (BTreeMap::new(), BTreeSet::new());
        for place in &ATLAS.places {
            assert_eq!(place.iso3.len(), 3);
            assert!(codes.insert(place.iso3), "{}", place.iso3);
            assert!(place.iso2.is_empty() || codes.insert(place.iso2), "{}", place.iso2);
            for name in &place.names {
                let key = key(name);
                assert!(!key.is_empty(), "{name}");
                let other = keys.insert(key, place.iso3);
                assert!(other.is_none_or(|other| other == place.iso3), "{name}: {other:?}");
            }
        }
        assert_eq!(ATLAS.places.iter().filter(|p| !p.iso2.is_empty()).count(), 254);
    }

    #[test]
    fn members_of_groups_are_areas() {
        for group in &ATLAS.groups {
            let members: BTreeSet<_> = group.members.iter().collect();
            assert_eq!(members.len(), group.members.len(), "{:?}", group.names);
            for member in &group.members {
                assert!(ATLAS.places.iter().any(|p| p.iso3 == *member), "{member}");
            }
        }
        let size = |name: &str| ATLAS.group(name).map(|group| group.members.len());
        assert_eq!((size("EU"), size("EU28"), size("g7")), (Some(27), Some(28), Some(7)));
        assert_eq!((size("OECD"), size("ASEAN"), size("Africa")), (Some(38), Some(11), None));
    }
}

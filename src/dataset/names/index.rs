//! Looking up areas and items by what people type.

use super::atlas::ATLAS;
use super::near::likeness;
use super::text::{core, item_key, key, region_key, singular, words};
use super::{LabelKind, NameError};
use crate::dataset::labels::Labels;

/// Stands for all areas, or all items.
pub const EVERY: &str = "*";

/// An area as far as its names go.
#[derive(Debug, Clone, Copy)]
pub struct AreaNames<'a> {
    /// Name.
    pub name: &'a str,
    /// ISO 3166 alpha-3 code; empty where it has none.
    pub iso3: &'a str,
    /// FAO code, where it is known.
    pub code: Option<i64>,
    /// Region of the world.
    pub region: Option<&'a str>,
}

/// An item as far as its names go.
#[derive(Debug, Clone, Copy)]
pub struct ItemNames<'a> {
    /// Name.
    pub name: &'a str,
    /// Commodity group and item group.
    pub groups: [&'a str; 2],
}

/// Lookup of areas and items by their names, codes, other names and parts of names.
///
/// An area: its name; its name regardless of case, accents, word order and words such as `the`; its ISO3, ISO2 or FAO
/// code; a name of the [`super::atlas`]; its name without additions; a part of its name that no other has.
/// An item likewise, plural or singular. [`NameIndex::areas`] and [`NameIndex::items`] also take groups and `*`.
pub struct NameIndex<'a> {
    areas: Vec<AreaNames<'a>>,
    items: Vec<ItemNames<'a>>,
}

impl<'a> NameIndex<'a> {
    /// An index over `labels`.
    pub fn new(labels: &'a Labels) -> Self {
        let area = |a: &'a crate::dataset::Area| AreaNames {
            name: &a.name,
            iso3: &a.iso3,
            code: Some(a.code),
            region: a.region.as_deref(),
        };
        let item = |i: &'a crate::dataset::Item| ItemNames {
            name: &i.name,
            groups: [&i.commodity_group, &i.group],
        };
        NameIndex::of(labels.areas.iter().map(area), labels.items.iter().map(item))
    }

    /// An index over areas and items.
    pub fn of(
        areas: impl Iterator<Item = AreaNames<'a>>,
        items: impl Iterator<Item = ItemNames<'a>>,
    ) -> Self {
        NameIndex { areas: areas.collect(), items: items.collect() }
    }

    /// Index of an area.
    ///
    /// # Errors
    /// The name stands for no area, or for several.
    pub fn area(&self, name: &str) -> Result<usize, NameError> {
        let labels = || self.areas.iter().map(|a| a.name);
        if let Some(found) = exact(LabelKind::Area, name, labels(), key)? {
            return Ok(found);
        }
        let wanted = name.trim();
        let is_code = |a: &AreaNames<'_>| {
            (!wanted.is_empty() && a.iso3.eq_ignore_ascii_case(wanted))
                || a.code.is_some_and(|code| wanted.parse() == Ok(code))
        };
        if let Some(found) = self.areas.iter().position(is_code) {
            return Ok(found);
        }
        let meant = ATLAS.place(wanted);
        if let Some(found) = meant.and_then(|place| self.member(place.iso3)) {
            return Ok(found);
        }
        // The atlas knows what is meant, and this world does not have it: no part of another name.
        if let Some(place) = meant {
            let meaning = place.names[0].to_string();
            return Err(NameError::Absent { name: name.to_string(), meaning });
        }
        part(LabelKind::Area, name, labels(), &words(name), words)
            .and_then(|found| found.ok_or_else(|| self.unknown_area(name)))
    }

    /// Indices of areas: one area, a region, a continent, a group such as `EU`, or all for `*`.
    ///
    /// # Errors
    /// As [`NameIndex::area`].
    pub fn areas(&self, name: &str) -> Result<Vec<usize>, NameError> {
        let wanted = region_key(name);
        if name.trim() == EVERY || ["world", "all areas"].contains(&wanted.as_str()) {
            return Ok((0..self.areas.len()).collect());
        }
        let unknown = match self.area(name) {
            Ok(area) => return Ok(vec![area]),
            Err(error) => error,
        };
        let within = |is: &dyn Fn(&str) -> bool| -> Vec<usize> {
            let is_in = |a: &AreaNames<'_>| a.region.is_some_and(is);
            (0..self.areas.len()).filter(|&at| is_in(&self.areas[at])).collect()
        };
        let region = within(&|region| region_key(region) == wanted);
        if !region.is_empty() {
            return Ok(region);
        }
        if let Some(group) = ATLAS.group(name) {
            let mut members: Vec<usize> =
                group.members.iter().filter_map(|iso3| self.member(iso3)).collect();
            members.sort_unstable();
            if !members.is_empty() {
                return Ok(members);
            }
        }
        let continent = match wanted.as_str() {
            "americas" => "america",
            "oceania" => "australia",
            other => other,
        };
        let oceania = ["melanesia", "micronesia", "polynesia"];
        let is_of = |region: &str| {
            let words = words(region);
            words.first().is_some_and(|first| {
                first == continent
                    || (continent == "australia" && oceania.contains(&first.as_str()))
            })
        };
        let continent = within(&is_of);
        if continent.is_empty() { Err(unknown) } else { Ok(continent) }
    }

    /// Index of an item.
    ///
    /// # Errors
    /// The name stands for no item, or for several.
    pub fn item(&self, name: &str) -> Result<usize, NameError> {
        let labels = || self.items.iter().map(|i| i.name);
        if let Some(found) = exact(LabelKind::Item, name, labels(), item_key)? {
            return Ok(found);
        }
        let named = ATLAS.item(name).and_then(|item| labels().position(|label| label == item));
        if let Some(found) = named {
            return Ok(found);
        }
        let wanted = item_words(name);
        part(LabelKind::Item, name, labels(), &wanted, item_words)
            .and_then(|found| found.ok_or_else(|| self.unknown_item(name)))
    }

    /// Indices of items: one item, a commodity group, an item group, or all for `*`.
    ///
    /// # Errors
    /// As [`NameIndex::item`].
    pub fn items(&self, name: &str) -> Result<Vec<usize>, NameError> {
        let wanted = item_key(name);
        if name.trim() == EVERY || wanted == "all item" {
            return Ok((0..self.items.len()).collect());
        }
        let labels = self.items.iter().map(|i| i.name);
        if let Some(found) = exact(LabelKind::Item, name, labels, item_key)? {
            return Ok(vec![found]);
        }
        // A group before a part of a name: `Cereals` is not `Cereals, Other`.
        for group in 0..2 {
            let is = |i: &ItemNames<'_>| !wanted.is_empty() && item_key(i.groups[group]) == wanted;
            let members: Vec<usize> =
                (0..self.items.len()).filter(|&at| is(&self.items[at])).collect();
            if !members.is_empty() {
                return Ok(members);
            }
        }
        self.item(name).map(|item| vec![item])
    }

    /// Sector of an area and an item.
    ///
    /// # Errors
    /// As [`NameIndex::area`] and [`NameIndex::item`].
    pub fn sector(&self, area: &str, item: &str) -> Result<usize, NameError> {
        Ok(self.area(area)? * self.items.len() + self.item(item)?)
    }

    /// What a reader should know of how a name was taken: `China` is here the mainland alone.
    pub fn note(&self, name: &str) -> Option<String> {
        let place = ATLAS.place(name).filter(|place| place.iso3 == "CHN")?;
        let label = self.areas[self.member(place.iso3)?].name;
        let others =
            ["HKG", "MAC", "TWN"].iter().filter(|code| self.member(code).is_some()).count();
        (key(label) != key(name) && others > 0).then(|| {
            format!(
                "`{}` is taken as `{label}`; Hong Kong, Macao and Taiwan are areas of their own",
                name.trim()
            )
        })
    }

    /// The area with an ISO3 code; where areas have no codes, the one whose name means it.
    fn member(&self, iso3: &str) -> Option<usize> {
        let coded = self.areas.iter().position(|a| a.iso3.eq_ignore_ascii_case(iso3));
        coded.or_else(|| {
            let means = |a: &AreaNames<'_>| {
                a.iso3.is_empty() && ATLAS.place(a.name).is_some_and(|place| place.iso3 == iso3)
            };
            self.areas.iter().position(means)
        })
    }

    /// The error for an unknown area: the nearest of its names, of other names that mean one of the
    /// areas, of regions and of groups.
    fn unknown_area(&self, name: &str) -> NameError {
        let mut candidates: Vec<(f64, String)> =
            self.areas.iter().map(|a| (likeness(name, a.name), a.name.to_string())).collect();
        for place in &ATLAS.places {
            // The label is what is suggested: it is what the tables hold.
            let best = place.names.iter().map(|n| likeness(name, n)).fold(0.0, f64::max);
            if best > 0.0
                && let Some(at) = self.member(place.iso3)
            {
                candidates.push((0.99 * best, self.areas[at].name.to_string()));
            }
        }
        let regions = self.areas.iter().filter_map(|a| a.region);
        let groups = ATLAS.groups.iter().flat_map(|group| group.names.iter().copied());
        let more = regions.chain(groups).map(|n| (0.98 * likeness(name, n), n.to_string()));
        candidates.extend(more);
        unknown(LabelKind::Area, name, candidates)
    }

    fn unknown_item(&self, name: &str) -> NameError {
        let groups = self.items.iter().flat_map(|i| i.groups);
        let names = self.items.iter().map(|i| i.name).chain(groups);
        unknown(LabelKind::Item, name, names.map(|n| (likeness(name, n), n.to_string())).collect())
    }
}

fn unknown(kind: LabelKind, name: &str, candidates: Vec<(f64, String)>) -> NameError {
    if name.trim().is_empty() {
        return NameError::Empty { kind };
    }
    let mut best: Option<(f64, String)> = None;
    for (likeness, candidate) in candidates {
        if likeness > 0.0 && best.as_ref().is_none_or(|(b, _)| likeness > *b) {
            best = Some((likeness, candidate));
        }
    }
    let nearest = best.map(|(_, candidate)| candidate);
    NameError::Unknown { kind, name: name.to_string(), nearest }
}

fn item_words(text: &str) -> Vec<String> {
    words(text).into_iter().map(singular).collect()
}

/// The label that is `name`: to the letter, regardless of case, by its key, or by the key of what
/// it is without additions.
fn exact<'a>(
    kind: LabelKind,
    name: &str,
    labels: impl Iterator<Item = &'a str> + Clone,
    key: impl Fn(&str) -> String,
) -> Result<Option<usize>, NameError> {
    if let Some(exact) = labels.clone().position(|label| label == name) {
        return Ok(Some(exact));
    }
    let lower = name.trim().to_lowercase();
    let same = |is: &dyn Fn(&str) -> bool| {
        let found: Vec<(usize, &str)> =
            labels.clone().enumerate().filter(|(_, label)| is(label)).collect();
        one_of(kind, name, &found)
    };
    if let Some(found) = same(&|label| label.to_lowercase() == lower)? {
        return Ok(Some(found));
    }
    let wanted = key(name);
    if wanted.is_empty() {
        return Ok(None);
    }
    if let Some(found) = same(&|label| key(label) == wanted)? {
        return Ok(Some(found));
    }
    same(&|label| key(core(label)) == wanted)
}

/// The label that alone has all the words wanted.
fn part<'a>(
    kind: LabelKind,
    name: &str,
    labels: impl Iterator<Item = &'a str>,
    wanted: &[String],
    words: impl Fn(&str) -> Vec<String>,
) -> Result<Option<usize>, NameError> {
    // A word of two letters is no part of a name that anyone would choose.
    if !wanted.iter().any(|word| word.chars().count() >= 3) {
        return Ok(None);
    }
    let has_all = |label: &str| {
        let having = words(label);
        wanted.iter().all(|word| having.contains(word))
    };
    let found: Vec<(usize, &str)> = labels.enumerate().filter(|(_, l)| has_all(l)).collect();
    one_of(kind, name, &found)
}

fn one_of(
    kind: LabelKind,
    name: &str,
    found: &[(usize, &str)],
) -> Result<Option<usize>, NameError> {
    match found {
        [] => Ok(None),
        [(at, _)] => Ok(Some(*at)),
        several => Err(NameError::Ambiguous {
            kind,
            name: name.to_string(),
            candidates: several.iter().map(|(_, label)| label.to_string()).collect(),
        }),
    }
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;

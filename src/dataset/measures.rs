//! What amounts of an item are counted in, and what they are worth as food.
//!
//! Every item has a unit. Amounts of items in tonnes can be added; heads of animals cannot be added to tonnes, nor to
//! heads of other animals. The shipped table has the items of the published data: live animals are heads, everything
//! else tonnes; kcal per kg are those of FAO 2001 (Food balance sheets: a handbook) and Berners-Lee et al. 2018.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use super::labels::Item;

/// Unit of an item's amounts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Unit {
    /// 1,000 kg.
    #[default]
    Tonne,
    /// Animals.
    Head,
    /// A dataset's own, by its name; added to nothing but its own kind, in a dataset that has no other.
    Other(String),
}

impl Unit {
    /// The unit of a name; blanks around it and case do not matter.
    pub fn parse(text: &str) -> Self {
        match text.trim().to_lowercase().as_str() {
            "t" | "tonne" | "tonnes" => Unit::Tonne,
            "head" | "heads" => Unit::Head,
            _ => Unit::Other(text.trim().to_string()),
        }
    }

    /// Its name in tables.
    pub fn name(&self) -> &str {
        match self {
            Unit::Tonne => "tonne",
            Unit::Head => "head",
            Unit::Other(name) => name,
        }
    }

    /// Its sign behind a number.
    pub fn sign(&self) -> &str {
        match self {
            Unit::Tonne => "t",
            Unit::Head => "head",
            Unit::Other(name) => name,
        }
    }

    /// Whether amounts are a mass: only those are told in kg per person.
    pub fn is_mass(&self) -> bool {
        *self == Unit::Tonne
    }
}

/// The unit whose amounts are summed over items of the given units: tonnes if there are any, else the one
/// that all have; `None` where they have no unit in common.
pub fn summed_unit<'a>(mut units: impl Iterator<Item = &'a Unit>) -> Option<&'a Unit> {
    let first = units.next()?;
    let mut is_shared = true;
    for unit in std::iter::once(first).chain(units) {
        if unit.is_mass() {
            return Some(unit);
        }
        is_shared &= unit == first;
    }
    is_shared.then_some(first)
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What an item is worth as food.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nutrition {
    /// Whether people eat it.
    pub is_food: bool,
    /// Energy, kcal per kg; 0 where it is not food.
    pub kcal_per_kg: f64,
    /// Protein, g per kg, where it is known.
    pub protein_g_per_kg: Option<f64>,
}

/// Most that a kilogram can hold, kcal: pure fat has 9,000.
pub const MAX_KCAL_PER_KG: f64 = 10_000.0;
/// Most that a kilogram can hold, g.
pub const MAX_PROTEIN_PER_KG: f64 = 1_000.0;

/// What a tonne is.
const KG_PER_TONNE: f64 = 1000.0;

/// Commodity group of the items counted in heads.
const LIVE_ANIMALS: &str = "Live animals";

/// Unit of the live animals of the synthetic world, whose invented numbers are small.
pub const THOUSAND_HEADS: &str = "1000 heads";

/// The shipped table, by item.
static SHIPPED: LazyLock<BTreeMap<String, (Unit, Nutrition)>> = LazyLock::new(|| {
    let mut table = csv::Reader::from_reader(include_bytes!("measures.csv").as_slice());
    let read = |row: csv::StringRecord| {
        let kcal_per_kg = row.get(2)?.parse().ok()?;
        let is_food = row.get(3)? == "true";
        let nutrition = Nutrition { is_food, kcal_per_kg, protein_g_per_kg: None };
        Some((row.get(0)?.to_string(), (Unit::parse(row.get(1)?), nutrition)))
    };
    table.records().filter_map(|row| read(row.ok()?)).collect()
});

/// The usual unit of an item: that of the shipped table, else heads for live animals and tonnes for
/// everything else.
pub fn usual_unit(item: &str, commodity_group: &str) -> Unit {
    match SHIPPED.get(item) {
        Some((unit, _)) => unit.clone(),
        None if commodity_group == LIVE_ANIMALS => Unit::Head,
        None => Unit::Tonne,
    }
}

/// What the shipped table says of an item as food; `None` for an item that it does not have.
pub fn usual_nutrition(item: &str) -> Option<Nutrition> {
    SHIPPED.get(item).map(|(_, nutrition)| *nutrition)
}

impl Item {
    /// The item with its usual unit and worth as food.
    pub fn with_usual_measures(mut self) -> Self {
        self.unit = usual_unit(&self.name, &self.commodity_group);
        self.nutrition = usual_nutrition(&self.name);
        self
    }

    /// Whether unit and worth as food need not be fed to the content hash: they are the usual ones,
    /// or those of the synthetic world, which never had others.
    pub fn has_known_measures(&self) -> bool {
        let thousands = self.unit.name() == THOUSAND_HEADS && self.commodity_group == LIVE_ANIMALS;
        self.has_usual_measures() || (thousands && self.nutrition == usual_nutrition(&self.name))
    }

    /// Whether unit and worth as food are the usual ones.
    pub fn has_usual_measures(&self) -> bool {
        self.unit == usual_unit(&self.name, &self.commodity_group)
            && self.nutrition == usual_nutrition(&self.name)
    }

    /// Whether amounts are a mass.
    pub fn is_mass(&self) -> bool {
        self.unit.is_mass()
    }

    /// Energy of a tonne that is eaten, kcal; 0 for what is no food or no mass.
    pub fn kcal_per_tonne(&self) -> f64 {
        let food = self.nutrition.filter(|n| n.is_food && self.is_mass());
        food.map_or(0.0, |n| n.kcal_per_kg * KG_PER_TONNE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_has_the_published_items() {
        assert_eq!(SHIPPED.len(), 123);
        let heads = SHIPPED.values().filter(|(unit, _)| *unit == Unit::Head).count();
        let foods = SHIPPED.values().filter(|(_, n)| n.is_food).count();
        assert_eq!((heads, foods), (13, 86));
        for (item, (unit, n)) in SHIPPED.iter() {
            assert!(*unit == Unit::Tonne || !n.is_food, "{item}");
            assert!((0.0..MAX_KCAL_PER_KG).contains(&n.kcal_per_kg), "{item}");
            assert_eq!(n.is_food, n.kcal_per_kg > 0.0, "{item}");
        }
        let wheat = usual_nutrition("Wheat and products").unwrap();
        assert_eq!((wheat.kcal_per_kg, wheat.is_food), (3340.0, true));
        assert_eq!(usual_unit("Poultry Birds", ""), Unit::Head);
        assert_eq!(usual_unit("Reindeer", "Live animals"), Unit::Head);
        assert_eq!(
            (usual_unit("Services", "Other"), usual_nutrition("Services")),
            (Unit::Tonne, None)
        );
    }

    #[test]
    fn units_are_read_as_written() {
        for (text, unit) in [("t", Unit::Tonne), (" Tonnes", Unit::Tonne), ("heads", Unit::Head)] {
            assert_eq!(Unit::parse(text), unit);
        }
        let own = Unit::parse("m3");
        assert_eq!((own.name(), own.sign(), own.is_mass()), ("m3", "m3", false));
    }
}

//! In what losses are told: mass, energy, protein, part of the supply, or a weight of one's own.
//!
//! A loss of one item is an amount in the item's unit. Losses of several items are added in one of these measures:
//!
//! | measure | of a sector | counted |
//! |---|---|---|
//! | `mass` | tonnes; nothing for items counted in heads | where it is available |
//! | `kcal` | kcal of food | where it is eaten |
//! | `protein` | g of protein of food | where it is eaten |
//! | `supply` | as `kcal`, told as a part of what is eaten without the shock | where it is eaten |
//! | a table `item, weight, unit` | weight per unit of the item | where it is consumed |
//!
//! Where it is eaten: sugar cane, the sugar made of it and the ethanol made of that are three available amounts,
//! and feed, the animals and their meat three more. What leaves the model for consumption is counted once:
//! amount x consumption share `eta_cons` x the part of it that is eaten, where the dataset knows that part.
//! A sector that adapts changes its share: [`Measure::adapted_shares`].

mod weights;

use std::collections::BTreeMap;
use std::path::Path;

use crate::dataset::measures::Unit;
use crate::dataset::{Dataset, Item};
use crate::model::adaptation::{Hit, MissingRule, adapted_shares};
use crate::model::constants::{DAYS_PER_YEAR, KG_PER_TONNE};

/// Name of amounts as they are.
const AMOUNT: &str = "amount";

pub use weights::WeightsError;

/// Names of the measures that need no table.
pub const NAMES: [&str; 4] = ["mass", "kcal", "protein", "supply"];

/// What is said wherever food is told of a dataset that does not know which part of consumption is eaten.
pub const ALL_IS_EATEN: &str =
    "The dataset does not tell food from other uses: all consumption of foods counts as eaten.";

/// Multiple of the world's mean supply of food above which an area's is more than people eat: it holds other
/// uses, stocks or transit, as where a dataset does not tell food from them. Such areas are left out of
/// rankings of areas by food. The richest national supplies lie well below twice the mean.
pub const MORE_THAN_EATEN: f64 = 2.0;

/// Areas whose supply of food is more than their people eat ([`MORE_THAN_EATEN`]), by what each area is said
/// to eat, in any one unit of food a day, and its population; areas without one are not among them.
pub fn more_than_eaten(supply: &[f64], population: impl Fn(usize) -> Option<f64>) -> Vec<usize> {
    let populated = || (0..supply.len()).filter_map(|area| Some((area, population(area)?)));
    let (mut all, mut people) = (0.0, 0.0);
    for (area, persons) in populated() {
        all += supply[area];
        people += persons;
    }
    populated()
        .filter(|&(area, persons)| supply[area] * people > MORE_THAN_EATEN * all * persons)
        .map(|(area, _)| area)
        .collect()
}

/// What a measure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeasureKind {
    /// Tonnes.
    Mass,
    /// Energy of food, kcal.
    Kcal,
    /// Protein of food, g.
    Protein,
    /// Energy of food, told as a part of what is eaten.
    Supply,
    /// A weight of the user's.
    Own,
}

/// A measure of a dataset's amounts.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// What it counts.
    pub kind: MeasureKind,
    /// Its name: one of [`NAMES`], or the file of weights.
    pub name: String,
    /// Unit of its sums.
    pub unit: String,
    /// Weight per unit of each item; 0 for items that do not count.
    weight: Vec<f64>,
    /// Part of the available amount that counts, one per sector; `None` where all of it does.
    share: Option<Vec<f64>>,
    /// Part of consumption that is eaten, one per sector; 1 where it is not known.
    eaten: Vec<f64>,
    items: usize,
}

impl Measure {
    /// A measure by its name, or by the path of a table of weights.
    ///
    /// # Errors
    /// Neither a name nor a readable table, or nothing in the dataset that it could count.
    pub fn parse(text: &str, dataset: &Dataset) -> Result<Self, WeightsError> {
        let kind = match text.trim().to_lowercase().as_str() {
            "mass" => MeasureKind::Mass,
            "kcal" => MeasureKind::Kcal,
            "protein" => MeasureKind::Protein,
            "supply" => MeasureKind::Supply,
            _ => {
                let (weight, unit) = weights::read(Path::new(text), dataset)?;
                return Ok(Measure::new(MeasureKind::Own, text, &unit, weight, dataset));
            }
        };
        Measure::of(kind, dataset)
            .ok_or_else(|| WeightsError::Unknown { measure: NAMES[kind as usize] })
    }

    /// One of the measures that need no table; `None` where the dataset lacks what it needs.
    pub fn of(kind: MeasureKind, dataset: &Dataset) -> Option<Self> {
        let protein = |item: &Item| {
            let food = item.nutrition.filter(|n| n.is_food && item.is_mass());
            food.and_then(|n| n.protein_g_per_kg).map_or(0.0, |g| g * KG_PER_TONNE)
        };
        let (unit, weight): (&str, fn(&Item) -> f64) = match kind {
            MeasureKind::Mass => ("t", |item| f64::from(u8::from(item.is_mass()))),
            MeasureKind::Kcal | MeasureKind::Supply => ("kcal", Item::kcal_per_tonne),
            MeasureKind::Protein => ("g protein", protein),
            MeasureKind::Own => return None,
        };
        let weight: Vec<f64> = dataset.labels.items.iter().map(weight).collect();
        let counts = weight.iter().any(|&w| w > 0.0);
        counts.then(|| Measure::new(kind, NAMES[kind as usize], unit, weight, dataset))
    }

    /// What losses across items are told in: energy where the dataset knows it, else mass, else the
    /// unit that all items share (a value, in a world made of trade); `None` where they share none.
    pub fn usual(dataset: &Dataset) -> Option<Self> {
        Measure::of(MeasureKind::Kcal, dataset)
            .or_else(|| Measure::of(MeasureKind::Mass, dataset))
            .or_else(|| Measure::of_unit(dataset))
    }

    /// Amounts as they are, of a dataset whose items all have one unit of its own.
    fn of_unit(dataset: &Dataset) -> Option<Self> {
        let items = &dataset.labels.items;
        let unit = &items.first()?.unit;
        let Unit::Other(name) = unit else { return None };
        let weight = vec![1.0; items.len()];
        let is_shared = items.iter().all(|item| item.unit == *unit);
        let whole = || Measure::new(MeasureKind::Own, AMOUNT, name, weight, dataset);
        is_shared.then(|| Measure { share: None, ..whole() })
    }

    /// Whether it is the amounts themselves, in the unit that all items have.
    pub fn is_amount(&self) -> bool {
        self.kind == MeasureKind::Own && self.name == AMOUNT && self.share.is_none()
    }

    fn new(kind: MeasureKind, name: &str, unit: &str, weight: Vec<f64>, dataset: &Dataset) -> Self {
        let (p, items) = (&dataset.parameters, dataset.labels.items.len());
        let of_food =
            matches!(kind, MeasureKind::Kcal | MeasureKind::Protein | MeasureKind::Supply);
        let eaten = match &dataset.food_part {
            Some(part) if of_food => part.clone(),
            _ => vec![1.0; p.x0.len()],
        };
        let share = (kind != MeasureKind::Mass).then(|| {
            // Rounding of the two others must not make a share of nothing.
            let rest = |s: usize| (1.0 - p.share_eta_prod[s] - p.share_eta_exp[s]).max(0.0);
            (0..p.x0.len()).map(|s| if p.x0[s] > 0.0 { rest(s) * eaten[s] } else { 0.0 }).collect()
        });
        Measure {
            kind,
            name: name.to_string(),
            unit: unit.to_string(),
            weight,
            share,
            eaten,
            items,
        }
    }

    /// Whether an item counts.
    pub fn counts(&self, item: usize) -> bool {
        self.weight[item] != 0.0
    }

    /// Shares that count in the sectors that have adapted; all others keep theirs.
    ///
    /// `hits` are the adapting sectors with the losses that made them adapt. Nothing where amounts
    /// count as a whole.
    pub fn adapted_shares(
        &self,
        hits: impl Iterator<Item = Hit>,
        missing: MissingRule,
        dataset: &Dataset,
    ) -> BTreeMap<u32, f64> {
        let (Some(rules), Some(_)) = (&dataset.rules, &self.share) else { return BTreeMap::new() };
        hits.filter(|hit| self.counts(hit.sector as usize % self.items))
            .filter_map(|hit| {
                let [_, _, share] = adapted_shares(&dataset.parameters, rules, &hit, missing)?;
                Some((hit.sector, share * self.eaten[hit.sector as usize]))
            })
            .collect()
    }

    /// Value of what a sector has in the baseline.
    pub fn baseline(&self, sector: usize, baseline: f64) -> f64 {
        baseline * self.share_of(sector) * self.weight[sector % self.items]
    }

    /// Value of a sector's loss: what counts of the baseline less what counts of what is left.
    ///
    /// `loss = xb - x`; `adapted` is the sector's share after adaptation, where it has adapted.
    pub fn loss(&self, sector: usize, baseline: f64, loss: f64, adapted: Option<f64>) -> f64 {
        let item = sector % self.items;
        match adapted {
            None => self.part(sector, item, loss),
            Some(adapted) => {
                let share = self.share_of(sector);
                (baseline * share - (baseline - loss) * adapted) * self.weight[item]
            }
        }
    }

    /// Value of an amount of a sector, whose item it is, as far as it counts.
    pub fn part(&self, sector: usize, item: usize, amount: f64) -> f64 {
        amount * self.share_of(sector) * self.weight[item]
    }

    /// Value of a unit of a sector, whose item it is, of which all is consumed.
    pub fn consumed(&self, sector: usize, item: usize) -> f64 {
        self.eaten[sector] * self.weight[item]
    }

    fn share_of(&self, sector: usize) -> f64 {
        self.share.as_ref().map_or(1.0, |share| share[sector])
    }

    /// A sum of an area, or of areas, per person: kg a year for mass, kcal or g a day for food, the
    /// measure's unit a year for weights of one's own.
    pub fn per_person(&self, value: f64, population: f64) -> f64 {
        match self.kind {
            MeasureKind::Mass => value * KG_PER_TONNE / population,
            MeasureKind::Kcal | MeasureKind::Protein | MeasureKind::Supply => {
                value / population / DAYS_PER_YEAR
            }
            MeasureKind::Own => value / population,
        }
    }

    /// Unit of [`Measure::per_person`].
    pub fn unit_per_person(&self) -> String {
        match self.kind {
            MeasureKind::Mass => "kg per person".to_string(),
            MeasureKind::Kcal | MeasureKind::Supply => "kcal per person and day".to_string(),
            MeasureKind::Protein => "g protein per person and day".to_string(),
            MeasureKind::Own => format!("{} per person", self.unit),
        }
    }
}

#[cfg(test)]
mod tests;

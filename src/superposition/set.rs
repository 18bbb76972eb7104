//! Two or three shocks, and what every subset of them adds, summed over sectors.
//!
//! ```text
//! S_ab  = L_ab - L_a - L_b
//! S_abc = L_abc - L_a - L_b - L_c - S_ab - S_ac - S_bc        what no pair explains
//! ```
//!
//! Subsets are bit masks, as in [`crate::interaction::parts`]: bit n is the n-th shock.

use super::pair::{Mode, Receivers};
use crate::dataset::Dimensions;
use crate::model::adaptation::AdaptationSettings;
use crate::model::losses::loss_per_capita;
use crate::scenario::{Scenario, ScenarioId, Shock};

/// Shocks that are compared with what fewer of them do.
#[derive(Debug, Clone, PartialEq)]
pub struct ShockSet {
    /// Identifier of the scenario.
    pub id: ScenarioId,
    /// The shocks, constant, ascending by sector.
    pub shocks: Vec<Shock>,
    /// How areas adapt; `None` for the static model.
    pub adaptation: Option<AdaptationSettings>,
}

impl ShockSet {
    /// The scenario in which exactly the shocks of a subset happen, with the stages of a mode.
    pub fn run(&self, subset: usize, mode: Mode) -> Scenario {
        let happens = |(n, shock): (usize, &Shock)| (subset >> n & 1 == 1).then_some(*shock);
        Scenario {
            id: self.id,
            shocks: self.shocks.iter().enumerate().filter_map(happens).collect(),
            adaptation: mode.settings(self.adaptation),
        }
    }
}

/// How sets of so many shocks are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// One of them.
    pub one: &'static str,
    /// Some of them.
    pub many: &'static str,
    /// What S is beyond, after "than".
    pub than: &'static str,
    /// What S is beyond.
    pub sum: &'static str,
    /// What S is.
    pub s: &'static str,
}

/// The words for sets of so many shocks.
pub fn words(shocks: usize) -> Words {
    match shocks {
        3 => Words {
            one: "triple",
            many: "triples",
            than: "their pairs explain",
            sum: "what their pairs explain",
            s: "joint loss less the single losses and the S of its pairs",
        },
        _ => Words {
            one: "pair",
            many: "pairs",
            than: "their sum",
            sum: "their sum",
            s: "joint loss less the sum of the single losses",
        },
    }
}

/// Names of shocks in a sentence.
pub fn listed(names: &[String]) -> String {
    match names {
        [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        _ => names.concat(),
    }
}

/// What every subset adds where the values of all are known: by inclusion and exclusion.
pub fn added<const N: usize>(values: &[f64; N]) -> [f64; N] {
    let mut added = *values;
    let mut shock = 1;
    while shock < N {
        for set in (0..N).filter(|set| set & shock != 0) {
            added[set] -= added[set ^ shock];
        }
        shock <<= 1;
    }
    added
}

/// The values of all subsets, from what each adds.
pub fn values<const N: usize>(added: &[f64; N]) -> [f64; N] {
    let mut values = *added;
    let mut shock = 1;
    while shock < N {
        for set in (0..N).filter(|set| set & shock != 0) {
            values[set] += values[set ^ shock];
        }
        shock <<= 1;
    }
    values
}

/// What is summed, and over whom.
#[derive(Debug, Clone, Copy)]
pub struct Summing<'a> {
    /// Areas and items.
    pub dims: Dimensions,
    /// Per item, whether it counts over the whole network.
    pub counted: &'a [bool],
    /// Populations.
    pub receivers: &'a Receivers,
}

/// Sums over the sectors of a set; `N` is two to the number of shocks.
#[derive(Debug, Clone, PartialEq)]
pub struct SetSums<const N: usize> {
    /// What every subset adds, tonnes over the items that count; 0 of none.
    pub added: [f64; N],
    /// Of what all shocks together add, the part of each area.
    pub by_area: Vec<f64>,
    /// The part of each item, in its unit; of items that do not count too.
    pub by_item: Vec<f64>,
    /// What all shocks together add in areas with a population, kg per person.
    pub s_per_capita: Option<f64>,
    /// What all shocks together add of the shocked items, tonnes.
    pub s_shocked: f64,
    /// The same in areas with a population, kg per person.
    pub s_shocked_per_capita: Option<f64>,
    /// What every subset adds to the food that people eat less, kcal per person and day worldwide, sectors that
    /// run away left out; `None` where the dataset knows no food.
    pub kcal: Option<[f64; N]>,
    /// Whether a sector of one of the runs runs away.
    pub overshoot: bool,
    /// Whether a run has left the range of numbers: then nothing else here means anything.
    pub diverged: bool,
}

impl<const N: usize> SetSums<N> {
    /// Sums over sectors and what every subset adds there, in their order.
    pub fn of<'l>(
        summing: Summing<'_>,
        shocks: &[Shock],
        losses: impl Iterator<Item = (u32, &'l [f64; N])>,
    ) -> Self {
        let Summing { dims, counted, receivers } = summing;
        let is_shocked =
            |item: usize| shocks.iter().any(|shock| dims.item_of(shock.sector as usize) == item);
        let (mut added, mut by_area) = ([0.0; N], vec![0.0; dims.areas]);
        let mut by_item = vec![0.0; dims.items];
        let (mut populated, mut s_shocked, mut shocked_populated) = (0.0, 0.0, 0.0);
        for (sector, parts) in losses {
            let (area, item) = (dims.area_of(sector as usize), dims.item_of(sector as usize));
            let (all, has_people) = (parts[N - 1], receivers.population(area).is_some());
            by_item[item] += all;
            if counted[item] {
                added.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
                by_area[area] += all;
                populated += if has_people { all } else { 0.0 };
            }
            if is_shocked(item) {
                s_shocked += all;
                shocked_populated += if has_people { all } else { 0.0 };
            }
        }
        SetSums {
            added,
            by_area,
            by_item,
            s_per_capita: receivers.per_capita(populated),
            s_shocked,
            s_shocked_per_capita: receivers.per_capita(shocked_populated),
            kcal: None,
            overshoot: false,
            diverged: false,
        }
    }

    /// What all shocks together add that no smaller set explains, tonnes.
    pub fn s(&self) -> f64 {
        self.added[N - 1]
    }

    /// The same of food.
    pub fn s_kcal(&self) -> Option<f64> {
        self.kcal.map(|added| added[N - 1])
    }

    /// Areas where it is more than `above` kg per person, more or less: area, tonnes, kg per person.
    pub fn receiving(&self, receivers: &Receivers, above: f64) -> Vec<(usize, f64, f64)> {
        let of = |(area, &s): (usize, &f64)| {
            let per_capita = loss_per_capita(s, receivers.population(area)?);
            (per_capita.abs() > above).then_some((area, s, per_capita))
        };
        self.by_area.iter().enumerate().filter_map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inclusion_and_exclusion_go_back_and_forth() {
        let values_of = [0.0, 3.0, 5.0, 9.0, 7.0, 11.0, 12.0, 20.0];
        let parts = added(&values_of);
        assert_eq!(parts, [0.0, 3.0, 5.0, 1.0, 7.0, 1.0, 0.0, 3.0]);
        // 20 - 9 - 11 - 12 + 3 + 5 + 7
        assert_eq!(parts[7], 3.0);
        assert_eq!(values(&parts), values_of);
    }
}

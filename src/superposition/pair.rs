//! The superposition of one pair, from the sums of three runs.

use std::borrow::Cow;

use crate::dataset::{Dataset, Unit};
use crate::engine::Sums;
use crate::model::adaptation::AdaptationSettings;
use crate::model::losses::loss_per_capita;
use crate::scenario::{Scenario, ScenarioId, Shock};

/// Two shocks that are compared with their sum.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// Identifier of the scenario.
    pub id: ScenarioId,
    /// The shocks, ascending by sector.
    pub shocks: [Shock; 2],
    /// How areas adapt; `None` for the static model.
    pub adaptation: Option<AdaptationSettings>,
}

/// Which stages of the adaptive model are switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything the scenario asks for.
    Full,
    /// Adaptation without substitution.
    Adaptation,
    /// The static model.
    Static,
}

impl Mode {
    /// All modes.
    pub const ALL: [Mode; 3] = [Mode::Full, Mode::Adaptation, Mode::Static];

    /// Settings with the stages of this mode.
    pub fn settings(self, full: Option<AdaptationSettings>) -> Option<AdaptationSettings> {
        match self {
            Mode::Full => full,
            Mode::Adaptation => full.map(|s| AdaptationSettings { substitution: false, ..s }),
            Mode::Static => None,
        }
    }
}

impl Pair {
    /// The joint scenario with the stages of a mode.
    pub fn joint(&self, mode: Mode) -> Scenario {
        let adaptation = mode.settings(self.adaptation);
        Scenario { id: self.id, shocks: self.shocks.to_vec(), adaptation }
    }

    /// One of the two single scenarios with the stages of a mode.
    pub fn single(&self, which: usize, mode: Mode) -> Scenario {
        let adaptation = mode.settings(self.adaptation);
        Scenario { id: self.id, shocks: vec![self.shocks[which]], adaptation }
    }
}

/// How a superposition was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The pair was run.
    Run,
    /// What the shocks add together was propagated by itself.
    Interaction,
    /// The runs do not touch: S is 0.
    Independent,
    /// The runs touch in traces: |S| is at most the bound.
    Negligible,
    /// One of the runs has left the range of numbers: S is not known.
    Diverged,
}

impl Method {
    /// Name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Method::Run => "run",
            Method::Interaction => "interaction",
            Method::Independent => "independent",
            Method::Negligible => "negligible",
            Method::Diverged => "diverged",
        }
    }
}

/// Who receives losses: populations, and which items belong to a pair.
#[derive(Debug, Clone)]
pub struct Receivers {
    population: Vec<Option<f64>>,
    /// Of all areas; 0 where sums are of no mass, and kg mean nothing.
    total_population: f64,
}

impl Receivers {
    /// The receivers of a dataset.
    pub fn new(dataset: &Dataset) -> Self {
        let population: Vec<Option<f64>> =
            dataset.labels.areas.iter().map(|a| a.population).collect();
        let has_kg = dataset.labels.summed_unit().is_none_or(Unit::is_mass);
        let total_population = if has_kg { population.iter().flatten().sum() } else { 0.0 };
        Receivers { total_population, population }
    }

    /// Population of an area, persons.
    pub fn population(&self, area: usize) -> Option<f64> {
        self.population[area]
    }

    /// Kg per person of all areas with a population; `None` where nobody lives, or sums are of no mass.
    pub fn per_capita(&self, tonnes: f64) -> Option<f64> {
        (self.total_population > 0.0).then(|| loss_per_capita(tonnes, self.total_population))
    }
}

/// What a pair adds to the losses of its two shocks alone, after the last step.
#[derive(Debug, Clone)]
pub struct PairLoss<'a> {
    /// The interaction: the joint losses less the single ones.
    pub together: Cow<'a, Sums>,
    /// The single runs.
    pub singles: [&'a Sums; 2],
}

/// A superposition in its four forms.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Superposition {
    /// Joint loss, tonnes over the items that count.
    pub al_joint: f64,
    /// Losses of the two shocks alone.
    pub al: [f64; 2],
    /// Joint loss less the single ones, tonnes, all areas and the items that count.
    pub s: f64,
    /// The same for the areas with a population, kg per person.
    pub s_per_capita: Option<f64>,
    /// All areas and the two shocked items, tonnes.
    pub s_shocked: f64,
    /// The same for the areas with a population, kg per person.
    pub s_shocked_per_capita: Option<f64>,
    /// Whether one of the runs has left the range of numbers: then nothing else here means anything.
    pub diverged: bool,
}

impl<'a> PairLoss<'a> {
    /// From three runs: the interaction is a difference of their sums, with the rounding of these.
    pub fn of_runs(joint: &Sums, singles: [&'a Sums; 2]) -> Self {
        let less = |joint: &[f64], a: &[f64], b: &[f64]| -> Vec<f64> {
            joint.iter().zip(a.iter().zip(b)).map(|(joint, (a, b))| joint - (a + b)).collect()
        };
        let [a, b] = singles;
        let together = Sums {
            by_area: less(&joint.by_area, &a.by_area, &b.by_area),
            by_item: less(&joint.by_item, &a.by_item, &b.by_item),
            by_item_populated: less(
                &joint.by_item_populated,
                &a.by_item_populated,
                &b.by_item_populated,
            ),
            diverged: joint.diverged,
        };
        PairLoss { together: Cow::Owned(together), singles }
    }

    /// From the interaction itself ([`crate::interaction`]).
    pub fn of_interaction(together: &'a Sums, singles: [&'a Sums; 2]) -> Self {
        PairLoss { together: Cow::Borrowed(together), singles }
    }

    /// Whether one of the runs has left the range of numbers: then S is not known.
    pub fn diverged(&self) -> bool {
        let [a, b] = self.singles;
        [&*self.together, a, b].iter().any(|sums| sums.diverged.is_some())
    }

    /// S of one area, tonnes over the items that count.
    pub fn area(&self, area: usize) -> f64 {
        self.together.by_area[area]
    }

    /// S by item over all areas, in the unit of each.
    pub fn by_item(&self) -> &[f64] {
        &self.together.by_item
    }

    /// The superposition; `items` are those of the shocked sectors.
    ///
    /// Source: Baum et al. 2024, eqs. 4, 42 and 43.
    pub fn superposition(&self, receivers: &Receivers, items: [usize; 2]) -> Superposition {
        if self.diverged() {
            return Superposition { diverged: true, ..Superposition::default() };
        }
        let [a, b] = self.singles;
        let areas = self.together.by_area.len();
        let total = |sums: &Sums| sums.by_area.iter().sum::<f64>();
        let of_areas = |is_in: &dyn Fn(usize) -> bool| -> f64 {
            (0..areas).filter(|&area| is_in(area)).map(|area| self.area(area)).sum()
        };
        let shocked = |of: fn(&Sums) -> &[f64]| -> f64 {
            let one = |item: usize| of(&self.together)[item];
            // Two sectors of one item share their sum.
            if items[0] == items[1] { one(items[0]) } else { one(items[0]) + one(items[1]) }
        };
        let s = of_areas(&|_| true);
        let populated = of_areas(&|area| receivers.population(area).is_some());
        Superposition {
            al_joint: total(a) + total(b) + s,
            al: [total(a), total(b)],
            s,
            s_per_capita: receivers.per_capita(populated),
            s_shocked: shocked(|sums| &sums.by_item),
            s_shocked_per_capita: receivers.per_capita(shocked(|sums| &sums.by_item_populated)),
            diverged: false,
        }
    }
}

impl Superposition {
    /// Whether each of the three runs ends with a loss, none with a net gain.
    pub fn is_loss(&self) -> bool {
        self.al_joint > 0.0 && self.al.iter().all(|&al| al >= 0.0)
    }
}

/// What the three runs of a pair cost people, and whether one of them has run away.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Eaten {
    /// Food that people eat less after both shocks, after the first, after the second: kcal per person
    /// and day, sectors that have run away left out; `None` where the dataset knows no food.
    pub kcal: Option<[f64; 3]>,
    /// Whether a sector of one of the runs ends above the multiple of its baseline from which it has
    /// run away.
    pub overshoot: bool,
}

impl Eaten {
    /// Joint loss less the single ones.
    pub fn s(&self) -> Option<f64> {
        self.kcal.map(|[joint, a, b]| joint - (a + b))
    }
}

/// Superpositions of a pair with more and more stages, and what each adds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stages {
    /// S without adaptation: the overlap of the two shocks, never positive.
    pub overlap: f64,
    /// What adaptation adds.
    pub adaptation: f64,
    /// What substitution adds.
    pub substitution: f64,
}

impl Stages {
    /// From S with all stages, without substitution, and without adaptation.
    pub fn new([full, adaptation, none]: [f64; 3]) -> Self {
        Stages { overlap: none, adaptation: adaptation - none, substitution: full - adaptation }
    }
}

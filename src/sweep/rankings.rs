//! What the pairs of a screening are ranked by.

use super::screened::Away;
use super::superposition::PairRunner;
use crate::dataset::Dataset;
use crate::dataset::hdi::HdiClass;
use crate::measure::{Measure, MeasureKind};
use crate::model::losses::loss_per_capita;
use crate::superposition::collect::{Best, Collection};
use crate::superposition::{PairLoss, Superposition};

/// Summed losses of the single runs, tonnes, from which a relative superposition is ranked: below,
/// a ratio of traces would come first.
const RELATIVE_FROM: f64 = 1000.0;

/// Places of a ranking for each that is shown, where pairs are looked at more closely in the end.
const SPARE: usize = 4;

/// The rankings of a screening: value, unit, and which area or class.
pub struct Rankings {
    /// Name and unit.
    pub names: Vec<(String, &'static str)>,
    class_of: Vec<Option<usize>>,
    class_population: Vec<f64>,
    knows_food: bool,
}

/// The ranking of losses, whose pairs are looked at again.
pub const LOSSES: usize = 1;

/// The ranking by food.
pub const FOOD: usize = 4;

/// The ranking of pairs that run away.
const RUNAWAY: usize = 5;

/// Rankings before those by area.
const GENERAL: usize = 6;

impl Rankings {
    /// The rankings of a dataset: over the whole network, by receiving area, by class.
    pub fn new(dataset: &Dataset) -> Self {
        let classes = [HdiClass::Low, HdiClass::Medium, HdiClass::High, HdiClass::VeryHigh];
        let areas = &dataset.labels.areas;
        let class = |hdi: f64| classes.iter().position(|&c| c == HdiClass::of(hdi));
        let class_of: Vec<Option<usize>> = areas
            .iter()
            .map(|a| a.hdi.and_then(class).filter(|_| a.population.is_some()))
            .collect();
        let population = |of: usize| -> f64 {
            let people = areas.iter().zip(&class_of).filter(|(_, c)| **c == Some(of));
            people.filter_map(|(area, _)| area.population).sum()
        };
        let mut names = vec![
            ("super-additive".to_string(), "t"),
            ("super-additive losses".to_string(), "t"),
            ("size".to_string(), "t"),
            ("relative".to_string(), "1"),
            ("food".to_string(), "kcal per person and day"),
            ("runaway".to_string(), "t"),
        ];
        names.extend(areas.iter().map(|a| (format!("area: {}", a.name), "kg per person")));
        names.extend(classes.iter().map(|c| (format!("hdi: {}", c.name()), "kg per person")));
        let class_population = (0..classes.len()).map(population).collect();
        let people: f64 = areas.iter().filter_map(|area| area.population).sum();
        let knows_food = people > 0.0 && Measure::of(MeasureKind::Kcal, dataset).is_some();
        Rankings { names, class_population, class_of, knows_food }
    }

    /// A collection with these rankings, of `top` pairs each.
    pub fn collection(&self, top: usize) -> Collection {
        let mut collection = Collection::new(self.names.len(), top);
        collection.knows_food = self.knows_food;
        for ranking in [LOSSES, FOOD] {
            collection.best[ranking] = Best::new(SPARE * top);
        }
        collection
    }

    /// Offers a pair to every ranking, with its S of food; one that runs away to that of its like.
    pub(super) fn offer(
        &self,
        collection: &mut Collection,
        runner: &PairRunner<'_>,
        (id, away, kcal): (u32, Away, Option<f64>),
        loss: &PairLoss<'_>,
        superposition: &Superposition,
    ) {
        let [a, b] = superposition.al;
        let singles = a.abs() + b.abs();
        let relative = if singles >= RELATIVE_FROM { superposition.s / singles } else { 0.0 };
        let best = &mut collection.best;
        if away != Away::No {
            best[RUNAWAY].offer(superposition.s, id);
            return;
        }
        best[0].offer(superposition.s, id);
        // Where production runs away, a pair is "worse" than a sum of gains: see there too.
        if superposition.is_loss() {
            best[LOSSES].offer(superposition.s, id);
        }
        best[2].offer(superposition.s.abs(), id);
        best[3].offer(relative, id);
        best[FOOD].offer(kcal.unwrap_or(0.0), id);
        let mut by_class = vec![0.0; self.class_population.len()];
        for (area, class) in self.class_of.iter().enumerate() {
            let Some(population) = runner.receivers().population(area) else { continue };
            let s = loss.area(area);
            best[GENERAL + area].offer(loss_per_capita(s, population), id);
            if let Some(class) = class {
                by_class[*class] += s;
            }
        }
        for (class, (s, population)) in by_class.iter().zip(&self.class_population).enumerate() {
            if *population > 0.0 {
                let per_capita = loss_per_capita(*s, *population);
                best[GENERAL + self.class_of.len() + class].offer(per_capita, id);
            }
        }
    }
}

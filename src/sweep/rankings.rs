//! What the pairs of a screening are ranked by.

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
    /// Food in a tonne of each item that people have less: kcal per person and day, of an item that is
    /// eaten everywhere as much of it as in the mean. Empty where the dataset knows no food.
    food: Vec<f64>,
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
        Rankings { names, class_population, class_of, food: food(dataset) }
    }

    /// A collection with these rankings, of `top` pairs each.
    pub fn collection(&self, top: usize) -> Collection {
        let mut collection = Collection::new(self.names.len(), top);
        for ranking in [LOSSES, FOOD] {
            collection.best[ranking] = Best::new(SPARE * top);
        }
        collection
    }

    /// Offers a pair to every ranking; one of which a shock alone runs away to that of its like.
    pub fn offer(
        &self,
        collection: &mut Collection,
        runner: &PairRunner<'_>,
        (id, runs_away): (u32, bool),
        loss: &PairLoss<'_>,
        superposition: &Superposition,
    ) {
        let [a, b] = superposition.al;
        let singles = a.abs() + b.abs();
        let relative = if singles >= RELATIVE_FROM { superposition.s / singles } else { 0.0 };
        let best = &mut collection.best;
        if runs_away {
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
        let eaten = loss.together.by_item_populated.iter().zip(&self.food);
        best[FOOD].offer(eaten.map(|(tonnes, food)| tonnes * food).sum(), id);
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

/// Food in a tonne of each item, kcal per person and day over everybody.
fn food(dataset: &Dataset) -> Vec<f64> {
    let (dims, x0) = (dataset.dimensions(), &dataset.parameters.x0);
    let people: f64 = dataset.labels.areas.iter().filter_map(|a| a.population).sum();
    let Some(measure) = Measure::of(MeasureKind::Kcal, dataset).filter(|_| people > 0.0) else {
        return Vec::new();
    };
    let of_item = |item: usize| {
        let sectors = (0..dims.areas).map(|area| dims.sector(area, item));
        let (mut eaten, mut amount) = (0.0, 0.0);
        for sector in sectors {
            eaten += measure.baseline(sector, x0[sector]);
            amount += x0[sector];
        }
        if amount > 0.0 { measure.per_person(eaten / amount, people) } else { 0.0 }
    };
    (0..dims.items).map(of_item).collect()
}

//! What the pairs of a screening are ranked by.

use super::superposition::PairRunner;
use crate::dataset::Dataset;
use crate::dataset::hdi::HdiClass;
use crate::model::losses::loss_per_capita;
use crate::superposition::collect::Collection;
use crate::superposition::{PairLoss, Superposition};

/// Summed losses of the single runs, tonnes, from which a relative superposition is ranked: below,
/// a ratio of traces would come first.
const RELATIVE_FROM: f64 = 1000.0;

/// The rankings of a screening: value, unit, and which area or class.
pub struct Rankings {
    /// Name and unit.
    pub names: Vec<(String, &'static str)>,
    class_of: Vec<Option<usize>>,
    class_population: Vec<f64>,
}

/// Rankings before those by area.
const GENERAL: usize = 4;

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
        ];
        names.extend(areas.iter().map(|a| (format!("area: {}", a.name), "kg per person")));
        names.extend(classes.iter().map(|c| (format!("hdi: {}", c.name()), "kg per person")));
        Rankings { names, class_population: (0..classes.len()).map(population).collect(), class_of }
    }

    /// Offers a pair to every ranking.
    pub fn offer(
        &self,
        collection: &mut Collection,
        runner: &PairRunner<'_>,
        id: u32,
        loss: &PairLoss<'_>,
        superposition: &Superposition,
    ) {
        let [a, b] = superposition.al;
        let singles = a.abs() + b.abs();
        let relative = if singles >= RELATIVE_FROM { superposition.s / singles } else { 0.0 };
        let best = &mut collection.best;
        best[0].offer(superposition.s, id);
        // Where production runs away, a pair is "worse" than a sum of gains: see there too.
        if superposition.is_loss() {
            best[1].offer(superposition.s, id);
        }
        best[2].offer(superposition.s.abs(), id);
        best[3].offer(relative, id);
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

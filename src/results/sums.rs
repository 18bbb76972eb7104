//! Sums of a scenario's losses over what can be added: tonnes with tonnes, food with food; values, in a world
//! that has nothing else.

use std::collections::BTreeMap;

use super::losses::LossWriter;
use crate::dataset::Dataset;
use crate::engine::{LargestLoss, Outcome};
use crate::model::losses::runs_away;
use crate::model::shock::Shock;

/// Sums of one scenario.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sums {
    /// Summed absolute loss of the items whose amounts are summed: [`Labels::are_summed`].
    ///
    /// [`Labels::are_summed`]: crate::dataset::Labels::are_summed
    pub loss: f64,
    /// The same, of the areas that have a population.
    pub loss_populated: f64,
    /// Food that people eat less, kcal per person and day, all areas with a population, sectors that have
    /// run away left out; `None` where the dataset knows no food, or nobody lives in it.
    pub kcal: Option<f64>,
    /// The sector that loses most of them, shocked sectors apart; the first one of equals.
    pub largest: Option<LargestLoss>,
}

impl Sums {
    /// The sums of a scenario that loses nothing.
    pub fn none(dataset: &Dataset, writer: &LossWriter) -> Self {
        let population = population(dataset);
        Sums { kcal: writer.food().filter(|_| population > 0.0).map(|_| 0.0), ..Sums::default() }
    }

    /// The sums of an outcome; `shares` are those of [`LossWriter::shares`], and sectors that end above
    /// `overshoot` times their baseline have run away.
    ///
    /// Losses below the threshold of the rows count in tonnes, as they do in the engine's sums; heads of
    /// animals below it are too few to matter.
    pub fn of(
        dataset: &Dataset,
        writer: &LossWriter,
        shocks: &[Shock],
        outcome: &Outcome,
        shares: &BTreeMap<u32, f64>,
        overshoot: f64,
    ) -> Self {
        let labels = &dataset.labels;
        let population = population(dataset);
        let (mut apart, mut apart_populated) = (0.0, 0.0);
        let mut largest: Option<LargestLoss> = None;
        for (&sector, &loss) in outcome.sectors.iter().zip(&outcome.losses) {
            let (area, item) = (writer.area_of(sector), writer.item_of(sector));
            if !writer.is_summed(item) {
                apart += loss;
                if labels.areas[area].population.is_some() {
                    apart_populated += loss;
                }
            } else if loss > 0.0
                && largest.is_none_or(|l| loss > l.loss)
                && !shocks.iter().any(|s| s.sector == sector && s.kind.is_of_output())
            {
                largest = Some(LargestLoss { sector, loss });
            }
        }
        let kcal = writer.food().filter(|_| population > 0.0).map(|_| {
            let rows = outcome.sectors.iter().zip(&outcome.losses);
            let rows = rows.zip(writer.kcal(outcome, shares)).filter(|((sector, loss), kcal)| {
                !kcal.is_nan()
                    && !runs_away(**loss, writer.baseline()[**sector as usize], overshoot)
            });
            let eaten = rows.map(|((&sector, _), kcal)| {
                kcal * labels.areas[writer.area_of(sector)].population.unwrap_or(0.0)
            });
            eaten.sum::<f64>() / population
        });
        Sums {
            loss: outcome.totals.loss - apart,
            loss_populated: outcome.totals.loss_populated - apart_populated,
            kcal,
            largest,
        }
    }
}

fn population(dataset: &Dataset) -> f64 {
    dataset.labels.areas.iter().filter_map(|a| a.population).sum()
}

//! What is told of a pair besides sums of losses: what people eat less, and whether a sector runs away.
//!
//! Food is `x eta w`: what is available, the share of it that is consumed, a weight. Its part of both shocks is
//! that of a product of parts ([`super::parts`]): where no sector adapts `-s eta w`, else of the adapted shares
//! too. A sector runs away in the joint run where `L_a + L_b + s` leaves it above the multiple of its baseline;
//! then one of the three leaves it above a third of the way.

use super::cross::Crossing;
use super::lanes::Trace;
use super::parts::Parts;
use super::single::Single;
use super::tables::InteractionTables;
use crate::dataset::Dataset;
use crate::engine::cpu::lanes::{LANES, LossField, any};
use crate::engine::network::{WORD, bits};
use crate::measure::{Measure, MeasureKind};
use crate::model::constants::MIN_LOSS;

/// Subset of both shocks.
const BOTH: usize = 3;

/// In what pairs are told.
pub struct Telling {
    /// By place, food that people eat less per unit lost: kcal per person and day; empty where the dataset
    /// knows none.
    food: Vec<f64>,
    /// The same of a unit that is consumed whole.
    consumed: Vec<f64>,
    /// Multiple of their baselines above which sectors have run away.
    multiple: f64,
}

/// What is told of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Told {
    /// Food that people eat less after both shocks beyond what they eat less after each, kcal per person
    /// and day; `None` where the dataset knows no food.
    pub kcal: Option<f64>,
    /// Whether a sector of the joint run runs away.
    pub runs_away: bool,
}

impl Telling {
    /// The measures of a dataset; sectors above `multiple` times their baseline have run away.
    pub fn new(dataset: &Dataset, tables: &InteractionTables, multiple: f64) -> Self {
        let (dims, net) = (dataset.dimensions(), &tables.net);
        let people: f64 = dataset.labels.areas.iter().filter_map(|area| area.population).sum();
        let measure = Measure::of(MeasureKind::Kcal, dataset).filter(|_| people > 0.0);
        let (mut food, mut consumed) = (Vec::new(), Vec::new());
        if let Some(measure) = measure {
            food.resize(net.places(), 0.0);
            consumed.resize(net.places(), 0.0);
            for sector in (0..dims.sectors()).filter(|&s| tables.base.populated[net.place(s)]) {
                let (place, item) = (net.place(sector), dims.item_of(sector));
                food[place] = measure.per_person(measure.part(sector, item, 1.0), people);
                consumed[place] = measure.per_person(measure.consumed(sector, item), people);
            }
        }
        Telling { food, consumed, multiple }
    }

    /// Places that gain enough to run away with what another run and both together add.
    pub fn gains(&self, tables: &InteractionTables, trace: &Trace) -> Vec<u32> {
        let last = tables.steps() - 1;
        let available = &tables.base.available[last];
        let mut found = Vec::new();
        for (w, &word) in trace.support().iter().enumerate() {
            for place in bits(word).map(|bit| w * WORD + bit) {
                let loss = trace.get(place as u32, last);
                if self.near(available[place]).is_some_and(|from| loss < 0.0 && -loss >= from) {
                    found.push(place as u32);
                }
            }
        }
        found
    }

    /// The gain that leaves a sector a third of the way above its baseline, if it has one.
    #[inline(always)]
    fn near(&self, baseline: f64) -> Option<f64> {
        // A little less for rounding.
        let third = (self.multiple - 1.0) / 3.0 * (1.0 - 1e-9);
        (baseline > 0.0).then_some(third * baseline)
    }

    /// Whether a sector with this loss has run away: as [`crate::engine::Totals::overshoots`] has it.
    fn runs_away(&self, baseline: f64, loss: f64) -> bool {
        loss < 0.0 && -loss > MIN_LOSS && baseline > 0.0 && 1.0 + -loss / baseline > self.multiple
    }

    /// Whether two runs that do not meet run away together.
    pub fn run_away_apart(&self, tables: &InteractionTables, runs: [&Single; 2]) -> bool {
        let last = tables.steps() - 1;
        let available = &tables.base.available[last];
        runs.iter().flat_map(|run| &run.gains).any(|&place| {
            let loss: f64 = runs.iter().map(|run| run.trace.get(place, last)).sum();
            self.runs_away(available[place as usize], loss)
        })
    }

    /// What is told of the pairs of a group, whose interaction after the last step `field` holds.
    #[inline(always)]
    pub fn tell(
        &self,
        tables: &InteractionTables,
        field: &LossField,
        lanes: &[Crossing<'_>],
    ) -> Vec<Told> {
        let last = tables.steps() - 1;
        let available = &tables.base.available[last];
        let mut kcal = [0.0; LANES];
        let mut runs_away = [false; LANES];
        let loss = |lane: usize, place: u32| -> f64 {
            let alone = lanes[lane].runs.map(|run| run.trace.get(place, last));
            alone[0] + alone[1] + field.lanes[place as usize][lane]
        };
        for (w, &word) in field.active.iter().enumerate() {
            for place in bits(word).map(|bit| w * WORD + bit) {
                let s = &field.lanes[place];
                if let Some(&weight) = self.food.get(place).filter(|weight| **weight != 0.0) {
                    for lane in 0..LANES {
                        kcal[lane] += weight * s[lane];
                    }
                }
                let Some(from) = self.near(available[place]) else { continue };
                if !any(s, |s| s < 0.0 && -s >= from) {
                    continue;
                }
                for lane in (0..lanes.len()).filter(|&lane| s[lane] < 0.0 && -s[lane] >= from) {
                    runs_away[lane] |= self.runs_away(available[place], loss(lane, place as u32));
                }
            }
        }
        let told = |(lane, crossing): (usize, &Crossing<'_>)| {
            let gains = crossing.runs.iter().flat_map(|run| &run.gains);
            let mut of_gains = gains.map(|&place| (available[place as usize], loss(lane, place)));
            let runs_away = runs_away[lane] || of_gains.any(|(xb, loss)| self.runs_away(xb, loss));
            let kcal = (!self.food.is_empty())
                .then(|| kcal[lane] + self.of_adapted(tables, field, (lane, crossing)));
            Told { kcal, runs_away }
        };
        lanes.iter().enumerate().map(told).collect()
    }

    /// What adapted shares add to the food of a pair.
    fn of_adapted(
        &self,
        tables: &InteractionTables,
        field: &LossField,
        (lane, crossing): (usize, &Crossing<'_>),
    ) -> f64 {
        let last = tables.steps() - 1;
        let s = |place: u32| field.lanes[place as usize][lane];
        let mut sum = 0.0;
        for (place, eta) in crossing.consumption(last, &|place| s(place) != 0.0) {
            let at = place as usize;
            if self.consumed[at] == 0.0 || eta.is_constant() {
                continue;
            }
            let [a, b] = crossing.runs.map(|run| run.trace.get(place, last));
            let available = Parts::from_parts([tables.base.available[last][at], -a, -b, -s(place)]);
            let eaten = available.times(&eta).part[BOTH];
            sum += -self.consumed[at] * eaten - self.food[at] * s(place);
        }
        sum
    }
}

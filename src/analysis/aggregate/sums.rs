//! Sums over scenarios.

use super::GroupRow;
use super::groups::{Groups, People};
use crate::analysis::outcomes::Losses;
use crate::scenario::Response;

/// Sums of every group over the scenarios of one way.
#[derive(Debug, Clone)]
pub(super) struct Sums {
    al: Vec<f64>,
    al_populated: Vec<f64>,
    food: Vec<f64>,
    scenarios: u64,
    /// By group of areas: scenarios that leave some of its areas out, what is left of its baseline by
    /// group of items, and who is left, summed over them.
    partial: Vec<(u64, Vec<f64>, People)>,
    /// By group of areas: scenarios that leave none of its areas, which say nothing of it.
    without: Vec<u64>,
}

impl Sums {
    pub fn new(groups: &Groups<'_>) -> Self {
        let of_areas = groups.len() / groups.width().max(1);
        let nothing = (0, vec![0.0; groups.width()], People::default());
        Sums {
            al: vec![0.0; groups.len()],
            al_populated: vec![0.0; groups.len()],
            food: vec![0.0; groups.len()],
            scenarios: 0,
            partial: vec![nothing; of_areas],
            without: vec![0; of_areas],
        }
    }

    /// Adds the losses of a scenario.
    pub fn add(&mut self, groups: &Groups<'_>, losses: &Losses<'_>, shocked: &[usize]) {
        for (&sector, (&al, &value)) in
            losses.sectors.iter().zip(losses.al.iter().zip(losses.value))
        {
            let sector = sector as usize;
            if shocked.contains(&groups.area(sector)) || !groups.counts(sector, al) {
                continue;
            }
            if let Some(group) = groups.of(sector) {
                self.al[group] += al;
                if groups.is_populated(sector) {
                    self.al_populated[group] += al;
                    self.food[group] += value;
                }
            }
        }
    }

    /// Adds what the groups have in a scenario.
    pub fn add_scenario(&mut self, groups: &Groups<'_>, shocked: &[usize]) {
        self.scenarios += 1;
        for group in groups.holding(shocked) {
            let (count, baseline, people) = &mut self.partial[group];
            *count += 1;
            for (sum, own) in baseline.iter_mut().zip(groups.baseline_of(group, shocked)) {
                *sum += own;
            }
            let left = groups.people(group, shocked);
            self.without[group] += u64::from(left.areas == 0);
            people.population += left.population;
            people.unknown += left.unknown;
            people.areas += left.areas;
        }
    }

    /// Adds other losses.
    pub fn merge(&mut self, other: &Sums) {
        for (own, others) in self.al.iter_mut().zip(&other.al) {
            *own += others;
        }
        for (own, others) in self.al_populated.iter_mut().zip(&other.al_populated) {
            *own += others;
        }
        for (own, others) in self.food.iter_mut().zip(&other.food) {
            *own += others;
        }
    }

    /// Means per scenario that leaves areas of a group, of groups that have something or lose
    /// something.
    pub fn rows(&self, groups: &Groups<'_>, adaptation: Response) -> Vec<GroupRow> {
        if self.scenarios == 0 {
            return Vec::new();
        }
        let row = |group: usize| {
            let of_areas = group / groups.width();
            let scenarios = self.scenarios - self.without[of_areas];
            if scenarios == 0 {
                return None;
            }
            let n = scenarios as f64;
            let (partial, baseline, people) = &self.partial[of_areas];
            let whole = (self.scenarios - partial) as f64;
            let all = groups.people(of_areas, &[]);
            let row = GroupRow {
                scenario: None,
                adaptation,
                labels: groups.labels(group),
                scenarios,
                baseline: (whole * groups.baseline[group] + baseline[group % groups.width()]) / n,
                al: self.al[group] / n,
                population: (whole * all.population + people.population) / n,
                al_populated: self.al_populated[group] / n,
                areas_without_population: all.unknown,
                unit: groups.unit(group).0.clone(),
                has_mass: groups.unit(group).1,
                food: groups.knows_food().then(|| self.food[group] / n),
            };
            (row.baseline != 0.0 || row.al != 0.0).then_some(row)
        };
        (0..groups.len()).filter_map(row).collect()
    }
}

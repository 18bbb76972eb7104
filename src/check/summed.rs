//! Whether the scenario table, and the manifest's counts, are the sums over the loss tables.

use std::collections::BTreeMap;
use std::path::Path;

use super::totals::{Held, Looked, stated};
use crate::results::events::Decision;
use crate::results::scenarios::ScenarioResult;
use crate::results::{Name, Record};
use crate::scenario::{Response, ScenarioId};
use crate::sink::folder::{EVENTS, SCENARIOS};

/// Whether two numbers differ by more than is allowed; what is no number differs from everything.
fn differs(found: f64, expected: f64, allowed: f64) -> bool {
    !matches!(
        (found - expected).abs().partial_cmp(&allowed),
        Some(std::cmp::Ordering::Less | std::cmp::Ordering::Equal)
    )
}

impl Looked<'_> {
    /// Compares the scenario table, and the manifest's counts, with what was found.
    pub(super) fn scenarios(
        &self,
        root: &Path,
        held: &BTreeMap<usize, Held>,
    ) -> Result<(), String> {
        let decided = self.decided(root)?;
        let mut problem: Option<String> = None;
        let mut sums = [0usize; 8];
        let nothing = Held::default();
        let read = ScenarioResult::each(&root.join(SCENARIOS), |rows| {
            for row in rows {
                let key = (row.scenario, row.adaptation);
                let found = self.keys.binary_search_by_key(&key, |(key, _)| *key).ok();
                let own = found.and_then(|at| held.get(&at)).unwrap_or(&nothing);
                let decisions = [row.adapting, row.substituting, row.no_share_rule];
                let wrong = self.contradiction(&row, own).or_else(|| {
                    let none = [0; 3];
                    let of_table = decided.as_ref().map(|d| *d.get(&row.scenario).unwrap_or(&none));
                    let expected = if row.adaptation.is_adaptive() { of_table } else { Some(none) };
                    expected
                        .is_some_and(|expected| expected != decisions)
                        .then(|| "its decisions are not those of the event table".to_string())
                });
                if let Some(what) = wrong {
                    problem.get_or_insert(format!("scenario {}: {what}", row.scenario));
                }
                let counted = [row.rows, row.adapting, row.substituting, row.no_share_rule];
                let is = |status: &str| i32::from(row.status == status);
                let flags = [i32::from(row.overshoot), is("run"), is("no_op"), is("diverged")];
                for (sum, count) in sums.iter_mut().zip(counted.into_iter().chain(flags)) {
                    *sum += usize::try_from(count).unwrap_or(0);
                }
            }
        });
        read.map_err(|e| e.to_string())?;
        let c = &self.manifest.counts;
        let recorded = [
            c.loss_rows,
            c.adapting,
            c.substituting,
            c.no_share_rule,
            c.overshoot,
            c.run,
            c.no_op,
            c.diverged,
        ];
        match problem {
            Some(problem) => Err(problem),
            None if sums != recorded => {
                Err(format!("the manifest counts {recorded:?}, the scenario table {sums:?}"))
            }
            None => Ok(()),
        }
    }

    /// Decisions by scenario, if the result has them: adapting, substituting, without a rule.
    fn decided(&self, root: &Path) -> Result<Option<BTreeMap<ScenarioId, [i32; 3]>>, String> {
        if !self.manifest.files.iter().any(|f| f.path == EVENTS) {
            return Ok(None);
        }
        let mut decided: BTreeMap<ScenarioId, [i32; 3]> = BTreeMap::new();
        let mut stray = None;
        let read = Decision::each(&root.join(EVENTS), |rows| {
            for row in rows {
                let key = (row.scenario, Response::Adaptive);
                if self.keys.binary_search_by_key(&key, |(key, _)| *key).is_err() {
                    stray.get_or_insert(row.scenario);
                    return;
                }
                let own = decided.entry(row.scenario).or_default();
                own[usize::from(row.kind == "substituting")] += 1;
                own[2] += i32::from(row.kept_shares);
            }
        });
        read.map_err(|e| e.to_string())?;
        match stray {
            Some(id) => Err(format!("scenario {id} of the event table is unknown")),
            None => Ok(Some(decided)),
        }
    }

    /// What of a row of the scenario table the loss tables contradict.
    fn contradiction(&self, row: &ScenarioResult, own: &Held) -> Option<String> {
        if usize::try_from(row.rows) != Ok(own.rows) {
            return Some(format!("has {} rows instead of {}", own.rows, row.rows));
        }
        let steps = self.manifest.job.steps as i64;
        match (row.status.as_str(), row.diverged_at) {
            ("run", None) => {}
            ("no_op", None) if own.rows == 0 => {}
            ("diverged", Some(at)) if own.rows == 0 && (0..steps).contains(&i64::from(at)) => {
                return unknown(row);
            }
            _ => return Some(format!("its status `{}` does not fit the rest", row.status)),
        }
        self.sums(row, own).or_else(|| self.loser(row, own)).or_else(|| self.gainer(row, own))
    }

    /// What of its sums they contradict.
    fn sums(&self, row: &ScenarioResult, own: &Held) -> Option<String> {
        let wrong = |what: &str| Some(what.to_string());
        let is_run = row.status == "run";
        let min_loss = self.manifest.thresholds.min_loss;
        // Losses that are not listed are in the sums: none of them exceeds the threshold.
        let unlisted = if is_run { self.world.sectors().saturating_sub(own.rows) } else { 0 };
        let most = unlisted as f64 * min_loss;
        let rounding = 2.0 * self.unit * self.world.sectors() as f64 * (own.size + most);
        let unit = &self.world.summed_unit;
        let of = [(row.total_loss, own.summed), (row.total_loss_published, own.al)];
        for (found, expected) in of {
            let Some(found) = found else { return wrong("has no total loss") };
            if differs(found, expected, most + rounding) {
                return Some(format!(
                    "loses {expected} {unit} in the loss table and {found} {unit} in the scenario table"
                ));
            }
        }
        let population = self.world.population();
        let has_kg = self.world.items.iter().any(|i| i.is_mass)
            || !self.world.items.iter().any(|i| i.is_summed);
        let per_capita =
            (population > 0.0 && has_kg).then(|| 1000.0 * own.summed_populated / population);
        let allowed = 1000.0 * (most + rounding) / population;
        match (row.total_loss_per_capita, per_capita) {
            (None, None) => {}
            (Some(found), Some(expected)) if !differs(found, expected, allowed) => {}
            _ => return wrong("its loss per person is not that of its losses"),
        }
        let kcal = self.world.knows_food().then(|| own.kcal / population);
        let size = 4.0 * f64::EPSILON * (own.rows + 4) as f64 * own.kcal_size;
        match (row.kcal_per_person_day, kcal) {
            (None, None) => {}
            (Some(found), Some(expected))
                if !differs(found, expected, (own.kcal_at + size) / population) => {}
            _ => return wrong("its loss of food is not that of its losses"),
        }
        let marks = [row.sectors_above_1pct, row.sectors_above_10pct, row.sectors_above_26pct];
        for (n, count) in marks.into_iter().enumerate() {
            let count = count.and_then(|count| usize::try_from(count).ok());
            let least = own.above[n].saturating_sub(own.at[n]);
            let largest = own.above[n] + own.at[n] + unlisted;
            if !count.is_some_and(|count| (least..=largest).contains(&count)) {
                let mark = self.manifest.thresholds.relative_loss_marks[n];
                return Some(format!(
                    "its sectors above {mark} are {count:?}; {} are listed",
                    own.above[n]
                ));
            }
        }
        None
    }

    fn is_named(&self, sector: usize, area: &Option<Name>, item: &Option<Name>) -> bool {
        let (of_area, of_item) = self.world.parts_of(sector);
        let (of_area, of_item) = (&self.world.areas[of_area].name, &self.world.items[of_item].name);
        area.as_deref() == Some(of_area.as_str()) && item.as_deref() == Some(of_item.as_str())
    }

    fn loser(&self, row: &ScenarioResult, own: &Held) -> Option<String> {
        let named = (&row.largest_loser_area, &row.largest_loser_item);
        let is_right = match (own.largest, row.largest_loser_al, row.largest_loser_rl) {
            (Some((sector, most)), Some(al), Some(rl)) => {
                let is_it = self.is_named(sector, named.0, named.1);
                is_it && al == most && rl == stated(al, self.world.last()[sector])
            }
            (None, None, None) => named.0.is_none() && named.1.is_none(),
            _ => false,
        };
        (!is_right).then(|| "its largest loser is another".to_string())
    }

    fn gainer(&self, row: &ScenarioResult, own: &Held) -> Option<String> {
        let named = (&row.largest_gain_area, &row.largest_gain_item);
        let is_right = match (own.gain, row.largest_gain_relative) {
            (Some((sector, most)), Some(gain)) => {
                let is_exact = self.unit == f64::EPSILON / 2.0;
                !differs(
                    gain.min(f64::MAX),
                    most.min(f64::MAX),
                    16.0 * self.unit * most.min(f64::MAX),
                ) && (!is_exact || self.is_named(sector, named.0, named.1))
            }
            (None, None) => named.0.is_none() && named.1.is_none(),
            _ => false,
        };
        let multiple = self.manifest.thresholds.overshoot;
        let overshoots = row.largest_gain_relative.is_some_and(|gain| 1.0 + gain > multiple);
        if !is_right {
            return Some("its largest gain is another".to_string());
        }
        (overshoots != row.overshoot).then(|| "its overshoot is flagged wrongly".to_string())
    }
}

/// What of a scenario that has diverged is told and cannot be known.
fn unknown(row: &ScenarioResult) -> Option<String> {
    let numbers = [
        row.kcal_per_person_day,
        row.total_loss,
        row.total_loss_per_capita,
        row.total_loss_published,
        row.largest_loser_al,
        row.largest_loser_rl,
        row.largest_gain_relative,
    ];
    let counts = [row.sectors_above_1pct, row.sectors_above_10pct, row.sectors_above_26pct];
    let names = [
        &row.largest_loser_area,
        &row.largest_loser_item,
        &row.largest_gain_area,
        &row.largest_gain_item,
    ];
    let is_empty = numbers.iter().all(|number| number.is_none())
        && counts.iter().all(|count| count.is_none())
        && names.iter().all(|name| name.is_none())
        && !row.overshoot;
    (!is_empty).then(|| "has diverged, and yet losses".to_string())
}

//! Whether the scenario table, and the manifest's counts, are the sums over the loss tables.

use std::collections::BTreeMap;
use std::path::Path;

use super::totals::{Held, Looked, stated};
use crate::results::events::Decision;
use crate::results::scenarios::ScenarioResult;
use crate::results::{Name, Record};
use crate::sink::folder::{EVENTS, SCENARIOS};

impl Looked<'_> {
    /// Compares the scenario table, and the manifest's counts, with what was found.
    pub(super) fn scenarios(
        &self,
        root: &Path,
        held: &BTreeMap<usize, Held>,
    ) -> Result<(), String> {
        let decided = self.decided(root)?;
        let mut problem: Option<String> = None;
        let mut sums = [0usize; 6];
        let read = ScenarioResult::each(&root.join(SCENARIOS), |rows| {
            for row in rows {
                let key = (row.scenario as u32, row.adaptation);
                let found = self.keys.binary_search_by_key(&key, |(key, _)| *key).ok();
                let nothing = Held::default();
                let own = found.and_then(|at| held.get(&at)).unwrap_or(&nothing);
                let decisions = [row.adapting, row.substituting, row.no_share_rule];
                let wrong = self.contradiction(&row, own).or_else(|| {
                    let none = [0; 3];
                    let of_table = decided.as_ref().map(|d| *d.get(&row.scenario).unwrap_or(&none));
                    let expected = if row.adaptation { of_table } else { Some(none) };
                    expected
                        .is_some_and(|expected| expected != decisions)
                        .then(|| "its decisions are not those of the event table".to_string())
                });
                if let Some(what) = wrong {
                    problem.get_or_insert(format!("scenario {}: {what}", row.scenario));
                }
                let counted = [row.rows, row.adapting, row.substituting, row.no_share_rule];
                let flags = [i32::from(row.overshoot), i32::from(row.status == "no_op")];
                for (sum, count) in sums.iter_mut().zip(counted.into_iter().chain(flags)) {
                    *sum += usize::try_from(count).unwrap_or(0);
                }
            }
        });
        read.map_err(|e| e.to_string())?;
        let c = &self.manifest.counts;
        let recorded =
            [c.loss_rows, c.adapting, c.substituting, c.no_share_rule, c.overshoot, c.no_op];
        match problem {
            Some(problem) => Err(problem),
            None if sums != recorded => {
                Err(format!("the manifest counts {recorded:?}, the scenario table {sums:?}"))
            }
            None => Ok(()),
        }
    }

    /// Decisions by scenario, if the result has them: adapting, substituting, without a rule.
    fn decided(&self, root: &Path) -> Result<Option<BTreeMap<i32, [i32; 3]>>, String> {
        if !self.manifest.files.iter().any(|f| f.path == EVENTS) {
            return Ok(None);
        }
        let mut decided: BTreeMap<i32, [i32; 3]> = BTreeMap::new();
        let mut stray = None;
        let read = Decision::each(&root.join(EVENTS), |rows| {
            for row in rows {
                let key = (row.scenario as u32, true);
                if self.keys.binary_search_by_key(&key, |(key, _)| *key).is_err() {
                    stray.get_or_insert(row.scenario);
                    return;
                }
                let own = decided.entry(row.scenario).or_default();
                own[usize::from(row.kind == "substituting")] += 1;
                own[2] += i32::from(row.no_share_rule);
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
        let wrong = |what: String| Some(what);
        if row.rows as usize != own.rows || !matches!(row.status.as_str(), "run" | "no_op") {
            return wrong(format!("has {} rows instead of {}", own.rows, row.rows));
        }
        let is_run = row.status == "run";
        let min_loss = self.manifest.thresholds.min_loss;
        // Losses that are not listed are in the sums: none of them exceeds the threshold.
        let unlisted = if is_run { self.world.sectors().saturating_sub(own.rows) } else { 0 };
        let most = unlisted as f64 * min_loss;
        let rounding = self.eps * self.world.sectors() as f64 * (own.size + most);
        let differs =
            |found: f64, expected: f64, allowed: f64| !((found - expected).abs() <= allowed);
        if differs(row.total_loss, own.al, most + rounding) {
            return wrong(format!(
                "loses {} t in the loss table and {} t in the scenario table",
                own.al, row.total_loss
            ));
        }
        let population = self.world.population();
        let per_capita = (population > 0.0).then(|| 1000.0 * own.al_populated / population);
        let allowed = 1000.0 * (most + rounding) / population;
        match (row.total_loss_per_capita, per_capita) {
            (None, None) => {}
            (Some(found), Some(expected)) if !differs(found, expected, allowed) => {}
            _ => return wrong("its loss per person is not that of its losses".to_string()),
        }
        let marks = [row.sectors_above_1pct, row.sectors_above_10pct, row.sectors_above_26pct];
        for (n, count) in marks.into_iter().enumerate() {
            let least = own.above[n].saturating_sub(own.at[n]);
            let largest = own.above[n] + own.at[n] + unlisted;
            if !(least..=largest).contains(&(count as usize)) {
                let mark = self.manifest.thresholds.relative_loss_marks[n];
                return wrong(format!("{count} sectors above {mark}; {} are listed", own.above[n]));
            }
        }
        self.loser(row, own).or_else(|| self.gainer(row, own))
    }

    fn is_named(&self, sector: usize, area: &Option<Name>, item: &Option<Name>) -> bool {
        let (of_area, of_item) = self.world.parts_of(sector);
        let (of_area, of_item) = (&self.world.areas[of_area].name, &self.world.items[of_item].name);
        area.as_deref() == Some(of_area.as_str()) && item.as_deref() == Some(of_item.as_str())
    }

    fn loser(&self, row: &ScenarioResult, own: &Held) -> Option<String> {
        let named = (&row.largest_loser_area, &row.largest_loser_item);
        let least = own.largest.map_or(0.0, |(_, most)| most);
        let is_named =
            |&&(s, al): &&(usize, f64)| al >= least && self.is_named(s, named.0, named.1);
        let largest = own.shocked.iter().find(is_named).copied().or(own.largest);
        let is_right = match (largest, row.largest_loser_al, row.largest_loser_rl) {
            (Some((sector, most)), Some(al), Some(rl)) => {
                let is_exact = self.eps == f64::EPSILON;
                let xb = self.world.last()[sector];
                (al - most).abs() <= 4.0 * self.eps * most
                    && (!is_exact || (self.is_named(sector, named.0, named.1) && al == most))
                    && (!is_exact || rl == stated(al, xb))
                    && (-1.0..=1.0).contains(&rl)
            }
            // A loss too small to be listed may be the largest there is.
            (None, Some(al), Some(rl)) => {
                al > 0.0 && al <= self.manifest.thresholds.min_loss && (0.0..=1.0).contains(&rl)
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
                let is_exact = self.eps == f64::EPSILON;
                (gain - most).abs() <= 8.0 * self.eps * most
                    && (!is_exact || self.is_named(sector, named.0, named.1))
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

//! The scenario table: one row per scenario, run or not.

use arrow_array::RecordBatch;
use shocksweep_columnar::WriteError;

use super::sums::Sums;
use super::{KCAL, KG, Name, SectorNames, TONNES};
use crate::dataset::{Dataset, Unit};
use crate::engine::{Event, EventKind, Totals};
use crate::model::losses::{loss_per_capita, reported_relative_loss};
use crate::model::shock::{Shock, ShockKind};
use crate::scenario::{Response, Scenario, ScenarioId};

shocksweep_columnar::record! {
    /// A shock of a scenario.
    pub struct RecordedShock = "shocks" {
        /// area whose output fails
        pub area: Name,
        /// item that it fails to make
        pub item: Name,
        /// share of output lost
        pub phi: f64 ["1"],
        /// course over the steps; null if constant
        pub course: Option<String>,
        /// kind of shock
        pub kind: String,
        /// customer of a ban; null if all
        pub to_area: Option<Name>,
        /// whether what a ban holds back is sold elsewhere
        pub reroute: Option<bool>,
    }
}

impl RecordedShock {
    /// Whether output is lost: [`ShockKind::is_of_output`].
    pub fn is_of_output(&self) -> bool {
        self.kind == ShockKind::Production.name()
    }
}

shocksweep_columnar::record! {
    /// A scenario.
    pub struct ScenarioResult = "scenarios" {
        /// identifier of the scenario
        pub scenario: ScenarioId,
        /// name given, or the shocked sectors
        pub name: String,
        /// shocked sectors
        pub shocks: Vec<RecordedShock>,
        /// whether areas adapt
        pub adaptation: Response,
        /// switches of this scenario alone; null if none
        pub switches: Option<String>,
        /// `run`; `no_op`: nothing produced was shocked; `diverged`: an amount left the range of numbers, and what it loses is not known
        pub status: String,
        /// step after which an amount of it was first out of range, from 0; null if none is
        pub diverged_at: Option<i32> ["model year"],
        /// food that people eat less, all areas with a population, sectors that run away left out; null where the dataset knows no food
        pub kcal_per_person_day: Option<f64> [KCAL],
        /// summed absolute loss of all items counted in tonnes; null, as all of its losses, where the scenario has diverged
        pub total_loss: Option<f64> [TONNES],
        /// 1000 x summed loss of the areas with a population / their summed population, items in tonnes
        pub total_loss_per_capita: Option<f64> [KG],
        /// summed absolute loss of everything, heads of animals added to tonnes: for parity with published sums alone
        pub total_loss_published: Option<f64> ["tonnes and heads added"],
        /// number of sectors with a relative loss above 0.01
        pub sectors_above_1pct: Option<i32>,
        /// number of sectors with a relative loss above 0.10
        pub sectors_above_10pct: Option<i32>,
        /// number of sectors with a relative loss above 0.26
        pub sectors_above_26pct: Option<i32>,
        /// area of the sector that loses most tonnes, shocked sectors apart
        pub largest_loser_area: Option<Name>,
        /// its item
        pub largest_loser_item: Option<Name>,
        /// its absolute loss
        pub largest_loser_al: Option<f64> [TONNES],
        /// its relative loss
        pub largest_loser_rl: Option<f64> ["1"],
        /// number of sectors that adapted
        pub adapting: i32,
        /// number of sectors that substituted
        pub substituting: i32,
        /// of those that adapted, how many kept their shares because no rule left them any
        pub no_share_rule: i32,
        /// area of the sector with the largest relative gain, of those listed with a baseline
        pub largest_gain_area: Option<Name>,
        /// its item
        pub largest_gain_item: Option<Name>,
        /// its gain: (available - baseline) / baseline, not clipped
        pub largest_gain_relative: Option<f64> ["1"],
        /// whether such a sector ends above the multiple of its baseline in the manifest
        pub overshoot: bool,
        /// rows of the scenario in the loss tables
        pub rows: i32,
    }
}

/// What became of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The engine ran it.
    Run,
    /// No shocked sector produces anything: recorded, not run.
    NoOp,
    /// The engine ran it until an amount was out of range, first after this step.
    Diverged(usize),
}

impl Status {
    /// The value in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Run => "run",
            Status::NoOp => "no_op",
            Status::Diverged(_) => "diverged",
        }
    }
}

/// Numbers of decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Decisions {
    /// Sectors that adapted.
    pub adapting: u32,
    /// Sectors that substituted.
    pub substituting: u32,
    /// Adapting sectors that kept their shares because no rule left them any.
    pub no_share_rule: u32,
}

impl Decisions {
    /// Counts events.
    pub fn count(events: &[Event]) -> Self {
        let count = |of: &dyn Fn(&Event) -> bool| events.iter().filter(|e| of(e)).count() as u32;
        Decisions {
            adapting: count(&|e| e.kind == EventKind::Adapting),
            substituting: count(&|e| e.kind == EventKind::Substituting),
            no_share_rule: count(&|e| e.no_share_rule),
        }
    }
}

/// One row of the table.
#[derive(Debug, Clone)]
pub struct ScenarioRow<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its name.
    pub name: &'a str,
    /// What became of it.
    pub status: Status,
    /// Switches of this scenario alone, in words.
    pub switches: Option<String>,
    /// Sums and counts over all sectors.
    pub totals: Totals,
    /// Sums over what can be added.
    pub sums: Sums,
    /// What its sectors decided.
    pub decisions: Decisions,
    /// Rows in the loss tables.
    pub rows: usize,
}

/// Rows of the scenario table; `baseline` has one element per sector, tonnes, and `overshoot` is the
/// multiple of it above which a sector is flagged.
pub fn rows(
    dataset: &Dataset,
    baseline: &[f64],
    overshoot: f64,
    rows: &[ScenarioRow<'_>],
) -> Vec<ScenarioResult> {
    let population: f64 = dataset.labels.areas.iter().filter_map(|a| a.population).sum();
    let names = SectorNames::new(&dataset.labels);
    let has_kg = dataset.labels.summed_unit().is_none_or(Unit::is_mass);
    let row = |r: &ScenarioRow<'_>| {
        let (totals, decisions) = (&r.totals, &r.decisions);
        let largest = r.sums.largest.map(|l| (names.of(l.sector), l));
        let gain = totals.largest_gain.map(|g| (names.of(g.sector), g));
        let diverged_at = match r.status {
            Status::Diverged(at) => Some(at as i32),
            Status::Run | Status::NoOp => None,
        };
        let is_known = diverged_at.is_none();
        let above = |mark: usize| is_known.then(|| totals.above_marks[mark] as i32);
        let relative = |l: &crate::engine::LargestLoss| {
            reported_relative_loss(l.loss, baseline[l.sector as usize])
        };
        ScenarioResult {
            scenario: r.scenario.id,
            name: r.name.to_string(),
            shocks: r.scenario.shocks.iter().map(|s| shock(&names, s)).collect(),
            adaptation: r.scenario.response(),
            switches: r.switches.clone(),
            status: r.status.as_str().to_string(),
            diverged_at,
            kcal_per_person_day: r.sums.kcal.filter(|_| is_known),
            total_loss: is_known.then_some(r.sums.loss),
            total_loss_per_capita: (population > 0.0 && has_kg && is_known)
                .then(|| loss_per_capita(r.sums.loss_populated, population)),
            total_loss_published: is_known.then_some(totals.loss),
            sectors_above_1pct: above(0),
            sectors_above_10pct: above(1),
            sectors_above_26pct: above(2),
            largest_loser_area: largest.as_ref().map(|((area, _), _)| area.clone()),
            largest_loser_item: largest.as_ref().map(|((_, item), _)| item.clone()),
            largest_loser_al: largest.as_ref().map(|(_, l)| l.loss),
            largest_loser_rl: largest.as_ref().map(|(_, l)| relative(l)),
            adapting: decisions.adapting as i32,
            substituting: decisions.substituting as i32,
            no_share_rule: decisions.no_share_rule as i32,
            largest_gain_area: gain.as_ref().map(|((area, _), _)| area.clone()),
            largest_gain_item: gain.as_ref().map(|((_, item), _)| item.clone()),
            largest_gain_relative: gain.as_ref().map(|(_, g)| g.relative.min(f64::MAX)),
            overshoot: totals.overshoots(overshoot),
            rows: r.rows as i32,
        }
    };
    rows.iter().map(row).collect()
}

fn shock(names: &SectorNames, shock: &Shock) -> RecordedShock {
    let (area, item) = names.of(shock.sector);
    RecordedShock {
        area,
        item,
        phi: shock.phi,
        course: (!shock.is_constant()).then(|| shock.course.to_string()),
        kind: shock.kind.name().to_string(),
        to_area: shock.kind.to_area().map(|area| names.area(area)),
        reroute: shock.kind.reroute(),
    }
}

/// The scenario table of a result: see [`rows()`].
///
/// # Errors
/// A column does not fit the table.
pub fn batch(
    dataset: &Dataset,
    baseline: &[f64],
    overshoot: f64,
    of: &[ScenarioRow<'_>],
) -> Result<RecordBatch, WriteError> {
    super::batch(dataset, &rows(dataset, baseline, overshoot, of))
}

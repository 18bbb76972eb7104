//! What settings the scenarios of a result ran with: the one place that says so.

use std::collections::BTreeMap;
use std::path::Path;

use super::scenarios::{self, Recorded};
use crate::dataset::Dataset;
use crate::job::JobFile;
use crate::model::adaptation::AdaptationSettings;
use crate::scenario::ScenarioId;
use crate::scenario::switches::Switches;
use crate::sink::ledger::Ledger;
use crate::sink::manifest::{AdaptationRecord, Manifest};

/// How areas adapted in the scenarios of a result.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the result keeps no scenarios: a screening.
    of_all: Option<AdaptationSettings>,
    /// Switches of the job, where a scenario has none of its own.
    job: Switches,
    /// Per identifier, of those run with adaptation.
    by_scenario: BTreeMap<ScenarioId, Option<AdaptationSettings>>,
}

impl Settings {
    /// Reads them from a result's ledger, manifest and scenario table.
    ///
    /// # Errors
    /// A switch that nobody can read, or adaptation in a dataset that has no rules for it.
    pub fn read(root: &Path, manifest: &Manifest, dataset: &Dataset) -> Result<Self, String> {
        let ledger = Ledger::read(root).map_err(|e| e.to_string())?;
        let job = ledger.map(|ledger| ledger.header.identity.job_file()).transpose()?;
        // A screening keeps no scenarios.
        let recorded = match scenarios::read(root) {
            Ok(recorded) => recorded,
            Err(_) if manifest.is_screening() => Vec::new(),
            Err(error) => return Err(error.to_string()),
        };
        Settings::new(manifest, job.as_ref(), &recorded, dataset)
    }

    /// As [`Settings::read`], of a result that is read already; `job` is the ledger's.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub fn new(
        manifest: &Manifest,
        job: Option<&JobFile>,
        recorded: &[Recorded],
        dataset: &Dataset,
    ) -> Result<Self, String> {
        let of_all = match manifest.job.adaptation {
            AdaptationRecord::Off => None,
            _ => manifest.job.adaptive.as_ref().map(AdaptationSettings::from),
        };
        let job = job.map_or_else(Switches::default, |job| job.adaptive);
        let mut settings = Settings { of_all, job, by_scenario: BTreeMap::new() };
        // Run both ways a scenario comes twice, with adaptation last.
        for scenario in recorded {
            let own = settings.of(scenario, dataset)?;
            settings.by_scenario.insert(scenario.id, own);
        }
        let adapts = settings.of_all.is_some() && recorded.is_empty();
        if dataset.rules.is_none() && adapts {
            return Err(
                "the dataset has no rules of adaptation, which the result needs".to_string()
            );
        }
        Ok(settings)
    }

    /// The settings of a scenario as it was run; `None` without adaptation.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub fn of(
        &self,
        scenario: &Recorded,
        dataset: &Dataset,
    ) -> Result<Option<AdaptationSettings>, String> {
        let own = scenario.switches()?.or(self.job).settings_for(dataset);
        let own = own.map_err(|e| e.to_string())?;
        if scenario.adaptation.is_adaptive() && dataset.rules.is_none() {
            let id = scenario.id;
            return Err(format!(
                "the dataset has no rules of adaptation, which scenario {id} needs"
            ));
        }
        Ok(scenario.adaptation.is_adaptive().then_some(own))
    }

    /// The settings of a pair, by its identifier: with adaptation if it was run both ways.
    pub fn of_pair(&self, id: ScenarioId) -> Option<AdaptationSettings> {
        self.by_scenario.get(&id).copied().unwrap_or(self.of_all)
    }
}

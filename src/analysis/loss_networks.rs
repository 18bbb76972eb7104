//! Dependency networks from the shock model: area i depends on area j in an item where it loses more
//! than a threshold of that item when j's output of it fails.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use shocksweep_networks::indicators::{Indicators, indicators};
use shocksweep_networks::network::{Network, Tie};

use super::tables::parts;
use crate::results::Record;
use crate::results::losses::Loss;
use crate::results::scenarios::ScenarioResult;
use crate::scenario::{Response, ScenarioId};
use crate::sink::SinkError;
use crate::sink::folder::SCENARIOS;

shocksweep_columnar::record! {
    /// Ties of a loss network.
    pub struct LossTie = "loss_dependency" {
        /// item that fails and is missing
        pub item: String,
        /// area that loses: who depends
        pub importer: String,
        /// area whose output fails: on whom it depends
        pub exporter: String,
        /// relative loss of the item
        pub relative_loss: f64 ["1"],
    }
}

/// Networks of all items, sorted by item, importer, exporter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LossNetworks {
    /// Ties.
    pub ties: Vec<LossTie>,
    /// Indicators by item.
    pub indicators: Vec<(String, Indicators)>,
}

/// Networks of a result of single failures, of one item or of all.
///
/// # Errors
/// The result cannot be read.
pub fn loss_networks(
    root: &Path,
    adaptation: Response,
    item: Option<&str>,
    threshold: f64,
) -> Result<LossNetworks, SinkError> {
    let mut failing: BTreeMap<ScenarioId, (String, String)> = BTreeMap::new();
    ScenarioResult::each(&root.join(SCENARIOS), |rows| {
        let is_known = |row: &ScenarioResult| row.diverged_at.is_none();
        for row in rows.into_iter().filter(|r| r.adaptation == adaptation && is_known(r)) {
            if let [shock] = &row.shocks[..]
                && shock.is_of_output()
                && item.is_none_or(|item| *item == *shock.item.to_string())
            {
                failing.insert(row.scenario, (shock.area.to_string(), shock.item.to_string()));
            }
        }
    })?;
    let mut ties = Vec::new();
    for part in parts(root)? {
        Loss::each(&part, |rows| {
            for row in rows.into_iter().filter(|row| row.adaptation == adaptation) {
                let Some((exporter, item)) = failing.get(&row.scenario) else { continue };
                let importer = row.area.to_string();
                if row.rl > threshold && *row.item.to_string() == **item && importer != *exporter {
                    let (exporter, item) = (exporter.clone(), item.clone());
                    ties.push(LossTie { item, importer, exporter, relative_loss: row.rl });
                }
            }
        })?;
    }
    ties.sort_by(|a, b| {
        (&a.item, &a.importer, &a.exporter).cmp(&(&b.item, &b.importer, &b.exporter))
    });
    let indicators = ties.chunk_by(|a, b| a.item == b.item).map(of_item).collect();
    Ok(LossNetworks { ties, indicators })
}

/// Indicators of the network of an item among the areas that have ties.
fn of_item(ties: &[LossTie]) -> (String, Indicators) {
    let areas: BTreeSet<&str> =
        ties.iter().flat_map(|tie| [tie.importer.as_str(), tie.exporter.as_str()]).collect();
    let areas: Vec<&str> = areas.into_iter().collect();
    let place = |name: &str| areas.binary_search(&name).unwrap_or(0) as u32;
    let network = ties.iter().map(|tie| Tie {
        from: place(&tie.importer),
        to: place(&tie.exporter),
        weight: tie.relative_loss,
    });
    let network = Network::new(vec![true; areas.len()], network.collect());
    (ties[0].item.clone(), indicators(&network, &vec![0; areas.len()]))
}

//! A written result, read back for pages and pictures.

use std::path::Path;

use shocksweep_columnar::Record;

use super::output::{ABOUT, About};
use crate::error::NetworkError;
use crate::records::{
    Community, CurvePoint, FitRow, FlowRow, Geopolitics, GofRow, Mple, NetworkIndicator,
    NodeIndicator, Pmi, Ranking, SampleArea,
};

/// Tables of a result; those that were not asked for are empty.
#[derive(Debug, Clone)]
pub struct Stored {
    /// What it was made from.
    pub about: About,
    /// Areas of the sample.
    pub sample: Vec<SampleArea>,
    /// Dependency networks.
    pub pmi: Vec<Pmi>,
    /// Cooperation and conflict.
    pub geopolitics: Vec<Geopolitics>,
    /// Indicators of networks.
    pub network_indicators: Vec<NetworkIndicator>,
    /// Indicators of areas.
    pub node_indicators: Vec<NodeIndicator>,
    /// Communities.
    pub communities: Vec<Community>,
    /// Rankings.
    pub rankings: Vec<Ranking>,
    /// Flows.
    pub flows: Vec<FlowRow>,
    /// Estimates.
    pub mple: Vec<Mple>,
    /// Fits.
    pub fits: Vec<FitRow>,
    /// Goodness of fit.
    pub gof: Vec<GofRow>,
    /// Curves of tie prediction.
    pub curves: Vec<CurvePoint>,
}

impl Stored {
    /// Reads a result.
    ///
    /// # Errors
    /// The folder is no result, or one of its tables is damaged.
    pub fn read(folder: &Path) -> Result<Self, NetworkError> {
        fn rows<R: Record>(folder: &Path) -> Result<Vec<R>, NetworkError> {
            let path = folder.join(format!("{}.parquet", R::TABLE));
            if path.is_file() { Ok(R::read(&path)?) } else { Ok(Vec::new()) }
        }
        let about = About::read(folder).ok_or_else(|| {
            let problem = format!("is no result of `network` (has no {ABOUT}); expected one");
            NetworkError::file(folder, problem)
        })?;
        Ok(Stored {
            about,
            sample: rows(folder)?,
            pmi: rows(folder)?,
            geopolitics: rows(folder)?,
            network_indicators: rows(folder)?,
            node_indicators: rows(folder)?,
            communities: rows(folder)?,
            rankings: rows(folder)?,
            flows: rows(folder)?,
            mple: rows(folder)?,
            fits: rows(folder)?,
            gof: rows(folder)?,
            curves: rows(folder)?,
        })
    }

    /// An indicator of a network.
    pub fn indicator(&self, network: &str, indicator: &str) -> Option<f64> {
        let found = |row: &&NetworkIndicator| row.network == network && row.indicator == indicator;
        self.network_indicators.iter().find(found)?.value
    }

    /// Years of the networks of a tier, ascending.
    pub fn years(&self, tier: &str) -> Vec<i32> {
        let mut years: Vec<i32> =
            self.pmi.iter().filter(|row| row.tier == tier).map(|row| row.year).collect();
        years.dedup();
        years
    }
}

//! The questions that people ask, from where the failures are to what they come to.

use std::collections::BTreeMap;
use std::path::Path;

use super::chance::{self, Chances, Risk};
use super::computed::{self, Setting};
use super::pairs::{self, PairLoss};
use super::profile::{Profile, profile};
use super::singles::{Failure, Singles};
use super::{ExposureError, What, recorded};
use crate::analysis::superposition;
use crate::dataset::Dataset;
use crate::dataset::names::NameIndex;
use crate::engine::Engine;
use crate::sink::folder::MANIFEST;
use crate::sink::manifest::Manifest;

/// Pairs of a screening that are run.
const SCREENED: usize = 2_000;

/// Where the failures come from.
#[derive(Clone, Copy)]
pub enum From<'a> {
    /// Computed on the spot.
    Spot,
    /// A result folder, made from the same dataset.
    Result(&'a Path),
}

/// What is needed to ask.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The dataset.
    pub dataset: &'a Dataset,
    /// An engine of the dataset.
    pub engine: &'a dyn Engine,
    /// How failures are run that no result holds.
    pub setting: Setting,
    /// In what losses are told.
    pub what: &'a What,
    /// A table of probabilities; without one all failures are equally probable.
    pub probabilities: Option<&'a Path>,
    /// Told how many more runs are done.
    pub progress: &'a (dyn Fn(usize) + Sync),
}

/// All failures at hand.
#[derive(Debug, Clone, PartialEq)]
pub struct Failures {
    /// Single failures.
    pub singles: Singles,
    /// How probable they are.
    pub chances: Chances,
    /// Pairs that a result holds, or that its screening has found, as one area sees them.
    pub pairs: Vec<PairLoss>,
}

/// One area among them.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaExposure {
    /// Its exposure to single failures.
    pub profile: Profile,
    /// Pairs, the worst first.
    pub pairs: Vec<PairLoss>,
    /// How they were chosen, in words.
    pub chosen: String,
    /// What losses of pairs come to, one of them happening, without and with adaptation.
    pub pair_risk: [Option<Risk>; 2],
}

/// Whether a result folder is that of a screening, which keeps no losses.
///
/// # Errors
/// It is no finished result.
pub fn is_screening(root: &Path) -> Result<bool, ExposureError> {
    Ok(Manifest::read(&root.join(MANIFEST))?.is_screening())
}

/// Gathers the failures; of a result also its pairs, as `area` sees them. `keep` failures are kept of every
/// sector by itself.
///
/// Of a screening, singles are computed on the spot, and up to 2,000 pairs of its tables are run.
///
/// # Errors
/// As [`recorded::read`] and [`Chances::read`]; or the engine fails.
pub fn failures(
    asked: &Asked<'_>,
    from: From<'_>,
    area: Option<usize>,
    keep: usize,
) -> Result<Failures, ExposureError> {
    let Asked { dataset, engine, what, .. } = *asked;
    let spot = || computed::singles(engine, dataset, what, &asked.setting, keep, asked.progress);
    let (singles, pairs) = match from {
        From::Spot => (spot()?, Vec::new()),
        From::Result(root) if is_screening(root)? => {
            let singles = spot()?;
            let pairs = match area {
                Some(area) => {
                    let chosen = screened(root, dataset, &singles)?;
                    pairs::run(engine, dataset, (&singles, what), &asked.setting, area, &chosen)?
                }
                None => Vec::new(),
            };
            (singles, pairs)
        }
        From::Result(root) => {
            let recorded::Recorded { singles, mut pairs } =
                recorded::read(root, dataset, what, area, keep)?;
            if let Some(area) = area {
                let ways = singles.ways();
                pairs::complete(&mut pairs, &singles, area, ways);
            }
            (singles, pairs)
        }
    };
    let chances = match asked.probabilities {
        Some(path) => Chances::read(path, dataset, &singles.failures)?,
        None => Chances::uniform(singles.failures.len()),
    };
    Ok(Failures { singles, chances, pairs })
}

/// Pairs that a screening's tables list, as positions among the single failures.
fn screened(
    root: &Path,
    dataset: &Dataset,
    singles: &Singles,
) -> Result<Vec<[usize; 2]>, ExposureError> {
    let names = NameIndex::new(&dataset.labels);
    let key = |f: &Failure| (f.sector, f.phi.to_bits());
    let at: BTreeMap<(u32, u64), usize> =
        singles.failures.iter().enumerate().map(|(n, f)| (key(f), n)).collect();
    let mut found = Vec::new();
    for row in superposition::pairs(root)?.iter().take(SCREENED) {
        let mut pair = [None; 2];
        for (n, of) in pair.iter_mut().enumerate() {
            let [area, item] = &row.set.sectors[n];
            let sector = names.sector(area, item)? as u32;
            *of = at.get(&(sector, row.set.phi[n].to_bits())).copied();
        }
        if let [Some(a), Some(b)] = pair {
            found.push([a, b]);
        }
    }
    Ok(found)
}

/// The exposure of an area; where no pairs are at hand, all pairs among the `pairs` failures that cost it
/// most are run.
///
/// # Errors
/// The engine fails.
pub fn area(
    asked: &Asked<'_>,
    failures: &Failures,
    area: usize,
    pairs: usize,
    level: f64,
) -> Result<AreaExposure, ExposureError> {
    let Asked { dataset, engine, what, .. } = *asked;
    let Failures { singles, chances, .. } = failures;
    let profile = profile(dataset, (singles, what), chances, level, area);
    let mut chosen = "that the result holds".to_string();
    let mut found = failures.pairs.clone();
    if found.is_empty() && pairs > 1 {
        let among = pairs::among_worst(singles, area, pairs);
        chosen = format!("among the {pairs} failures that cost it most");
        found = pairs::run(engine, dataset, (singles, what), &asked.setting, area, &among)?;
    }
    let pair_risk = pair_risk(asked, failures, &found, area, level);
    // Stable: equal ones stay in their order.
    found.sort_by(|a, b| b.worst().total_cmp(&a.worst()));
    Ok(AreaExposure { profile, pairs: found, chosen, pair_risk })
}

/// What losses of pairs come to, one of them happening.
fn pair_risk(
    asked: &Asked<'_>,
    failures: &Failures,
    pairs: &[PairLoss],
    area: usize,
    level: f64,
) -> [Option<Risk>; 2] {
    let Failures { singles, chances, .. } = failures;
    let scale = asked.what.scale(asked.dataset, area);
    let mut of_sector = BTreeMap::new();
    for (failure, p) in singles.failures.iter().zip(&chances.of) {
        of_sector.insert(failure.sector, *p);
    }
    let even = singles.failures.is_empty() || chances.is_uniform;
    let p = |sector: u32| if even { 1.0 } else { of_sector.get(&sector).copied().unwrap_or(0.0) };
    let products: Vec<f64> =
        pairs.iter().map(|pair| p(pair.sectors[0]) * p(pair.sectors[1])).collect();
    let Some(chances) = Chances::of_pairs(&products) else { return [None; 2] };
    [0, 1].map(|way: usize| {
        let losses: Option<Vec<f64>> =
            pairs.iter().map(|pair| pair.joint[way].map(|loss| loss * scale)).collect();
        losses.map(|losses| chance::risk(&losses, &chances, level))
    })
}

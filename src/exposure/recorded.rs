//! Every single failure of a result folder, read a part at a time.

use std::path::Path;
use std::sync::Mutex;

use rayon::prelude::*;

use super::pairs::PairLoss;
use super::singles::{Failure, Hit, Singles};
use super::{ExposureError, What};
use crate::analysis::outcomes::{self, Losses};
use crate::analysis::world::World;
use crate::dataset::Dataset;
use crate::dataset::names::NameIndex;
use crate::measure::MeasureKind;
use crate::model::constants::{DAYS_PER_YEAR, KG_PER_TONNE};
use crate::model::losses::runs_away;
use crate::results::Record;
use crate::results::scenarios::{RecordedShock, ScenarioResult, Status};
use crate::scenario::ScenarioId;
use crate::sink::folder::{MANIFEST, SCENARIOS};
use crate::sink::manifest::Manifest;

/// What a result says of failures.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Single failures.
    pub singles: Singles,
    /// Two failures together: what they cost the area that was asked about, in the order of their
    /// identifiers.
    pub pairs: Vec<PairLoss>,
}

/// Bytes that losses by area may take.
const MAX_BYTES: usize = 4 << 30;

/// What a scenario is to this reading.
#[derive(Debug, Clone, Copy)]
enum Part {
    Single(u32),
    Pair(u32),
}

/// Reads the single failures of a result, and what its pairs cost `area`; `keep` failures are kept of every
/// sector.
///
/// `dataset` is the one the result was made from. Loss tables are read one part at a time a thread; the
/// answer does not depend on threads.
///
/// # Errors
/// The folder is no finished result, or lacks what the measure needs; or losses of its single failures
/// do not fit the memory.
pub fn read(
    root: &Path,
    dataset: &Dataset,
    what: &What,
    area: Option<usize>,
    keep: usize,
) -> Result<Recorded, ExposureError> {
    let unanswered = |problem: &str| ExposureError::Unanswered {
        root: root.to_path_buf(),
        problem: problem.to_string(),
    };
    let manifest = Manifest::read(&root.join(MANIFEST))?;
    let world = World::read(root)?;
    check_measure(what, &world).map_err(unanswered)?;
    let found = scenarios(root, dataset)?;
    if found.failures.is_empty() && found.pairs.is_empty() {
        return Err(unanswered(
            "holds no single failure and no pair of output losses: its job runs none",
        ));
    }
    let dims = dataset.dimensions();
    if found.failures.len().saturating_mul(dims.areas * 16) > MAX_BYTES {
        return Err(unanswered("holds too many single failures to compare"));
    }
    let baseline = world.last().to_vec();
    let steps = manifest.job.steps;
    let mut singles = Singles::new(dims, found.failures, baseline, steps, found.ways, keep);
    let mut pairs = found.pairs;
    let both = Mutex::new((&mut singles, &mut pairs));
    let files = outcomes::files(root)?;
    files.par_iter().with_max_len(1).try_for_each(|file| {
        outcomes::read(file, &world, outcomes::ALL, |losses| {
            let Ok(at) = found.parts.binary_search_by_key(&losses.key.0, |part| part.0) else {
                return;
            };
            let (al, value, has_run_away) = told(what, &world, &losses);
            let mut both = both.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let way = losses.key.1.index();
            match found.parts[at].1 {
                Part::Single(failure) => both.0.add(&Hit {
                    failure: failure as usize,
                    adapts: losses.key.1.is_adaptive(),
                    sectors: losses.sectors,
                    al: &al,
                    value: &value,
                    has_run_away,
                }),
                Part::Pair(pair) => {
                    let of_area = losses.sectors.iter().zip(&value);
                    let is_asked = |s: u32| Some(s as usize / dims.items) == area;
                    let loss = of_area.filter(|(s, _)| is_asked(**s)).map(|(_, v)| v).sum();
                    both.1[pair as usize].joint[way] = Some(loss);
                }
            }
        })
    })?;
    Ok(Recorded { singles, pairs })
}

/// Whether loss tables hold what is asked.
fn check_measure(what: &What, world: &World) -> Result<(), &'static str> {
    match what {
        What::Item(_) => Ok(()),
        What::Measure(measure) => match measure.kind {
            MeasureKind::Mass => Ok(()),
            // Amounts of the one unit that all items have.
            MeasureKind::Own if measure.is_amount() => Ok(()),
            MeasureKind::Kcal | MeasureKind::Supply if world.knows_food() => Ok(()),
            _ => Err(
                "its tables hold losses as amounts and kcal; other measures are computed on the spot, \
                      without --result",
            ),
        },
    }
}

/// Amounts and values of one run, those of sectors that have run away left out.
fn told(what: &What, world: &World, losses: &Losses<'_>) -> (Vec<f64>, Vec<f64>, bool) {
    let mut has_run_away = false;
    let mut al = Vec::with_capacity(losses.al.len());
    let mut value = Vec::with_capacity(losses.al.len());
    for ((&sector, &amount), &counts) in losses.sectors.iter().zip(losses.al).zip(losses.value) {
        let (_, item) = world.parts_of(sector as usize);
        let is_away = runs_away(amount, world.last()[sector as usize], world.overshoot);
        has_run_away |= is_away;
        let amount = if is_away { 0.0 } else { amount };
        al.push(amount);
        value.push(match what {
            What::Item(asked) if item == *asked => amount,
            What::Item(_) => 0.0,
            What::Measure(measure) if measure.kind == MeasureKind::Mass || measure.is_amount() => {
                if world.items[item].is_summed {
                    amount
                } else {
                    0.0
                }
            }
            // Kilocalories a day, in thousands: see `Losses::value`.
            What::Measure(_) => counts * KG_PER_TONNE * DAYS_PER_YEAR,
        });
    }
    (al, value, has_run_away)
}

struct Scenarios {
    failures: Vec<Failure>,
    pairs: Vec<PairLoss>,
    /// Ascending by identifier.
    parts: Vec<(ScenarioId, Part)>,
    ways: [bool; 2],
}

/// Single failures and pairs of a result that were run.
fn scenarios(root: &Path, dataset: &Dataset) -> Result<Scenarios, ExposureError> {
    let names = NameIndex::new(&dataset.labels);
    let mut found =
        Scenarios { failures: Vec::new(), pairs: Vec::new(), parts: Vec::new(), ways: [false; 2] };
    let mut problem = None;
    ScenarioResult::each(&root.join(SCENARIOS), |rows| {
        for row in rows {
            if row.status != Status::Run.as_str() {
                continue;
            }
            let id = row.scenario;
            let is_new = found.parts.last().is_none_or(|part| part.0 != id);
            if !row.shocks.iter().all(RecordedShock::is_of_output) || row.shocks.len() > 2 {
                continue;
            }
            found.ways[row.adaptation.index()] = true;
            if !is_new {
                continue;
            }
            let sector = |shock: &RecordedShock| names.sector(&shock.area, &shock.item);
            match row.shocks.as_slice() {
                [one] => match sector(one) {
                    Ok(sector) => {
                        found.parts.push((id, Part::Single(found.failures.len() as u32)));
                        let sector = sector as u32;
                        found.failures.push(Failure { scenario: id, sector, phi: one.phi });
                    }
                    Err(error) => problem = Some(error),
                },
                [a, b] => match (sector(a), sector(b)) {
                    (Ok(first), Ok(second)) if first != second => {
                        found.parts.push((id, Part::Pair(found.pairs.len() as u32)));
                        found.pairs.push(PairLoss {
                            sectors: [first as u32, second as u32],
                            phi: [a.phi, b.phi],
                            // Run, and without a row: nothing is lost.
                            joint: [None; 2],
                            alone: [[None; 2]; 2],
                        });
                    }
                    (Ok(_), Ok(_)) => {}
                    (Err(error), _) | (_, Err(error)) => problem = Some(error),
                },
                _ => {}
            }
        }
    })
    .map_err(crate::sink::SinkError::from)?;
    match problem {
        Some(error) => Err(error.into()),
        None => Ok(found),
    }
}

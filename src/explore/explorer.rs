//! Answers questions, one at a time.

use std::path::Path;
use std::sync::Arc;

use super::ExploreError;
use super::answer::{Answered, ChangesReply, Reply};
use super::background::{Background, Known};
use super::catalogue::Catalogue;
use super::question::Question;
use super::sweep::Sweep;
use super::worlds::Worlds;
use super::{best, fears, losses, panel, reasons, table};
use crate::dataset::Dataset;
use crate::whatif;

/// A world that answers.
pub struct Explorer {
    worlds: Worlds,
    sweep: Option<Sweep>,
    catalogue: Catalogue,
    background: Background,
}

impl Explorer {
    /// A world, and a finished sweep of it where there is one.
    ///
    /// # Errors
    /// The sweep cannot be read or is another world's; there are no threads to be had.
    pub fn new(dataset: Arc<Dataset>, result: Option<&Path>) -> Result<Self, ExploreError> {
        let sweep = result.map(|root| Sweep::open(root, &dataset)).transpose()?;
        let worlds = Worlds::new(dataset);
        let catalogue = Catalogue::of(&worlds.base, sweep.as_ref());
        Ok(Explorer { worlds, sweep, catalogue, background: Background::new()? })
    }

    /// What must be known before anything is asked.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Answers a question; what takes long is begun, and said to be on its way.
    ///
    /// # Errors
    /// What is asked is wrong, or cannot be computed.
    pub fn answer(&self, question: &Question) -> Answered {
        match question {
            Question::Losses { case, tell } => {
                losses::losses(&self.worlds, case, tell).map(Reply::Losses)
            }
            Question::Panel { case, tell, area } => {
                panel::panel(&self.worlds, case, tell, area).map(Reply::Panel)
            }
            Question::Why { case, tell, area } => {
                reasons::reasons(&self.worlds, case, tell, area).map(Reply::Why)
            }
            Question::Table { case } => table::table(&self.worlds, case).map(Reply::Table),
            Question::Fears { tell, area, most } => {
                let place = &self.worlds.base;
                let (what, area) = (place.what(tell)?, place.area(area)?);
                match self.background.singles(place, tell)? {
                    Known::Working(working) => Ok(Reply::Working(working)),
                    Known::Ready(singles) => {
                        Ok(Reply::Fears(fears::fears(place, &singles, &what, area, *most)))
                    }
                }
            }
            Question::Together { case, tell, area, most } => {
                if !case.changes.is_empty() {
                    return Err(ExploreError::Value {
                        what: "number of changes",
                        found: case.changes.len().to_string(),
                        expected: "none: partners are sought in the world as it is".to_string(),
                    });
                }
                let place = &self.worlds.base;
                let area = area.as_deref().map(|area| place.area(area)).transpose()?;
                place.scenario(&case.failures)?;
                match self.background.singles(place, tell)? {
                    Known::Working(working) => Ok(Reply::Working(working)),
                    Known::Ready(singles) => self.background.on_its_threads(|| {
                        fears::together(place, &singles, case, tell, area, *most)
                            .map(Reply::Together)
                    }),
                }
            }
            Question::Changes { changes } => {
                let place = self.worlds.with(changes)?;
                Ok(Reply::Changes(ChangesReply { told: whatif::told(&place.changed) }))
            }
            Question::Best { case, area, item, budget } => self.background.on_its_threads(|| {
                best::best(&self.worlds, case, (area, item), *budget).map(Reply::Best)
            }),
            Question::Find { text, most } => Ok(Reply::Find(self.sweep()?.find(text, *most))),
            Question::Recorded { scenario } => {
                self.sweep()?.recorded(*scenario).map(Reply::Recorded)
            }
        }
    }

    fn sweep(&self) -> Result<&Sweep, ExploreError> {
        self.sweep.as_ref().ok_or(ExploreError::NoResult)
    }
}

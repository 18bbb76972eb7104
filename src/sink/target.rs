//! Where results go: [a folder of Parquet tables](super::parquet_folder), [a store](super::stored) or
//! [memory](super::memory).

use std::time::Instant;

use arrow_array::RecordBatch;

use super::SinkError;
use super::manifest::{Counts, SuperpositionRecord};
use crate::results::losses::{LossWriter, ScenarioOutcome};

/// Takes the parts of a result as they are computed, in any order, and closes it when all are there.
///
/// What [`Sink::commit`] has taken stays, however the run ends.
pub trait Sink: Send {
    /// What a closed result is.
    type Closed;

    /// Parts of this run that are still to be computed.
    fn missing(&self) -> Vec<usize>;

    /// How much is done, for a person.
    fn state(&self) -> String;

    /// Told how many rows of losses a scenario has, about, before the first is computed.
    fn expect(&mut self, _rows_per_scenario: f64) {}

    /// Checks that there is room for so many more scenarios; `what` they are, for a message.
    ///
    /// # Errors
    /// There is none.
    fn check_room(&self, _scenarios: usize, _what: &str) -> Result<(), SinkError> {
        Ok(())
    }

    /// Takes computed parts; `tables` makes what is written of one. Parts that are written before
    /// another fails are kept.
    ///
    /// # Errors
    /// The tables of a part cannot be made, or not be written.
    fn commit<'t, P: Sync>(
        &mut self,
        computed: &'t Computed<P>,
        tables: &(dyn Fn(&'t P) -> Result<PartTables<'t>, SinkError> + Sync),
    ) -> Result<(), SinkError>;

    /// Waits until what was taken lies where it is to stay; called once computing has ended, however it did.
    ///
    /// # Errors
    /// It does not get there.
    fn settle(&mut self) -> Result<(), SinkError> {
        Ok(())
    }

    /// What a part keeps until all are there ([`Content::State`]).
    ///
    /// # Errors
    /// It keeps nothing, or it cannot be read.
    fn state_of(&self, part: usize) -> Result<Vec<u8>, SinkError>;

    /// Adds a table of the whole result.
    ///
    /// # Errors
    /// It cannot be written.
    fn add(&mut self, name: &'static str, rows: &RecordBatch) -> Result<(), SinkError>;

    /// Puts the parts together.
    ///
    /// # Errors
    /// Parts are missing, or a table cannot be written.
    fn close(self, closing: Closing) -> Result<Self::Closed, SinkError>;
}

/// Parts that are computed, and not yet written.
pub struct Computed<P> {
    /// The parts.
    pub parts: Vec<P>,
    /// Scenarios with an effect in them.
    pub scenarios: usize,
    /// Time that they took together, seconds.
    pub compute_s: f64,
}

/// Everything that is written of one part.
pub struct PartTables<'a> {
    /// Number in the whole plan.
    pub part: usize,
    /// How much it holds.
    pub counts: Counts,
    /// Pairs that were compared with their sum.
    pub pairs: u64,
    /// Of these, with a run that has diverged.
    pub diverged_pairs: u64,
    /// Its tables, by name.
    pub tables: Vec<(&'static str, Content<'a>)>,
}

/// Content of a table of a part.
pub enum Content<'a> {
    /// Rows as they are.
    Rows(RecordBatch),
    /// Losses, which are many: encoded by the writer, or turned into rows by it.
    Losses(&'a LossWriter, Vec<ScenarioOutcome<'a>>),
    /// What becomes tables only when all parts are there, in a form for this program alone.
    State(Vec<u8>),
}

/// What is known only when all parts are there.
#[derive(Debug, Clone)]
pub struct Closing {
    /// How much was done, where it is not the sum over the parts.
    pub counts: Option<Counts>,
    /// Pairs that were compared with their sum, where that is not the sum over the parts.
    pub superposition: Option<SuperpositionRecord>,
    /// Loading and preparing, seconds.
    pub prepare_s: f64,
    /// When the program started.
    pub started: Instant,
    /// When the last part was there.
    pub closing: Instant,
}

//! What a plan asks for, cut into parts: the unit that is computed, committed, shared out, claimed.

use std::ops::ControlFlow;

use super::Progress;
use crate::sink::SinkError;
use crate::sink::manifest::Counts;
use crate::sink::manifest::SuperpositionRecord;
use crate::sink::target::{Computed, PartTables, Sink};

/// Told of parts that are computed; says whether to go on.
pub type Take<'a, P> = dyn FnMut(Computed<P>) -> Result<ControlFlow<()>, SinkError> + 'a;

/// What is run: a plan's scenarios, or a screening. A part depends on the plan and the engine alone,
/// not on which other parts are computed, when or by whom.
pub trait Work: Sync {
    /// A part that is computed, and not yet written.
    type Part: Send + Sync;

    /// Number of parts.
    fn parts(&self) -> usize;

    /// Scenarios of a part that have an effect; pairs of a screening.
    fn size(&self, part: usize) -> usize;

    /// Computes the parts that `queue` names, in its order, some at a time, and gives them to `take`
    /// until it says to end. What is common to all parts is computed once.
    ///
    /// # Errors
    /// Those of `take`, or the engine fails.
    fn compute(
        &self,
        queue: &mut dyn Iterator<Item = usize>,
        stop: &(dyn Fn() -> bool + Sync),
        progress: &dyn Progress,
        take: &mut Take<'_, Self::Part>,
    ) -> Result<(), SinkError>;

    /// What is written of a part.
    ///
    /// # Errors
    /// A column does not fit its table.
    fn tables<'a>(&'a self, part: &'a Self::Part) -> Result<PartTables<'a>, SinkError>;

    /// Makes what only all parts together give.
    ///
    /// # Errors
    /// A part is missing, the engine fails, or a table cannot be written.
    fn finish<S: Sink>(&self, _sink: &mut S) -> Result<Whole, SinkError> {
        Ok(Whole::default())
    }
}

/// What only all parts together give; nothing where it is the sum over them.
#[derive(Debug, Clone, Default)]
pub struct Whole {
    /// How much was done.
    pub counts: Option<Counts>,
    /// Pairs that were compared with their sum.
    pub superposition: Option<SuperpositionRecord>,
}

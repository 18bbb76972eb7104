//! Which run of a result a row speaks of: the scenario, and how areas respond to it.

use std::fmt::{self, Debug, Display};
use std::num::ParseIntError;
use std::str::FromStr;

use arrow_array::ArrayRef;
use arrow_schema::DataType;
use serde::{Deserialize, Serialize};
use shocksweep_columnar::Cell;

/// Identifier of a scenario, or of the pair that it makes, in all results; stable, whatever the engine,
/// the batches and the threads. Written in tables as a 32-bit whole number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScenarioId(pub u32);

impl ScenarioId {
    /// The largest that a table can hold.
    pub const MAX: ScenarioId = ScenarioId(i32::MAX as u32);

    /// As tables hold it.
    pub fn in_table(self) -> i32 {
        self.0 as i32
    }

    /// As a table holds it; `None` of a number that identifies nothing.
    pub fn of_table(number: i32) -> Option<Self> {
        u32::try_from(number).ok().map(ScenarioId)
    }
}

impl From<u32> for ScenarioId {
    fn from(number: u32) -> Self {
        ScenarioId(number)
    }
}

impl FromStr for ScenarioId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.trim().parse().map(ScenarioId)
    }
}

impl Display for ScenarioId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.0, f)
    }
}

/// As the number alone: hashes of scenarios are made of this.
impl Debug for ScenarioId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Debug::fmt(&self.0, f)
    }
}

impl Cell for ScenarioId {
    const NULLABLE: bool = false;

    fn data_type() -> DataType {
        i32::data_type()
    }

    fn column(values: &mut dyn ExactSizeIterator<Item = &Self>) -> ArrayRef {
        let numbers: Vec<i32> = values.map(|id| id.in_table()).collect();
        i32::column(&mut numbers.iter())
    }

    fn read(column: &ArrayRef) -> Option<Vec<Self>> {
        i32::read(column)?.into_iter().map(ScenarioId::of_table).collect()
    }
}

/// How areas respond to losses. Written in tables as whether they adapt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "bool", into = "bool")]
pub enum Response {
    /// Not at all: every parameter keeps its value (Laber et al. 2023).
    Static,
    /// Badly hit sectors adapt and substitute (Baum et al. 2024).
    Adaptive,
}

impl Response {
    /// Both, in the order in which a scenario that is run both ways comes.
    pub const BOTH: [Response; 2] = [Response::Static, Response::Adaptive];

    /// Position in [`Response::BOTH`], and in everything that is kept for both.
    pub fn index(self) -> usize {
        self as usize
    }

    /// Whether areas adapt.
    pub fn is_adaptive(self) -> bool {
        self == Response::Adaptive
    }
}

impl From<bool> for Response {
    fn from(adapts: bool) -> Self {
        if adapts { Response::Adaptive } else { Response::Static }
    }
}

impl From<Response> for bool {
    fn from(response: Response) -> bool {
        response.is_adaptive()
    }
}

impl Cell for Response {
    const NULLABLE: bool = false;

    fn data_type() -> DataType {
        bool::data_type()
    }

    fn column(values: &mut dyn ExactSizeIterator<Item = &Self>) -> ArrayRef {
        let flags: Vec<bool> = values.map(|response| response.is_adaptive()).collect();
        bool::column(&mut flags.iter())
    }

    fn read(column: &ArrayRef) -> Option<Vec<Self>> {
        Some(bool::read(column)?.into_iter().map(Response::from).collect())
    }
}

/// A scenario in one of its two ways: what every row of losses belongs to.
pub type RunKey = (ScenarioId, Response);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_hold_numbers_and_flags() {
        let ids = [ScenarioId(0), ScenarioId::MAX];
        let column = ScenarioId::column(&mut ids.iter());
        assert_eq!(ScenarioId::read(&column).as_deref(), Some(&ids[..]));
        assert_eq!(i32::read(&column), Some(vec![0, i32::MAX]));
        // A negative number identifies nothing.
        assert_eq!(ScenarioId::read(&i32::column(&mut [-1].iter())), None);
        let column = Response::column(&mut Response::BOTH.iter());
        assert_eq!(bool::read(&column), Some(vec![false, true]));
        assert_eq!(Response::read(&column).as_deref(), Some(&Response::BOTH[..]));
    }

    #[test]
    fn files_hold_them_as_before() {
        let json = serde_json::to_string(&(ScenarioId(7), Response::Adaptive)).unwrap();
        assert_eq!(json, "[7,true]");
        assert_eq!(
            serde_json::from_str::<RunKey>(&json).unwrap(),
            (ScenarioId(7), Response::Adaptive)
        );
        assert_eq!(format!("{:?}", ScenarioId(7)), "7");
    }
}

//! What stories are told with: shared by their maps, tables and classes.

use std::collections::BTreeMap;

use super::ranking::Survey;
use crate::analysis::world::World;

/// Losses by sector in one way.
pub(super) type BySector = BTreeMap<usize, f64>;

/// What stories are told with.
pub(super) struct Teller<'a> {
    pub world: &'a World,
    pub counted: &'a [bool],
    pub regions: Vec<String>,
    pub region_of: Vec<Option<usize>>,
    pub survey: &'a Survey,
}

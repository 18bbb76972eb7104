//! The kind of a shock as people write it: `kind`, `to_area`, `reroute`.

use super::course::Written;
use super::{ScenarioProblem, Shock, ShockKind, check_shocks, spec};
use crate::dataset::Dataset;
use crate::dataset::names::{NameIndex, nearest};

/// A kind as written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WrittenKind {
    /// One of [`ShockKind::NAMES`]; `production` where it is missing.
    pub kind: Option<String>,
    /// Area, or group of areas, that a blockade cuts off.
    pub to_area: Option<String>,
    /// Whether the exporters' other customers get what is banned; not where it is missing.
    pub reroute: Option<bool>,
}

impl WrittenKind {
    /// The kinds, each with the sectors it is about: `area` and `item` may be groups or `*`, of which
    /// the sectors that produce are meant where output is lost. A blockade of a group of areas is one
    /// of each of them.
    ///
    /// # Errors
    /// An unknown name or kind, or a key that the kind lacks or does not have.
    pub fn sectors(
        &self,
        area: &str,
        item: &str,
        dataset: &Dataset,
    ) -> Result<Vec<(ShockKind, Vec<u32>)>, ScenarioProblem> {
        let given = self.kind.as_deref().map(str::trim).filter(|given| !given.is_empty());
        let given = given.unwrap_or(ShockKind::Production.name());
        let reroute = self.reroute.unwrap_or(false);
        let Some(kind) = ShockKind::named(given, 0, reroute) else {
            let nearest = nearest(given, ShockKind::NAMES);
            return Err(ScenarioProblem::Kind { found: given.to_string(), nearest });
        };
        if let ShockKind::Blockade { .. } = kind {
            let importer = self.to_area.as_ref().ok_or(ScenarioProblem::NoImporter)?;
            return blockades(importer, reroute, area, item, dataset);
        }
        if self.to_area.is_some() && kind.to_area().is_none() {
            let (key, kinds) = ("to_area", "blockades");
            return Err(ScenarioProblem::NotOfKind { key, kinds, kind: kind.name() });
        }
        if self.reroute.is_some() && kind.reroute().is_none() {
            let (key, kinds) = ("reroute", "import bans and blockades");
            return Err(ScenarioProblem::NotOfKind { key, kinds, kind: kind.name() });
        }
        let sectors = match kind.is_ban() {
            false => spec::sectors(area, item, dataset)?,
            true => spec::all_sectors(area, item, dataset)?,
        };
        Ok(vec![(kind, sectors)])
    }
}

impl WrittenKind {
    /// The shocks of a written intensity: see [`WrittenKind::sectors`].
    ///
    /// # Errors
    /// As there, and an intensity that is none.
    pub fn shocks(
        &self,
        area: &str,
        item: &str,
        intensity: &Written,
        dataset: &Dataset,
    ) -> Result<Vec<Shock>, ScenarioProblem> {
        let mut shocks = Vec::new();
        for (kind, sectors) in self.sectors(area, item, dataset)? {
            shocks.extend(intensity.shocks(&sectors, kind)?);
            check_shocks(shocks.len())?;
        }
        Ok(shocks)
    }
}

/// Blockades of every importer meant by `to_area` against every exporter meant by `area`.
fn blockades(
    to_area: &str,
    reroute: bool,
    area: &str,
    item: &str,
    dataset: &Dataset,
) -> Result<Vec<(ShockKind, Vec<u32>)>, ScenarioProblem> {
    let dims = dataset.dimensions();
    let importers = NameIndex::new(&dataset.labels).areas(to_area)?;
    let exporters = spec::all_sectors(area, item, dataset)?;
    let mut all = Vec::new();
    for importer in importers {
        let others = |&s: &u32| dims.area_of(s as usize) != importer;
        let sectors: Vec<u32> = exporters.iter().copied().filter(others).collect();
        if !sectors.is_empty() {
            all.push((ShockKind::Blockade { importer: importer as u32, reroute }, sectors));
        }
    }
    if all.is_empty() { Err(ScenarioProblem::SelfBlockade) } else { Ok(all) }
}

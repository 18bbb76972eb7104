//! The kind of a shock as people write it: `kind`, `to_area`, `reroute`.

use super::{Kind, ScenarioProblem, spec};
use crate::dataset::Dataset;
use crate::dataset::names::{NameIndex, nearest};

/// Values of `kind`.
pub const KINDS: [&str; 4] = ["production", "export-ban", "import-ban", "blockade"];

/// A kind as written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WrittenKind {
    /// One of [`KINDS`]; `production` where it is missing.
    pub kind: Option<String>,
    /// Area that a blockade cuts off, name or ISO3 code.
    pub to_area: Option<String>,
    /// Whether the exporters' other customers get what is banned; not where it is missing.
    pub reroute: Option<bool>,
}

impl WrittenKind {
    /// The kind, and the sectors it is about: `item` may be `*` for every item, of those that the
    /// area produces where output is lost.
    ///
    /// # Errors
    /// An unknown name or kind, or a key that the kind lacks or does not have.
    pub fn sectors(
        &self,
        area: &str,
        item: &str,
        dataset: &Dataset,
    ) -> Result<(Kind, Vec<u32>), ScenarioProblem> {
        let names = NameIndex::new(&dataset.labels);
        let given = self.kind.as_deref().map_or("production", str::trim);
        let reroute = self.reroute.unwrap_or(false);
        let kind = match given {
            "production" | "" => Kind::Production,
            "export-ban" => Kind::ExportBan,
            "import-ban" => Kind::ImportBan { reroute },
            "blockade" => {
                let importer = self.to_area.as_ref().ok_or(ScenarioProblem::NoImporter)?;
                let importer = names.area(importer)?;
                if importer == names.area(area)? {
                    return Err(ScenarioProblem::SelfBlockade);
                }
                Kind::Blockade { importer: importer as u32, reroute }
            }
            found => {
                let nearest = nearest(found, KINDS);
                return Err(ScenarioProblem::Kind { found: found.to_string(), nearest });
            }
        };
        if self.to_area.is_some() && kind.to_area().is_none() {
            let (key, kinds) = ("to_area", "blockades");
            return Err(ScenarioProblem::NotOfKind { key, kinds, kind: kind.name() });
        }
        if self.reroute.is_some() && kind.reroute().is_none() {
            let (key, kinds) = ("reroute", "import bans and blockades");
            return Err(ScenarioProblem::NotOfKind { key, kinds, kind: kind.name() });
        }
        let sectors = match (kind, item) {
            (Kind::Production, _) => spec::sectors(area, item, dataset)?,
            (_, spec::EVERY_ITEM) => {
                let (area, dims) = (names.area(area)?, dataset.dimensions());
                (0..dims.items).map(|item| dims.sector(area, item) as u32).collect()
            }
            _ => vec![names.sector(area, item)? as u32],
        };
        Ok((kind, sectors))
    }
}

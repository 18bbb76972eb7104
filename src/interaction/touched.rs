//! What one run changes: the patch of its matrix, and where another run's changes could meet it.

use super::hits::Hit;
use super::parts::Parts;
use super::patch::{Changed, Patch};
use super::plain::shares_left;
use super::single::Setting;
use super::tables::InteractionTables;
use super::{production, trade};
use crate::engine::network::WORD;
use crate::scenario::Shock;

/// What a run touches of one item's trade; masks over its areas.
#[derive(Debug, Clone)]
pub struct Tile {
    /// The item.
    pub item: u32,
    /// Exporters of which some entry differs.
    pub touched: Vec<u64>,
    /// Exporters whose entries differ by a factor, or would with a further change.
    pub strong: Vec<u64>,
    /// Importers that adapt, or whose imports grow.
    pub rows: Vec<u64>,
    /// Areas that adapt: as exporters they may come to export to anyone.
    pub adapting: Vec<u64>,
    /// Whether some importer's imports grow.
    pub has_growth: bool,
}

impl Tile {
    /// Exporters whose columns two runs change together, word `w` of the mask: columns that both
    /// touch and one of them strongly, and those with new links that grow.
    pub fn columns(&self, other: &Tile, w: usize) -> u64 {
        let new = |tile: &Tile, other: &Tile| if other.has_growth { tile.adapting[w] } else { 0 };
        (self.strong[w] & other.touched[w])
            | (self.touched[w] & other.strong[w])
            | new(self, other)
            | new(other, self)
    }
}

/// What a run touches, gathered over its stages.
pub struct Touched {
    /// Items whose trade it touches, ascending.
    pub tiles: Vec<Tile>,
    /// Process columns whose inputs differ.
    pub inputs: Vec<u32>,
    /// Process columns whose output differs, with those of the shocked sector.
    pub outputs: Vec<u32>,
    /// One bit per area whose production it touches.
    pub areas: Vec<u64>,
}

impl Touched {
    /// Nothing yet.
    pub fn new(tables: &InteractionTables) -> Self {
        let areas = vec![0; tables.net.words()];
        Touched { tiles: Vec::new(), inputs: Vec::new(), outputs: Vec::new(), areas }
    }

    fn tile(&mut self, tables: &InteractionTables, item: usize) -> &mut Tile {
        let at = match self.tiles.binary_search_by_key(&(item as u32), |tile| tile.item) {
            Ok(at) => at,
            Err(at) => {
                let none = vec![0; tables.net.words()];
                let tile = Tile {
                    item: item as u32,
                    touched: none.clone(),
                    strong: none.clone(),
                    rows: none.clone(),
                    adapting: none,
                    has_growth: false,
                };
                self.tiles.insert(at, tile);
                at
            }
        };
        &mut self.tiles[at]
    }
}

/// Sets a bit.
pub fn set(mask: &mut [u64], at: usize) {
    mask[at / WORD] |= 1 << (at % WORD);
}

/// What one shock changes with these decisions.
pub fn changes(
    setting: Setting<'_>,
    shock: &Shock,
    (adapting, growth): (&[Hit<2>], &[(u32, Parts<2>)]),
    changed: &mut Changed<2>,
    touch: &mut Touched,
) -> Patch {
    let Setting { tables, settings, .. } = setting;
    let dims = tables.net.dims;
    let missing = settings.map(|s| s.missing_rule).unwrap_or_default();
    changed.clear();
    let left = shares_left::<2>(tables, &[std::slice::from_ref(shock)], 0);
    let area_of = |sector: u32| dims.area_of(sector as usize);
    let item_of = |sector: u32| dims.item_of(sector as usize);
    let mut areas: Vec<usize> =
        adapting.iter().map(|h| area_of(h.sector)).chain([area_of(shock.sector)]).collect();
    areas.sort_unstable();
    areas.dedup();
    touch.outputs.extend(&tables.processes[shock.sector as usize]);
    for area in areas {
        let hits: Vec<Hit<2>> =
            adapting.iter().filter(|h| area_of(h.sector) == area).copied().collect();
        let own = if area == area_of(shock.sector) { &left[..] } else { &[] };
        production::area(tables, missing, area, &hits, own, changed);
        set(&mut touch.areas, area);
    }
    let Some(rules) = &tables.rules else { return changed.patch(1) };
    for hit in adapting {
        let (area, sector) = (area_of(hit.sector), hit.sector as usize);
        let column = |e: &crate::engine::network::tables::Entry| {
            dims.process_column(area, e.at as usize) as u32
        };
        touch.outputs.extend(rules.alpha.of(sector).iter().map(column));
        touch.outputs.extend(rules.beta.of(sector).iter().map(column));
        touch.inputs.extend(rules.nu.of(sector).iter().map(column));
    }
    let mut items: Vec<usize> = adapting.iter().map(|h| item_of(h.sector)).collect();
    items.extend(growth.iter().map(|g| item_of(g.0)));
    items.sort_unstable();
    items.dedup();
    let mut marks = vec![false; dims.areas];
    for item in items {
        let hits: Vec<Hit<2>> =
            adapting.iter().filter(|h| item_of(h.sector) == item).copied().collect();
        let of_item = growth.partition_point(|g| item_of(g.0) < item)
            ..growth.partition_point(|g| item_of(g.0) <= item);
        let tile = touch.tile(tables, item);
        hits.iter().for_each(|hit| set(&mut tile.adapting, area_of(hit.sector)));
        tile.has_growth |= !of_item.is_empty();
        let of_item = trade::Item::new((tables, rules), missing, item, &hits, &growth[of_item]);
        of_item.rows().for_each(|row| set(&mut tile.rows, row as usize));
        marks.fill(false);
        of_item.exporters(&mut marks);
        for exporter in (0..dims.areas).filter(|&exporter| marks[exporter]) {
            let of = of_item.column(exporter, changed);
            if of.is_touched {
                set(&mut tile.touched, exporter);
            }
            if of.is_strong {
                set(&mut tile.strong, exporter);
            }
        }
    }
    changed.patch(1)
}

//! What two runs change together in the trade of items.

use super::super::hits::Hit;
use super::super::meeting::common;
use super::super::parts::Parts;
use super::super::patch::Changed;
use super::super::single::Single;
use super::super::trade;
use super::{BOTH, Crossing, Room};
use crate::engine::network::tables::AdaptiveTables;
use crate::engine::network::{WORD, bits};

/// The part of both shocks in one item's trade.
pub(super) struct Kept {
    item: usize,
    scales: Vec<(u32, f64)>,
    entries: Vec<(u32, u32, f64)>,
}

impl Kept {
    /// That of the changes that were found since there were `before` of scales and entries.
    fn since(item: usize, changed: &Changed<4>, before: [usize; 2]) -> Self {
        let scales = changed.scales[before[0]..].iter();
        let entries = changed.entries[before[1]..].iter();
        Kept {
            item,
            scales: scales.map(|(place, scale)| (*place, scale.part[BOTH])).collect(),
            entries: entries.map(|(from, to, weight)| (*from, *to, weight.part[BOTH])).collect(),
        }
    }

    fn add(&self, changed: &mut Changed<4>) {
        let both = |part: f64| Parts::from_parts([0.0, 0.0, 0.0, part]);
        let scales = self.scales.iter();
        changed.scales.extend(scales.map(|(place, scale)| (*place, both(*scale))));
        let entries = self.entries.iter();
        changed.entries.extend(entries.map(|(from, to, weight)| (*from, *to, both(*weight))));
    }
}

impl Crossing<'_> {
    /// Adds what both change together in trade. Where sectors have adapted, `kept` holds the items that have been
    /// worked out since: of those without growth of imports nothing changes any more.
    pub(super) fn trade(
        &self,
        hits: &[Hit<4>],
        growth: &[(u32, Parts<4>)],
        room: &mut Room,
        mut kept: Option<&mut Vec<Kept>>,
    ) {
        let Some(rules) = &self.tables.rules else { return };
        let dims = self.tables.net.dims;
        let [a, b] = self.runs;
        let item_of = |sector: u32| dims.item_of(sector as usize);
        // Importers that differ with what both do.
        let met = self.decided.adapting.iter().map(|j| j.0);
        let grown = growth.iter().filter(|g| g.1.part[BOTH] != 0.0).map(|g| g.0);
        let mut rows: Vec<u32> = met.chain(grown).collect();
        rows.sort_unstable_by_key(|&sector| (item_of(sector), sector));
        let mut items: Vec<usize> = rows.iter().map(|&sector| item_of(sector)).collect();
        if self.meeting.trade {
            items.extend(common(&a.tiles, &b.tiles).map(|tiles| tiles.0.item as usize));
        }
        items.sort_unstable();
        items.dedup();
        for item in items {
            let of_item = |from: &[(u32, Parts<4>)]| {
                from.partition_point(|g| item_of(g.0) < item)
                    ..from.partition_point(|g| item_of(g.0) <= item)
            };
            let growth = &growth[of_item(growth)];
            let is_kept = |kept: &Kept| kept.item == item;
            let known = kept.as_ref().filter(|_| growth.is_empty());
            if let Some(known) = known.and_then(|kept| kept.iter().find(|kept| is_kept(kept))) {
                known.add(&mut room.changed);
                continue;
            }
            let own = rows.partition_point(|&s| item_of(s) < item)
                ..rows.partition_point(|&s| item_of(s) <= item);
            let before = [room.changed.scales.len(), room.changed.entries.len()];
            self.item(rules, item, (&rows[own], hits, growth), room);
            if let Some(kept) = kept.as_mut().filter(|_| growth.is_empty()) {
                kept.push(Kept::since(item, &room.changed, before));
            }
        }
    }

    /// Adds what both change together in one item's trade, given the importers that differ with what both do, all
    /// sectors that adapt in any run, and the growth of the item's imports.
    fn item(
        &self,
        rules: &AdaptiveTables,
        item: usize,
        (rows, hits, growth): (&[u32], &[Hit<4>], &[(u32, Parts<4>)]),
        room: &mut Room,
    ) {
        let dims = self.tables.net.dims;
        let [a, b] = self.runs;
        room.marks.clear();
        room.marks.resize(dims.areas, false);
        let first = item * self.tables.net.stride;
        let mark_row = |area: usize, marks: &mut [bool]| {
            for e in rules.imports.of(first + area) {
                marks[e.at as usize] = true;
            }
        };
        for &sector in rows {
            let area = dims.area_of(sector as usize);
            mark_row(area, &mut room.marks);
            room.marks[area] = true;
        }
        let find =
            |run: &Single| run.tiles.binary_search_by_key(&(item as u32), |tile| tile.item).ok();
        if let (Some(at_a), Some(at_b)) = (find(a), find(b)) {
            let (a, b) = (&a.tiles[at_a], &b.tiles[at_b]);
            for w in 0..a.rows.len() {
                for bit in bits(a.rows[w] & b.rows[w]) {
                    mark_row(w * WORD + bit, &mut room.marks);
                }
                bits(a.columns(b, w)).for_each(|bit| room.marks[w * WORD + bit] = true);
            }
        }
        let is_own = |hit: &&Hit<4>| dims.item_of(hit.sector as usize) == item;
        let own: Vec<Hit<4>> = hits.iter().filter(is_own).copied().collect();
        // Links that adapting exporters have made grow with importers that grow in both.
        if growth.iter().any(|g| g.1.part[BOTH] != 0.0) {
            for hit in &own {
                room.marks[dims.area_of(hit.sector as usize)] = true;
            }
        }
        if !room.marks.contains(&true) {
            return;
        }
        let missing = self.settings.map(|s| s.missing_rule).unwrap_or_default();
        let of_item = trade::Item::new((self.tables, rules), missing, item, &own, growth);
        for exporter in (0..dims.areas).filter(|&exporter| room.marks[exporter]) {
            of_item.column(exporter, &mut room.changed);
        }
    }
}

//! What scenarios have changed of the shared network, in the form in which kernels apply it.
//!
//! The changes of a scenario are those of the cpu engine ([`crate::engine::network::decided`]). Most are built on
//! the device ([`super::decisions`]); here is what the host builds, by the cpu engine's code, from the decisions that
//! the device has taken. There they are pushed, from the changed
//! place to all it reaches; here they are gathered, target by target, so that no two invocations
//! write one place and every sum has one order. Layout: `shaders/lists.wgsl`.

use crate::engine::network::Changes;

/// Adapting inputs.
pub const FED: usize = 0;
/// What adapting inputs are made into.
pub const FED_OUTPUTS: usize = 1;
/// Amounts that changed processes turn over.
pub const PROCESSES: usize = 2;
/// Outputs summed anew.
pub const OUTPUTS: usize = 3;
/// Exporters whose column is scaled.
pub const FACTORS: usize = 4;
/// Exporters whose column is replaced.
pub const COLUMNS: usize = 5;
/// Importers of replaced columns.
pub const COLUMN_IMPORTERS: usize = 6;
/// Importers summed anew.
pub const ROWS: usize = 7;
/// Importers whose shares grow.
pub const GROWTH: usize = 8;
/// Lists of a patch.
pub const LISTS: usize = 9;
/// Words of a patch: its scenario and the bounds of its lists.
pub const PATCH: usize = LISTS + 2;

/// Changes of some scenarios, flat.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Patches {
    /// Per patch [`PATCH`] words.
    pub heads: Vec<u32>,
    /// `(place, first entry, end, 0)`.
    pub items: Vec<u32>,
    /// A number per item.
    pub values: Vec<f64>,
    /// Place or item.
    pub entry_at: Vec<u32>,
    /// Weight.
    pub entry_weight: Vec<f64>,
}

/// `(target, source, weight)`.
pub type Link = (u32, u32, f64);

/// Puts links in order of targets, and of sources as they came; parts with one target.
pub(super) fn gathered(links: &mut [Link]) -> impl Iterator<Item = &[Link]> {
    // Stable: what comes first is added first.
    links.sort_by_key(|link| link.0);
    links.chunk_by(|a, b| a.0 == b.0)
}

impl Patches {
    /// Number of patches.
    pub fn len(&self) -> usize {
        self.heads.len() / PATCH
    }

    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    fn items_so_far(&self) -> u32 {
        self.values.len() as u32
    }

    fn item(&mut self, place: u32, value: f64, entries: impl Iterator<Item = (u32, f64)>) {
        let start = self.entry_at.len() as u32;
        for (at, weight) in entries {
            self.entry_at.push(at);
            self.entry_weight.push(weight);
        }
        self.items.extend([place, start, self.entry_at.len() as u32, 0]);
        self.values.push(value);
    }

    /// Forgets all patches; their room is used again.
    pub fn clear(&mut self) {
        self.heads.clear();
        self.items.clear();
        self.values.clear();
        self.entry_at.clear();
        self.entry_weight.clear();
    }

    /// Adds the patch of one scenario, after those of the ones before it; `links` is lent room.
    pub fn add(&mut self, scenario: u32, changes: &Changes, links: &mut Vec<Link>) {
        let lists = changes.lists();
        let p = self;
        p.heads.push(scenario);
        let begin = |p: &mut Patches| {
            p.heads.push(p.items_so_far());
            p.items_so_far()
        };
        let none = || std::iter::empty();

        let fed_at = begin(p);
        links.clear();
        for (nth, (place, entries)) in (fed_at..).zip(lists.fed()) {
            p.item(place, 0.0, none());
            links.extend(entries.iter().map(|&(output, weight)| (output, nth, weight)));
        }
        begin(p);
        p.gather(links);
        let processes_at = begin(p);
        for inputs in lists.processes() {
            p.item(0, 0.0, inputs.iter().copied());
        }
        begin(p);
        for (place, without_input, shares) in lists.outputs() {
            let of_process = shares.iter().map(|&(process, share)| (processes_at + process, share));
            p.item(place, without_input, of_process);
        }
        begin(p);
        for &(place, factor) in lists.factors() {
            p.item(place, factor, none());
        }
        let columns_at = begin(p);
        links.clear();
        for (nth, (place, entries)) in (columns_at..).zip(lists.columns()) {
            p.item(place, 0.0, none());
            links.extend(entries.iter().map(|&(importer, weight)| (importer, nth, weight)));
        }
        begin(p);
        p.gather(links);
        begin(p);
        for (place, entries) in lists.rows() {
            p.item(place, 0.0, entries.iter().copied());
        }
        begin(p);
        for &(place, growth) in lists.growth() {
            p.item(place, growth, none());
        }
        p.heads.push(p.items_so_far());
    }

    /// Items for the targets of links.
    fn gather(&mut self, links: &mut [Link]) {
        for of_target in gathered(links) {
            self.item(of_target[0].0, 0.0, of_target.iter().map(|link| (link.1, link.2)));
        }
    }

    /// Makes them the patches that follow others, which have so many items and entries.
    pub fn shift(&mut self, items: u32, entries: u32) {
        // Entries that name items move with them; those that name places stay.
        let names_items = |list: usize| matches!(list, FED_OUTPUTS | OUTPUTS | COLUMN_IMPORTERS);
        for head in self.heads.chunks_exact_mut(PATCH) {
            for list in (0..LISTS).filter(|&list| names_items(list)) {
                for item in head[1 + list]..head[2 + list] {
                    let of = &self.items[4 * item as usize..][..4];
                    let named = &mut self.entry_at[of[1] as usize..of[2] as usize];
                    named.iter_mut().for_each(|at| *at += items);
                }
            }
            head[1..].iter_mut().for_each(|bound| *bound += items);
        }
        for item in self.items.chunks_exact_mut(4) {
            item[1] += entries;
            item[2] += entries;
        }
    }
}

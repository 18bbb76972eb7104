//! What the device is asked to build: one job for every item whose trade, and every area whose production, a
//! scenario changes.
//!
//! Jobs share nothing: the trade of an item reads and writes places of that item, production those of its area.
//! So each becomes a patch of its own. How many items and entries it takes is not known before it is built; the
//! rows of the tables say how many at most. Layout: `shaders/changes.wgsl`.

use super::rules::{Room, Rules};
use crate::engine::network::decided::{adapted_shares, growth_by_item};
use crate::engine::network::tables::AdaptiveTables;
use crate::engine::outcome::{Event, EventKind};
use crate::model::adaptation::{AdaptationSettings, Hit, MissingRule};

/// Words of a job.
pub const JOB: usize = 8;

/// Jobs of one kind, flat.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Jobs {
    /// Per job [`JOB`] words.
    pub heads: Vec<u32>,
    /// Area or item of every member.
    pub member_at: Vec<u32>,
    /// Two numbers per member.
    pub member_amounts: Vec<f64>,
    /// Items that there is room for.
    pub items: u32,
    /// Entries that there is room for.
    pub entries: u32,
}

/// A sector that adapts.
#[derive(Debug, Clone, Copy)]
struct Adapting {
    sector: usize,
    rl: f64,
    /// `eta_exp`, `eta_prod`.
    shares: [f64; 2],
}

/// What a dataset's changes are built from.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// On the host.
    pub tables: &'a AdaptiveTables,
    /// For kernels.
    pub rules: &'a Rules,
}

fn adapting(tables: &AdaptiveTables, settings: &AdaptationSettings, hit: &Hit) -> Adapting {
    let sector = hit.sector as usize;
    let old = [tables.shares[0][sector], tables.shares[1][sector]];
    let shares = adapted_shares(tables, hit, settings.missing_rule).unwrap_or(old);
    Adapting { sector, rl: hit.rl, shares }
}

fn of_kind(events: &[Event], kind: EventKind) -> impl Iterator<Item = &Hit> {
    events.iter().filter(move |event| event.kind == kind).map(|event| &event.hit)
}

impl Jobs {
    /// Number of jobs.
    pub fn len(&self) -> usize {
        self.heads.len() / JOB
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Forgets all jobs; their room is used again.
    pub fn clear(&mut self) {
        self.heads.clear();
        self.member_at.clear();
        self.member_amounts.clear();
        (self.items, self.entries) = (0, 0);
    }

    /// Makes them the jobs that follow others, which have so many members, items and entries.
    pub fn shift(&mut self, members: u32, items: u32, entries: u32) {
        for head in self.heads.chunks_exact_mut(JOB) {
            head[2..5].iter_mut().for_each(|member| *member += members);
            head[5] += items;
            head[6] += entries;
        }
    }

    fn member(&mut self, at: usize, amounts: [f64; 2]) {
        self.member_at.push(at as u32);
        self.member_amounts.extend(amounts);
    }

    /// Ends a job about an item or area, whose members from `first` on have been added, those that adapt up to
    /// `end`.
    fn end(
        &mut self,
        (scenario, subject): (u32, usize),
        (first, end): (usize, usize),
        (items, entries): (u32, u32),
        missing: MissingRule,
    ) {
        let keeps = u32::from(missing == MissingRule::Keep);
        let members = [first, end, self.member_at.len()].map(|at| at as u32);
        self.heads.extend([scenario, subject as u32]);
        self.heads.extend(members);
        self.heads.extend([self.items, self.entries, keeps]);
        self.items += items;
        self.entries += entries;
    }

    /// What a scenario that has decided what `events` say changes of production: an area after the other.
    pub fn production(
        &mut self,
        from: Source<'_>,
        (scenario, settings): (u32, &AdaptationSettings),
        events: &[Event],
    ) {
        let dims = from.tables.dims;
        let mut hits = of_kind(events, EventKind::Adapting).peekable();
        while let Some(first) = hits.peek() {
            let area = dims.area_of(first.sector as usize);
            let start = self.member_at.len();
            while let Some(hit) = hits.next_if(|hit| dims.area_of(hit.sector as usize) == area) {
                let of = adapting(from.tables, settings, hit);
                self.member(dims.item_of(of.sector), [of.rl, of.shares[1]]);
            }
            let end = self.member_at.len();
            let count = (end - start) as u32;
            let sector = |&item: &u32| dims.sector(area, item as usize);
            let room = from.rules.room(area, self.member_at[start..].iter().map(sector));
            let Room { made, outputs, shares, inputs } = room;
            let (all, processes) = (dims.items as u32, shares.min(dims.processes as u32));
            let items = count + made.min(all) + processes + outputs.min(all);
            let entries = made + inputs + processes * count + shares;
            let missing = settings.missing_rule;
            self.end((scenario, area), (start, end), (items, entries), missing);
        }
    }

    /// What it changes of trade: an item after the other.
    pub fn trade(
        &mut self,
        from: Source<'_>,
        (scenario, settings): (u32, &AdaptationSettings),
        events: &[Event],
    ) {
        let dims = from.tables.dims;
        let substituting: Vec<Hit> = of_kind(events, EventKind::Substituting).copied().collect();
        let grown = match substituting.is_empty() {
            true => Vec::new(),
            false => growth_by_item(from.tables, &substituting, settings.substitute_conflict),
        };
        let mut hits: Vec<&Hit> = of_kind(events, EventKind::Adapting).collect();
        let item_of = |hit: &Hit| dims.item_of(hit.sector as usize);
        hits.sort_by_key(|hit| item_of(hit));
        let (mut hits, mut grown) = (hits.into_iter().peekable(), grown.into_iter().peekable());
        loop {
            let next = [hits.peek().map(|hit| item_of(hit)), grown.peek().map(|g| g.0 as usize)];
            let Some(item) = next.into_iter().flatten().min() else { return };
            let start = self.member_at.len();
            while let Some(hit) = hits.next_if(|hit| item_of(hit) == item) {
                let of = adapting(from.tables, settings, hit);
                self.member(dims.area_of(of.sector), [of.rl, of.shares[0]]);
            }
            let end = self.member_at.len();
            while let Some((_, area, growth)) = grown.next_if(|g| g.0 as usize == item) {
                self.member(area as usize, [growth, 0.0]);
            }
            let room = self.trade_room(from, item, (start, end));
            self.end((scenario, item), (start, end), room, settings.missing_rule);
        }
    }

    /// Items and entries that an item's trade takes at most, with the last members.
    fn trade_room(
        &self,
        from: Source<'_>,
        item: usize,
        (start, end): (usize, usize),
    ) -> (u32, u32) {
        let (areas, first) = (from.tables.dims.areas as u32, item * from.tables.stride);
        let sum = |members: &[u32], of: &dyn Fn(usize) -> u32| -> u32 {
            members.iter().map(|&area| of(first + area as usize)).sum()
        };
        let (members, hits) = (&self.member_at[start..], &self.member_at[start..end]);
        let (count, grown) = (hits.len() as u32, (members.len() - hits.len()) as u32);
        let imports = |place: usize| from.rules.imports(place);
        let exports = |place: usize| from.rules.exports(place);
        // Columns may take what other adapting areas import, where importers' rules alone have made it.
        let columns = sum(hits, &exports) + count * count;
        let factors = areas.min(sum(members, &imports));
        let items = factors + 2 * count + areas.min(columns) + count + grown;
        (items, columns + sum(hits, &imports) + count * count)
    }
}

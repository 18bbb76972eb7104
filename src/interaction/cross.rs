//! What two runs' changes do together beyond each: the part C of the joint run's matrix.

mod items;

use items::Kept;

use super::hits::{self, Hit, growth, reached};
use super::meeting::Meeting;
use super::parts::Parts;
use super::patch::{Changed, Patch};
use super::plain::shares_left;
use super::production;
use super::single::Single;
use super::tables::InteractionTables;
use crate::engine::network::WORD;
use crate::engine::network::bits;
use crate::model::adaptation::AdaptationSettings;

/// Subset of both shocks.
const BOTH: usize = 3;

/// A sector that decides differently in the joint run, or with other losses.
pub type Joint = (u32, u32, Parts<4>);

/// The joint run's decisions of one pair.
#[derive(Default)]
pub struct Decided {
    /// Sectors that adapt where their losses met, ascending; those of one run only are not in it.
    adapting: Vec<Joint>,
    /// The same for sectors that look for substitutes.
    lost: Vec<Joint>,
}

/// A pair in the making.
pub struct Crossing<'a> {
    tables: &'a InteractionTables,
    settings: Option<AdaptationSettings>,
    /// The two runs.
    pub runs: [&'a Single; 2],
    meeting: Meeting,
    decided: Decided,
    /// Sectors that adapt in any run, once they have decided and somebody asked.
    hits: Option<Vec<Hit<4>>>,
    /// What adaptation alone changes together of the trade of items, ascending: those of which no imports grow
    /// are not worked out anew after substitution.
    kept: Vec<Kept>,
    /// The part of the joint run's matrix in the current stage.
    pub patch: Patch,
}

/// Room for building; reused.
#[derive(Default)]
pub struct Room {
    changed: Changed<4>,
    marks: Vec<bool>,
}

impl<'a> Crossing<'a> {
    /// A pair of runs that meet, before any sector decides.
    pub fn new(
        tables: &'a InteractionTables,
        settings: Option<AdaptationSettings>,
        runs: [&'a Single; 2],
        meeting: Meeting,
        room: &mut Room,
    ) -> Self {
        let mut crossing = Crossing {
            tables,
            settings,
            runs,
            meeting,
            decided: Decided::default(),
            hits: None,
            kept: Vec::new(),
            patch: Patch::default(),
        };
        // Two shocks of one sector multiply from the first step on.
        if runs[0].shock.sector == runs[1].shock.sector {
            crossing.rebuild([false; 2], room);
        }
        crossing
    }

    /// Losses of a place after step `t` in every run, given the interaction.
    fn loss(&self, place: u32, t: usize, s: f64) -> Parts<4> {
        let [a, b] = [0, 1].map(|n| self.runs[n].trace.get(place, t));
        Parts::from_parts([0.0, a, b, s])
    }

    /// Lets sectors decide after step `t`, whose interaction `s` gives by place; `large` are places
    /// whose interaction itself is near the thresholds.
    pub fn decide(
        &mut self,
        t: usize,
        [adapts, substitutes]: [bool; 2],
        large: &[u32],
        s: impl Fn(u32) -> f64,
        room: &mut Room,
    ) {
        let Some(settings) = self.settings else { return };
        for (which, decides) in [adapts, substitutes].into_iter().enumerate() {
            if !decides {
                continue;
            }
            let near = self.runs.iter().flat_map(|run| run.near[which].iter().copied());
            let mut places: Vec<u32> = near.chain(large.iter().copied()).collect();
            places.sort_unstable();
            places.dedup();
            let mut joint: Vec<Joint> = Vec::new();
            for place in places {
                let loss = self.loss(place, t, s(place));
                let sector = self.tables.net.sector(place as usize);
                let baseline = self.tables.base.available[t][place as usize];
                let mask = reached(&settings.thresholds, sector, &loss, baseline);
                let is_alone = |own: usize, other: usize| {
                    loss.part[other] == 0.0
                        && loss.part[BOTH] == 0.0
                        && (mask == 0 || mask == 1 << own | 1 << BOTH)
                };
                if mask != 0 && !is_alone(1, 2) && !is_alone(2, 1) {
                    joint.push((sector, mask, loss));
                }
            }
            joint.sort_unstable_by_key(|j| j.0);
            let decided =
                if which == 0 { &mut self.decided.adapting } else { &mut self.decided.lost };
            *decided = joint;
        }
        self.rebuild([true, substitutes], room);
    }

    /// Places of sectors that have adapted before step `last` in any run, with the share that is consumed;
    /// of those that adapt in one run alone the ones where the other has a loss, or `meets` says so.
    pub fn consumption(&self, last: usize, meets: &dyn Fn(u32) -> bool) -> Vec<(u32, Parts<4>)> {
        let Some(settings) = self.settings.filter(|settings| settings.adaptation_step < last)
        else {
            return Vec::new();
        };
        let is_met =
            |n: usize, place: u32| meets(place) || self.runs[1 - n].trace.get(place, last) != 0.0;
        let consumed = |hit: Hit<4>| {
            let place = self.tables.net.place(hit.sector as usize) as u32;
            (place, hits::consumed(self.tables, &hit))
        };
        let Some(hits) = &self.hits else {
            return self.adapting(&settings, &is_met).into_iter().map(consumed).collect();
        };
        let met = &self.decided.adapting;
        let counts = |hit: &&Hit<4>| {
            let place = self.tables.net.place(hit.sector as usize) as u32;
            let is_joint = met.binary_search_by_key(&hit.sector, |j| j.0).is_ok();
            // Who adapts in one run alone has the mask of that run and the joint one.
            is_joint || is_met(usize::from(hit.mask & 0b10 == 0), place)
        };
        hits.iter().filter(counts).map(|hit| consumed(*hit)).collect()
    }

    /// Sectors that adapt in any run, ascending, with what becomes of their shares; of those that adapt in
    /// run n alone, at a place, the ones that count.
    fn adapting(
        &self,
        settings: &AdaptationSettings,
        counts: &dyn Fn(usize, u32) -> bool,
    ) -> Vec<Hit<4>> {
        let Some(rules) = &self.tables.rules else { return Vec::new() };
        let met = &self.decided.adapting;
        let baseline =
            |sector: u32| self.tables.baseline.available[settings.adaptation_step][sector as usize];
        let mut hits: Vec<Hit<4>> = Vec::new();
        for (n, run) in self.runs.iter().enumerate() {
            let is_met = |sector: u32| met.binary_search_by_key(&sector, |j| j.0).is_ok();
            for hit in run.adapting.iter().filter(|hit| !is_met(hit.sector)) {
                if counts(n, self.tables.net.place(hit.sector as usize) as u32) {
                    hits.push(hit.among(1 << n));
                }
            }
        }
        for (sector, mask, loss) in met {
            hits.push(Hit::new(rules, settings, *sector, *mask, (loss, baseline(*sector))));
        }
        hits.sort_by_key(|hit| hit.sector);
        hits
    }

    /// Sectors that look for substitutes in any run, ascending, one bit per subset.
    fn lost(&self) -> Vec<(u32, u32)> {
        let met = &self.decided.lost;
        let mut lost: Vec<(u32, u32)> = met.iter().map(|j| (j.0, j.1)).collect();
        for (n, run) in self.runs.iter().enumerate() {
            let alone = run.lost.iter().filter(|s| met.binary_search_by_key(*s, |j| j.0).is_err());
            lost.extend(alone.map(|&sector| (sector, 1 << (1 << n) | 1 << BOTH)));
        }
        lost.sort_unstable();
        lost
    }

    /// Growth of import shares in every run, by item, then area.
    fn grown(&self, settings: &AdaptationSettings) -> Vec<(u32, Parts<4>)> {
        let dims = self.tables.net.dims;
        let key = |sector: u32| (dims.item_of(sector as usize), dims.area_of(sector as usize));
        let [a, b] = self.runs.map(|run| &run.growth);
        let is_shared = |(sector, _): &(u32, Parts<2>)| {
            b.binary_search_by_key(&key(*sector), |other| key(other.0)).is_ok()
        };
        if !self.decided.lost.is_empty() || a.iter().any(is_shared) {
            return growth(self.tables, settings, &self.lost());
        }
        // No import grows for both: each does as in its own run.
        let mut grown: Vec<(u32, Parts<4>)> = Vec::with_capacity(a.len() + b.len());
        for (n, of) in [a, b].into_iter().enumerate() {
            grown.extend(of.iter().map(|(sector, growth)| (*sector, growth.among(1 << n))));
        }
        grown.sort_by_key(|one| key(one.0));
        grown
    }

    /// Builds the patch anew, with what adaptation and substitution have changed so far.
    fn rebuild(&mut self, [has_adapted, has_grown]: [bool; 2], room: &mut Room) {
        let [a, b] = self.runs;
        let is_twice = a.shock.sector == b.shock.sector;
        let has_met = !self.decided.adapting.is_empty() || !self.decided.lost.is_empty();
        if !(self.meeting.trade || self.meeting.production || has_met || is_twice) {
            return;
        }
        let (mut hits, mut grown) = (Vec::new(), Vec::new());
        if let Some(settings) = &self.settings {
            if has_adapted {
                let known = self.hits.take();
                hits = known.unwrap_or_else(|| self.adapting(settings, &|_, _| true));
            }
            if has_grown {
                grown = self.grown(settings);
            }
        }
        room.changed.clear();
        self.production(&hits, &mut room.changed);
        let mut kept = std::mem::take(&mut self.kept);
        self.trade(&hits, &grown, room, has_adapted.then_some(&mut kept));
        self.patch = room.changed.patch(BOTH);
        self.kept = kept;
        self.hits = has_adapted.then_some(hits);
    }

    fn production(&self, hits: &[Hit<4>], changed: &mut Changed<4>) {
        let dims = self.tables.net.dims;
        let [a, b] = self.runs;
        let area_of = |sector: u32| dims.area_of(sector as usize);
        let mut areas = vec![0u64; a.areas.len()];
        if self.meeting.production {
            areas.iter_mut().zip(a.areas.iter().zip(&b.areas)).for_each(|(x, (a, b))| *x = a & b);
        }
        let met = self.decided.adapting.iter().map(|j| area_of(j.0));
        met.for_each(|area| super::touched::set(&mut areas, area));
        let shocks = [&a.shock, &b.shock].map(std::slice::from_ref);
        let left = shares_left::<4>(self.tables, &shocks, 0);
        let missing = self.settings.map(|s| s.missing_rule).unwrap_or_default();
        for (w, &word) in areas.iter().enumerate() {
            for area in bits(word).map(|bit| w * WORD + bit) {
                let own: Vec<Hit<4>> =
                    hits.iter().filter(|h| area_of(h.sector) == area).copied().collect();
                let left: Vec<_> = left.iter().filter(|l| area_of(l.0) == area).copied().collect();
                production::area(self.tables, missing, area, &own, &left, changed);
            }
        }
    }
}

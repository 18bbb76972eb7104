//! What the sectors of a batch decide, kept on the machine: who is hit, and what is asked for because of it.
//!
//! ```text
//! decide                         marks the places that are hit
//! count_hits, _production, _trade  count what every scenario needs of each list
//! reckon                         where that begins, whether there is room, how many workgroups build it
//! list_hits, ask_production, _trade  write the lists: the hits of all steps, the jobs of this one
//! change_production, _trade      build the patches, as many as `reckon` has found
//! ```
//!
//! Nothing here waits for the host: it has chosen how much room there is before, and reads the ledger when the batch is
//! over. Where some list had no room, none is written and nothing changes any more; the batch is run again. Every
//! place is found by sums in the order of scenarios, so no order of workgroups can be seen.

use super::build::{self, JOB, Launch, Part, PatchBuffers};
use super::kernels as k;
use super::layout::{LANES, Sizes};
use super::machine::{Buffer, Element, Machine};
use super::rooms::{HITS, NEEDS, PRODUCTION, Rooms, TRADE};
use super::rules::RuleBuffers;
use crate::model::adaptation::{AdaptationSettings, MissingRule, SubstituteConflict};

/// Hits so far, in the ledger.
pub const SO_FAR: usize = 0;
/// 1 if some list had no room.
pub const LACKS: usize = 1;
/// Jobs of production that this step asks for, then jobs of trade.
pub const ASKED: usize = 2;
/// What was needed at most, by need.
pub const LARGEST: usize = 4;
/// Words of the ledger.
pub const LEDGER: usize = LARGEST + NEEDS;

/// Bit of a scenario's order: it adapts in this step.
pub const ADAPTS: u32 = 1;
/// It substitutes in this step.
pub const SUBSTITUTES: u32 = 2;
/// Entries without a rule keep their value.
pub const KEEPS: u32 = 4;
/// Times 0, 1 or 2: the last of several growths counts, the largest, or all.
pub const CONFLICT: u32 = 8;

/// Words of a scenario's ranges: first hit at which it adapts and the end of these, the same for substitution.
pub const RANGES: usize = 4;

/// What a scenario does after step `t`, as kernels are told.
pub fn order(settings: &AdaptationSettings, t: usize) -> u32 {
    let adapts = if settings.adaptation_step == t { ADAPTS } else { 0 };
    let substitutes = settings.substitution && settings.substitution_step == t;
    let keeps = settings.missing_rule == MissingRule::Keep;
    let conflict = match settings.substitute_conflict {
        SubstituteConflict::Last => 0,
        SubstituteConflict::Max => 1,
        SubstituteConflict::Product => 2,
    };
    adapts
        | if substitutes { SUBSTITUTES } else { 0 }
        | if keeps { KEEPS } else { 0 }
        | (conflict * CONFLICT)
}

/// What a deciding step is found from.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// Numbers of the batch.
    pub sizes: Buffer,
    /// Losses after the step.
    pub losses: Buffer,
    /// Which of them are stored.
    pub active: Buffer,
    /// Baseline available amounts of the step.
    pub available: Buffer,
    /// Two limits per scenario, then what is infinite.
    pub limits: Buffer,
    /// What every scenario does in this step.
    pub orders: Buffer,
    /// Whether some scenario adapts in it.
    pub adapts: bool,
}

/// Jobs of one kind: heads, members, their amounts.
type JobBuffers = [Buffer; 3];

/// Decisions of a batch on a machine.
#[derive(Debug)]
pub struct Decisions {
    /// Scenarios, those of the last group that are none counted too.
    lanes: usize,
    /// Mask words of a group.
    words: u32,
    /// How much room there is.
    rooms: Rooms,
    marks: Buffer,
    needs: Buffer,
    /// Numbers of [`LEDGER`].
    pub ledger: Buffer,
    launches: Buffer,
    /// [`RANGES`] words per scenario.
    pub ranges: Buffer,
    /// Places.
    pub hits: Buffer,
    /// Loss and relative loss of every hit.
    pub hit_losses: Buffer,
    /// Of production and of trade, where the machine builds what changes.
    jobs: Option<[JobBuffers; 2]>,
    /// Deciding steps so far.
    steps: usize,
}

impl Decisions {
    /// Room for the decisions of a batch with so many deciding steps at most; `builds` says whether the machine builds
    /// what changes with them.
    pub fn new(
        machine: &mut dyn Machine,
        sizes: &Sizes,
        (rooms, steps): (Rooms, usize),
        builds: bool,
    ) -> Self {
        let lanes = sizes.groups as usize * LANES;
        let mut zeros = |len: usize| {
            let buffer = machine.room(Element::Whole, len);
            machine.clear(buffer);
            buffer
        };
        let marks = zeros(2 * lanes * sizes.words as usize);
        let (needs, ledger) = (zeros(lanes * NEEDS), zeros(LEDGER));
        let ranges = zeros(RANGES * lanes);
        let mut jobs = |part: usize| {
            let (jobs, members) = (rooms[part] as usize, rooms[part + 1] as usize);
            [
                machine.room(Element::Whole, 1 + JOB * jobs),
                machine.room(Element::Whole, members),
                machine.room(Element::Real, 2 * members),
            ]
        };
        let jobs = builds.then(|| [jobs(PRODUCTION), jobs(TRADE)]);
        let hits = rooms[HITS] as usize;
        Decisions {
            lanes,
            words: sizes.words,
            rooms,
            marks,
            needs,
            ledger,
            launches: machine.room(Element::Whole, 3 * (1 + steps)),
            ranges,
            hits: machine.room(Element::Whole, hits),
            hit_losses: machine.room(Element::Real, 2 * hits),
            jobs,
            steps: 0,
        }
    }

    /// Hits that there is room for.
    pub fn capacity(&self) -> usize {
        self.rooms[HITS] as usize
    }

    fn by_scenario(&self) -> [u32; 2] {
        [self.lanes as u32, 1]
    }

    /// Finds who is hit in a step, and how much room what follows takes.
    pub fn find(&mut self, machine: &mut dyn Machine, now: &Now, rules: Option<&RuleBuffers>) {
        let Now { sizes, limits, orders, available, losses, active, .. } = *now;
        let found = [sizes, limits, orders, available, losses, active, self.marks];
        machine.dispatch(&k::DECIDE, &found, [self.words, (self.lanes / LANES) as u32]);
        let rooms: Vec<u32> = self.rooms.iter().copied().chain([1 + self.steps as u32]).collect();
        let rooms = machine.upload_whole(&rooms);
        let listing = self.listing(now);
        machine.dispatch(&k::COUNT_HITS, &listing, self.by_scenario());
        if let Some((production, trade)) = self.asking(now, rules) {
            machine.dispatch(&k::COUNT_PRODUCTION, &production, self.by_scenario());
            machine.dispatch(&k::COUNT_TRADE, &trade, self.by_scenario());
        }
        let reckoned = [now.sizes, rooms, self.needs, self.ledger, self.launches];
        machine.dispatch(&k::RECKON, &reckoned, [1, 1]);
        machine.dispatch(&k::LIST_HITS, &listing, self.by_scenario());
        machine.free(rooms);
        self.steps += 1;
    }

    /// Asks for all that scenarios have changed of trade by then, and for what they change of production now.
    pub fn ask(&self, machine: &mut dyn Machine, now: &Now, rules: &RuleBuffers) {
        if let Some((production, trade)) = self.asking(now, Some(rules)) {
            if now.adapts {
                machine.dispatch(&k::ASK_PRODUCTION, &production, self.by_scenario());
            }
            machine.dispatch(&k::ASK_TRADE, &trade, self.by_scenario());
        }
    }

    /// Has the patches built that were asked for, into `patches`, those that the batch has: of trade in place of those of
    /// earlier steps, of production, which changes once, beside them.
    pub fn build(
        &self,
        machine: &mut dyn Machine,
        now: &Now,
        rules: &RuleBuffers,
        patches: &mut Vec<PatchBuffers>,
    ) {
        let Some([production, trade]) = self.jobs else { return };
        let room = |part: usize| [0, 2, 3].map(|need| self.rooms[part + need] as usize);
        if !patches.iter().any(|set| set.part == Part::Trade) {
            let launch = Launch::Found(self.launches, 0);
            patches.push(PatchBuffers::new(machine, Part::Trade, room(TRADE), launch));
        }
        if now.adapts {
            let launch = Launch::Found(self.launches, self.steps);
            let set = PatchBuffers::new(machine, Part::Production, room(PRODUCTION), launch);
            build::change(machine, now.sizes, (production, rules.production), &set);
            patches.push(set);
        }
        for set in patches.iter().filter(|set| set.part == Part::Trade) {
            build::change(machine, now.sizes, (trade, rules.trade), set);
        }
    }

    fn listing(&self, now: &Now) -> [Buffer; 11] {
        [
            now.sizes,
            now.limits,
            now.orders,
            self.marks,
            self.ledger,
            now.available,
            now.losses,
            self.needs,
            self.ranges,
            self.hits,
            self.hit_losses,
        ]
    }

    /// Bindings of the kernels that count and ask for changes of production, and of those for trade.
    fn asking(
        &self,
        now: &Now,
        rules: Option<&RuleBuffers>,
    ) -> Option<([Buffer; 12], [Buffer; 13])> {
        let ([production, trade], rules) = (self.jobs?, rules?);
        let choices = &rules.choices;
        let of_production = [
            now.sizes,
            now.orders,
            self.marks,
            self.ledger,
            self.ranges,
            self.hit_losses,
            choices.rooms,
            choices.amounts,
            self.needs,
            production[0],
            production[1],
            production[2],
        ];
        let of_trade = [
            now.sizes,
            now.orders,
            self.marks,
            self.ledger,
            self.ranges,
            self.hit_losses,
            rules.trade[0],
            choices.substitutes,
            choices.amounts,
            self.needs,
            trade[0],
            trade[1],
            trade[2],
        ];
        Some((of_production, of_trade))
    }

    /// All its buffers.
    pub fn buffers(&self) -> Vec<Buffer> {
        let mut all = vec![self.marks, self.needs, self.ledger, self.launches, self.ranges];
        all.extend([self.hits, self.hit_losses]);
        all.extend(self.jobs.iter().flatten().flatten());
        all
    }
}

/// What was needed, if some list had no room; a ledger of nothing lacks nothing.
pub fn lacking(ledger: &[u32]) -> Option<Rooms> {
    let largest = |need: usize| ledger[LARGEST + need];
    ledger.get(LACKS).is_some_and(|&lacks| lacks != 0).then(|| std::array::from_fn(largest))
}

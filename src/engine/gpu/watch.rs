//! What is looked at after steps of a batch, without waiting for it: totals stay on the device until the batch is read.

use super::batch::Batch;
use super::collect::{Totalled, Totalling};
use super::decisions::{LEDGER, lacking};
use super::machine::{Buffer, View};
use super::rooms::Halt;
use crate::model::constants::MIN_LOSS;

/// Relative gain from which a sector may be part of a loop that feeds itself: in f32 its scenario is
/// computed again in f64.
pub const SELF_FEEDING: f64 = 1.0;

/// Looks that wait at most: only runs of hundreds of steps have more, and read them on the way.
const PENDING: usize = 64;

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Looks {
    /// Scenarios in which some sector feeds itself: rounding may grow with it.
    Gain,
    /// Scenarios that are out of range: in f64 they have diverged, in f32 they are computed again. Whether the
    /// unshocked run is out of range as well.
    Range { is_certain: bool },
}

/// Totals after step `t`, on the machine.
struct Watch {
    looks: Looks,
    t: usize,
    asked: [(Buffer, usize); 2],
}

/// What is looked at in a batch, and what was seen.
pub(super) struct Watches {
    pending: Vec<Watch>,
    /// Scenarios that f32 may not hold its bound for.
    pub suspects: Vec<bool>,
    /// First step after which each scenario is out of range.
    pub diverged: Vec<Option<usize>>,
}

impl Watches {
    /// For so many scenarios.
    pub fn new(scenarios: usize) -> Self {
        let (suspects, diverged) = (vec![false; scenarios], vec![None; scenarios]);
        Watches { pending: Vec::new(), suspects, diverged }
    }

    /// Buffers that wait to be read.
    pub fn buffers(&self) -> impl Iterator<Item = Buffer> + '_ {
        self.pending.iter().flat_map(|watch| watch.asked.map(|asked| asked.0))
    }

    /// Looks at what was read of [`Batch::beside`]; the ledger, empty where nobody decides.
    pub fn look(&mut self, views: &[View<'_>], is_single: bool) -> Vec<u32> {
        let (ledger, totals) = views.split_at(views.len() - 2 * self.pending.len());
        for (watch, of) in self.pending.iter().zip(totals.chunks_exact(2)) {
            let totalled = Totalled::of([of[0], of[1]]);
            for number in 0..self.suspects.len() {
                let is_finite = totalled.value(number, 0).is_finite();
                let is_seen = match watch.looks {
                    Looks::Gain => totalled.value(number, 3) > SELF_FEEDING,
                    Looks::Range { is_certain } => is_certain || totalled.count(number, 0) > 0,
                };
                match watch.looks {
                    _ if is_finite && !is_seen => {}
                    Looks::Range { .. } if !is_single => {
                        self.diverged[number].get_or_insert(watch.t);
                    }
                    _ => self.suspects[number] = true,
                }
            }
        }
        ledger.first().map(|view| view.whole().to_vec()).unwrap_or_default()
    }
}

impl Batch<'_> {
    /// Lets the machine total the losses after step `t`, to be looked at later.
    pub(super) fn watch(&mut self, looks: Looks, t: usize) -> Result<(), Halt> {
        let limit = match looks {
            Looks::Gain => MIN_LOSS,
            Looks::Range { .. } => self.prepared.range(self.is_watched).1,
        };
        let totalling = self.total(limit, t);
        let Totalling { marks, rows_before, .. } = totalling;
        self.machine.free(marks);
        self.machine.free(rows_before);
        self.watches.pending.push(Watch { looks, t, asked: totalling.asked(self.groups) });
        if self.watches.pending.len() < PENDING {
            return Ok(());
        }
        let (beside, is_single) = (self.beside(), self.is_watched);
        let (mut ledger, watches) = (Vec::new(), &mut self.watches);
        self.machine.read_with(&beside, &mut |views| ledger = watches.look(views, is_single))?;
        self.settled(&ledger)
    }

    /// What is read beside the answers: the ledger, if anybody decides, and totals to be looked at.
    pub(super) fn beside(&self) -> Vec<(Buffer, usize)> {
        let mut asked: Vec<_> = self.decisions.iter().map(|of| (of.ledger, LEDGER)).collect();
        asked.extend(self.watches.pending.iter().flat_map(|watch| watch.asked));
        asked
    }

    /// Gives back what has been looked at; an error where decisions had no room.
    pub(super) fn settled(&mut self, ledger: &[u32]) -> Result<(), Halt> {
        let seen: Vec<Buffer> = self.watches.buffers().collect();
        self.watches.pending.clear();
        seen.into_iter().for_each(|buffer| self.machine.free(buffer));
        match lacking(ledger) {
            Some(needed) => Err(self.no_room(&needed)),
            None => Ok(()),
        }
    }

    /// Reads totals, and what is read beside them; the ledger too.
    pub(super) fn read_settled(
        &mut self,
        totals: [(Buffer, usize); 2],
    ) -> Result<(Totalled, Vec<u32>), Halt> {
        let mut asked = totals.to_vec();
        asked.extend(self.beside());
        let (mut found, watches) = (None, &mut self.watches);
        let is_single = self.is_watched;
        self.machine.read_with(&asked, &mut |views| {
            let ledger = watches.look(&views[2..], is_single);
            found = Some((Totalled::of([views[0], views[1]]), ledger));
        })?;
        let nothing = || (Totalled { values: Vec::new(), counts: Vec::new() }, Vec::new());
        let (totalled, ledger) = found.unwrap_or_else(nothing);
        self.settled(&ledger)?;
        Ok((totalled, ledger))
    }
}

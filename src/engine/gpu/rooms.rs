//! How much room the decisions of a batch take on a device: guessed at first, then learned.
//!
//! Kernels count what they need before they write anything; where there is too little, nothing is changed, and the
//! batch runs again with more.

use std::sync::{Mutex, PoisonError};

use super::build::JOB;
use super::patch::PATCH;
use crate::dataset::Dimensions;
use crate::engine::EngineError;

/// What scenarios need: hits, then for production and for trade jobs, members, items and entries.
pub const NEEDS: usize = 9;
/// Hits, among what is needed.
pub const HITS: usize = 0;
/// Jobs of production; members, items and entries follow.
pub const PRODUCTION: usize = 1;
/// Jobs of trade, likewise.
pub const TRADE: usize = 5;

/// Numbers by need.
pub type Rooms = [u32; NEEDS];

/// Why a batch has ended without answers.
#[derive(Debug)]
pub enum Halt {
    /// The engine has failed.
    Failed(EngineError),
    /// Its decisions took more room than there was; whether buffers of the device could hold it.
    NoRoom {
        /// They could.
        fits: bool,
    },
}

impl From<EngineError> for Halt {
    fn from(error: EngineError) -> Self {
        Halt::Failed(error)
    }
}

/// Hits, jobs and members of a scenario that there is room for at first.
const FEW: usize = 16;

/// By how much more than was needed so far there is room for.
const MARGIN: f64 = 1.25;

/// Room for batches with more scenarios than any before is at most so many times what was needed so far.
const FURTHER: u32 = 4;

/// Bytes of one element of the largest list of a need, where a real number has so many.
fn bytes(need: usize, real: u64) -> u64 {
    let (job, patch) = (4 * JOB as u64, 4 * PATCH as u64);
    match need {
        HITS => 2 * real,
        _ => [job.max(patch), 2 * real, 16.max(real), 4.max(real)][(need - PRODUCTION) % 4],
    }
}

/// What batches have needed so far; shared by the threads that run them.
#[derive(Debug)]
pub struct KeptRooms {
    guess: [usize; NEEDS],
    /// Elements that fit one buffer.
    most: Rooms,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    by_scenario: Rooms,
    by_batch: Rooms,
}

impl KeptRooms {
    /// For a dataset, on devices whose buffers hold `limit` bytes, with real numbers of `real` bytes.
    pub fn new(dims: Dimensions, limit: u64, real: u64) -> Self {
        let guess = |need: usize| match need {
            HITS => FEW,
            _ => [FEW, FEW, 4 * dims.areas, 4 * dims.areas][(need - PRODUCTION) % 4],
        };
        let most = |need: usize| (limit / bytes(need, real)).min(u64::from(u32::MAX - 1)) as u32;
        KeptRooms {
            guess: std::array::from_fn(guess),
            most: std::array::from_fn(most),
            seen: Mutex::default(),
        }
    }

    /// Room for a batch of so many scenarios.
    pub fn of(&self, scenarios: usize) -> Rooms {
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        std::array::from_fn(|need| {
            let guess = (self.guess[need] * scenarios) as u64;
            let alike = u64::from(seen.by_scenario[need]) * scenarios as u64;
            let alike = alike.min(u64::from(FURTHER) * u64::from(seen.by_batch[need]));
            let wanted = (MARGIN * alike as f64) as u64;
            wanted.max(guess).clamp(1, u64::from(self.most[need])) as u32
        })
    }

    /// Takes note of what a batch of so many scenarios has needed; whether one buffer each can hold it.
    pub fn note(&self, scenarios: usize, needed: &Rooms) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = needed.iter().zip(&self.most).all(|(needed, most)| needed <= most);
        if fits {
            for (need, &needed) in needed.iter().enumerate() {
                let own = needed.div_ceil(scenarios.max(1) as u32);
                seen.by_scenario[need] = seen.by_scenario[need].max(own);
                seen.by_batch[need] = seen.by_batch[need].max(needed);
            }
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Room grows with what was needed, for larger batches too, and never above what a buffer holds.
    #[test]
    fn room_is_learned() {
        let dims = Dimensions { areas: 10, items: 5, processes: 3 };
        let kept = KeptRooms::new(dims, 1 << 20, 8);
        assert_eq!(kept.of(64), [1024, 1024, 1024, 2560, 2560, 1024, 1024, 2560, 2560]);
        assert!(kept.note(64, &[5000, 1, 1, 1, 1, 1, 1, 1, 1]));
        assert_eq!(kept.of(64)[..2], [6320, 1024], "79 each, a quarter more");
        assert_eq!(kept.of(128)[0], 12_640);
        assert_eq!(kept.of(300)[0], 25_000, "four times as much, a quarter more");
        assert!(
            !kept.note(64, &[0, 0, 0, 0, 0, 0, 0, 0, 131_073]),
            "a megabyte has 131,072 numbers"
        );
        assert_eq!(kept.of(64)[8], 2560, "what never fits is not learned");
        assert!(kept.note(1, &[0, 0, 0, 0, 0, 0, 0, 0, 131_072]));
        assert_eq!(kept.of(64)[8], 131_072);
    }
}

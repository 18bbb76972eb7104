//! One question after another: those that are quick to answer never wait for those that are not, and one
//! that nobody waits for any more is dropped.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::answer::Answered;
use super::question::{Asked, Question};
use super::{ExploreError, Explorer};

/// Questions that may wait.
const MOST_WAITING: usize = 256;

/// Called with the answer, on a thread of the queue.
type Listener = Box<dyn FnOnce(Answered) + Send>;

struct Waiting {
    asked: Asked,
    is_dropped: Arc<AtomicBool>,
    listener: Listener,
}

#[derive(Default)]
struct Lane {
    waiting: VecDeque<Waiting>,
    is_closed: bool,
}

/// A lane of questions and the bell that rings when one comes.
#[derive(Default)]
struct Shared {
    lane: Mutex<Lane>,
    bell: Condvar,
}

impl Shared {
    fn lane(&self) -> MutexGuard<'_, Lane> {
        self.lane.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who waits for an answer; dropped, nobody does, and the question need not be answered.
#[derive(Debug)]
pub struct Ticket {
    is_dropped: Arc<AtomicBool>,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.is_dropped.store(true, Ordering::Relaxed);
    }
}

/// Puts questions to an explorer.
pub struct Queue {
    lanes: [Arc<Shared>; 2],
    workers: Vec<JoinHandle<()>>,
}

/// The lane of a question: quick ones, and those that may take a second.
fn lane_of(question: &Question) -> usize {
    match question {
        Question::Losses { .. }
        | Question::Panel { .. }
        | Question::Changes { .. }
        | Question::Find { .. } => 0,
        Question::Why { .. }
        | Question::Table { .. }
        | Question::Fears { .. }
        | Question::Together { .. }
        | Question::Best { .. }
        | Question::Recorded { .. } => 1,
    }
}

impl Queue {
    /// Opens the lanes, with a thread for each.
    pub fn new(explorer: Arc<Explorer>) -> Self {
        let lanes: [Arc<Shared>; 2] = Default::default();
        let work = |shared: &Arc<Shared>| {
            let (shared, explorer) = (shared.clone(), explorer.clone());
            std::thread::spawn(move || answer_all(&shared, &explorer))
        };
        let workers = lanes.iter().map(work).collect();
        Queue { lanes, workers }
    }

    /// Asks; `listener` is called with the answer. Of two questions of a kind from one page that wait,
    /// the earlier is answered with [`ExploreError::Stale`] at once.
    pub fn ask(&self, asked: Asked, listener: impl FnOnce(Answered) + Send + 'static) -> Ticket {
        let is_dropped = Arc::new(AtomicBool::new(false));
        let ticket = Ticket { is_dropped: is_dropped.clone() };
        if let Err(error) = asked.check() {
            listener(Err(error));
            return ticket;
        }
        let shared = &self.lanes[lane_of(&asked.question)];
        let mut lane = shared.lane();
        let is_older = |waiting: &Waiting| {
            !asked.page.is_empty()
                && waiting.asked.page == asked.page
                && waiting.asked.question.kind() == asked.question.kind()
        };
        let older = lane.waiting.iter().position(is_older).and_then(|at| lane.waiting.remove(at));
        let is_full = lane.waiting.len() >= MOST_WAITING;
        let listener: Listener = Box::new(listener);
        let refused = match is_full {
            true => Some(listener),
            false => {
                lane.waiting.push_back(Waiting { asked, is_dropped, listener });
                None
            }
        };
        drop(lane);
        shared.bell.notify_one();
        // Outside the lock: a listener may ask again.
        if let Some(older) = older {
            (older.listener)(Err(ExploreError::Stale));
        }
        if let Some(listener) = refused {
            listener(Err(ExploreError::Busy(MOST_WAITING)));
        }
        ticket
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        for shared in &self.lanes {
            shared.lane().is_closed = true;
            shared.bell.notify_all();
        }
        for worker in self.workers.drain(..) {
            // It has no result, and says nothing when it panics that was not said already.
            let _ = worker.join();
        }
    }
}

fn answer_all(shared: &Shared, explorer: &Explorer) {
    loop {
        let mut lane = shared.lane();
        let next = loop {
            if lane.is_closed {
                return;
            }
            match lane.waiting.pop_front() {
                Some(next) => break next,
                None => lane = shared.bell.wait(lane).unwrap_or_else(PoisonError::into_inner),
            }
        };
        drop(lane);
        if next.is_dropped.load(Ordering::Relaxed) {
            (next.listener)(Err(ExploreError::Stale));
            continue;
        }
        (next.listener)(explorer.answer(&next.asked.question));
    }
}

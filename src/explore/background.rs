//! What takes longer than a click: all single failures, run beside the questions and kept.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::ExploreError;
use super::answer::WorkingReply;
use super::question::Tell;
use super::worlds::Place;
use crate::exposure::computed::{Setting, singles_until};
use crate::exposure::{Singles, What};
use crate::study::shock::ways;

/// What is kept: the failures as told in the last few measures and items.
const KEPT: usize = 3;
/// Failures that are run together: few enough to stop soon.
const BATCH: usize = 64;

/// All single failures, or how far they are.
pub(super) enum Known {
    /// They are known.
    Ready(Arc<Singles>),
    /// They are being run.
    Working(WorkingReply),
}

struct Running {
    tell: Tell,
    done: Arc<AtomicUsize>,
    total: usize,
    stop: Arc<AtomicBool>,
}

#[derive(Default)]
struct State {
    known: Vec<(Tell, Result<Arc<Singles>, String>)>,
    running: Option<Running>,
}

/// Runs single failures on threads of its own, so that questions never wait for them.
pub(super) struct Background {
    state: Arc<Mutex<State>>,
    pool: Arc<ThreadPool>,
}

impl Background {
    /// With all threads but one.
    pub(super) fn new() -> Result<Self, ExploreError> {
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
        let pool = ThreadPoolBuilder::new().num_threads(threads.saturating_sub(1).max(1)).build();
        let pool = pool.map_err(|error| ExploreError::Background(error.to_string()))?;
        Ok(Background { state: Arc::default(), pool: Arc::new(pool) })
    }

    /// Runs what is long on the threads of the background.
    pub(super) fn on_its_threads<T: Send>(&self, run: impl FnOnce() -> T + Send) -> T {
        self.pool.install(run)
    }

    /// All single failures told so: kept ones, or how far they are; what was being run for another
    /// telling gives way.
    pub(super) fn singles(&self, place: &Arc<Place>, tell: &Tell) -> Result<Known, ExploreError> {
        let what = place.what(tell)?;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = state.known.iter().find(|(of, _)| of == tell) {
            let known = known.clone().map_err(ExploreError::Background)?;
            return Ok(Known::Ready(known));
        }
        if let Some(running) = state.running.as_ref().filter(|running| running.tell == *tell) {
            let done = running.done.load(Ordering::Relaxed).min(running.total);
            return Ok(Known::Working(WorkingReply { done, total: running.total }));
        }
        if let Some(other) = state.running.take() {
            other.stop.store(true, Ordering::Relaxed);
        }
        let setting = Setting { ways: ways(&place.dataset), adaptation: place.settings };
        let producers = place.dataset.parameters.producers().iter().filter(|is| **is).count();
        let total = producers * setting.runs().iter().filter(|is_run| **is_run).count();
        let running =
            Running { tell: tell.clone(), done: Arc::default(), total, stop: Arc::default() };
        self.start(place.clone(), what, setting, &running);
        state.running = Some(running);
        Ok(Known::Working(WorkingReply { done: 0, total }))
    }

    fn start(&self, place: Arc<Place>, what: What, setting: Setting, running: &Running) {
        let (state, pool, tell) = (self.state.clone(), self.pool.clone(), running.tell.clone());
        let (done, stop) = (running.done.clone(), running.stop.clone());
        std::thread::spawn(move || {
            let progress = |more: usize| {
                done.fetch_add(more, Ordering::Relaxed);
            };
            let is_stopped = || stop.load(Ordering::Relaxed);
            let dataset = &*place.dataset;
            let found = pool.install(|| {
                let go_on: (_, &(dyn Fn(usize) + Sync), &dyn Fn() -> bool) =
                    (BATCH, &progress, &is_stopped);
                singles_until(&place.engine, dataset, &what, &setting, 0, go_on)
            });
            let found = match found {
                Ok(None) => return,
                Ok(Some(singles)) => Ok(Arc::new(singles)),
                Err(error) => Err(error.to_string()),
            };
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.running.as_ref().is_some_and(|running| Arc::ptr_eq(&running.stop, &stop)) {
                state.running = None;
            }
            state.known.truncate(KEPT - 1);
            state.known.insert(0, (tell, found));
        });
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = state.running.take() {
            running.stop.store(true, Ordering::Relaxed);
        }
    }
}

//! The driver: takes parts from a queue, has them computed, and commits them.

use std::ops::ControlFlow;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use super::work::Work;
use super::{Progress, RunOptions, within};
use crate::sink::target::{Closing, Computed};
use crate::sink::{Sink, SinkError};

/// A run that has not closed its result.
#[derive(Debug)]
pub enum Unfinished {
    /// All parts of this shard, or of this list, are there: so many.
    Shard(usize),
    /// It was stopped; what is there, for a person.
    Stopped(String),
}

/// Computes what is missing, commits it and closes the result.
///
/// # Errors
/// The engine fails, or the result cannot be written. What was committed before stays valid.
pub fn drive<W: Work, S: Sink>(
    work: &W,
    mut sink: S,
    overlaps: bool,
    options: &RunOptions<'_>,
    progress: &dyn Progress,
) -> Result<Result<S::Closed, Unfinished>, SinkError> {
    let own: Vec<usize> = (0..work.parts()).filter(|&part| options.has(part)).collect();
    let missing = sink.missing();
    let scenarios = |parts: &[usize]| parts.iter().map(|&part| work.size(part)).sum::<usize>();
    let remaining = scenarios(&missing);
    sink.check_room(remaining, "the run")?;
    let prepare_s = options.started.elapsed().as_secs_f64();
    progress.start(remaining, scenarios(&own));
    let mut queue = missing.into_iter();
    let computed = compute(work, &mut sink, &mut queue, overlaps, options, progress);
    // First: what has been computed is worth more than why it ended.
    sink.settle()?;
    computed?;
    if !sink.missing().is_empty() {
        return Ok(Err(Unfinished::Stopped(sink.state())));
    }
    if !options.is_whole() {
        return Ok(Err(Unfinished::Shard(own.len())));
    }
    progress.writing();
    let closing = Instant::now();
    let whole = work.finish(&mut sink)?;
    let closing = Closing {
        counts: whole.counts,
        superposition: whole.superposition,
        prepare_s,
        started: options.started,
        closing,
    };
    sink.close(closing).map(Ok)
}

/// Computes the parts that `queue` names, a list or claims of a worker, and commits them to `sink`,
/// until the queue is empty or `options.stop` says so. With `overlaps` parts are written while the
/// next are computed.
///
/// # Errors
/// The engine fails, or a part cannot be written. What was committed before stays valid.
pub fn compute<W: Work, S: Sink>(
    work: &W,
    sink: &mut S,
    queue: &mut dyn Iterator<Item = usize>,
    overlaps: bool,
    options: &RunOptions<'_>,
    progress: &dyn Progress,
) -> Result<(), SinkError> {
    let all = (0..work.parts()).filter(|&part| options.has(part)).count();
    let mut commit = |computed: Computed<W::Part>| -> Result<(), SinkError> {
        sink.check_room(computed.scenarios, "the next batch")?;
        sink.commit(&computed, &|part| work.tables(part))?;
        progress.committed(all - sink.missing().len(), all);
        Ok(())
    };
    if !overlaps {
        let mut take = |computed| commit(computed).map(|()| ControlFlow::Continue(()));
        return work.compute(queue, options.stop, progress, &mut take);
    }
    std::thread::scope(|scope| {
        // A writer that takes one window at a time: two are in memory, one being written.
        let (send, receive) = sync_channel::<Computed<W::Part>>(0);
        let threads = options.threads;
        let writer =
            scope.spawn(move || within(threads, || receive.into_iter().try_for_each(&mut commit)));
        // A writer that has failed takes no more; its error is the run's.
        let mut take = |computed| {
            Ok(match send.send(computed) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            })
        };
        let computed = work.compute(queue, options.stop, progress, &mut take);
        drop(send);
        writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        computed
    })
}

//! Work that takes long, on a thread of its own, while Python looks whether it was interrupted.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pyo3::prelude::*;

use crate::error;

/// How long Python waits before it looks again.
const GLANCE: Duration = Duration::from_millis(50);

/// Does the work, which asks now and then whether to stop; meanwhile `tell` says how it goes on.
///
/// # Errors
/// Python was interrupted, or what it was told raised an error.
pub fn watched<T: Send>(
    py: Python<'_>,
    mut tell: impl FnMut() -> PyResult<()>,
    work: impl FnOnce(&(dyn Fn() -> bool + Sync)) -> T + Send,
) -> PyResult<T> {
    let stop = AtomicBool::new(false);
    let mut interrupted = None;
    let ended = std::thread::scope(|scope| {
        let running = scope.spawn(|| work(&|| stop.load(Ordering::Relaxed)));
        while !running.is_finished() {
            py.detach(|| std::thread::sleep(GLANCE));
            if let Err(error) = tell().and_then(|()| py.check_signals()) {
                stop.store(true, Ordering::Relaxed);
                interrupted.get_or_insert(error);
            }
        }
        py.detach(|| running.join())
    });
    let ended = ended.map_err(|_| error::input("the run failed; this is a fault of shocksweep"))?;
    match interrupted {
        Some(error) => Err(error),
        None => Ok(ended),
    }
}

//! What ends a run early: Ctrl-C, and what schedulers send before they kill.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::EXIT_INTERRUPTED;
use super::say::say;

/// How often the user, or the scheduler, has asked the run to end.
static INTERRUPTS: AtomicUsize = AtomicUsize::new(0);

/// Whether the run is to end at the next opportunity.
pub fn interrupted() -> bool {
    INTERRUPTS.load(Ordering::SeqCst) > 0
}

/// One more request to end: the first ends the run after the batch in hand, the second at once.
fn interrupt(quiet: bool) {
    if INTERRUPTS.fetch_add(1, Ordering::SeqCst) > 0 {
        std::process::exit(i32::from(EXIT_INTERRUPTED));
    }
    if !quiet {
        say("\nfinishing the batch in hand; once more stops at once");
    }
}

/// Listens for requests to end. Slurm (`--signal=USR1@60`), SGE (`-notify`) and workflow managers warn
/// with USR1 and USR2 as often as with TERM.
///
/// Where nothing can listen the run is killed as any program is, which loses no committed part.
#[cfg(unix)]
pub fn listen(quiet: bool) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2};
    let asked = [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2];
    let Ok(mut signals) = signal_hook::iterator::Signals::new(asked) else { return };
    std::thread::spawn(move || {
        for _ in signals.forever() {
            interrupt(quiet);
        }
    });
}

/// Listens for Ctrl-C and its like.
///
/// Where nothing can listen the run is killed as any program is, which loses no committed part.
#[cfg(not(unix))]
pub fn listen(quiet: bool) {
    let _ = ctrlc::set_handler(move || interrupt(quiet));
}

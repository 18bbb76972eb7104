//! Tests that cannot run here say so where a person sees it.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::io::Write;
use std::sync::Mutex;

/// Says that the test that runs is skipped, and why.
///
/// The line goes past the harness, which would swallow what a passing test prints; `tests/run.sh`
/// counts these lines. A test that asks twice is named once.
pub fn skip(reason: impl Display) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    // Tests that run one after another all run on the main thread.
    if test == "main" || SAID.lock().is_ok_and(|mut said| said.insert(test.to_string())) {
        note(format_args!("SKIPPED {test}: {reason}"));
    }
}

/// Says something past the harness, as one line.
pub fn note(line: impl Display) {
    let line = format!("{line}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
}

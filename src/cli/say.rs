//! Lines on standard error that nobody need hear.

use std::io::Write;

/// Prints a line on standard error, if it can: a log that is full or closed stops no run, and changes
/// no exit code.
pub fn say(text: &str) {
    // There is nowhere left to say that it failed.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

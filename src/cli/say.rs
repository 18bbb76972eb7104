//! Lines on standard error that nobody need hear.

use std::io::Write;

use shocksweep_columnar::{brief, visible};

/// Prints a line on standard error, if it can: a log that is full or closed stops no run, and changes
/// no exit code. What would steer a terminal, a name of somebody else's data perhaps, is written out, and what is too long to
/// be read is cut.
pub fn say(text: &str) {
    let text = brief(&visible(&super::place::shown(text)));
    // There is nowhere left to say that it failed.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

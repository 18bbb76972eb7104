//! The one way to standard output, of every command alike.
//!
//! Texts for people have their emphasis where the reader's terminal has colour: titles and table headers in
//! bold, what a reader should know before the numbers in yellow. What is for programs ([`data`]) goes as it
//! is.

use std::io::{IsTerminal, Write};

use super::place;
use crate::report::prose;

const BOLD: &str = "\u{1b}[1m";
const YELLOW: &str = "\u{1b}[33m";
const PLAIN: &str = "\u{1b}[0m";

/// Beginnings of lines that a reader should not miss.
const NOTICES: [&str; 4] = ["Note: ", "Runaway", "FAILED", "wrong"];

/// Prints a text to standard output.
///
/// # Errors
/// The terminal is gone.
pub fn print(text: &str) -> std::io::Result<()> {
    let out = std::io::stdout();
    let text = place::shown(&prose::shown(text));
    let is_allowed = allows(out.is_terminal(), |name| std::env::var(name).ok());
    let inked = if is_allowed { inked(&text) } else { text };
    out.lock().write_all(inked.as_bytes())
}

/// Prints what a program reads, JSON or a page, as it is.
///
/// # Errors
/// The reader is gone.
pub fn data(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    // Who reads may wait for it, and the program go on.
    out.flush()
}

/// Whether colour is allowed: on a terminal that is not dumb, unless `NO_COLOR` says no; everywhere if
/// `CLICOLOR_FORCE` says so.
fn allows(is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    if is_set("NO_COLOR") {
        return false;
    }
    let is_forced =
        variable("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != "0");
    is_forced || (is_terminal && variable("TERM").is_none_or(|term| term != "dumb"))
}

/// The text with its emphasis.
fn inked(text: &str) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let is_rule = |at: usize| lines.get(at).is_some_and(|line| line.starts_with('─'));
    let mut inked = String::with_capacity(text.len() + 64);
    for (at, line) in lines.iter().enumerate() {
        let (content, end) = match line.strip_suffix('\n') {
            Some(content) => (content, "\n"),
            None => (*line, ""),
        };
        // A title stands over a table's header, the header over its rule.
        let is_title = is_rule(at + 2) && !content.is_empty();
        let ink = match content {
            _ if NOTICES.iter().any(|notice| content.starts_with(notice)) => YELLOW,
            _ if is_rule(at + 1) || is_title || content == "Next:" => BOLD,
            _ => "",
        };
        match ink {
            "" => inked.push_str(content),
            ink => inked.extend([ink, content, PLAIN]),
        }
        inked.push_str(end);
    }
    inked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_for_terminals_that_allow_it() {
        let with = |pairs: &'static [(&str, &str)]| {
            move |name: &str| {
                pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string())
            }
        };
        assert!(allows(true, with(&[("TERM", "xterm")])));
        assert!(!allows(false, with(&[("TERM", "xterm")])));
        assert!(!allows(true, with(&[("NO_COLOR", "1")])));
        assert!(allows(true, with(&[("NO_COLOR", "")])));
        assert!(!allows(true, with(&[("TERM", "dumb")])));
        assert!(allows(false, with(&[("CLICOLOR_FORCE", "1")])));
        assert!(!allows(true, with(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")])));
    }

    #[test]
    fn titles_headers_and_notes_are_emphasised_and_nothing_is_lost() {
        let text =
            "Note: invented.\n\nThe worst\n  area   loss\n─────────\n  A      1\n\nNext:\n  do it";
        let said = inked(text);
        assert_eq!(said.replace(BOLD, "").replace(YELLOW, "").replace(PLAIN, ""), text);
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines[0], format!("{YELLOW}Note: invented.{PLAIN}"));
        assert_eq!(lines[2], format!("{BOLD}The worst{PLAIN}"));
        assert_eq!(lines[3], format!("{BOLD}  area   loss{PLAIN}"));
        assert_eq!((lines[4], lines[5]), ("─────────", "  A      1"));
        assert_eq!(lines[7], format!("{BOLD}Next:{PLAIN}"));
    }
}

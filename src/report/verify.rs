//! What `shocksweep verify` says.

use super::fit::{terminal_width, wrapped};
use super::table;
use crate::check::integrity::Check;

/// The checks as a table; where the terminal is too narrow for what was found, one after the other, so that
/// nothing of it is cut.
pub fn text(checks: &[Check]) -> String {
    text_within(checks, terminal_width())
}

fn text_within(checks: &[Check], width: Option<usize>) -> String {
    let verdict = |check: &Check| match check.holds {
        Some(true) => "ok",
        Some(false) => "FAILED",
        None => "not done",
    };
    let longest = checks.iter().map(|check| check.found.chars().count()).max().unwrap_or(0);
    // The columns before take about 24.
    if let Some(width) = width.filter(|&width| width < longest + 24) {
        let line = |check: &Check| {
            let line = format!("{}: {}: {}", verdict(check), check.name, check.found);
            wrapped(&line, width, "    ") + "\n"
        };
        return checks.iter().map(line).collect();
    }
    let rows = checks
        .iter()
        .map(|check| vec![check.name.to_string(), verdict(check).to_string(), check.found.clone()]);
    format!("{}\n", table(&["check", "", "found"], rows.collect(), 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_never_cut() {
        let problem =
            "the loss of India is 3.5 in the table and 4.5 when it is computed anew".to_string();
        let checks = [Check::new("totals", Some(problem.clone()), String::new())];
        let wide = text_within(&checks, Some(200));
        assert!(wide.contains(&problem) && wide.contains("FAILED"), "{wide}");
        let narrow = text_within(&checks, Some(60));
        assert!(narrow.lines().all(|line| line.chars().count() <= 60), "{narrow}");
        let words = narrow.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(words, format!("FAILED: totals: {problem}"));
    }
}

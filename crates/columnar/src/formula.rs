//! Texts in CSV files that spreadsheets would take for formulas: written with an apostrophe before
//! them, read without it.

/// What a formula starts with.
const STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Whether a text starts like a formula, apostrophes apart.
fn starts_one(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(STARTS)
}

/// A text that no spreadsheet takes for a formula: an apostrophe goes before what would start one, and
/// before the apostrophes of a text that is guarded already, so that [`plain`] gives every text back.
pub fn harmless(text: &str) -> String {
    match starts_one(text) {
        true => format!("'{text}"),
        false => text.to_string(),
    }
}

/// The text that [`harmless`] guards.
pub fn plain(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if starts_one(text) => text,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_guarded_and_read_back() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("+49", "'+49"),
            ("-x", "'-x"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=x", "'\t=x"),
            ("'=1", "''=1"),
            ("''@", "'''@"),
            ("'s-Hertogenbosch", "'s-Hertogenbosch"),
            ("'", "'"),
            ("", ""),
            ("Côte d'Ivoire", "Côte d'Ivoire"),
            ("a=b", "a=b"),
        ] {
            assert_eq!(harmless(text), cell);
            assert_eq!(plain(cell), text);
        }
        // Nobody guarded these.
        for cell in ["=1+1", "-5", "'quoted'"] {
            assert_eq!(plain(cell), cell);
        }
    }
}

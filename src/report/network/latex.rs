//! Tables of estimates as LaTeX (booktabs).

use std::fmt::Write;

use shocksweep_networks::reading::{Cell, Layout};

use super::{coefficient, term_name};

/// Text that LaTeX prints as it is.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '_' | '&' | '%' | '#' | '$' | '{' | '}' => {
                out.push('\\');
                out.push(letter);
            }
            '^' => out.push_str("\\textasciicircum{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '\\' => out.push_str("\\textbackslash{}"),
            _ => out.push(letter),
        }
    }
    out
}

/// A table environment per layout; needs the package booktabs.
pub fn latex(layouts: &[Layout]) -> String {
    let mut text = String::new();
    for layout in layouts {
        let width = layout.columns.len();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\\begin{{table}}\n\\caption{{{}}}", plain(&layout.title));
        let _ = writeln!(text, "\\begin{{tabular}}{{l{}}}\n\\toprule", "r".repeat(width));
        let tiers = runs(layout.columns.iter().map(|column| column.tier.as_str()));
        let heads =
            tiers.iter().map(|(tier, n)| format!("\\multicolumn{{{n}}}{{c}}{{{}}}", plain(tier)));
        let _ = writeln!(text, "& {} \\\\", heads.collect::<Vec<_>>().join(" & "));
        let models = layout.columns.iter().map(|column| plain(&column.model));
        let _ = writeln!(text, "& {} \\\\\n\\midrule", models.collect::<Vec<_>>().join(" & "));
        let mut section = "";
        for row in &layout.rows {
            if row.section != section {
                section = row.section;
                let _ = writeln!(
                    text,
                    "\\multicolumn{{{}}}{{l}}{{\\emph{{{section}}}}} \\\\",
                    width + 1
                );
            }
            let estimates = row.cells.iter().map(estimate).collect::<Vec<_>>().join(" & ");
            let intervals = row.cells.iter().map(interval).collect::<Vec<_>>().join(" & ");
            let _ = writeln!(text, "{} & {estimates} \\\\", plain(&term_name(&row.term)));
            let _ = writeln!(text, "& {intervals} \\\\");
        }
        let _ = writeln!(text, "\\midrule");
        let steps = layout.columns.iter().map(|column| column.fit.steps.to_string());
        let _ = writeln!(text, "Steps & {} \\\\", steps.collect::<Vec<_>>().join(" & "));
        let pairs = layout.columns.iter().map(|column| column.fit.pairs.to_string());
        let _ = writeln!(text, "Ordered pairs & {} \\\\", pairs.collect::<Vec<_>>().join(" & "));
        let _ = writeln!(text, "\\bottomrule\n\\end{{tabular}}\n\\end{{table}}\n");
    }
    text
}

fn estimate(cell: &Cell) -> String {
    match cell {
        Cell::Absent => String::new(),
        Cell::Missing(why) => plain(why),
        Cell::Estimate { b, stars, .. } => format!("${}^{{{stars}}}$", coefficient(*b)),
    }
}

fn interval(cell: &Cell) -> String {
    match cell {
        Cell::Estimate { interval: Some((lower, upper)), .. } => {
            format!("$[{}, {}]$", coefficient(*lower), coefficient(*upper))
        }
        _ => String::new(),
    }
}

/// Equal neighbours and how many there are.
pub(super) fn runs<'a>(names: impl Iterator<Item = &'a str>) -> Vec<(&'a str, usize)> {
    let mut runs: Vec<(&str, usize)> = Vec::new();
    for name in names {
        match runs.last_mut() {
            Some((last, count)) if *last == name => *count += 1,
            _ => runs.push((name, 1)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_latex_reads_as_code_is_escaped() {
        assert_eq!(plain("nodecov.coop_deg & 5 %"), "nodecov.coop\\_deg \\& 5 \\%");
        assert_eq!(runs(["a", "a", "b", "a"].into_iter()), [("a", 2), ("b", 1), ("a", 1)]);
    }
}

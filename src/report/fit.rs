//! Tables that fit the terminal: texts are shortened and columns left out, in a stated order.
//!
//! 1. Titles over numbers are broken in two lines, the widest first, as far as needed; those over texts where those
//!    are shortened.
//! 2. Texts wider than 24 columns are shortened to that, then titles over numbers wider than 16 to that, or to
//!    what their numbers take.
//! 3. Columns are left out by their order, the highest first; columns of order 0 stay.
//! 4. Texts are shortened to 10, titles over numbers to 6, at last texts to 6.
//!
//! A text that is shortened to less than 24 columns is broken in two lines before anything of it is cut; one that
//! says what its row holds ([`Column::label`]) in as many as it takes.
//!
//! What goes to a file or another program is neither left out nor shortened, but for texts of more than 160
//! characters, which nobody reads.

use std::io::IsTerminal;

use comfy_table::{CellAlignment, Table};
use shocksweep_columnar::shown;

use super::NOTHING_BUT_RULE;

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Title.
    pub title: String,
    /// Whether it holds numbers: to the right, and never shortened.
    pub is_number: bool,
    /// Whether its texts say what a row holds, so that their ends count as much as their beginnings.
    pub is_label: bool,
    /// 0 for a column that always stays; of the others the highest goes first.
    pub order: u8,
}

impl Column {
    /// A column of text that always stays.
    pub fn text(title: &str) -> Self {
        Column { title: title.to_string(), is_number: false, is_label: false, order: 0 }
    }

    /// A column that says what a row holds.
    pub fn label(title: &str) -> Self {
        Column { is_label: true, ..Column::text(title) }
    }

    /// A column of numbers that always stays.
    pub fn number(title: &str) -> Self {
        Column { title: title.to_string(), is_number: true, is_label: false, order: 0 }
    }

    /// The column, left out where the terminal is narrow; the highest order first.
    pub fn or_out(mut self, order: u8) -> Self {
        self.order = order;
        self
    }
}

/// Columns of the terminal: what `COLUMNS` says, else what the terminal is; `None` for none.
pub fn terminal_width() -> Option<usize> {
    let said = std::env::var("COLUMNS").ok().and_then(|text| text.trim().parse().ok());
    said.filter(|&width: &usize| width > 0).or_else(|| {
        let out = std::io::stdout();
        let size = out.is_terminal().then(|| terminal_size::terminal_size_of(out)).flatten();
        size.map(|(width, _)| usize::from(width.0))
    })
}

/// A table that fits the terminal.
pub fn fitted(columns: &[Column], rows: &[Vec<String>]) -> String {
    fitted_to(columns, rows, terminal_width())
}

/// A table at most `width` columns wide, as far as its columns of order 0 allow.
pub fn fitted_to(columns: &[Column], rows: &[Vec<String>], width: Option<usize>) -> String {
    // Names are somebody else's: none may steer the terminal, or break its line.
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| shown(cell)).collect()).collect();
    let count = |text: &str| text.chars().count();
    let cells: Vec<usize> = (0..columns.len())
        .map(|at| {
            rows.iter().map(|row| row.get(at).map_or(0, |cell| count(cell))).max().unwrap_or(0)
        })
        .collect();
    let titled = columns.iter().zip(&cells).map(|(column, &cells)| cells.max(count(&column.title)));
    let mut widths: Vec<usize> = titled.collect();
    let mut stays = vec![true; columns.len()];
    if let Some(width) = width {
        narrow_titles(columns, &mut widths, (&cells, &stays), width, in_two_lines);
        narrow(columns, &mut widths, &stays, width, 24);
        narrow_titles(columns, &mut widths, (&cells, &stays), width, |_| 16);
        while total(&widths, &stays) > width {
            let last = (0..columns.len()).filter(|&at| stays[at] && columns[at].order > 0);
            match last.max_by_key(|&at| (columns[at].order, at)) {
                Some(at) => stays[at] = false,
                None => break,
            }
        }
        narrow(columns, &mut widths, &stays, width, 10);
        narrow_titles(columns, &mut widths, (&cells, &stays), width, |_| 6);
        narrow(columns, &mut widths, &stays, width, 6);
    }
    let kept: Vec<usize> = (0..columns.len()).filter(|&at| stays[at]).collect();
    let mut table = Table::new();
    let header = kept.iter().map(|&at| broken(&columns[at].title, widths[at]));
    table.load_style(NOTHING_BUT_RULE).set_header(header.collect::<Vec<_>>());
    for row in &rows {
        let cell = |&at: &usize| {
            let text = row.get(at).map_or("", String::as_str);
            match widths[at] {
                width if columns[at].is_label => whole(text, width),
                width if width < 24 => broken(text, width),
                width => short(text, width),
            }
        };
        table.add_row(kept.iter().map(cell).collect::<Vec<_>>());
    }
    for (column, &at) in table.column_iter_mut().zip(&kept) {
        if columns[at].is_number {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

/// A text in lines of at most `width` characters, broken at blanks; all but the first begin with `indent`.
pub fn wrapped(text: &str, width: usize, indent: &str) -> String {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let used = lines[last].chars().count();
        let fits = used == 0 || used + 1 + word.chars().count() <= width;
        match (fits, lines[last].trim().is_empty()) {
            (true, true) => lines[last].push_str(word),
            (true, false) => lines[last] += &format!(" {word}"),
            (false, _) => lines.push(format!("{indent}{word}")),
        }
    }
    lines.join("\n")
}

/// Shortens the widest texts, a column at a time, until the table fits or none is wider than `least`.
fn narrow(columns: &[Column], widths: &mut [usize], stays: &[bool], width: usize, least: usize) {
    loop {
        let over = total(widths, stays).saturating_sub(width);
        let texts = (0..columns.len()).filter(|&at| stays[at] && !columns[at].is_number);
        let Some(widest) = texts.max_by_key(|&at| widths[at]) else { return };
        if over == 0 || widths[widest] <= least {
            return;
        }
        widths[widest] -= 1;
    }
}

/// Narrows the widest titles over numbers, a character at a time, to what their numbers take and at least
/// to what `least` says of a title, until the table fits.
fn narrow_titles(
    columns: &[Column],
    widths: &mut [usize],
    (cells, stays): (&[usize], &[bool]),
    width: usize,
    least: impl Fn(&str) -> usize,
) {
    while total(widths, stays) > width {
        let least = |at: usize| cells[at].max(least(&columns[at].title));
        let room = |at: &usize| widths[*at].saturating_sub(least(*at));
        let titles = (0..columns.len()).filter(|&at| stays[at] && columns[at].is_number);
        match titles.filter(|at| room(at) > 0).max_by_key(|&at| widths[at]) {
            Some(widest) => widths[widest] -= 1,
            None => return,
        }
    }
}

/// Width of the longer of the two lines that a title is best broken into.
fn in_two_lines(title: &str) -> usize {
    let count = |text: &str| text.chars().count();
    let at_blank = |(at, _): (usize, &str)| count(&title[..at]).max(count(&title[at + 1..]));
    title.match_indices(' ').map(at_blank).min().unwrap_or(count(title))
}

/// A text of at most `width` characters a line, in two lines where one does not do; what is cut is marked.
fn broken(title: &str, width: usize) -> String {
    let count = |text: &str| text.chars().count();
    if count(title) <= width {
        return title.to_string();
    }
    let mut fits = title.match_indices(' ').filter(|(at, _)| count(&title[..*at]) <= width);
    match fits.next_back() {
        Some((at, _)) => format!("{}\n{}", &title[..at], short(&title[at + 1..], width)),
        None => short(title, width),
    }
}

/// Width of a table of columns of these widths: each with a blank on each side, one between them and at the ends.
pub fn table_width(columns: impl Iterator<Item = usize>) -> usize {
    1 + columns.map(|width| width + 3).sum::<usize>()
}

fn total(widths: &[usize], stays: &[bool]) -> usize {
    table_width(widths.iter().zip(stays).filter(|(_, stays)| **stays).map(|(width, _)| *width))
}

/// A text in as many lines of at most `width` characters as it takes; only words are cut.
fn whole(text: &str, width: usize) -> String {
    let lines = wrapped(text, width, "");
    lines.split('\n').map(|line| short(line, width)).collect::<Vec<_>>().join("\n")
}

/// A text of at most `width` characters; what is cut is marked.
fn short(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_string();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}\u{2026}", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> (Vec<Column>, Vec<Vec<String>>) {
        let columns = vec![
            Column::number(""),
            Column::text("area"),
            Column::text("item"),
            Column::number("loss"),
            Column::number("of what it had").or_out(1),
            Column::number("baseline").or_out(2),
        ];
        let row = [
            "1",
            "Venezuela (Bolivarian Republic of)",
            "Grapes and products (excl wine)",
            "1,234,567 t",
            "-12.3 %",
            "9,999,999 t",
        ];
        (columns, vec![row.map(String::from).to_vec()])
    }

    #[test]
    fn nothing_in_a_table_steers_the_terminal() {
        let columns = [Column::text("area"), Column::number("loss")];
        let row = ["\u{1b}[31mIndia\u{202e}".to_string(), "1".to_string()].to_vec();
        for width in [None, Some(60), Some(20)] {
            let text =
                fitted_to(&columns, &[row.clone(), vec!["x".repeat(5_000), "2".into()]], width);
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
            assert!(text.lines().all(|line| line.chars().count() < 180), "{text}");
        }
    }

    #[test]
    fn long_lines_are_broken_at_blanks() {
        assert_eq!(wrapped("one two three", 7, "  "), "one two\n  three");
        assert_eq!(wrapped("", 7, "  "), "");
        let text = wrapped(&"word ".repeat(100), 60, "    ");
        assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
    }

    #[test]
    fn titles_over_numbers_are_broken_before_they_are_cut() {
        assert_eq!(in_two_lines("kcal/person/day, not adapting"), 16);
        assert_eq!(broken("kcal/person/day, not adapting", 16), "kcal/person/day,\nnot adapting");
        assert_eq!(broken("of what it had", 9), "of what\nit had");
        assert_eq!((broken("loss", 4).as_str(), in_two_lines("loss")), ("loss", 4));
        assert_eq!(broken("scenarios", 6), "scena\u{2026}");
        let columns = [Column::text("area"), Column::number("kcal/person/day, not adapting")];
        let text = fitted_to(&columns, &[vec!["India".into(), "1.0".into()]], Some(30));
        assert!(!text.contains('\u{2026}') && text.lines().count() == 4, "{text}");
    }

    #[test]
    fn what_a_row_holds_is_broken_before_it_is_cut() {
        let says = "sectors that lose more than 26 % of their supply";
        let row = vec![says.to_string(), "1,234,567".to_string(), "1,234,567".to_string()];
        let columns = [Column::label(""), Column::number("without"), Column::number("with")];
        let text = fitted_to(&columns, std::slice::from_ref(&row), Some(60));
        assert!(!text.contains('\u{2026}') && text.lines().count() == 4, "{text}");
        // A name is read by its beginning, as long as much of it is seen; then it is broken, too.
        let columns = [Column::text(""), Column::number("without"), Column::number("with")];
        let text = fitted_to(&columns, std::slice::from_ref(&row), Some(60));
        assert!(text.contains('\u{2026}') && text.lines().count() == 3, "{text}");
        let row = ["Russian Federation", "Wheat and products", "1,234,567,890", "1,234,567,890"];
        let columns =
            [Column::text("area"), Column::text("item"), Column::number("a"), Column::number("b")];
        let text = fitted_to(&columns, &[row.map(String::from).to_vec()], Some(60));
        assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
        assert!(text.contains("Federation") && text.contains("products"), "{text}");
    }

    #[test]
    fn tables_fit_by_shortening_and_leaving_out_in_order() {
        let (columns, rows) = rows();
        let widest = |text: &str| text.lines().map(|l| l.chars().count()).max().unwrap();
        let whole = fitted_to(&columns, &rows, None);
        assert!(
            whole.contains("Venezuela (Bolivarian Republic of)") && whole.contains("9,999,999 t")
        );
        for width in [110, 90, 80, 60] {
            let text = fitted_to(&columns, &rows, Some(width));
            assert!(widest(&text) <= width, "{width}:\n{text}");
            assert!(text.contains("1,234,567 t"), "numbers are never cut:\n{text}");
        }
        let at_110 = fitted_to(&columns, &rows, Some(110));
        assert!(at_110.contains("baseline") && at_110.contains('\u{2026}'), "{at_110}");
        let at_90 = fitted_to(&columns, &rows, Some(90));
        assert!(!at_90.contains("baseline") && at_90.contains("of what"), "{at_90}");
        let at_60 = fitted_to(&columns, &rows, Some(60));
        assert!(!at_60.contains("of what") && at_60.contains("Venezuela"), "{at_60}");
    }
}

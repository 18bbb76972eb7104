//! Results as people read them: tables on a terminal, one page ([`html`]), pictures ([`picture`]).

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};
use shocksweep_columnar::shown;

pub mod aggregate;
pub mod bench;
pub mod calibrate;
pub mod check;
pub mod cluster;
pub mod columns;
pub mod compare;
pub mod devices;
pub mod explain;
pub mod exposure;
pub mod fit;
pub mod html;
pub mod learn;
pub mod mitigate;
#[cfg(feature = "networks")]
pub mod network;
pub mod outlines;
pub mod picture;
pub mod plan;
pub mod run;
pub mod shock;
pub mod status;
pub mod superposition;
#[cfg(feature = "trade")]
pub mod trade;
pub mod validate;
pub mod verify;

/// A number with thousands separators and, below 100, as many decimals as are worth reading.
pub fn number(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 100.0 || v == 0.0 => 0,
        v if v >= 1.0 => 1,
        v if v >= 0.001 => 3,
        v if v < NOISE => return "0".to_string(),
        _ => return format!("{value:.1e}"),
    };
    let text = format!("{:.decimals$}", value.abs());
    let (digits, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let grouped = grouped(digits);
    let sign = if value < 0.0 { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{grouped}{point}{fraction}")
}

/// A share as a percentage; rounding noise is 0, and a small one is not.
pub fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    match percent.abs() {
        v if v < NOISE => "0 %".to_string(),
        v if v < 0.05 => (if percent < 0.0 { "> -0.1 %" } else { "< 0.1 %" }).to_string(),
        v if v < 100.0 => format!("{percent:.1} %"),
        _ => format!("{} %", number(percent.round())),
    }
}

/// Below this a number is the rounding of sums, and shown as 0.
const NOISE: f64 = 1e-6;

/// A count with thousands separators.
pub fn whole(count: usize) -> String {
    grouped(&count.to_string())
}

fn grouped(digits: &str) -> String {
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Columns of text under a ruled header: readable, and easily pasted elsewhere.
pub(crate) const NOTHING_BUT_RULE: TableStyle =
    TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─'));

/// A table with a header, numbers to the right from column `first_number` on.
pub fn table(header: &[&str], rows: Vec<Vec<String>>, first_number: usize) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING_BUT_RULE).set_header(header.to_vec());
    for row in rows {
        // Names are somebody else's: none may steer the terminal, or break its line.
        table.add_row(row.iter().map(|cell| shown(cell)).collect::<Vec<_>>());
    }
    for column in table.column_iter_mut().skip(first_number) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

/// An argument as a shell takes it.
pub fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:%+".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_string();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Seconds in words that a person reads at a glance.
pub fn duration(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min {seconds:02} s"),
        _ => format!("{hours} h {minutes:02} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_rounded() {
        assert_eq!(whole(1234567), "1,234,567");
        assert_eq!(whole(92), "92");
        assert_eq!(number(1234567.8), "1,234,568");
        assert_eq!(number(-1234.0), "-1,234");
        assert_eq!(number(12.34), "12.3");
        assert_eq!(number(0.01234), "0.012");
        assert_eq!(number(0.0), "0");
        assert_eq!(number(0.00001), "1.0e-5");
        assert_eq!(number(-4.9e-9), "0");
        assert_eq!(percent(0.1234), "12.3 %");
        assert_eq!(percent(-0.3), "-30.0 %");
        assert_eq!(percent(0.0001), "< 0.1 %");
        assert_eq!(percent(-0.0001), "> -0.1 %");
        assert_eq!(percent(-4.9e-9), "0 %");
        assert_eq!(percent(25.0), "2,500 %");
    }

    #[test]
    fn durations_are_short() {
        for (seconds, text) in
            [(0.2, "0 s"), (59.6, "1 min 00 s"), (3599.0, "59 min 59 s"), (90_000.0, "25 h 00 min")]
        {
            assert_eq!(duration(seconds), text);
        }
    }
}

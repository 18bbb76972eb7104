//! Results as people read them: tables on a terminal, one page ([`html`]), pictures ([`picture`]).

use comfy_table::{LineStyle, TableStyle};

use crate::measure::ALL_IS_EATEN;
use crate::sink::manifest::Manifest;

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
pub mod prose;
pub mod reserves;
pub mod run;
mod screened;
pub mod shock;
mod sides;
pub mod status;
pub mod superposition;
pub mod tables;
#[cfg(feature = "trade")]
pub mod trade;
pub mod validate;
pub mod verify;

/// A number with thousands separators and, below 100, as many decimals as are worth reading.
pub fn number(value: f64) -> String {
    let decimals = match value.abs() {
        // Nobody reads a hundred digits.
        v if v >= MANY_DIGITS => return format!("{value:.2e}"),
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

/// As [`percent`], of means over thousands of scenarios, which are small: with the digits that tell them apart.
pub fn fine_percent(share: f64) -> String {
    let percent_of = 100.0 * share;
    match percent_of.abs() {
        v if (NOISE..0.05).contains(&v) => {
            let digits = (1.0 - libm::log10(v).floor()) as usize;
            format!("{percent_of:.digits$} %")
        }
        _ => percent(share),
    }
}

/// From here on a number is shown with its exponent.
const MANY_DIGITS: f64 = 1e15;

/// Below this a number is the rounding of sums, and shown as 0.
const NOISE: f64 = 1e-6;

/// A count with thousands separators.
pub fn whole(count: usize) -> String {
    grouped(&count.to_string())
}

/// A count with what is counted: `1 scenario`, `2 scenarios`.
pub fn many(count: usize, one: &str) -> String {
    format!("{} {one}{}", whole(count), if count == 1 { "" } else { "s" })
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

/// A table with a header, numbers to the right from column `first_number` on; where the terminal is narrow
/// texts are shortened and numbers left out, from the right, the first two columns never ([`fit`]).
pub fn table(header: &[&str], rows: Vec<Vec<String>>, first_number: usize) -> String {
    let column = |(at, title): (usize, &&str)| match at >= first_number {
        true if at >= 2 => fit::Column::number(title).or_out(at.min(255) as u8),
        true => fit::Column::number(title),
        false => fit::Column::text(title),
    };
    fit::fitted(&header.iter().enumerate().map(column).collect::<Vec<_>>(), &rows)
}

/// What is to be said where a result's food is told: nothing where it knows which part of consumption is eaten.
pub(crate) fn food_note(manifest: &Manifest) -> String {
    match manifest.dataset.tells_food {
        true => String::new(),
        false => format!("{ALL_IS_EATEN}\n"),
    }
}

/// Which areas a ranking leaves out, largest supply first, kcal or g per person and day with their names:
/// what they are said to eat is more than people eat.
pub(crate) fn not_eaten(areas: &[(f64, &str)]) -> String {
    if areas.is_empty() {
        return String::new();
    }
    let first: Vec<String> =
        areas.iter().take(3).map(|(told, name)| format!("{name} {}", number(*told))).collect();
    format!(
        "Left out: {} whose supply is over twice the world's mean, more than people eat ({}{}).\n",
        many(areas.len(), "area"),
        first.join(", "),
        if areas.len() > 3 { ", ..." } else { "" },
    )
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
        assert_eq!(number(1e300), "1.00e300");
        assert_eq!(number(-2.5e15), "-2.50e15");
        assert_eq!((many(1, "step"), many(1200, "step")), ("1 step".into(), "1,200 steps".into()));
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

//! The small tables that come with a panel: products, areas, merges, candidate links, stability.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use shocksweep_columnar::nearest::{nearest, suggestion};
use shocksweep_columnar::text::TextTable;

use crate::baci::MAX_CODE;
use crate::error::TradeError;

/// Stage of a supply chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Ores, compounds, metals.
    Raw,
    /// What is made of them to build things with: magnets, phosphors, ceramics.
    Input,
    /// What contains those.
    Final,
}

impl Tier {
    /// All of them, upstream first.
    pub const ALL: [Tier; 3] = [Tier::Raw, Tier::Input, Tier::Final];

    /// The value in tables.
    pub fn name(self) -> &'static str {
        match self {
            Tier::Raw => "raw",
            Tier::Input => "input",
            Tier::Final => "final",
        }
    }

    /// The tier of that name.
    pub fn named(name: &str) -> Option<Self> {
        Tier::ALL.into_iter().find(|tier| tier.name() == name)
    }
}

/// A product of the panel: one or more HS codes.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Name.
    pub name: Arc<str>,
    /// Stage of the supply chain.
    pub tier: Tier,
    /// HS codes, ascending.
    pub codes: Vec<u32>,
}

/// Codes of areas and what each counts as.
#[derive(Debug, Clone, PartialEq)]
pub struct Areas {
    /// BACI's codes, with the name of the area they count as (after merging).
    pub codes: Vec<(u32, Arc<str>)>,
}

/// A possible link: the output is made with the input.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Index of the input item.
    pub input: usize,
    /// Index of the output item.
    pub output: usize,
}

/// A column that must be there.
fn column(table: &TextTable, name: &str, all: &str) -> Result<usize, TradeError> {
    table.find(&[name]).ok_or_else(|| {
        let found = table.header.join(", ");
        TradeError::file(
            &table.path,
            format!("has no column `{name}`; expected {all} (found {found})"),
        )
    })
}

/// Rows with their number, cells of the given columns, without blanks.
fn rows<'t, const N: usize>(
    table: &'t TextTable,
    columns: [usize; N],
) -> impl Iterator<Item = (u64, [&'t str; N])> {
    let cells =
        move |row: &'t Vec<String>| columns.map(|c| row.get(c).map_or("", |cell| cell.trim()));
    table.rows.iter().enumerate().map(move |(at, row)| (at as u64 + 1, cells(row)))
}

fn whole(text: &str) -> Option<u32> {
    let is_code = !text.is_empty() && text.len() <= 6 && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|&code| is_code && code < MAX_CODE)
}

/// An HS code as people write it: digits, dots between them allowed (2805.30).
fn hs_code(text: &str) -> Option<u32> {
    whole(&text.replace('.', ""))
}

/// Reads a table of items (code, item, tier), several codes may make one; sorted by name (bytes).
///
/// # Errors
/// A code that is none or stands in two items, an unknown tier, an item with two tiers.
pub fn items(path: &Path) -> Result<Vec<Item>, TradeError> {
    let table = TextTable::read(path)?;
    let of = |name| column(&table, name, "code, item, tier");
    let columns = [of("code")?, of("item")?, of("tier")?];
    let mut items: BTreeMap<&str, (Tier, Vec<u32>)> = BTreeMap::new();
    let mut owners: BTreeMap<u32, (&str, u64)> = BTreeMap::new();
    for (row, [code, name, tier]) in rows(&table, columns) {
        let fail = |problem: String| TradeError::row(path, row, problem);
        let number = hs_code(code).ok_or_else(|| {
            fail(format!("expected an HS code of up to six digits, found `{code}`"))
        })?;
        if name.is_empty() {
            return Err(fail("expected the name of an item, found nothing".into()));
        }
        let known = Tier::named(tier).ok_or_else(|| {
            let near = nearest(tier, Tier::ALL.map(Tier::name));
            fail(format!(
                "unknown tier `{tier}`; expected raw, input or final{}",
                suggestion(&near)
            ))
        })?;
        if let Some((owner, first)) = owners.insert(number, (name, row)) {
            let problem = format!(
                "code {number:06} of `{name}` is that of `{owner}` in row {first} already; expected every code once"
            );
            return Err(fail(problem));
        }
        let (first, codes) = items.entry(name).or_insert((known, Vec::new()));
        if *first != known {
            let problem = format!(
                "`{name}` is `{}` in an earlier row and `{tier}` here; expected one tier for an item",
                first.name()
            );
            return Err(fail(problem));
        }
        codes.push(number);
    }
    if items.is_empty() {
        return Err(TradeError::file(path, "holds no item; expected rows of code, item, tier"));
    }
    if items.len() >= usize::from(u16::MAX) {
        return Err(TradeError::file(path, "holds more than 65534 items; expected fewer"));
    }
    let item = |(name, (tier, mut codes)): (&str, (Tier, Vec<u32>))| {
        codes.sort_unstable();
        Item { name: name.into(), tier, codes }
    };
    Ok(items.into_iter().map(item).collect())
}

/// Reads BACI's table of areas (country_code, country_name), and what a table of merges
/// (country_code, area) makes of them.
///
/// # Errors
/// A code or a name occurs twice, or is none; a merge of a code that is in no row.
pub fn areas(path: &Path, merge: Option<&Path>) -> Result<Areas, TradeError> {
    let table = TextTable::read(path)?;
    let of = |name| column(&table, name, "country_code, country_name");
    let columns = [of("country_code")?, of("country_name")?];
    let mut codes: BTreeMap<u32, Arc<str>> = BTreeMap::new();
    let mut names: BTreeMap<&str, u64> = BTreeMap::new();
    for (row, [code, name]) in rows(&table, columns) {
        let fail = |problem: String| TradeError::row(path, row, problem);
        let number = whole(code)
            .ok_or_else(|| fail(format!("expected BACI's number of an area, found `{code}`")))?;
        if name.is_empty() {
            return Err(fail(format!("area code {number} has no name; expected one")));
        }
        if let Some(first) = names.insert(name, row) {
            let problem =
                format!("`{name}` is the name of row {first} already; expected every name once");
            return Err(fail(problem));
        }
        if codes.insert(number, name.into()).is_some() {
            return Err(fail(format!("area code {number} occurs twice; expected every code once")));
        }
    }
    if codes.is_empty() || codes.len() >= usize::from(u16::MAX) {
        let count = codes.len();
        return Err(TradeError::file(path, format!("holds {count} areas; expected 1 to 65534")));
    }
    if let Some(path) = merge {
        let table = TextTable::read(path)?;
        let of = |name| column(&table, name, "country_code, area");
        let columns = [of("country_code")?, of("area")?];
        let mut merged = BTreeMap::new();
        for (row, [code, name]) in rows(&table, columns) {
            let known = whole(code).filter(|code| codes.contains_key(code));
            let Some(number) = known.filter(|_| !name.is_empty()) else {
                let problem = format!(
                    "expected a code of the table of areas and a name, found `{code}`, `{name}`"
                );
                return Err(TradeError::row(path, row, problem));
            };
            if merged.insert(number, Arc::from(name)).is_some() {
                let problem = format!("area code {number} occurs twice; expected every code once");
                return Err(TradeError::row(path, row, problem));
            }
        }
        codes.append(&mut merged);
    }
    Ok(Areas { codes: codes.into_iter().collect() })
}

/// Reads candidate links (input, output), sorted by input and output.
///
/// # Errors
/// A name that is no item, an item that is its own input, a candidate that occurs twice.
pub fn candidates(path: &Path, items: &[Item]) -> Result<Vec<Candidate>, TradeError> {
    let table = TextTable::read(path)?;
    let of = |name| column(&table, name, "input, output");
    let columns = [of("input")?, of("output")?];
    let mut found: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    for (row, names) in rows(&table, columns) {
        let fail = |problem: String| TradeError::row(path, row, problem);
        let index = |name: &str| {
            items.iter().position(|item| &*item.name == name).ok_or_else(|| {
                let near = nearest(name, items.iter().map(|item| &*item.name));
                fail(format!("no item is called `{name}`{}", expectation(&near)))
            })
        };
        let [input, output] = [index(names[0])?, index(names[1])?];
        if input == output {
            let name = names[0];
            return Err(fail(format!("`{name}` is its own input; expected two different items")));
        }
        if let Some(first) = found.insert((input, output), row) {
            let [input, output] = names;
            let problem = format!(
                "`{input}` -> `{output}` is in row {first} already; expected every candidate once"
            );
            return Err(fail(problem));
        }
    }
    Ok(found.into_keys().map(|(input, output)| Candidate { input, output }).collect())
}

fn expectation(near: &Option<String>) -> String {
    match near {
        Some(name) => format!("; expected an item of the panel, did you mean `{name}`?"),
        None => "; expected an item of the panel".into(),
    }
}

/// Political stability of areas, 0 to 100.
#[derive(Debug, Clone, PartialEq)]
pub struct Stability {
    /// By area; areas without a value have the mean of the others.
    pub of: Vec<f64>,
    /// Areas without a value of their own.
    pub filled: usize,
    /// Names of the table that are no area of the panel.
    pub unknown: Vec<String>,
}

/// Reads stability (area, stability) for the areas of a panel.
///
/// # Errors
/// A value outside 0..100, an area twice, no value for any area.
pub fn stability(path: &Path, areas: &[Arc<str>]) -> Result<Stability, TradeError> {
    let table = TextTable::read(path)?;
    let of = |name| column(&table, name, "area, stability");
    let columns = [of("area")?, of("stability")?];
    let mut values: BTreeMap<&str, f64> = BTreeMap::new();
    for (row, [area, text]) in rows(&table, columns) {
        let value = text.parse().ok().filter(|value| (0.0..=100.0).contains(value));
        let value = value.ok_or_else(|| {
            let problem =
                format!("stability of `{area}`: expected a number from 0 to 100, found `{text}`");
            TradeError::row(path, row, problem)
        })?;
        if values.insert(area, value).is_some() {
            let problem = format!("`{area}` occurs twice; expected every area once");
            return Err(TradeError::row(path, row, problem));
        }
    }
    let known: Vec<Option<f64>> = areas.iter().map(|area| values.get(&**area).copied()).collect();
    let count = known.iter().flatten().count();
    if count == 0 {
        return Err(TradeError::file(path, "names no area of the panel; expected at least one"));
    }
    let mean = known.iter().flatten().sum::<f64>() / count as f64;
    let is_known = |name: &&&str| areas.iter().any(|area| **area == ***name);
    Ok(Stability {
        of: known.iter().map(|value| value.unwrap_or(mean)).collect(),
        filled: areas.len() - count,
        unknown: values
            .keys()
            .filter(|name| !is_known(name))
            .map(|name| name.to_string())
            .collect(),
    })
}

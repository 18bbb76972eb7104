//! Production that is known, in place of the proxy.
//!
//! ```text
//! P = max(given, X - M)        D = P + M - X        x0 = P + M = X + D
//! ```
//!
//! Nobody can export more than is made and imported: a given amount below `X - M` is raised to it, and
//! counted. Source: shocksweep's own choice.

use std::collections::BTreeMap;
use std::path::Path;

use shocksweep_columnar::nearest::{nearest, suggestion};
use shocksweep_columnar::text::TextTable;

use crate::balance::Balance;
use crate::error::TradeError;
use crate::panel::Panel;

/// Amounts made, in the unit of the panel's flows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Production {
    /// By year, item and area.
    pub of: BTreeMap<(i32, usize, usize), f64>,
    /// Rows of years that the panel does not hold.
    pub other_years: usize,
    /// Names of areas that trade no item of the panel.
    pub unknown: Vec<String>,
}

/// Reads a table of production (year, area, item, amount) for a panel.
///
/// # Errors
/// A year that is no whole number, an item that the panel does not have, an amount that is no finite
/// number of 0 or more, a sector twice in a year, no row for the panel.
pub fn read(path: &Path, panel: &Panel) -> Result<Production, TradeError> {
    const COLUMNS: [&str; 4] = ["year", "area", "item", "amount"];
    let table = TextTable::read(path)?;
    let mut places = [0; 4];
    for (place, name) in places.iter_mut().zip(COLUMNS) {
        *place = table.find(&[name]).ok_or_else(|| {
            let found = table.header.join(", ");
            let expected = COLUMNS.join(", ");
            TradeError::file(
                path,
                format!("has no column `{name}`; expected {expected} (found {found})"),
            )
        })?;
    }
    let mut found = Production::default();
    for (at, cells) in table.rows.iter().enumerate() {
        let fail = |problem: String| TradeError::row(path, at as u64 + 1, problem);
        let [year, area, item, amount] =
            places.map(|place| cells.get(place).map_or("", |cell| cell.trim()));
        let year: i32 =
            year.parse().map_err(|_| fail(format!("expected a year, found `{year}`")))?;
        let p = panel.items.iter().position(|known| &*known.name == item).ok_or_else(|| {
            let near = nearest(item, panel.items.iter().map(|known| &*known.name));
            fail(format!(
                "no item is called `{item}`; expected an item of the panel{}",
                suggestion(&near)
            ))
        })?;
        let value = amount.parse().ok().filter(|v: &f64| v.is_finite() && *v >= 0.0);
        let value = value.ok_or_else(|| {
            fail(format!("expected a finite amount of 0 or more, found `{amount}`"))
        })?;
        if panel.position(year).is_none() {
            found.other_years += 1;
            continue;
        }
        let Some(c) = panel.areas.iter().position(|known| &**known == area) else {
            if !found.unknown.iter().any(|known| known == area) {
                found.unknown.push(area.into());
            }
            continue;
        };
        if found.of.insert((year, p, c), value).is_some() {
            let problem = format!("`{item}` of `{area}` in {year} occurs twice; expected it once");
            return Err(fail(problem));
        }
    }
    if found.of.is_empty() {
        let problem = "holds no row for a year and an area of the panel; expected at least one";
        return Err(TradeError::file(path, problem));
    }
    Ok(found)
}

impl Balance {
    /// Puts known production in place of the proxy; how many amounts had to be raised.
    pub fn take(&mut self, production: &Production) -> usize {
        let first = (self.year, 0, 0);
        let mut raised = 0;
        for (&(_, p, c), &given) in production.of.range(first..(self.year + 1, 0, 0)) {
            let s = self.at(p, c);
            let (exports, imports) = (self.exports[s], self.imports[s]);
            let least = exports - imports;
            raised += usize::from(given < least);
            let made = given.max(least);
            self.production[s] = made;
            // What rounding leaves below 0 is nothing.
            self.at_home[s] = (made - least).max(0.0);
            self.possessed[s] = made + imports;
        }
        raised
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::parameters;
    use crate::synth::synthesize;

    #[test]
    fn given_amounts_replace_the_proxy_and_are_raised_where_exports_need_more() {
        let panel = synthesize(1);
        let year = panel.about.last_year;
        let plain = Balance::of(&panel, panel.years.len() - 1, 0.0);
        // A net exporter and a sector that only imports.
        let s = (0..plain.exports.len()).find(|&s| plain.exports[s] > plain.imports[s]).unwrap();
        let z = (0..plain.exports.len())
            .find(|&s| plain.exports[s] == 0.0 && plain.imports[s] > 0.0)
            .unwrap();
        let key = |s: usize| (year, s / plain.areas, s % plain.areas);
        let given = |of: &[(usize, f64)]| Production {
            of: of.iter().map(|&(s, amount)| (key(s), amount)).collect(),
            ..Production::default()
        };
        let mut balance = plain.clone();
        let raised = balance.take(&given(&[(s, 0.0), (z, 7.0)]));
        assert_eq!(raised, 1);
        assert_eq!(balance.production[s], plain.exports[s] - plain.imports[s]);
        assert_eq!(balance.at_home[s], 0.0);
        assert_eq!((balance.production[z], balance.at_home[z]), (7.0, 7.0 + plain.imports[z]));
        // x0 = P + M = X + D, and the parameters keep it: beta is P, X / x0 leaves.
        for at in [s, z] {
            let (x, d) = (balance.exports[at], balance.at_home[at]);
            assert!((balance.possessed[at] - (x + d)).abs() <= 1e-12 * balance.possessed[at]);
        }
        let p = parameters(&balance, &[]);
        assert_eq!((p.beta[z], p.eta_exp[z]), (7.0, 0.0));
        // Other years are left alone.
        let mut other = Balance::of(&panel, 0, 0.0);
        let before = other.clone();
        assert_eq!(other.take(&given(&[(s, 1.0)])), 0);
        assert_eq!(other, before);
    }

    #[test]
    fn a_table_is_read_and_bad_rows_are_named() {
        let panel = synthesize(1);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("production.csv");
        let (year, area, item) =
            (panel.about.first_year, panel.areas[0].clone(), panel.items[0].name.clone());
        let item = format!("\"{item}\"");
        let read_text = |rows: &str| {
            std::fs::write(&path, format!("year,area,item,amount\n{rows}")).unwrap();
            read(&path, &panel)
        };
        let rows =
            format!("{year},{area},{item},3.5\n1900,{area},{item},1\n{year},Nowhere,{item},1\n");
        let found = read_text(&rows).unwrap();
        assert_eq!(found.of.into_iter().collect::<Vec<_>>(), [((year, 0, 0), 3.5)]);
        assert_eq!((found.other_years, &found.unknown[..]), (1, &["Nowhere".to_string()][..]));
        for (rows, problem) in [
            (format!("{year},{area},{item},-1\n"), "row 1: expected a finite amount"),
            (format!("{year},{area},{item},x\n"), "row 1: expected a finite amount"),
            (format!("{year},{area},No such,1\n"), "row 1: no item is called `No such`"),
            (format!("{year},{area},{item},1\n{year},{area},{item},1\n"), "row 2: "),
            (format!("soon,{area},{item},1\n"), "row 1: expected a year"),
            (format!("1900,{area},{item},1\n"), "holds no row"),
        ] {
            let told = read_text(&rows).unwrap_err().to_string();
            assert!(told.contains(problem), "{told}");
        }
    }
}

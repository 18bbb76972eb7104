//! The sample and what is known of its areas and pairs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Columns, Index};
use crate::error::NetworkError;
use crate::world::{Area, Covariate, PairValues};

/// Reads `areas`.
pub(super) fn areas(path: &Path) -> Result<Vec<Area>, NetworkError> {
    let table = Columns::read(path)?;
    let [code, lat, lng, group] =
        [table.need("area")?, table.need("lat")?, table.need("lng")?, table.need("group")?];
    let [name, from, to] = ["name", "from", "to"].map(|column| table.find(column));
    let mut seen = BTreeSet::new();
    let mut areas = Vec::with_capacity(table.len());
    for row in 0..table.len() {
        let own = table.name(row, code)?.to_string();
        if !seen.insert(own.clone()) {
            return Err(table.bad(row, format!("area `{own}` is listed twice; expected once")));
        }
        let year = |column: Option<_>| match column {
            Some(column) if !table.text(row, column).is_empty() => {
                table.year(row, column).map(Some)
            }
            _ => Ok(None),
        };
        let (from, to) = (year(from)?, year(to)?);
        if let (Some(first), Some(last)) = (from, to)
            && first > last
        {
            let problem =
                format!("area `{own}` exists from {first} to {last}; expected from <= to");
            return Err(table.bad(row, problem));
        }
        let label = name.map_or("", |column| table.text(row, column));
        areas.push(Area {
            name: if label.is_empty() { own.clone() } else { label.to_string() },
            lat: table.number(row, lat)?,
            lng: table.number(row, lng)?,
            group: table.text(row, group).to_string(),
            code: own,
            from,
            to,
        });
    }
    if areas.len() < 2 {
        let problem = format!("has {} areas; expected two or more", areas.len());
        return Err(NetworkError::file(path, problem));
    }
    Ok(areas)
}

/// Reads `tiers`: each tier with its items, in the order of the table.
pub(super) fn tiers(path: &Path) -> Result<Vec<(String, Vec<String>)>, NetworkError> {
    let table = Columns::read(path)?;
    let (tier, item) = (table.need("tier")?, table.need("item")?);
    let mut tiers: Vec<(String, Vec<String>)> = Vec::new();
    let mut owner: BTreeMap<String, String> = BTreeMap::new();
    for row in 0..table.len() {
        let (tier, item) = (table.name(row, tier)?, table.name(row, item)?);
        if let Some(other) = owner.insert(item.to_string(), tier.to_string()) {
            let problem = format!("item `{item}` is in tier `{other}` already; expected it once");
            return Err(table.bad(row, problem));
        }
        match tiers.iter_mut().find(|(name, _)| name == tier) {
            Some((_, items)) => items.push(item.to_string()),
            None => tiers.push((tier.to_string(), vec![item.to_string()])),
        }
    }
    if tiers.is_empty() {
        return Err(NetworkError::file(path, "has no rows; expected tiers with their items"));
    }
    Ok(tiers)
}

/// Reads `attributes`: every numeric column by (year, area); empty cells are left out.
pub(super) fn attributes(
    path: &Path,
    index: &Index,
) -> Result<BTreeMap<String, BTreeMap<(i32, u32), f64>>, NetworkError> {
    let table = Columns::read(path)?;
    let (year, area) = (table.need("year")?, table.need("area")?);
    let names: Vec<String> =
        table.names().filter(|n| *n != "year" && *n != "area").map(String::from).collect();
    let mut all: BTreeMap<String, BTreeMap<(i32, u32), f64>> =
        names.iter().map(|name| (name.clone(), BTreeMap::new())).collect();
    let columns = names.iter().map(|name| table.need(name)).collect::<Result<Vec<_>, _>>()?;
    let mut seen = BTreeSet::new();
    for row in 0..table.len() {
        let code = table.name(row, area)?;
        let key = (table.year(row, year)?, index.need(&table, row, code)?);
        if !seen.insert(key) {
            let problem = format!("area `{code}` in {} is listed twice; expected once", key.0);
            return Err(table.bad(row, problem));
        }
        for (name, &column) in names.iter().zip(&columns) {
            if table.text(row, column).is_empty() {
                continue;
            }
            // Columns of text, such as notes, are no attributes; a term that asks for one says so.
            let value = match table.number(row, column) {
                Ok(value) => value,
                Err(error) if name == "gdp" => return Err(error),
                Err(_) => continue,
            };
            if name == "gdp" && value <= 0.0 {
                let problem = format!(
                    "gdp of `{code}` in {} is {value}; expected more than 0, of which the \
                     logarithm is taken",
                    key.0
                );
                return Err(table.bad(row, problem));
            }
            if let Some(values) = all.get_mut(name) {
                values.insert(key, value);
            }
        }
    }
    Ok(all)
}

/// Reads `dyads`: every column by pair; every pair of the sample must be there once.
pub(super) fn dyads(
    path: &Path,
    index: &Index,
) -> Result<BTreeMap<String, PairValues>, NetworkError> {
    let table = Columns::read(path)?;
    let (a, b, distance) = (table.need("area_a")?, table.need("area_b")?, table.need("distance")?);
    let names: Vec<String> =
        table.names().filter(|n| *n != "area_a" && *n != "area_b").map(String::from).collect();
    let columns = names.iter().map(|name| table.need(name)).collect::<Result<Vec<_>, _>>()?;
    let n = index.n();
    let mut all = vec![PairValues::new(n); names.len()];
    let mut seen = PairValues::new(n);
    for row in 0..table.len() {
        let (left, right) = (table.name(row, a)?, table.name(row, b)?);
        let (i, j) = (index.need(&table, row, left)?, index.need(&table, row, right)?);
        let (i, j) = (i as usize, j as usize);
        if i == j {
            let problem = format!("`{left}` is paired with itself; expected two areas");
            return Err(table.bad(row, problem));
        }
        if seen.get(i, j) > 0.0 {
            let problem = format!("pair `{left}`, `{right}` is listed twice; expected once");
            return Err(table.bad(row, problem));
        }
        seen.set(i, j, 1.0);
        let length = table.number(row, distance)?;
        if length <= 0.0 {
            let problem =
                format!("distance of `{left}` and `{right}` is {length}; expected more than 0 km");
            return Err(table.bad(row, problem));
        }
        for (values, &column) in all.iter_mut().zip(&columns) {
            values.set(i, j, table.number(row, column)?);
        }
    }
    let missing = (0..n).find_map(|i| (i + 1..n).find(|&j| seen.get(i, j) == 0.0).map(|j| (i, j)));
    if let Some((i, j)) = missing {
        let (left, right) = (&index.codes[i], &index.codes[j]);
        let problem = format!(
            "has no row for the pair `{left}`, `{right}`; expected every pair of the sample"
        );
        return Err(NetworkError::file(path, problem));
    }
    Ok(names.into_iter().zip(all).collect())
}

/// Reads `covariates`: directed values, absent pairs 0.
pub(super) fn covariates(
    path: &Path,
    index: &Index,
) -> Result<BTreeMap<String, Covariate>, NetworkError> {
    let table = Columns::read(path)?;
    let keys = ["year", "source", "target"];
    let (year, source, target) = (table.need(keys[0])?, table.need(keys[1])?, table.need(keys[2])?);
    let names: Vec<String> =
        table.names().filter(|n| !keys.contains(n)).map(String::from).collect();
    let columns = names.iter().map(|name| table.need(name)).collect::<Result<Vec<_>, _>>()?;
    let mut all: BTreeMap<String, BTreeMap<(i32, u32, u32), f64>> =
        names.iter().map(|name| (name.clone(), BTreeMap::new())).collect();
    let mut seen = BTreeSet::new();
    for row in 0..table.len() {
        let (from, to) = (table.name(row, source)?, table.name(row, target)?);
        let t = table.year(row, year)?;
        let key = (t, index.need(&table, row, from)?, index.need(&table, row, to)?);
        if key.1 == key.2 {
            let problem = format!("`{from}` is paired with itself; expected two areas");
            return Err(table.bad(row, problem));
        }
        if !seen.insert(key) {
            let problem = format!("`{from}` to `{to}` in {t} is listed twice; expected once");
            return Err(table.bad(row, problem));
        }
        for (name, &column) in names.iter().zip(&columns) {
            let value = table.number(row, column)?;
            if let Some(values) = all.get_mut(name) {
                values.insert(key, value);
            }
        }
    }
    Ok(all.into_iter().map(|(name, values)| (name, by_year(values))).collect())
}

fn by_year(values: BTreeMap<(i32, u32, u32), f64>) -> Covariate {
    let mut years = Covariate::new();
    for ((year, source, target), value) in values {
        years.entry(year).or_default().push((source, target, value));
    }
    years
}

//! The label files, and the binding of every matrix row and column to a label.

use std::collections::HashMap;
use std::path::Path;

use super::csv_table::CsvTable;
use super::structure::Binding;
use crate::dataset::error::{DatasetError, FilePlace, Problem};
use crate::dataset::hdi;
use crate::dataset::labels::{Area, Item, Labels, Process};
use crate::dataset::measures::{MAX_KCAL_PER_KG, MAX_PROTEIN_PER_KG, Nutrition, Unit};
use crate::dataset::names::{LabelKind, NameError, nearest};

/// Table of sectors: the rows of every sector matrix.
pub const SECTORS: &str = "io_codes_alph.csv";
/// Table of process columns: (area, process).
pub const PROCESSES: &str = "su_codes_alph.csv";
/// Table of areas.
pub const AREAS: &str = "a_frame.csv";

/// Table of units of items and of what they are worth as food: not part of the published layout.
pub const MEASURES: &str = "item_measures.csv";

/// Reads the three label files of a folder, and the table of measures where there is one.
///
/// # Errors
/// A file is missing or unreadable, rows contradict each other, a combination of area and item
/// (or process) is missing or occurs twice, or the files disagree on the areas.
pub fn read(src: &Path) -> Result<Binding, DatasetError> {
    let sectors = CsvTable::read(&src.join(SECTORS), "the published table of sectors")?;
    let columns = CsvTable::read(&src.join(PROCESSES), "the published table of processes by area")?;
    let frame = CsvTable::read(&src.join(AREAS), "the published table of areas")?;

    let area_of = Names::of(&sectors, &["area"])?;
    let codes = area_of.attribute(&sectors, &["area_code"], CsvTable::integer)?;
    let item_of = Names::of(&sectors, &["item"])?;
    let mut items = read_items(&sectors, &item_of)?;
    if src.join(MEASURES).is_file() {
        read_measures(&CsvTable::read(&src.join(MEASURES), "a table of measures")?, &mut items)?;
    }
    let sector_of = bind(&sectors, &area_of, &item_of)?;

    let process_area = Names::within(&columns, &["area"], &area_of.names)?;
    if columns.find(&["area_code"]).is_some() {
        let again = process_area.attribute(&columns, &["area_code"], CsvTable::integer)?;
        same_codes(&columns, &process_area, &codes, &again)?;
    }
    let process_of = Names::of(&columns, &["proc", "process"])?;
    let process_column_of = bind(&columns, &process_area, &process_of)?;
    let text = |t: &CsvTable, row, column| t.text(row, column).map(str::to_string);
    let codes_of = process_of.attribute(&columns, &["proc_code", "process_code"], text)?;
    let named = process_of.names.iter().zip(codes_of);
    let processes = named.map(|(name, code)| Process { name: name.clone(), code }).collect();

    let areas = read_areas(&frame, &area_of.names, &codes)?;
    Ok(Binding { labels: Labels { areas, items, processes }, sector_of, process_column_of })
}

/// The distinct names of a column, in byte order, and which one each row has.
struct Names {
    names: Vec<String>,
    column: usize,
    of_row: Vec<usize>,
}

impl Names {
    /// The names found in a column.
    fn of(table: &CsvTable, columns: &[&str]) -> Result<Names, DatasetError> {
        let column = table.column(columns)?;
        let mut names = Vec::new();
        for row in 0..table.len() {
            names.push(table.text(row, column)?);
        }
        names.sort_unstable();
        names.dedup();
        let names: Vec<String> = names.into_iter().map(str::to_string).collect();
        Names::within(table, columns, &names)
    }

    /// A column whose names must be among those of areas.
    fn within(table: &CsvTable, columns: &[&str], names: &[String]) -> Result<Names, DatasetError> {
        Names::within_kind(table, columns, names, LabelKind::Area)
    }

    /// A column whose names must be among `names`.
    fn within_kind(
        table: &CsvTable,
        columns: &[&str],
        names: &[String],
        kind: LabelKind,
    ) -> Result<Names, DatasetError> {
        let column = table.column(columns)?;
        let index: HashMap<&str, usize> = names.iter().map(String::as_str).zip(0..).collect();
        let mut of_row = Vec::with_capacity(table.len());
        for row in 0..table.len() {
            let name = table.text(row, column)?;
            let known = index.get(name).copied();
            of_row.push(known.ok_or_else(|| table.fail(row, column, unknown(kind, name, names)))?);
        }
        if of_row.is_empty() {
            let problem = Problem::Truncated { what: "rows or more", expected: 1, found: 0 };
            return Err(DatasetError::file(table.path(), problem));
        }
        Ok(Names { names: names.to_vec(), column, of_row })
    }

    /// One value per name from another column, equal in all rows of that name.
    fn attribute<T: PartialEq>(
        &self,
        table: &CsvTable,
        columns: &[&str],
        value: impl Fn(&CsvTable, usize, usize) -> Result<T, DatasetError>,
    ) -> Result<Vec<T>, DatasetError> {
        let column = table.column(columns)?;
        let mut first: Vec<Option<(usize, T)>> = self.names.iter().map(|_| None).collect();
        for (row, &name) in self.of_row.iter().enumerate() {
            let here = value(table, row, column)?;
            match &first[name] {
                None => first[name] = Some((row, here)),
                Some((_, known)) if *known == here => {}
                Some((before, _)) => {
                    let problem = Problem::Inconsistent(format!(
                        "`{}` stands for `{}`, but row {} has `{}` for it",
                        table.cell(row, column),
                        self.names[name],
                        before + 1,
                        table.cell(*before, column),
                    ));
                    return Err(table.fail(row, column, problem));
                }
            }
        }
        let missing = first.iter().position(Option::is_none).map(|at| self.names[at].clone());
        match missing {
            Some(name) => Err(without_row(table, &format!("area `{name}`"))),
            None => Ok(first.into_iter().flatten().map(|(_, value)| value).collect()),
        }
    }
}

fn unknown(kind: LabelKind, name: &str, names: &[String]) -> NameError {
    NameError::Unknown {
        kind,
        name: name.to_string(),
        nearest: nearest(name, names.iter().map(String::as_str)),
    }
}

fn without_row(table: &CsvTable, what: &str) -> DatasetError {
    DatasetError::file(table.path(), Problem::Inconsistent(format!("{what} has no row")))
}

fn read_items(table: &CsvTable, names: &Names) -> Result<Vec<Item>, DatasetError> {
    let text = |t: &CsvTable, row, column| t.text(row, column).map(str::to_string);
    let codes = names.attribute(table, &["item_code"], CsvTable::integer)?;
    let commodities = names.attribute(table, &["comm_code"], text)?;
    let commodity_groups = names.attribute(table, &["comm_group"], text)?;
    let groups = names.attribute(table, &["group"], text)?;
    let parts = names.names.iter().zip(codes).zip(commodities).zip(commodity_groups).zip(groups);
    Ok(parts
        .map(|((((name, code), commodity_code), commodity_group), group)| Item {
            name: name.clone(),
            code,
            commodity_code,
            commodity_group,
            group,
            ..Item::default()
        })
        .map(Item::with_usual_measures)
        .collect())
}

/// Puts the measures of a table over the usual ones; items without a row keep those.
fn read_measures(table: &CsvTable, items: &mut [Item]) -> Result<(), DatasetError> {
    let names: Vec<String> = items.iter().map(|item| item.name.clone()).collect();
    let rows = Names::within_kind(table, &["item"], &names, LabelKind::Item)?;
    let unit = table.column(&["unit"])?;
    let (kcal, protein) = (table.find(&["kcal_per_kg"]), table.find(&["protein_g_per_kg"]));
    let food = table.find(&["food"]);
    let mut seen = vec![false; items.len()];
    for (row, &at) in rows.of_row.iter().enumerate() {
        if std::mem::replace(&mut seen[at], true) {
            let problem = Problem::Duplicate(format!("item `{}`", names[at]));
            return Err(table.fail(row, rows.column, problem));
        }
        items[at].unit = Unit::parse(table.text(row, unit)?);
        let number = |column: Option<usize>, most| match column {
            Some(column) => table.number(row, column, (0.0, most)),
            None => Ok(None),
        };
        let (energy, protein) =
            (number(kcal, MAX_KCAL_PER_KG)?, number(protein, MAX_PROTEIN_PER_KG)?);
        let Some(kcal_per_kg) = energy else { continue };
        let is_food =
            match food.map(|column| (column, table.cell(row, column).trim().to_lowercase())) {
                None => kcal_per_kg > 0.0,
                Some((_, text)) if text == "true" || text == "1" => true,
                Some((_, text)) if text == "false" || text == "0" || text.is_empty() => false,
                Some((column, found)) => {
                    return Err(table.fail(
                        row,
                        column,
                        Problem::Syntax { expected: "true or false", found },
                    ));
                }
            };
        items[at].nutrition = Some(Nutrition { is_food, kcal_per_kg, protein_g_per_kg: protein });
    }
    Ok(())
}

fn same_codes(
    table: &CsvTable,
    areas: &Names,
    codes: &[i64],
    again: &[i64],
) -> Result<(), DatasetError> {
    match codes.iter().zip(again).position(|(a, b)| a != b) {
        None => Ok(()),
        Some(at) => Err(DatasetError::at(
            table.path(),
            FilePlace::Key("area_code".into()),
            Problem::Inconsistent(format!(
                "`{}` has code {}, but {} in {SECTORS}",
                areas.names[at], again[at], codes[at]
            )),
        )),
    }
}

/// For every matrix index the index (major, minor) in the order of the labels.
fn bind(table: &CsvTable, major: &Names, minor: &Names) -> Result<Vec<u32>, DatasetError> {
    let minors = minor.names.len();
    let place = |row: usize| (major.of_row[row], minor.of_row[row]);
    let name = |(a, b): (usize, usize)| format!("`{} / {}`", major.names[a], minor.names[b]);

    // Every combination once: in order, the k-th row must be the k-th combination.
    let mut order: Vec<usize> = (0..table.len()).collect();
    order.sort_by_key(|&row| place(row));
    if let Some(pair) = order.windows(2).find(|pair| place(pair[0]) == place(pair[1])) {
        let problem = Problem::Duplicate(name(place(pair[1])));
        return Err(table.fail(pair[1], minor.column, problem));
    }
    for (k, &row) in order.iter().enumerate() {
        if place(row) != (k / minors, k % minors) {
            return Err(without_row(table, &name((k / minors, k % minors))));
        }
    }
    let end = (order.len() / minors, order.len() % minors);
    if end.0 < major.names.len() {
        return Err(without_row(table, &name(end)));
    }

    let mut bound = vec![0; table.len()];
    for (row, index) in matrix_indices(table)?.into_iter().enumerate() {
        let (a, b) = place(row);
        // Fits: a file holds fewer rows than bytes, and at most 4 GiB of them.
        bound[index] = (a * minors + b) as u32;
    }
    Ok(bound)
}

/// The matrix index of every row: what its unnamed index column says, else its position.
fn matrix_indices(table: &CsvTable) -> Result<Vec<usize>, DatasetError> {
    let positions = (0..table.len()).collect();
    let Some(column) = table.find(&["", "Unnamed: 0"]) else { return Ok(positions) };
    let written: Result<Vec<i64>, _> =
        (0..table.len()).map(|row| table.integer(row, column)).collect();
    let written = written?;
    let mut seen = vec![false; table.len()];
    for &index in &written {
        if let Some(slot) = usize::try_from(index).ok().and_then(|at| seen.get_mut(at)) {
            *slot = true;
        }
    }
    if seen.iter().all(|&s| s) {
        return Ok(written.into_iter().map(|index| index as usize).collect());
    }
    // Not a numbering from 0. Ascending numbers (from 1, or with gaps) still say that the order
    // of the rows is meant; anything else leaves it open which matrix row belongs to which label.
    match written.windows(2).position(|pair| pair[0] >= pair[1]) {
        None => Ok(positions),
        Some(row) => Err(table.fail(
            row + 1,
            column,
            Problem::Inconsistent(format!(
                "index {} after {}: the index column neither holds every number from 0 to {} once \
                 nor ascends, so rows cannot be tied to labels",
                written[row + 1],
                written[row],
                table.len() - 1
            )),
        )),
    }
}

/// The areas in the order of `names`, joined by name.
fn read_areas(
    table: &CsvTable,
    names: &[String],
    codes: &[i64],
) -> Result<Vec<Area>, DatasetError> {
    let frame = Names::within(table, &["area"], names)?;
    let iso3 = table.column(&["code"])?;
    let region = table.column(&["region"])?;
    let (lat, lng) = (table.column(&["lat"])?, table.column(&["lng"])?);
    let population = table.column(&["population"])?;
    let mut row_of: Vec<Option<usize>> = vec![None; names.len()];
    let mut by_iso3: HashMap<&str, usize> = HashMap::new();
    for (row, &area) in frame.of_row.iter().enumerate() {
        if row_of[area].replace(row).is_some() {
            let problem = Problem::Duplicate(format!("area `{}`", names[area]));
            return Err(table.fail(row, frame.column, problem));
        }
        let code = table.text(row, iso3)?;
        if by_iso3.insert(code, row).is_some() {
            return Err(table.fail(row, iso3, Problem::Duplicate(format!("code `{code}`"))));
        }
    }
    let mut areas = Vec::with_capacity(names.len());
    for ((name, &code), row) in names.iter().zip(codes).zip(row_of) {
        let Some(row) = row else {
            return Err(without_row(table, &format!("area `{name}` of {SECTORS}")));
        };
        let region = table.cell(row, region).trim();
        areas.push(Area {
            name: name.clone(),
            code,
            iso3: table.text(row, iso3)?.to_string(),
            region: (!region.is_empty()).then(|| region.to_string()),
            latitude: table.number(row, lat, (-90.0, 90.0))?,
            longitude: table.number(row, lng, (-180.0, 180.0))?,
            // Nobody lives there: no per-capita losses, as where the number is not known.
            population: table
                .number(row, population, (0.0, f64::INFINITY))?
                .filter(|&persons| persons > 0.0),
            hdi: hdi::published_hdi(name),
        });
    }
    Ok(areas)
}

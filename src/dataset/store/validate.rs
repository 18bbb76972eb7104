//! What a dataset must keep to be stored: whatever is written can be read back.
//!
//! Labels are checked alike on both ways. Sizes, structure and values follow from the tables when
//! they are read, and are checked here before they are written.

use std::collections::HashMap;
use std::path::Path;

use super::columns::{degrees_problem, number_problem};
use super::description::check_sources;
use super::{DESCRIPTION, SHARE_LIMIT, SHARES, table_file};
use crate::dataset::error::{FilePlace, Problem};
use crate::dataset::import::{Axis, Structure};
use crate::dataset::labels::Labels;
use crate::dataset::{AdaptationRules, Blocks, Dataset, DatasetError, Rule};
use crate::sparse::Csr;

/// Something wrong in a table that is not, or not yet, a file.
pub(crate) struct Fault {
    pub(crate) table: &'static str,
    pub(crate) place: FilePlace,
    pub(crate) problem: Problem,
}

impl Fault {
    fn new(table: &'static str, place: FilePlace, problem: Problem) -> Self {
        Fault { table, place, problem }
    }

    /// The error for the table's file in a folder.
    pub(super) fn within(self, folder: &Path) -> DatasetError {
        DatasetError::at(&folder.join(table_file(self.table)), self.place, self.problem)
    }
}

/// Refuses a dataset that could not be read back.
///
/// # Errors
/// The first fault: no sources, too many labels, labels out of order, a part of another size than
/// the labels say, an entry where the model has none, or a value out of its range.
pub(super) fn validate(dataset: &Dataset, out: &Path) -> Result<(), DatasetError> {
    check_sources(&dataset.metadata.sources, &out.join(DESCRIPTION))?;
    let dims = dataset.dimensions();
    dims.check_size().map_err(|problem| DatasetError::file(out, problem))?;
    for (what, size) in [
        ("number of areas", dims.areas),
        ("number of items", dims.items),
        ("number of processes", dims.processes),
    ] {
        // Names are stored as dictionaries with 16-bit keys.
        let (size, limit) = (size as u64, i16::MAX as u64);
        if size > limit {
            return Err(DatasetError::file(out, Problem::TooLarge { what, size, limit }));
        }
    }
    let mut faults = label_faults(&dataset.labels);
    faults.extend(size_faults(dataset));
    // Everything else is looked up by labels and positions, which must be right by then.
    let first = match faults.into_iter().next() {
        Some(fault) => Err(fault),
        None => content(dataset),
    };
    first.map_err(|fault| fault.within(out))
}

/// Labels that are missing, out of order or ambiguous.
///
/// Names must ascend strictly: that makes them distinct and indices independent of the writer.
/// ISO3 codes stand for areas in scenarios, so no two areas may share one, in any case; areas
/// without a code have an empty one.
pub(crate) fn label_faults(labels: &Labels) -> Vec<Fault> {
    let lists: [(&'static str, Vec<&str>); 3] = [
        ("areas", labels.areas.iter().map(|a| a.name.as_str()).collect()),
        ("items", labels.items.iter().map(|i| i.name.as_str()).collect()),
        ("processes", labels.processes.iter().map(|p| p.name.as_str()).collect()),
    ];
    let mut faults = Vec::new();
    for (table, names) in lists {
        if names.is_empty() {
            let problem = Problem::Truncated { what: "rows", expected: 1, found: 0 };
            faults.push(Fault::new(table, FilePlace::Whole, problem));
        }
        for (at, pair) in names.windows(2).enumerate().filter(|(_, pair)| pair[0] >= pair[1]) {
            let text = format!("`{}` must come before `{}`, once", pair[1], pair[0]);
            faults.push(Fault::new(table, FilePlace::Row(at + 2), Problem::Inconsistent(text)));
        }
    }
    let mut first: HashMap<String, &str> = HashMap::new();
    for (row, area) in labels.areas.iter().enumerate().filter(|(_, a)| !a.iso3.is_empty()) {
        if let Some(other) = first.insert(area.iso3.to_ascii_uppercase(), &area.name) {
            let text = format!("ISO3 code `{}` of `{}` and `{other}`", area.iso3, area.name);
            let place = FilePlace::Cell(row + 1, "iso3".into());
            faults.push(Fault::new("areas", place, Problem::Duplicate(text)));
        }
    }
    faults
}

/// Vectors, matrices and blocks of another size than the labels say.
pub(crate) fn size_faults(dataset: &Dataset) -> Vec<Fault> {
    let (labels, dims, p) = (&dataset.labels, dataset.dimensions(), &dataset.parameters);
    let mut faults = Vec::new();
    let vectors = [
        ("x0", p.x0.len()),
        ("start_stock", p.start_stock.len()),
        ("eta_prod", p.share_eta_prod.len()),
        ("eta_exp", p.share_eta_exp.len()),
    ];
    let vectors = vectors.map(|(name, length)| ("sectors", name, length)).into_iter();
    let parts = dataset.food_part.iter().map(|part| ("sectors", "food_part", part.len()));
    let lengths = dataset.rules.as_ref().map(|r| [&r.eta_exp, &r.eta_prod, &r.eta_cons]);
    let rules = lengths.into_iter().flat_map(|families| {
        SHARES.into_iter().zip(families).map(|(name, f)| ("rules_shares", name, f.len()))
    });
    for (table, name, length) in vectors.chain(parts).chain(rules) {
        let shape = shape_problem((length, 1), (dims.sectors(), 1));
        faults.extend(shape.map(|problem| Fault::new(table, FilePlace::Key(name.into()), problem)));
    }
    let size = |axis| match axis {
        Axis::Sectors => dims.sectors(),
        Axis::ProcessColumns => dims.process_columns(),
    };
    for (table, matrix, structure) in matrices(dataset) {
        let (rows, cols) = structure.axes();
        let shape = shape_problem((matrix.rows(), matrix.cols()), (size(rows), size(cols)));
        faults.extend(shape.map(|problem| Fault::new(table, FilePlace::Whole, problem)));
    }
    for (table, blocks, structure) in dataset.rules.iter().flat_map(families) {
        block_size_faults(table, blocks, structure, labels, &mut faults);
    }
    if let Some(blocks) = &dataset.substitutability {
        let structure = Structure::Substitution;
        block_size_faults("substitutability", blocks, structure, labels, &mut faults);
    }
    faults
}

fn block_size_faults<V: Clone + PartialEq>(
    table: &'static str,
    blocks: &Blocks<V>,
    structure: Structure,
    labels: &Labels,
    faults: &mut Vec<Fault>,
) {
    let (found, expected) = (blocks.block_of.len(), structure.members(labels));
    if found != expected {
        let text = format!("has {found} members, expected {expected}: one per {}", kind(structure));
        faults.push(Fault::new(table, FilePlace::Whole, Problem::Inconsistent(text)));
    }
    for (number, block) in blocks.blocks.iter().enumerate() {
        let shape = shape_problem((block.rows(), block.cols()), structure.block_shape(labels));
        faults.extend(shape.map(|problem| Fault::new(table, block_place(number), problem)));
    }
    for (member, &number) in blocks.block_of.iter().enumerate() {
        if let Some(number) = number.filter(|&n| n as usize >= blocks.blocks.len()) {
            let text =
                format!("has no block {number}, which {} {member} asks for", kind(structure));
            faults.push(Fault::new(table, FilePlace::Whole, Problem::Inconsistent(text)));
        }
    }
}

fn shape_problem(found: (usize, usize), want: (usize, usize)) -> Option<Problem> {
    let ((rows, cols), (want_rows, want_cols)) = (found, want);
    let because = "the numbers of labels";
    (found != want).then_some(Problem::Shape { rows, cols, want_rows, want_cols, because })
}

/// What a member of a family of blocks is.
fn kind(structure: Structure) -> &'static str {
    if structure == Structure::Trade { "item" } else { "area" }
}

fn block_place(number: usize) -> FilePlace {
    FilePlace::Named(format!("block {number}"))
}

fn matrices(dataset: &Dataset) -> [(&'static str, &Csr<f64>, Structure); 4] {
    let p = &dataset.parameters;
    [
        ("conversion_alpha", &p.conversion_alpha, Structure::Output),
        ("output_beta", &p.output_beta, Structure::Output),
        ("allocation_nu", &p.allocation_nu, Structure::Allocation),
        ("trade_t", &p.trade_t, Structure::Trade),
    ]
}

fn families(rules: &AdaptationRules) -> [(&'static str, &Blocks<Rule>, Structure); 5] {
    [
        ("rules_alpha", &rules.alpha, Structure::Output),
        ("rules_beta", &rules.beta, Structure::Output),
        ("rules_nu", &rules.nu, Structure::Allocation),
        ("rules_import", &rules.import, Structure::Trade),
        ("rules_export", &rules.export, Structure::Trade),
    ]
}

/// The first value out of range, or entry where the model has none, of a dataset whose labels and
/// sizes are right.
fn content(dataset: &Dataset) -> Result<(), Fault> {
    let (labels, p) = (&dataset.labels, &dataset.parameters);
    for area in &labels.areas {
        let wrong = |name: &str, problem: Option<Problem>| {
            let place = || FilePlace::Named(format!("{name} of {}", area.name));
            problem.map_or(Ok(()), |problem| Err(Fault::new("areas", place(), problem)))
        };
        wrong("latitude", area.latitude.and_then(degrees_problem))?;
        wrong("longitude", area.longitude.and_then(degrees_problem))?;
        wrong("population", area.population.and_then(|v| number_problem(v, f64::MAX)))?;
        wrong("hdi", area.hdi.and_then(|v| number_problem(v, 1.0)))?;
    }
    for (name, vector, limit) in [
        ("x0", &p.x0, f64::MAX),
        ("start_stock", &p.start_stock, f64::MAX),
        ("eta_prod", &p.share_eta_prod, SHARE_LIMIT),
        ("eta_exp", &p.share_eta_exp, SHARE_LIMIT),
    ] {
        for (sector, &value) in vector.iter().enumerate() {
            if let Some(problem) = number_problem(value, limit) {
                let place = FilePlace::Named(format!("{name} of {}", labels.sector_name(sector)));
                return Err(Fault::new("sectors", place, problem));
            }
        }
    }
    for (sector, &part) in dataset.food_part.iter().flatten().enumerate() {
        if let Some(problem) = number_problem(part, SHARE_LIMIT) {
            let place = FilePlace::Named(format!("food_part of {}", labels.sector_name(sector)));
            return Err(Fault::new("sectors", place, problem));
        }
    }
    for (n, reserve) in dataset.reserves.iter().enumerate() {
        let is_known = (reserve.sector as usize) < dataset.dimensions().sectors();
        let before = n.checked_sub(1).map(|before| dataset.reserves[before].sector);
        let is_sorted = before.is_none_or(|before| before < reserve.sector);
        let problem = reserve.problem().or_else(|| match is_known && is_sorted {
            true => None,
            false => Some("is of no sector, or out of their order".to_string()),
        });
        if let Some(text) = problem {
            let place = FilePlace::Named(format!("reserve {}", n + 1));
            return Err(Fault::new("reserves", place, Problem::Inconsistent(text)));
        }
    }
    for (table, matrix, structure) in matrices(dataset) {
        let amounts = structure == Structure::Output;
        let limit = if amounts { f64::MAX } else { SHARE_LIMIT };
        for (row, col, &value) in matrix.iter() {
            let located = structure.locate(labels, row as u32, col as u32);
            let problem = match located {
                Some(_) => number_problem(value, limit),
                None => Some(Problem::Inconsistent(structure.rule().to_string())),
            };
            if let Some(problem) = problem {
                let (rows, cols) = structure.axes();
                let (row, col) = (name(labels, rows, row), name(labels, cols, col));
                return Err(Fault::new(table, FilePlace::Named(format!("{row} x {col}")), problem));
            }
        }
    }
    rule_content(dataset)
}

fn rule_content(dataset: &Dataset) -> Result<(), Fault> {
    let labels = &dataset.labels;
    let rule_problem = |rule: &Rule| {
        let halves = [rule.multiplier, rule.rewiring].into_iter().flatten();
        halves.filter_map(|value| number_problem(value, f64::MAX)).next()
    };
    for (table, blocks, structure) in dataset.rules.iter().flat_map(families) {
        block_content(table, blocks, structure, labels, rule_problem)?;
    }
    if let Some(blocks) = &dataset.substitutability {
        let problem = |value: &f64| number_problem(*value, f64::MAX);
        block_content("substitutability", blocks, Structure::Substitution, labels, problem)?;
    }
    let families = dataset.rules.as_ref().map(|r| [&r.eta_exp, &r.eta_prod, &r.eta_cons]);
    for (share, family) in families.into_iter().flat_map(|f| SHARES.into_iter().zip(f)) {
        for (sector, rule) in family.iter().enumerate() {
            if let Some(problem) = rule.as_ref().and_then(rule_problem) {
                let place = FilePlace::Named(format!("{share} of {}", labels.sector_name(sector)));
                return Err(Fault::new("rules_shares", place, problem));
            }
        }
    }
    Ok(())
}

fn block_content<V: Clone + PartialEq>(
    table: &'static str,
    blocks: &Blocks<V>,
    structure: Structure,
    labels: &Labels,
    problem: impl Fn(&V) -> Option<Problem>,
) -> Result<(), Fault> {
    let (found, limit) = (blocks.blocks.len(), blocks.block_of.len());
    if found > limit {
        let text = format!("has {found} blocks, expected at most {limit}: one per member");
        return Err(Fault::new(table, FilePlace::Whole, Problem::Inconsistent(text)));
    }
    for (number, block) in blocks.blocks.iter().enumerate() {
        if block.nnz() == 0 {
            let text = "is empty; a member without entries has no block".to_string();
            return Err(Fault::new(table, block_place(number), Problem::Inconsistent(text)));
        }
        for (row, col, value) in block.iter() {
            if let Some(problem) = problem(value) {
                let (area, item) =
                    (|n: usize| &labels.areas[n].name, |n: usize| &labels.items[n].name);
                let process = |n: usize| &labels.processes[n].name;
                let (row, col) = match structure {
                    Structure::Output => (item(row), process(col)),
                    Structure::Allocation => (process(row), item(col)),
                    Structure::Trade => (area(row), area(col)),
                    Structure::Substitution => (item(row), item(col)),
                };
                let place = FilePlace::Named(format!("block {number}, {row} x {col}"));
                return Err(Fault::new(table, place, problem));
            }
        }
    }
    Ok(())
}

/// `Area / Item` or `Area / Process`.
fn name(labels: &Labels, axis: Axis, at: usize) -> String {
    let dims = labels.dimensions();
    match axis {
        Axis::Sectors => labels.sector_name(at),
        Axis::ProcessColumns => {
            let area = &labels.areas[dims.area_of_process_column(at)].name;
            format!("{area} / {}", labels.processes[dims.process_of(at)].name)
        }
    }
}

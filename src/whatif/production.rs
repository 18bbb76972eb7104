//! Changes of what an area makes and consumes.

use super::error::within;
use super::flows::Flows;
use super::settle::settle;
use super::{Log, WhatIfError};
use crate::dataset::names::{LabelKind, NameError, NameIndex, nearest};
use crate::dataset::{Dataset, Parameters};
use crate::model::step;
use crate::sparse::Csr;

/// Largest relative change: a tenfold harvest.
const LARGEST: f64 = 10.0;

/// Output of a sector at `x0`, per model year.
fn output(p: &Parameters, sector: usize) -> f64 {
    step::output(p, &p.x0, 1)[sector]
}

/// Multiplies what a sector makes, with and without inputs.
fn scale(p: &mut Parameters, sector: usize, factor: f64) {
    for matrix in [&mut p.conversion_alpha, &mut p.output_beta] {
        matrix.change(|row, _, value| {
            if row == sector {
                *value *= factor;
            }
        });
    }
}

fn producer(dataset: &Dataset, sector: usize) -> Result<f64, WhatIfError> {
    let made = output(&dataset.parameters, sector);
    if made > 0.0 {
        return Ok(made);
    }
    let problem = format!("{} is not produced", dataset.labels.sector_name(sector));
    Err(WhatIfError::not_there(problem))
}

/// Changes a sector's output and what it imports by the same amount: what is available stays.
///
/// More production: suppliers keep, and consume, what they no longer sell, in proportion to what they
/// sold; what exceeds all imports is available on top. Less production: the suppliers sell what they
/// consumed.
///
/// # Errors
/// Both or none of `by` and `amount`, nothing is produced, or the suppliers do not consume that much.
pub(super) fn domestic(
    dataset: &mut Dataset,
    (area, item): (usize, usize),
    by: Option<f64>,
    amount: Option<f64>,
    log: &mut Log<'_>,
) -> Result<(), WhatIfError> {
    let sector = dataset.dimensions().sector(area, item);
    let made = producer(dataset, sector)?;
    let more = match (by, amount) {
        (Some(by), None) => within("by", by, -1.0, LARGEST)? * made,
        (None, Some(amount)) => within("amount", amount, -made, LARGEST * made)?,
        _ => {
            let expected = "one of `by` and `amount`".to_string();
            let value = if by.is_some() { "given beside `amount`" } else { "missing" }.to_string();
            return Err(WhatIfError::Value { key: "by", value, expected });
        }
    };
    if more == 0.0 {
        return Ok(());
    }
    let before = dataset.parameters.clone();
    scale(&mut dataset.parameters, sector, (made + more) / made);
    log.note(dataset, sector, "output", made, made + more);
    let imports = Flows::of(dataset, item).imports(area);
    trade_less(dataset, (area, item), more.min(imports), log)?;
    if more > imports {
        settle(&before, &mut dataset.parameters)?;
        log.note(dataset, sector, "available", before.x0[sector], dataset.parameters.x0[sector]);
    }
    Ok(())
}

/// Changes a sector's output alone; amounts downstream follow.
///
/// # Errors
/// Nothing is produced, `by` is out of range, or the changed world does not settle.
pub(super) fn yields(
    dataset: &mut Dataset,
    (area, item): (usize, usize),
    by: f64,
    log: &mut Log<'_>,
) -> Result<(), WhatIfError> {
    let by = within("by", by, -1.0, LARGEST)?;
    let sector = dataset.dimensions().sector(area, item);
    let made = producer(dataset, sector)?;
    if by == 0.0 {
        return Ok(());
    }
    let before = dataset.parameters.clone();
    scale(&mut dataset.parameters, sector, 1.0 + by);
    settle(&before, &mut dataset.parameters)?;
    log.note(dataset, sector, "output", made, output(&dataset.parameters, sector));
    list_available(dataset, &before, log);
    Ok(())
}

/// Changes what a sector consumes; imports change by the same amount.
///
/// # Errors
/// `by` is out of range, or less is imported than would no longer be consumed.
pub(super) fn demand(
    dataset: &mut Dataset,
    (area, item): (usize, usize),
    by: f64,
    log: &mut Log<'_>,
) -> Result<(), WhatIfError> {
    let by = within("by", by, -1.0, LARGEST)?;
    let sector = dataset.dimensions().sector(area, item);
    let p = &dataset.parameters;
    let (x, production, exports) =
        (p.x0[sector], p.share_eta_prod[sector], p.share_eta_exp[sector]);
    let consumed = x * (1.0 - production - exports);
    let less = -by * consumed;
    let imports = Flows::of(dataset, item).imports(area);
    if less > imports * (1.0 + 1e-12) {
        let problem = format!(
            "{} imports {imports:.0}, less than the {less:.0} that would no longer be consumed; \
             `by` can be {:.3} at the least",
            dataset.labels.sector_name(sector),
            -imports / consumed,
        );
        return Err(WhatIfError::not_there(problem));
    }
    if less == 0.0 {
        return Ok(());
    }
    trade_less(dataset, (area, item), less.min(imports), log)?;
    let p = &mut dataset.parameters;
    let left = (x - less).max(0.0);
    // What is processed and exported stays the same amount.
    let of_left = |share: f64| if left > 0.0 { (share * x / left).min(1.0) } else { 0.0 };
    p.share_eta_prod[sector] = of_left(production);
    p.share_eta_exp[sector] = of_left(exports);
    p.x0[sector] = left;
    log.note(dataset, sector, "consumption", consumed, consumed - less);
    Ok(())
}

/// Lets an area import `less` of an item (more, where it is negative), in proportion to what it gets
/// from whom; its suppliers consume what they no longer sell, or sell what they consumed.
fn trade_less(
    dataset: &mut Dataset,
    (area, item): (usize, usize),
    less: f64,
    log: &mut Log<'_>,
) -> Result<(), WhatIfError> {
    let dims = dataset.dimensions();
    let mut flows = Flows::of(dataset, item);
    let imports = flows.imports(area);
    if less == 0.0 {
        return Ok(());
    }
    if imports <= 0.0 {
        let name = dataset.labels.sector_name(dims.sector(area, item));
        return Err(WhatIfError::not_there(format!("{name} has no imports that could change")));
    }
    let mut exports = flows.exports.clone();
    for (d, amount) in flows.suppliers(area) {
        let part = less * amount / imports;
        let sector = dims.sector(d, item);
        let p = &mut dataset.parameters;
        let x = p.x0[sector];
        let consumed = x * (1.0 - p.share_eta_prod[sector] - p.share_eta_exp[sector]);
        if -part > consumed * (1.0 + 1e-12) {
            let problem = format!(
                "{} would have to export {:.0} more and consumes {consumed:.0} only; change by less",
                dataset.labels.sector_name(sector),
                -part,
            );
            return Err(WhatIfError::not_there(problem));
        }
        exports[d] = (exports[d] - part).max(0.0);
        p.share_eta_exp[sector] = exports[d] / x;
        flows.add(area, d, -part);
        log.note(dataset, sector, "exports", flows.exports[d], exports[d]);
    }
    log.note(dataset, dims.sector(area, item), "imports", imports, imports - less);
    flows.write(dataset, &exports);
    Ok(())
}

/// Closes a process of an area: what it took goes to the area's other processes for the item, in
/// proportion, or is consumed where there is none; what it made is no longer made.
///
/// # Errors
/// A name is unknown, the process does nothing there, or the changed world does not settle.
pub(super) fn close(
    dataset: &mut Dataset,
    area: &str,
    process: &str,
    log: &mut Log<'_>,
) -> Result<(), WhatIfError> {
    let dims = dataset.dimensions();
    let area = NameIndex::new(&dataset.labels).area(area)?;
    let process = find_process(dataset, process)?;
    let column = area * dims.processes + process;
    let before = dataset.parameters.clone();
    let made_before = step::output(&before, &before.x0, 1);
    let p = &mut dataset.parameters;
    let makes = |m: &Csr<f64>| m.iter().any(|(_, c, v)| c == column && *v != 0.0);
    if p.allocation_nu.row_values(column).is_empty()
        && !makes(&p.conversion_alpha)
        && !makes(&p.output_beta)
    {
        let problem = format!(
            "{} has no process `{}`",
            dataset.labels.areas[area].name, dataset.labels.processes[process].name
        );
        return Err(WhatIfError::not_there(problem));
    }
    let taken: Vec<(usize, f64)> = p.allocation_nu.row(column).map(|(s, v)| (s, *v)).collect();
    let sums = p.allocation_nu.column_sums();
    for &(sector, share) in &taken {
        // Without another process, nothing is set aside for production any more.
        if sums[sector] - share <= 1e-12 {
            p.share_eta_prod[sector] = 0.0;
        }
    }
    let share_of = |sector: usize| taken.iter().find(|(s, _)| *s == sector).map(|(_, v)| *v);
    p.allocation_nu.change(|row, sector, value| {
        if let Some(share) = share_of(sector) {
            let rest = sums[sector] - share;
            *value = match row == column || rest <= 1e-12 {
                true => 0.0,
                false => *value * sums[sector] / rest,
            };
        }
    });
    p.allocation_nu = p.allocation_nu.filtered(|v| *v != 0.0);
    for matrix in [&mut p.conversion_alpha, &mut p.output_beta] {
        matrix.change(|_, c, value| {
            if c == column {
                *value = 0.0;
            }
        });
        *matrix = matrix.filtered(|v| *v != 0.0);
    }
    settle(&before, &mut dataset.parameters)?;
    let made = step::output(&dataset.parameters, &dataset.parameters.x0, 1);
    for item in 0..dims.items {
        let sector = dims.sector(area, item);
        log.note(dataset, sector, "output", made_before[sector], made[sector]);
    }
    list_available(dataset, &before, log);
    Ok(())
}

fn find_process(dataset: &Dataset, name: &str) -> Result<usize, WhatIfError> {
    let processes = &dataset.labels.processes;
    let wanted = name.trim().to_lowercase();
    processes.iter().position(|p| p.name.to_lowercase() == wanted).ok_or_else(|| {
        WhatIfError::Name(NameError::Unknown {
            kind: LabelKind::Process,
            name: name.to_string(),
            nearest: nearest(name, processes.iter().map(|p| p.name.as_str())),
        })
    })
}

/// Largest changes of available amounts that are listed.
const LARGEST_LISTED: usize = 20;

/// Lists the sectors whose available amount a change moves most.
fn list_available(dataset: &Dataset, before: &Parameters, log: &mut Log<'_>) {
    let after = &dataset.parameters.x0;
    let moved = |s: usize| (after[s] - before.x0[s]).abs();
    let mut sectors: Vec<usize> = (0..after.len()).filter(|&s| moved(s) > 0.0).collect();
    sectors.sort_by(|&a, &b| moved(b).total_cmp(&moved(a)).then(a.cmp(&b)));
    for &s in sectors.iter().take(LARGEST_LISTED) {
        log.note(dataset, s, "available", before.x0[s], after[s]);
    }
}

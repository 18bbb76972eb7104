//! What `shocksweep plan` says, and the scenario table it writes.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int32Array, RecordBatch, StringArray, UInt32Array,
};
use parquet::arrow::ArrowWriter;
use shocksweep_columnar::write::harmless;

use super::{duration, number, table, whole};
use crate::job::census::KindCount;
use crate::job::{Adaptation, Plan};
use crate::results::encoding::properties;
use crate::scenario::pairs::PairGrid;
use crate::scenario::switches::{SWITCHES, Switches};
use crate::scenario::{Course, NamedScenario, Response, ScenarioId, ShockKind};
use crate::sink::SinkError;
use crate::sink::commit::Pending;
use crate::study::estimate::Estimate;

/// Counts by kind and the estimated cost, for a person.
pub fn summary(plan: &Plan, kinds: &[KindCount], estimate: &Estimate) -> String {
    let mut text = String::new();
    if let Some(warning) = plan.dataset.metadata.warning() {
        text += &format!("Note: {warning}.\n\n");
    }
    let total = plan.scenarios.len();
    text += &format!(
        "{} scenarios (set `{}`) on dataset `{}`, {} steps, {} engine.\n\n",
        whole(total),
        plan.set,
        plan.dataset.metadata.name,
        plan.steps,
        plan.engine,
    );
    let row = |kind: &KindCount| {
        let name = if kind.adapts { "with adaptation" } else { "without adaptation" };
        let counts = [kind.scenarios, kind.no_ops, kind.repeats, kind.to_run.len()];
        [name.to_string()].into_iter().chain(counts.map(whole)).collect()
    };
    let header = ["kind of run", "scenarios", "no-ops", "repeats", "to run"];
    text += &table(&header, kinds.iter().map(row).collect(), 1);
    text += &format!(
        "\n\nNo-ops change nothing and are not run; repeats have the shocks and switches of an \
         earlier scenario and are run.\n\n\
         Estimated from {} scenarios run now and thrown away:\n\
         time    about {}: {} s to prepare, {} s to compute, {} s to write\n\
         memory  {} MB for scenarios and losses, beside the dataset and the engine\n\
         output  {} rows, {} MB\n",
        whole(estimate.sampled),
        seconds(estimate.total_s()),
        number(estimate.prepare_s),
        number(estimate.compute_s),
        number(estimate.write_s),
        number(estimate.memory_bytes / 1e6),
        number(estimate.rows.round()),
        number(estimate.output_bytes / 1e6),
    );
    text
}

/// A time as a person says it.
fn seconds(time: f64) -> String {
    if time < 60.0 { format!("{} s", number(time)) } else { duration(time) }
}

/// Bytes of a pair in `matrix.parquet`: 10.3 in a screening of the built-in world (119,890 pairs).
const BYTES_PER_LISTED_PAIR: f64 = 10.0;

/// Size and estimated cost of a screening, for a person.
pub fn screening(plan: &Plan, grid: &PairGrid, estimate: &Estimate) -> String {
    let mut text = String::new();
    if let Some(warning) = plan.dataset.metadata.warning() {
        text += &format!("Note: {warning}.\n\n");
    }
    text += &format!(
        "Screening of {} pairs of {} sectors on dataset `{}`, {} steps, {} engine.\n\n\
         Estimated from {} pairs run now and thrown away:\n\
         time    about {}: {} s to prepare, {} s to screen\n\
         memory  {} MB for single runs, beside the dataset and the engine\n\
         output  the best pairs, moments and histograms: about {} MB{}\n",
        whole(grid.len() as usize),
        whole(grid.shocks().len()),
        plan.dataset.metadata.name,
        plan.steps,
        plan.engine,
        whole(estimate.sampled),
        seconds(estimate.total_s()),
        number(estimate.prepare_s),
        number(estimate.compute_s),
        number(estimate.memory_bytes / 1e6),
        number(estimate.output_bytes / 1e6),
        matrix(plan, grid),
    );
    text
}

/// What a list of all pairs above a threshold takes, if one is asked for.
fn matrix(plan: &Plan, grid: &PairGrid) -> String {
    let asked = plan.superposition.as_ref().and_then(|asked| asked.job.matrix);
    asked.map_or(String::new(), |from| {
        let most = grid.len() as f64 * BYTES_PER_LISTED_PAIR / 1e6;
        format!(
            "\n         \
             and every pair with |S| of {from} t or more: about {} MB if all are",
            number(most)
        )
    })
}

/// Writes the plan's scenarios as a table that `set = "table"` reads, Parquet or CSV by the
/// extension; returns the number of rows.
///
/// `adaptive` are the job's own switches, which the table repeats so that it stands alone. In a
/// job that runs everything both ways the column `adaptation` is empty: the run of the table says
/// it again.
///
/// # Errors
/// The file cannot be written.
pub fn write_table(path: &Path, plan: &Plan, adaptive: Switches) -> Result<usize, SinkError> {
    let both = plan.adaptation == Some(Adaptation::Both);
    let labels = &plan.dataset.labels;
    let dims = labels.dimensions();
    // Run both ways a scenario is in the plan twice, side by side.
    let mut scenarios: Vec<&NamedScenario> = plan.scenarios.iter().collect();
    scenarios.dedup_by_key(|named| named.scenario.id);
    let values: Vec<Vec<Option<String>>> =
        scenarios.iter().map(|named| switch_values(named.switches.or(adaptive))).collect();
    let used: BTreeSet<usize> =
        (0..SWITCHES.len()).filter(|&n| values.iter().any(|v| v[n].is_some())).collect();
    let rows: Vec<ShockLine<'_>> = scenarios
        .iter()
        .zip(&values)
        .flat_map(|(named, switches)| {
            let scenario = &named.scenario;
            scenario.shocks.iter().map(move |shock| ShockLine {
                id: scenario.id,
                adaptation: (!both).then_some(scenario.response()),
                area: &labels.areas[dims.area_of(shock.sector as usize)].name,
                item: &labels.items[dims.item_of(shock.sector as usize)].name,
                phi: shock.phi,
                course: shock.course,
                kind: shock.kind,
                to_area: shock.kind.to_area().map(|area| labels.areas[area].name.as_str()),
                switches,
            })
        })
        .collect();
    let mut pending = Pending::create(path)?;
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("parquet")) {
        write_parquet(&mut pending, &rows, &used)?;
    } else {
        write_csv(&mut pending, &rows, &used)?;
    }
    pending.commit()?;
    Ok(rows.len())
}

/// One shocked sector of one scenario.
struct ShockLine<'a> {
    id: ScenarioId,
    adaptation: Option<Response>,
    area: &'a str,
    item: &'a str,
    phi: f64,
    course: Course,
    kind: ShockKind,
    to_area: Option<&'a str>,
    switches: &'a [Option<String>],
}

/// The switches in the order of [`SWITCHES`], as a table holds them.
fn switch_values(switches: Switches) -> Vec<Option<String>> {
    let text = switches.to_string();
    let pairs: Vec<(&str, &str)> =
        text.split_whitespace().filter_map(|part| part.split_once('=')).collect();
    let value = |key: &str| pairs.iter().find(|(k, _)| *k == key).map(|(_, v)| v.to_string());
    SWITCHES.iter().map(|key| value(key)).collect()
}

fn write_csv(
    pending: &mut Pending,
    rows: &[ShockLine<'_>],
    used: &BTreeSet<usize>,
) -> Result<(), SinkError> {
    let path = pending.path().to_path_buf();
    let mut write = || -> Result<(), csv::Error> {
        let mut writer = csv::Writer::from_writer(&mut *pending);
        let header = [
            "scenario",
            "area",
            "item",
            "phi",
            "from",
            "to",
            "decay",
            "kind",
            "to_area",
            "reroute",
            "adaptation",
        ];
        writer.write_record(header.into_iter().chain(used.iter().map(|&n| SWITCHES[n])))?;
        for row in rows {
            let adaptation = match row.adaptation {
                Some(Response::Adaptive) => "True",
                Some(Response::Static) => "False",
                None => "",
            };
            let (id, phi) = (row.id.to_string(), row.phi.to_string());
            let Course { from, to, decay } = row.course;
            let to = if to == u32::MAX { String::new() } else { to.to_string() };
            let (from, decay) = (from.to_string(), decay.to_string());
            let reroute = match row.kind.reroute() {
                Some(true) => "True",
                Some(false) => "False",
                None => "",
            };
            let cells = [
                id.as_str(),
                &harmless(row.area),
                &harmless(row.item),
                &phi,
                &from,
                &to,
                &decay,
                row.kind.name(),
                &row.to_area.map_or(String::new(), harmless),
                reroute,
                adaptation,
            ];
            let switches = used.iter().map(|&n| row.switches[n].as_deref().unwrap_or(""));
            writer.write_record(cells.into_iter().chain(switches))?;
        }
        writer.flush()?;
        Ok(())
    };
    write().map_err(|e| SinkError::io(&path)(std::io::Error::other(e)))
}

fn write_parquet(
    pending: &mut Pending,
    rows: &[ShockLine<'_>],
    used: &BTreeSet<usize>,
) -> Result<(), SinkError> {
    let path = pending.path().to_path_buf();
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        ("scenario", Arc::new(Int32Array::from_iter_values(rows.iter().map(|r| r.id.in_table())))),
        ("area", Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.area)))),
        ("item", Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.item)))),
        ("phi", Arc::new(Float64Array::from_iter_values(rows.iter().map(|r| r.phi)))),
        ("from", Arc::new(rows.iter().map(|r| Some(r.course.from)).collect::<UInt32Array>())),
        (
            "to",
            Arc::new(
                rows.iter()
                    .map(|r| Some(r.course.to).filter(|&to| to != u32::MAX))
                    .collect::<UInt32Array>(),
            ),
        ),
        ("decay", Arc::new(Float64Array::from_iter_values(rows.iter().map(|r| r.course.decay)))),
        ("kind", Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.kind.name())))),
        ("to_area", Arc::new(rows.iter().map(|r| r.to_area).collect::<StringArray>())),
        ("reroute", Arc::new(rows.iter().map(|r| r.kind.reroute()).collect::<BooleanArray>())),
        (
            "adaptation",
            Arc::new(rows.iter().map(|r| r.adaptation.map(bool::from)).collect::<BooleanArray>()),
        ),
    ];
    for &n in used {
        let values = rows.iter().map(|r| r.switches[n].as_deref()).collect::<StringArray>();
        columns.push((SWITCHES[n], Arc::new(values)));
    }
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, column)| (name, column, true)),
    )
    .map_err(SinkError::arrow(&path))?;
    let mut write = || {
        let mut writer =
            ArrowWriter::try_new(&mut *pending, batch.schema(), Some(properties(true)))?;
        writer.write(&batch)?;
        writer.close()
    };
    write().map_err(SinkError::parquet(&path))?;
    Ok(())
}

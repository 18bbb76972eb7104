//! The scenarios of a result, read back from its scenario table.

use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, RecordBatch};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::dataset::names::NameIndex;
use crate::dataset::{Dataset, Labels};
use crate::scenario::switches::Switches;
use crate::scenario::{Course, Kind, Shock};
use crate::sink::SinkError;
use crate::sink::folder::SCENARIOS;

/// A scenario as a result records it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Identifier.
    pub id: u32,
    /// Whether areas adapt.
    pub adaptation: bool,
    /// Whether it was run.
    pub is_run: bool,
    /// Summed absolute loss, tonnes.
    pub total_loss: f64,
    /// Rows in the loss tables.
    pub rows: usize,
    /// Its shocks, of sectors by name.
    pub shocks: Vec<RecordedShock>,
    /// Switches of this scenario alone.
    pub switches: Option<String>,
}

/// A shock as a result records it.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedShock {
    area: String,
    item: String,
    phi: f64,
    course: Option<String>,
    kind: String,
    to_area: Option<String>,
    reroute: Option<bool>,
}

impl Recorded {
    /// The shocks in a dataset.
    ///
    /// # Errors
    /// What the dataset does not have, or nobody can read.
    pub fn shocks(&self, dataset: &Dataset) -> Result<Vec<Shock>, String> {
        let shock = |shock: &RecordedShock| shock.read(&dataset.labels);
        self.shocks.iter().map(shock).collect()
    }

    /// Names of the areas whose production or trade is shocked.
    pub fn areas(&self) -> Vec<&str> {
        self.shocks.iter().map(|shock| shock.area.as_str()).collect()
    }

    /// Area, item and share of output lost, of every shock.
    pub fn sectors(&self) -> Vec<(&str, &str, f64)> {
        self.shocks.iter().map(|s| (s.area.as_str(), s.item.as_str(), s.phi)).collect()
    }

    /// Its own switches.
    ///
    /// # Errors
    /// Nobody can read them.
    pub fn switches(&self) -> Result<Switches, String> {
        self.switches.as_deref().unwrap_or_default().parse()
    }
}

impl RecordedShock {
    fn read(&self, labels: &Labels) -> Result<Shock, String> {
        let index = NameIndex::new(labels);
        let sector = index.sector(&self.area, &self.item).map_err(|e| e.to_string())?;
        let to_area = self.to_area.as_ref().map(|area| index.area(area)).transpose();
        let to_area = to_area.map_err(|e| e.to_string())?.map(|area| area as u32);
        let kind = Kind::recorded(&self.kind, to_area, self.reroute)
            .ok_or_else(|| format!("`{}` is no kind of shock", self.kind))?;
        let course = match &self.course {
            Some(text) => text.parse()?,
            None => Course::CONSTANT,
        };
        Ok(Shock { sector: sector as u32, phi: self.phi, course, kind })
    }
}

/// Reads the scenario table of a result, in its order.
///
/// # Errors
/// There is no such table, or it lacks columns.
pub fn read(root: &Path) -> Result<Vec<Recorded>, SinkError> {
    let path = root.join(SCENARIOS);
    let file = File::open(&path).map_err(SinkError::io(&path))?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(SinkError::parquet(&path))?;
    let mut recorded = Vec::new();
    for batch in builder.build().map_err(SinkError::parquet(&path))? {
        let batch = batch.map_err(SinkError::arrow(&path))?;
        rows(&batch, &mut recorded).ok_or_else(|| SinkError::Unreadable {
            path: path.clone(),
            problem: "lacks columns of a scenario table".to_string(),
        })?;
    }
    Ok(recorded)
}

fn rows(batch: &RecordBatch, recorded: &mut Vec<Recorded>) -> Option<()> {
    let column = |name: &str| batch.column_by_name(name);
    let ids = column("scenario")?.as_primitive_opt::<Int32Type>()?;
    let rows = column("rows")?.as_primitive_opt::<Int32Type>()?;
    let adaptation = column("adaptation")?.as_boolean_opt()?;
    let status = column("status")?.as_string_opt::<i32>()?;
    let switches = column("switches")?.as_string_opt::<i32>()?;
    let total_loss = column("total_loss")?.as_primitive_opt::<Float64Type>()?;
    let lists = column("shocks")?.as_list_opt::<i32>()?;
    let all = shocks(lists.values().as_struct_opt()?)?;
    for row in 0..batch.num_rows() {
        let [start, end] = [row, row + 1].map(|at| lists.value_offsets()[at] as usize);
        recorded.push(Recorded {
            id: u32::try_from(ids.value(row)).ok()?,
            adaptation: adaptation.value(row),
            is_run: status.value(row) == "run",
            total_loss: total_loss.value(row),
            rows: usize::try_from(rows.value(row)).ok()?,
            shocks: all.get(start..end)?.to_vec(),
            switches: switches.is_valid(row).then(|| switches.value(row).to_string()),
        });
    }
    Some(())
}

fn shocks(fields: &arrow_array::StructArray) -> Option<Vec<RecordedShock>> {
    let text = |name: &str| fields.column_by_name(name)?.as_string_opt::<i32>();
    let (area, item, kind) = (text("area")?, text("item")?, text("kind")?);
    let (course, to_area) = (text("course")?, text("to_area")?);
    let phi = fields.column_by_name("phi")?.as_primitive_opt::<Float64Type>()?;
    let reroute = fields.column_by_name("reroute")?.as_boolean_opt()?;
    let shock = |row: usize| RecordedShock {
        area: area.value(row).to_string(),
        item: item.value(row).to_string(),
        phi: phi.value(row),
        course: course.is_valid(row).then(|| course.value(row).to_string()),
        kind: kind.value(row).to_string(),
        to_area: to_area.is_valid(row).then(|| to_area.value(row).to_string()),
        reroute: reroute.is_valid(row).then(|| reroute.value(row)),
    };
    Some((0..fields.len()).map(shock).collect())
}

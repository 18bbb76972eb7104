//! What the columns of the result tables mean, with types and units.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::types::Int16Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, Int16Array, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use crate::dataset::{Dataset, Labels};

/// Area and item names as Arrow dictionaries.
#[derive(Debug, Clone)]
pub struct Names {
    areas: Arc<StringArray>,
    items: Arc<StringArray>,
}

impl Names {
    /// The names of a dataset's areas and items.
    ///
    /// Keys are 16-bit: the datasets' limits keep both below 32,768.
    pub fn new(labels: &Labels) -> Self {
        Names {
            areas: Arc::new(StringArray::from_iter_values(labels.areas.iter().map(|a| &a.name))),
            items: Arc::new(StringArray::from_iter_values(labels.items.iter().map(|i| &i.name))),
        }
    }

    /// The area and the item column of some sectors.
    pub fn of_sectors(&self, sectors: &[u32]) -> (ArrayRef, ArrayRef) {
        let items = self.items.len() as u32;
        let areas = sectors.iter().map(|s| (s / items) as i16);
        let item_keys = sectors.iter().map(|s| (s % items) as i16);
        let column = |keys: Int16Array, names: &Arc<StringArray>| {
            Arc::new(DictionaryArray::<Int16Type>::new(keys, names.clone()))
        };
        (
            column(Int16Array::from_iter_values(areas), &self.areas),
            column(Int16Array::from_iter_values(item_keys), &self.items),
        )
    }
}

/// Type of label columns: a dictionary of names.
pub fn name_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int16), Box::new(DataType::Utf8))
}

/// A column with its unit and meaning in the field's metadata.
pub fn column(name: &str, kind: DataType, nullable: bool, unit: &str, about: &str) -> Field {
    let mut metadata = HashMap::new();
    if !unit.is_empty() {
        metadata.insert("unit".to_string(), unit.to_string());
    }
    metadata.insert("description".to_string(), about.to_string());
    Field::new(name, kind, nullable).with_metadata(metadata)
}

/// Unit of amounts.
pub const TONNES: &str = "t (live animals: 1000 heads)";

/// The column that tells a scenario's run with adaptation from the one without.
fn adaptation() -> Field {
    column("adaptation", DataType::Boolean, false, "", "whether areas adapt")
}

/// Columns of the loss tables.
pub fn losses(dataset: &Dataset) -> SchemaRef {
    let f64 = || DataType::Float64;
    table(
        dataset,
        vec![
            column("scenario", DataType::Int32, false, "", "identifier of the scenario"),
            adaptation(),
            column("area", name_type(), false, "", "receiving area"),
            column("item", name_type(), false, "", "item lost or gained there"),
            column("baseline", f64(), false, TONNES, "available amount without the shock"),
            column("available", f64(), false, TONNES, "available amount with it"),
            column("al", f64(), false, TONNES, "absolute loss: baseline - available"),
            column("rl", f64(), false, "1", "relative loss: al / baseline, clipped below at -1"),
            column(
                "al_per_capita",
                f64(),
                true,
                "kg per person",
                "1000 al / population; null where the area has no population",
            ),
        ],
    )
}

/// Columns of the trace table: those of the loss tables after the step.
pub fn trace(dataset: &Dataset) -> SchemaRef {
    let losses = losses(dataset);
    let mut fields: Vec<Field> = losses.fields().iter().map(|f| f.as_ref().clone()).collect();
    fields.insert(2, column("step", DataType::Int32, false, "model year", "step, from 0"));
    table(dataset, fields)
}

/// Columns of one shock in the scenario table.
pub fn shock_fields() -> Vec<Field> {
    vec![
        Field::new("area", DataType::Utf8, false),
        Field::new("item", DataType::Utf8, false),
        Field::new("phi", DataType::Float64, false),
        Field::new("course", DataType::Utf8, true),
        Field::new("kind", DataType::Utf8, false),
        Field::new("to_area", DataType::Utf8, true),
        Field::new("reroute", DataType::Boolean, true),
    ]
}

/// Columns of the scenario table.
pub fn scenarios(dataset: &Dataset) -> SchemaRef {
    let text = || DataType::Utf8;
    let int = || DataType::Int32;
    let f64 = || DataType::Float64;
    let shock = Field::new("item", DataType::Struct(shock_fields().into()), false);
    let count = |mark: &str| format!("number of sectors with a relative loss above {mark}");
    table(
        dataset,
        vec![
            column("scenario", int(), false, "", "identifier of the scenario"),
            column("name", text(), false, "", "name given, or the shocked sectors"),
            column("shocks", DataType::List(Arc::new(shock)), false, "", "shocked sectors"),
            adaptation(),
            column("switches", text(), true, "", "switches of this scenario alone; null if none"),
            column("status", text(), false, "", "`run`, or `no_op`: nothing produced was shocked"),
            column("total_loss", f64(), false, TONNES, "summed absolute loss of all sectors"),
            column(
                "total_loss_per_capita",
                f64(),
                true,
                "kg per person",
                "1000 x summed loss of the areas with a population / their summed population",
            ),
            column("sectors_above_1pct", int(), false, "", &count("0.01")),
            column("sectors_above_10pct", int(), false, "", &count("0.10")),
            column("sectors_above_26pct", int(), false, "", &count("0.26")),
            column(
                "largest_loser_area",
                text(),
                true,
                "",
                "area of the sector with the largest absolute loss, shocked sectors apart",
            ),
            column("largest_loser_item", text(), true, "", "its item"),
            column("largest_loser_al", f64(), true, TONNES, "its absolute loss"),
            column("largest_loser_rl", f64(), true, "1", "its relative loss"),
            column("adapting", int(), false, "", "number of sectors that adapted"),
            column("substituting", int(), false, "", "number of sectors that substituted"),
            column(
                "no_share_rule",
                int(),
                false,
                "",
                "of those that adapted, how many kept their shares because no rule left them any",
            ),
            column(
                "largest_gain_area",
                text(),
                true,
                "",
                "area of the sector with the largest relative gain, of those listed with a baseline",
            ),
            column("largest_gain_item", text(), true, "", "its item"),
            column(
                "largest_gain_relative",
                f64(),
                true,
                "1",
                "its gain: (available - baseline) / baseline, not clipped",
            ),
            column(
                "overshoot",
                DataType::Boolean,
                false,
                "",
                "whether such a sector ends above the multiple of its baseline in the manifest",
            ),
            column("rows", int(), false, "", "rows of the scenario in the loss tables"),
        ],
    )
}

/// Columns of the area table.
pub fn areas(dataset: &Dataset) -> SchemaRef {
    let text = || DataType::Utf8;
    let f64 = || DataType::Float64;
    table(
        dataset,
        vec![
            column("area", text(), false, "", "name"),
            column("iso3", text(), false, "", "ISO 3166-1 alpha-3 code"),
            column("region", text(), true, "", "region of the world"),
            column("population", f64(), true, "persons", "population"),
            column("hdi", f64(), true, "1", "human development index"),
            column(
                "hdi_class",
                text(),
                true,
                "",
                "`low` below 0.55, `medium` below 0.70, `high` below 0.80, `very high`",
            ),
            column("latitude", f64(), true, "degrees", "latitude"),
            column("longitude", f64(), true, "degrees", "longitude"),
        ],
    )
}

/// Columns of the item table.
pub fn items(dataset: &Dataset) -> SchemaRef {
    let text = || DataType::Utf8;
    table(
        dataset,
        vec![
            column("item", text(), false, "", "name"),
            column("code", DataType::Int64, false, "", "code of the source"),
            column("commodity_group", text(), false, "", "group of like commodities"),
            column("item_group", text(), false, "", "group by origin and processing"),
        ],
    )
}

/// Columns of the baseline table.
pub fn baseline(dataset: &Dataset) -> SchemaRef {
    table(
        dataset,
        vec![
            column("step", DataType::Int32, false, "model year", "step, from 0"),
            column("area", name_type(), false, "", "area"),
            column("item", name_type(), false, "", "item"),
            column(
                "baseline",
                DataType::Float64,
                false,
                TONNES,
                "available amount without a shock after the step",
            ),
        ],
    )
}

/// Columns of the event table.
pub fn events(dataset: &Dataset) -> SchemaRef {
    let rule = Field::new("item", DataType::Utf8, false);
    table(
        dataset,
        vec![
            column("scenario", DataType::Int32, false, "", "identifier of the scenario"),
            column("area", name_type(), false, "", "area that decides"),
            column("item", name_type(), false, "", "item it has lost"),
            column("kind", DataType::Utf8, false, "", "`adapting` or `substituting`"),
            column("step", DataType::Int32, false, "model year", "step after which, from 0"),
            column("rl", DataType::Float64, false, "1", "relative loss that decided"),
            column("al", DataType::Float64, false, TONNES, "absolute loss that decided"),
            column(
                "rules",
                DataType::List(Arc::new(rule)),
                false,
                "",
                "adapting: parameters with a rule that fired; substituting: items imported instead",
            ),
            column(
                "no_share_rule",
                DataType::Boolean,
                false,
                "",
                "whether the sector kept its shares because no rule left it any",
            ),
        ],
    )
}

/// A schema whose metadata says which data it was made from, and whether they are invented.
pub fn table(dataset: &Dataset, fields: Vec<Field>) -> SchemaRef {
    let mut metadata = HashMap::new();
    metadata.insert("shocksweep.dataset".to_string(), dataset.metadata.name.clone());
    metadata.insert("shocksweep.synthetic".to_string(), dataset.metadata.synthetic.to_string());
    if let Some(warning) = dataset.metadata.warning() {
        metadata.insert("shocksweep.warning".to_string(), warning);
    }
    Arc::new(Schema::new_with_metadata(fields, metadata))
}

//! The columns of every table that a user reads or writes: of results from the declarations that write them.

use arrow_schema::{DataType, Field};

use super::aggregate;
use super::fit::{Column, fitted};
use crate::analysis::aggregate::Dimension;
use crate::results;

/// A column as a person reads it: name, type, unit, meaning.
type Described = [String; 4];

/// A table that a user writes: name, what it is for, columns.
type Written = (&'static str, &'static str, &'static [[&'static str; 4]]);

/// Tables that a user writes, CSV or Parquet; of the columns marked `optional` any may be missing.
const WRITTEN: [Written; 5] = [
    (
        "scenarios of one's own",
        "`run --scenarios TABLE`, a row per shocked sector",
        &[
            ["scenario", "number or text", "", "identifier; rows of one scenario share it"],
            ["area", "text", "", "area or group of areas, as people write them; `*` for all"],
            ["item", "text", "", "item or group of items; `*` for every item that the area makes"],
            ["name", "text", "", "name of the scenario (optional)"],
            ["phi", "number, or one per step: `1;0.5`", "1", "share of output lost (optional: 1)"],
            ["from", "whole number", "step", "first step of the shock, from 0 (optional: 0)"],
            ["to", "whole number", "step", "last step (optional: the last)"],
            ["decay", "number", "per step", "rate at which phi fades (optional: 0)"],
            [
                "kind",
                "text",
                "",
                "production, export-ban, import-ban or blockade (optional: production)",
            ],
            ["to_area", "text", "", "customer of a blockade (optional)"],
            [
                "reroute",
                "True or False",
                "",
                "whether what a ban holds back is sold elsewhere (optional)",
            ],
            ["adaptation", "True or False", "", "whether areas adapt (optional)"],
            [
                "a switch",
                "see `run --help`",
                "",
                "a switch of the adaptive model for this scenario alone (optional)",
            ],
        ],
    ),
    (
        "regions of one's own",
        "`--regions` of `aggregate`, `report`, `plot` and `run`; `regions` in a job",
        &[
            ["area", "text", "", "area, as people write it"],
            ["region", "text", "", "region that it belongs to"],
        ],
    ),
    (
        "probabilities of one's own",
        "`--probabilities TABLE` of `exposure` and `mitigate`",
        &[
            ["area", "text", "", "area or group of areas, as people write them"],
            ["item", "text", "", "item or group of items, as people write them"],
            [
                "probability",
                "number",
                "1",
                "probability that this failure is the one that happens; all sum to at most 1",
            ],
        ],
    ),
    (
        "weights of one's own",
        "`shock --measure TABLE`",
        &[
            ["item", "text", "", "item, as people write it"],
            ["weight", "number", "`unit` per unit of the item", "what a unit of the item counts"],
            ["unit", "text", "", "unit of the weights, the same in every row"],
        ],
    ),
    (
        "item_measures",
        "beside the tables that `dataset import` reads",
        &[
            ["item", "text", "", "item"],
            ["unit", "text", "", "tonne, head, or a unit of its own"],
            ["kcal_per_kg", "number", "kcal per kg", "energy; 0 where it is no food"],
            ["food", "True or False", "", "whether people eat it"],
            ["protein_g_per_kg", "number", "g per kg", "protein (optional)"],
        ],
    ),
];

/// What a type of Arrow is called.
fn kind(of: &DataType) -> String {
    match of {
        DataType::Boolean => "True or False",
        DataType::Float64 => "number",
        DataType::Int32 | DataType::Int64 | DataType::UInt32 | DataType::UInt64 => "whole number",
        DataType::List(_) => "list",
        _ => "text",
    }
    .to_string()
}

/// A column, and the columns within it.
fn described(before: &str, field: &Field, into: &mut Vec<Described>) {
    let name = format!("{before}{}", field.name());
    let said = |key: &str| field.metadata().get(key).cloned().unwrap_or_default();
    let null = if field.is_nullable() { ", or null" } else { "" };
    let of = format!("{}{null}", kind(field.data_type()));
    into.push([name.clone(), of, said("unit"), said("description")]);
    if let DataType::List(inner) = field.data_type()
        && let DataType::Struct(fields) = inner.data_type()
    {
        fields.iter().for_each(|field| described(&format!("{name}."), field, into));
    }
}

/// All tables: name, what they are, columns.
fn tables() -> Vec<(String, String, Vec<Described>)> {
    let mut all = Vec::new();
    let of_fields = |fields: &[Field]| {
        let mut columns = Vec::new();
        fields.iter().for_each(|field| described("", field, &mut columns));
        columns
    };
    for (name, fields) in results::tables() {
        let file = match name {
            "losses" => "`losses/part-*.parquet`".to_string(),
            name => format!("`{name}.parquet`"),
        };
        all.push((name.to_string(), format!("{file} of a result"), of_fields(&fields)));
    }
    let fields = aggregate::fields(&Dimension::ALL);
    let about = "`aggregate -o FILE`; of the groups those that were asked for".to_string();
    all.push(("aggregate".to_string(), about, of_fields(&fields)));
    for (name, about, fields) in super::tables::all() {
        all.push((name, about, of_fields(&fields)));
    }
    for (name, about, columns) in WRITTEN {
        let columns = columns.iter().map(|column| column.map(str::to_string)).collect();
        all.push((name.to_string(), about.to_string(), columns));
    }
    all
}

/// Every table in Markdown, as `TABLES.md` holds them.
pub fn page() -> String {
    let mut text = "\
# Tables

The columns of every table that shocksweep writes for you, and of those that you write for it. Made by
`shocksweep glossary tables`; `shocksweep glossary NAME` shows one. Written tables carry units and meanings in
their schema, too.
"
    .to_string();
    for (name, about, columns) in tables() {
        text += &format!(
            "\n## {name}\n\n{about}\n\n| column | type | unit | meaning |\n|---|---|---|---|\n"
        );
        for [name, of, unit, meaning] in columns {
            text += &format!("| `{name}` | {of} | {unit} | {meaning} |\n");
        }
    }
    text
}

/// One table for a terminal; the names of all where there is none of that name.
///
/// # Errors
/// The names there are.
pub fn table(name: &str) -> Result<String, Vec<String>> {
    let all = tables();
    let Some((name, about, columns)) = all.iter().find(|t| t.0.eq_ignore_ascii_case(name)) else {
        return Err(all.into_iter().map(|table| table.0).collect());
    };
    let titles = [
        Column::text("column"),
        Column::text("type").or_out(2),
        Column::text("unit").or_out(1),
        Column::label("meaning"),
    ];
    let rows: Vec<Vec<String>> = columns.iter().map(|column| column.to_vec()).collect();
    Ok(format!("{name}: {}\n{}\n", about.replace('`', ""), fitted(&titles, &rows)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_every_table_is_explained() {
        for (table, about, columns) in tables() {
            assert!(!about.is_empty() && !columns.is_empty(), "{table}");
            for [name, of, _, meaning] in columns {
                assert!(!of.is_empty() && meaning.len() > 3, "{table}.{name}: {meaning}");
            }
        }
        assert!(table("Losses").unwrap().contains("al_per_capita"));
        assert!(table("looses").unwrap_err().contains(&"losses".to_string()));
    }

    /// What a program with fewer features knows is less.
    #[cfg(all(feature = "trade", feature = "networks"))]
    #[test]
    fn the_page_in_the_repository_is_this_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/TABLES.md");
        let found = std::fs::read_to_string(path).unwrap_or_default();
        assert!(found == page(), "TABLES.md is old: shocksweep glossary tables > TABLES.md");
    }
}

//! shocksweep's own form of a dataset: what is written is what is read, and damage is named.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::store_check::{failures, with_entry};
use crate::support::exact_world;
use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, new_null_array,
};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use shocksweep::low_level::dataset::hash::content_hash;
use shocksweep::low_level::dataset::metadata::TABLES;
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize};
use shocksweep::low_level::dataset::{
    Dataset, Nutrition, Rule, TableSource, TableStatus, Unit, hash, store,
};
use shocksweep::low_level::sparse::Csr;
use tempfile::TempDir;

pub fn world() -> Dataset {
    synthesize(&SynthOptions { areas: 12, items: 20, seed: 5 }).unwrap()
}

fn written(dataset: &Dataset) -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("world");
    store::write(dataset, &path, false).unwrap();
    (dir, path)
}

fn refused(path: &Path) -> String {
    store::read(path).map(|_| ()).unwrap_err().to_string()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
}

/// A table of a written dataset.
fn table(folder: &Path, name: &str) -> RecordBatch {
    let file = File::open(folder.join(format!("{name}.parquet"))).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().with_batch_size(1 << 20);
    let mut batches: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
    assert_eq!(batches.len(), 1, "{name} is short and not empty");
    batches.remove(0)
}

/// Puts another table in the place of a written one.
fn put(folder: &Path, name: &str, batches: &[RecordBatch]) {
    let file = File::create(folder.join(format!("{name}.parquet"))).unwrap();
    let mut writer = ArrowWriter::try_new(file, batches[0].schema(), None).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.close().unwrap();
}

/// A table with another column in the place of one of its own, or without it.
fn with_column(batch: &RecordBatch, name: &str, column: Option<ArrayRef>) -> RecordBatch {
    let schema = batch.schema();
    let own = schema.fields().iter().zip(batch.columns());
    let columns = own.filter_map(|(field, own)| {
        let this = field.name() == name;
        let array = if this { column.clone() } else { Some(own.clone()) };
        array.map(|array| (field.name().clone(), array, true))
    });
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// The texts of a column; `None` where it holds something else.
fn texts(batch: &RecordBatch, column: &str) -> Option<Vec<String>> {
    let array = batch.column_by_name(column)?;
    if let Some(texts) = array.as_string_opt::<i32>() {
        return Some(texts.iter().map(|t| t.unwrap_or("").to_string()).collect());
    }
    let dictionary = array.as_any_dictionary_opt()?;
    let values = dictionary.values().as_string::<i32>();
    Some(dictionary.normalized_keys().iter().map(|&k| values.value(k).to_string()).collect())
}

/// Changes the texts of one column of a written dataset.
fn edit_texts(folder: &Path, name: &str, column: &str, change: impl Fn(&mut [String])) {
    let batch = table(folder, name);
    let mut values = texts(&batch, column).unwrap();
    change(&mut values);
    put(folder, name, &[with_column(&batch, column, Some(Arc::new(StringArray::from(values))))]);
}

#[test]
fn what_is_written_is_what_is_read() {
    let with_rules = world();
    assert!(with_rules.rules.is_some() && with_rules.substitutability.is_some());
    let mut without_rules = exact_world(5, 4, 3, 9);
    without_rules.metadata.sources.push(TableSource {
        table: "trade_t".into(),
        source: "the tests".into(),
        status: TableStatus::Synthetic,
    });
    for dataset in [with_rules, without_rules] {
        let (_dir, path) = written(&dataset);
        let read = store::read(&path).unwrap();
        assert!(read == dataset);
        assert_eq!(hash::content_hash(&read), hash::content_hash(&dataset));
    }
}

#[test]
fn the_hash_sees_every_part() {
    let original = world();
    let known = hash::content_hash(&original);
    let mut renamed = original.clone();
    renamed.metadata.name = "other".into();
    assert_eq!(hash::content_hash(&renamed), known, "a name changes no result");
    let changes: [fn(&mut Dataset); 5] = [
        |d| d.parameters.x0[3] += 1.0,
        |d| d.labels.areas[0].population = None,
        |d| d.rules = None,
        |d| d.substitutability = None,
        |d| {
            let rule = d.rules.as_mut().unwrap().eta_exp.iter_mut().flatten().next().unwrap();
            *rule = Rule { multiplier: rule.rewiring, rewiring: Some(0.125) };
        },
    ];
    for (n, change) in changes.iter().enumerate() {
        let mut changed = original.clone();
        change(&mut changed);
        assert_ne!(hash::content_hash(&changed), known, "change {n}");
    }
}

#[test]
fn a_folder_is_not_overwritten_unasked() {
    let (_dir, path) = written(&world());
    assert!(store::write(&world(), &path, false).unwrap_err().to_string().contains("exists"));
    store::write(&world(), &path, true).unwrap();
    let mut damaged = world();
    damaged.parameters.x0[0] = f64::NAN;
    store::write(&damaged, &path, true).unwrap_err();
    assert!(store::read(&path).unwrap() == world(), "the good one is still there");
    fs::write(path.join("notes.md"), "mine").unwrap();
    let message = store::write(&world(), &path, true).unwrap_err().to_string();
    assert!(message.contains("notes.md") && path.join("notes.md").exists(), "{message}");
    fs::remove_file(path.join("notes.md")).unwrap();
    fs::remove_file(path.join("dataset.toml")).unwrap();
    let foreign = store::write(&world(), &path, true).unwrap_err().to_string();
    assert!(foreign.contains("exists"), "only a dataset is replaced: {foreign}");
}

#[test]
fn damage_is_named() {
    let dataset = world();
    let (_dir, path) = written(&dataset);
    let trade = path.join("trade_t.parquet");
    let whole = fs::read(&trade).unwrap();
    fs::remove_file(&trade).unwrap();
    assert!(refused(&path).contains("trade_t.parquet: not found"));
    fs::write(&trade, &whole[..whole.len() / 2]).unwrap();
    assert!(refused(&path).contains("trade_t.parquet: not a readable Parquet table"));
    fs::write(&trade, &whole).unwrap();
    store::read(&path).unwrap();

    let toml = path.join("dataset.toml");
    let text = fs::read_to_string(&toml).unwrap();
    fs::write(&toml, text.replace("licence =", "license =")).unwrap();
    let message = refused(&path);
    assert!(message.contains("`license`: unknown key, did you mean `licence`?"), "{message}");
    fs::write(&toml, text.replace("format = 1", "format = 9")).unwrap();
    assert!(refused(&path).contains("format 9 is not supported; expected format = 1"));
    fs::write(&toml, b"format = \xff").unwrap();
    assert!(refused(&path).contains("UTF-8"));
    fs::write(&toml, &text).unwrap();

    // Another world's table: every entry is valid, the content is not the recorded one.
    let mut other = dataset.clone();
    other.parameters.x0[dataset.parameters.x0.iter().position(|&x| x > 0.0).unwrap()] += 1.0;
    let (_other_dir, other_path) = written(&other);
    fs::copy(other_path.join("sectors.parquet"), path.join("sectors.parquet")).unwrap();
    assert!(refused(&path).contains("content hash is"));
}

#[test]
fn values_and_labels_are_checked_where_they_stand() {
    let broken = |column: &str, value: f64| {
        let (_dir, path) = written(&world());
        let sectors = table(&path, "sectors");
        let mut values =
            sectors.column_by_name(column).unwrap().as_primitive::<Float64Type>().values().to_vec();
        values[0] = value;
        let values: ArrayRef = Arc::new(Float64Array::from(values));
        put(&path, "sectors", &[with_column(&sectors, column, Some(values))]);
        refused(&path)
    };
    let nan = broken("x0", f64::NAN);
    assert!(nan.contains("sectors.parquet, row 1, column `x0`: NaN is not a finite"), "{nan}");
    let negative = broken("start_stock", -1.0);
    assert!(negative.contains("column `start_stock`: -1 is negative"), "{negative}");
    let share = broken("eta_exp", 1.5);
    assert!(share.contains("column `eta_exp`: 1.5 lies outside 0 to 1"), "{share}");
    let relabelled = |name: &str, column: &str, change: fn(&mut [String])| {
        let (_dir, path) = written(&world());
        edit_texts(&path, name, column, change);
        refused(&path)
    };
    let order = relabelled("areas", "area", |names| names.swap(0, 1));
    assert!(order.contains("areas.parquet, row 2: `"), "{order}");
    let twin = relabelled("items", "item", |names| names[1] = names[0].clone());
    assert!(twin.contains("items.parquet, row 2: `"), "{twin}");
    let changes: [fn(&mut [String]); 2] = [|c| c[2] = c[0].clone(), |c| c[2] = c[0].to_lowercase()];
    for change in changes {
        let code = relabelled("areas", "iso3", change);
        assert!(code.contains("areas.parquet, row 3, column `iso3`: ISO3 code `"), "{code}");
        assert!(code.contains("occurs twice"), "{code}");
    }

    let (_dir, path) = written(&world());
    let bigger = synthesize(&SynthOptions { areas: 14, items: 20, seed: 5 }).unwrap();
    let (_bigger_dir, bigger_path) = written(&bigger);
    fs::copy(bigger_path.join("trade_t.parquet"), path.join("trade_t.parquet")).unwrap();
    let message = refused(&path);
    assert!(message.contains("trade_t.parquet") && message.contains("unknown area"), "{message}");
}

#[test]
fn areas_without_a_code_may_be_many() {
    let mut dataset = world();
    dataset.labels.areas[0].iso3.clear();
    dataset.labels.areas[1].iso3.clear();
    let (_dir, path) = written(&dataset);
    assert!(store::read(&path).unwrap() == dataset);
    assert_eq!(failures(&dataset), Vec::<&str>::new());
}

/// Columns that may hold nulls.
const OPTIONAL: [&str; 10] = [
    "region",
    "latitude",
    "longitude",
    "population",
    "hdi",
    "kcal_per_kg",
    "protein_g_per_kg",
    "food",
    "multiplier",
    "rewiring",
];

#[test]
fn folders_of_earlier_versions_have_the_usual_measures() {
    let original = world();
    let (_dir, path) = written(&original);
    let whole = table(&path, "items");
    let earlier = ["item", "code", "commodity_code", "commodity_group", "group"];
    let columns = earlier.map(|name| (name, whole.column_by_name(name).unwrap().clone()));
    put(&path, "items", &[RecordBatch::try_from_iter(columns).unwrap()]);
    let description = path.join("dataset.toml");
    let text = fs::read_to_string(&description).unwrap();
    let units = "units = \"tonnes; live animals in 1000 heads; population in persons\"";
    let line = text.lines().find(|line| line.starts_with("units")).unwrap();
    fs::write(&description, text.replace(line, units)).unwrap();
    let read = store::read(&path).unwrap();
    assert_eq!(read.parameters, original.parameters);
    assert!(!read.metadata.units.contains("1000"), "{}", read.metadata.units);
    for item in &read.labels.items {
        assert!(item.has_usual_measures(), "{item:?}");
    }
    let rice = read.labels.items.iter().find(|i| i.name == "Rice and products").unwrap();
    assert_eq!((rice.unit.name(), rice.kcal_per_tonne()), ("tonne", 2_800_000.0));
}

#[test]
fn measures_of_ones_own_are_kept_and_change_the_hash() {
    let usual = world();
    let mut own = usual.clone();
    own.labels.items[0].unit = Unit::parse("m3");
    own.labels.items[1].nutrition =
        Some(Nutrition { is_food: true, kcal_per_kg: 1234.5, protein_g_per_kg: Some(6.5) });
    let (_dir, path) = written(&own);
    assert!(store::read(&path).unwrap() == own);
    assert_ne!(content_hash(&own), content_hash(&usual));
    let mut eaten = usual.clone();
    let consumes = |s: usize| usual.parameters.x0[s] > 0.0;
    let part = |s: usize| if consumes(s) { 0.25 } else { 0.0 };
    eaten.food_part = Some((0..usual.dimensions().sectors()).map(part).collect());
    let (_dir, path) = written(&eaten);
    assert!(store::read(&path).unwrap() == eaten);
    assert_ne!(content_hash(&eaten), content_hash(&usual));
}

#[test]
fn every_column_of_every_table_is_checked() {
    let (_dir, path) = written(&world());
    for name in TABLES {
        let whole = table(&path, name);
        for field in whole.schema().fields() {
            let column = field.name();
            let broken = |array: Option<ArrayRef>| {
                put(&path, name, &[with_column(&whole, column, array)]);
                refused(&path)
            };
            let message = broken(None);
            let expected = format!("{name}.parquet, `{column}`: not found; expected a column");
            assert!(message.contains(&expected), "{message}");
            // The one column that is true or false.
            let (wrong, kind): (ArrayRef, &str) = match column.as_str() {
                "food" => (Arc::new(Int64Array::from(vec![1; whole.num_rows()])), "Int64"),
                _ => (Arc::new(BooleanArray::from(vec![true; whole.num_rows()])), "Boolean"),
            };
            let message = broken(Some(wrong));
            let expected = format!("{name}.parquet, `{column}`: type {kind} is not supported");
            assert!(message.contains(&expected), "{message}");
            if !OPTIONAL.contains(&column.as_str()) {
                let message = broken(Some(new_null_array(field.data_type(), whole.num_rows())));
                let place = format!("{name}.parquet, row 1, column `{column}`");
                let expected = format!("{place}: expected a value, found `null`");
                assert!(message.contains(&expected), "{message}");
            }
        }
        put(&path, name, &[whole]);
    }
    assert!(store::read(&path).unwrap() == world());
}

#[test]
fn every_duplicate_is_named_with_its_labels() {
    let (_dir, path) = written(&world());
    for name in TABLES {
        let whole = table(&path, name);
        put(&path, name, &[whole.clone(), whole.slice(0, 1)]);
        let message = refused(&path);
        assert!(message.contains(&format!("{name}.parquet")), "{message}");
        assert!(message.contains("occurs twice") || message.contains(", once"), "{message}");
        let labels = ["area", "item", "process", "importer", "exporter", "substitute", "member"];
        for column in labels.into_iter().chain(["share"]) {
            if let Some(label) = texts(&whole, column).map(|texts| texts[0].clone()) {
                assert!(message.contains(&label), "{column} `{label}`: {message}");
            }
        }
        put(&path, name, &[whole]);
    }
}

#[test]
fn the_description_is_compared_and_placed() {
    let (_dir, path) = written(&world());
    let toml = path.join("dataset.toml");
    let text = fs::read_to_string(&toml).unwrap();
    let broken = |text: String| {
        fs::write(&toml, text).unwrap();
        refused(&path)
    };
    for (table, found) in
        [("areas", 12), ("items", 20), ("processes", world().dimensions().processes)]
    {
        let message = broken(text.replace(&format!("{table} = {found}"), &format!("{table} = 99")));
        let expected = format!("records 99 {table}, but {table}.parquet holds {found}");
        assert!(message.contains(&expected), "{message}");
    }
    let message = broken(format!("novelty = true\n{}", text.replace("format = 1", "format = 2")));
    assert!(message.contains("`format`: format 2 is not supported; expected"), "{message}");

    let described = &text[..text.find("[[sources]]").unwrap()];
    for without in [format!("sources = []\n{described}"), described.to_string()] {
        let message = broken(without);
        let expected = "dataset.toml, `sources`: not found; expected one [[sources]] entry";
        assert!(message.contains(expected), "{message}");
    }

    for (text, line) in [("= 1\n", 1), ("format = 1\n= 2\n", 2), ("\n\nformat = = 1\n", 3)] {
        let message = broken(text.to_string());
        assert!(message.contains(&format!("dataset.toml, line {line}: expected")), "{message}");
    }
}

#[test]
fn too_many_sectors_are_refused() {
    let (_dir, path) = written(&world());
    let many = 70_000;
    let labels: ArrayRef =
        Arc::new(StringArray::from_iter_values((0..many).map(|n| format!("{n:06}"))));
    for (name, label) in [("areas", "area"), ("items", "item")] {
        let whole = table(&path, name);
        let columns = whole
            .schema()
            .fields()
            .iter()
            .map(|field| {
                let array: ArrayRef = match field.name().as_str() {
                    name if name == label => labels.clone(),
                    "code" => Arc::new(Int64Array::from(vec![1; many])),
                    "region" | "latitude" | "longitude" | "population" | "hdi" | "kcal_per_kg"
                    | "protein_g_per_kg" | "food" => new_null_array(field.data_type(), many),
                    _ => Arc::new(StringArray::from(vec![""; many])),
                };
                (field.name().clone(), array, true)
            })
            .collect::<Vec<_>>();
        put(&path, name, &[RecordBatch::try_from_iter_with_nullable(columns).unwrap()]);
    }
    let expected = "number of sectors (areas x items) of 4900000000 exceeds the limit of 16777216";
    let message = refused(&path);
    assert!(message.contains(expected), "{message}");

    let mut dataset = world();
    dataset.labels.areas.resize(many, dataset.labels.areas[0].clone());
    dataset.labels.items.resize(many, dataset.labels.items[0].clone());
    let out = path.with_file_name("large");
    let message = store::write(&dataset, &out, false).unwrap_err().to_string();
    assert!(message.contains(expected), "{message}");
    dataset.labels.items.truncate(20);
    let message = store::write(&dataset, &out, false).unwrap_err().to_string();
    assert!(message.contains("number of areas of 70000 exceeds the limit of 32767"), "{message}");
}

/// A change to a dataset, and what the error then says.
type Refusal = (fn(&mut Dataset), &'static str);

#[test]
fn what_could_not_be_read_is_not_written() {
    let refused = |change: fn(&mut Dataset)| {
        let mut dataset = world();
        change(&mut dataset);
        let (dir, path) = written(&world());
        let new = dir.path().join("new");
        let message = store::write(&dataset, &new, false).unwrap_err().to_string();
        store::write(&dataset, &path, true).unwrap_err();
        assert_eq!(names(dir.path()), ["world"], "{message}");
        assert!(store::read(&path).unwrap() == world(), "{message}");
        (message, failures(&dataset))
    };
    // Of another size than the labels say: no other check is possible.
    let sizes: [Refusal; 10] = [
        (|d| d.parameters.x0.truncate(239), "sectors.parquet, `x0`: has shape 239 x 1"),
        (|d| d.parameters.trade_t = Csr::empty(2, 3), "trade_t.parquet: has shape 2 x 3"),
        (|d| d.parameters.output_beta = Csr::empty(2, 3), "output_beta.parquet: has shape 2 x 3"),
        (|d| rules(d).alpha.blocks[0] = one(99), "rules_alpha.parquet, block 0: has shape 99 x 99"),
        (|d| rules(d).export.blocks[0] = one(1), "rules_export.parquet, block 0: has shape 1 x 1"),
        (|d| rules(d).nu.block_of.truncate(11), "rules_nu.parquet: has 11 members, expected 12"),
        (|d| rules(d).import.block_of.push(None), "rules_import.parquet: has 21 members"),
        (|d| rules(d).beta.block_of[1] = Some(7), "rules_beta.parquet: has no block 7"),
        (
            |d| rules(d).eta_cons.truncate(239),
            "rules_shares.parquet, `eta_cons`: has shape 239 x 1",
        ),
        (
            |d| {
                let large = Csr::from_triplets(99, 99, vec![(98, 98, 0.5)]).unwrap();
                d.substitutability.as_mut().unwrap().blocks[0] = large;
            },
            "substitutability.parquet, block 0: has shape 99 x 99, expected 20 x 20",
        ),
    ];
    for (change, expected) in sizes {
        let (message, failures) = refused(change);
        assert!(message.contains(expected), "{message}");
        assert_eq!(failures, ["every entry has its labels, sorted and distinct"], "{message}");
    }
    let contents: [Refusal; 13] = [
        (|d| d.metadata.sources.clear(), "dataset.toml, `sources`: not found"),
        (|d| d.labels.areas.swap(0, 1), "areas.parquet, row 2: `"),
        (|d| d.labels.areas[1].iso3 = d.labels.areas[0].iso3.clone(), "column `iso3`: ISO3 code"),
        (|d| d.labels.areas[0].population = Some(-1.0), "areas.parquet, population of"),
        (|d| d.parameters.x0[3] = f64::NAN, "sectors.parquet, x0 of"),
        (|d| d.parameters.share_eta_prod[3] = 1.5, "1.5 lies outside 0 to 1"),
        (
            |d| d.parameters.trade_t = with_entry(&d.parameters.trade_t, 0, 21, 0.5),
            "trade_t.parquet, Bangladesh / ",
        ),
        (
            |d| d.parameters.trade_t = with_entry(&d.parameters.trade_t, 5, 5, 0.5),
            "trade links one item in two different areas",
        ),
        (
            |d| d.parameters.output_beta = with_entry(&d.parameters.output_beta, 239, 0, 0.5),
            "both must lie in one area",
        ),
        (
            |d| {
                let (to, from, _) = d.parameters.trade_t.iter().next().unwrap();
                d.parameters.trade_t = with_entry(&d.parameters.trade_t, to, from, f64::INFINITY);
            },
            "inf is not a finite number",
        ),
        (
            |d| rules(d).eta_exp[0] = Some(Rule { multiplier: None, rewiring: Some(-2.0) }),
            "rules_shares.parquet, eta_exp of",
        ),
        (
            |d| {
                let blocks = &mut d.substitutability.as_mut().unwrap().blocks;
                blocks[0] = with_entry(&blocks[0], 0, 1, f64::NAN);
            },
            "substitutability.parquet, block 0, ",
        ),
        (
            |d| {
                let empty = Csr::empty(20, d.labels.processes.len());
                rules(d).alpha.blocks.push(empty);
            },
            "rules_alpha.parquet, block 1: is empty",
        ),
    ];
    for (change, expected) in contents {
        let (message, _) = refused(change);
        assert!(message.contains(expected), "{expected}: {message}");
    }
}

fn rules(dataset: &mut Dataset) -> &mut shocksweep::low_level::dataset::AdaptationRules {
    dataset.rules.as_mut().unwrap()
}

/// A block of rules with one rule, in its last corner.
fn one(size: u32) -> Csr<Rule> {
    let rule = Rule { multiplier: Some(0.5), rewiring: None };
    Csr::from_triplets(size as usize, size as usize, vec![(size - 1, size - 1, rule)]).unwrap()
}

#[test]
fn an_empty_folder_is_filled() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("world");
    fs::create_dir(&path).unwrap();
    // Another folder would have other permissions, and nobody would stand in it any more.
    #[cfg(unix)]
    let folder = || std::os::unix::fs::MetadataExt::ino(&fs::metadata(&path).unwrap());
    #[cfg(unix)]
    let before = folder();
    store::write(&world(), &path, false).unwrap();
    assert!(store::read(&path).unwrap() == world());
    #[cfg(unix)]
    assert_eq!(folder(), before);
    assert_eq!((names(dir.path()).len(), names(&path).len()), (1, TABLES.len() + 1));
    store::write(&world(), &path, true).unwrap();
    assert_eq!((names(dir.path()).len(), names(&path).len()), (1, TABLES.len() + 1));
}

#[cfg(unix)]
#[test]
fn a_link_is_not_replaced() {
    let (dir, path) = written(&world());
    let empty = dir.path().join("empty");
    fs::create_dir(&empty).unwrap();
    for (n, target) in [path.clone(), empty, dir.path().join("nowhere")].iter().enumerate() {
        let link = dir.path().join(format!("link{n}"));
        std::os::unix::fs::symlink(target, &link).unwrap();
        for given in [link.clone(), link.join("")] {
            for force in [false, true] {
                let message = store::write(&world(), &given, force).unwrap_err().to_string();
                assert!(message.contains("is a symbolic link, which is not replaced"), "{message}");
            }
        }
        assert_eq!(&fs::read_link(&link).unwrap(), target);
    }
    assert!(store::read(&path).unwrap() == world());
}

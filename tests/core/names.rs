//! Areas and items as people write them.

use std::sync::LazyLock;

use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::dataset::names::{NameError, NameIndex};
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize};

static WORLD: LazyLock<Dataset> = LazyLock::new(|| synthesize(&SynthOptions::default()).unwrap());

const WRITTEN: &str = include_str!("../data/names/written_areas.txt");

#[test]
fn areas_are_understood_as_people_write_them() {
    let names = NameIndex::new(&WORLD.labels);
    let mut wrong = Vec::new();
    let mut lines = 0;
    for line in WRITTEN.lines().filter(|line| !line.starts_with('#')) {
        let (written, expected) = line.rsplit_once("; ").expect("written; expected");
        lines += 1;
        let found = match names.areas(written) {
            Ok(areas) if areas.len() == 1 => WORLD.labels.areas[areas[0]].name.clone(),
            Ok(areas) => areas.len().to_string(),
            Err(NameError::Absent { .. }) => "absent".to_string(),
            Err(_) => "none".to_string(),
        };
        if found != expected {
            wrong.push(format!("{written}: {found}, not {expected}"));
        }
    }
    assert!(lines >= 250, "{lines}");
    assert!(wrong.is_empty(), "{} of {lines}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_label_and_code_means_itself() {
    let names = NameIndex::new(&WORLD.labels);
    for (at, area) in WORLD.labels.areas.iter().enumerate() {
        assert_eq!(names.area(&area.name), Ok(at), "{}", area.name);
        assert_eq!(names.area(&area.iso3), Ok(at), "{}", area.iso3);
        assert_eq!(names.area(&area.code.to_string()), Ok(at), "{}", area.code);
        assert_eq!(names.area(&area.name.to_uppercase()), Ok(at), "{}", area.name);
    }
    for (at, item) in WORLD.labels.items.iter().enumerate() {
        assert_eq!(names.item(&item.name), Ok(at), "{}", item.name);
        assert_eq!(names.item(&format!(" {} ", item.name.to_lowercase())), Ok(at), "{}", item.name);
    }
}

#[test]
fn items_are_understood_as_people_write_them() {
    let names = NameIndex::new(&WORLD.labels);
    for (written, expected) in [
        ("wheat", "Wheat and products"),
        ("Rice", "Rice and products"),
        ("maize", "Maize and products"),
        ("corn", "Maize and products"),
        ("soy", "Soyabeans"),
        ("soybeans", "Soyabeans"),
        ("sugar", "Sugar (Raw Equivalent)"),
        ("sugar cane", "Sugar cane"),
        ("milk", "Milk - Excluding Butter"),
        ("butter", "Butter, Ghee"),
        ("beef", "Bovine Meat"),
        ("pork", "Pigmeat"),
        ("chicken", "Poultry Meat"),
        ("cows", "Cattle"),
        ("potatoes", "Potatoes and products"),
        ("sweet potato", "Sweet potatoes"),
        ("sunflower", "Sunflower seed"),
        ("sunflower oil", "Sunflowerseed Oil"),
        ("rapeseed", "Rape and Mustardseed"),
        ("palm oil", "Palm Oil"),
        ("coffee", "Coffee and products"),
        ("cocoa", "Cocoa Beans and products"),
        ("tea", "Tea (including mate)"),
        ("fish", "Fish, Seafood"),
        ("barley", "Barley and products"),
        ("sorghum", "Sorghum and products"),
        ("cassava", "Cassava and products"),
        ("grapes", "Grapes and products (excl wine)"),
        ("olives", "Olives (including preserved)"),
        ("peanuts", "Groundnuts"),
        ("tomato", "Tomatoes and products"),
        ("Mutton and Goat Meat", "Mutton & Goat Meat"),
    ] {
        let found = names.item(written).map(|at| WORLD.labels.items[at].name.as_str());
        assert_eq!(found, Ok(expected), "{written}");
    }
    let message = |name: &str| names.item(name).unwrap_err().to_string();
    assert!(
        message("cake").contains("is ambiguous: it could be `Copra Cake`"),
        "{}",
        message("cake")
    );
    assert_eq!(message("weat"), "unknown item `weat`, did you mean `Wheat and products`?");
    assert_eq!(names.items("Live animals").unwrap().len(), 13);
}

#[test]
fn what_is_meant_goes_before_what_looks_alike() {
    let names = NameIndex::new(&WORLD.labels);
    let message = |name: &str| names.area(name).unwrap_err().to_string();
    assert_eq!(message("Reunion"), "unknown area `Reunion`: this dataset does not have it");
    assert_eq!(message("Palestine"), "unknown area `Palestine`: this dataset does not have it");
    assert_eq!(message("Indja"), "unknown area `Indja`, did you mean `India`?");
    assert_eq!(message("Holand"), "unknown area `Holand`, did you mean `Netherlands`?");
    assert_eq!(message("Swazilnd"), "unknown area `Swazilnd`, did you mean `Eswatini`?");
    assert_eq!(
        message("Korea"),
        "area `Korea` is ambiguous: it could be `Democratic People's Republic of Korea` or `Republic of Korea`"
    );
    let note = names.note("China").expect("a note");
    assert_eq!(
        note,
        "`China` is taken as `China, mainland`; Hong Kong, Macao and Taiwan are areas of their own"
    );
    assert_eq!(names.note("China, mainland"), None);
    assert_eq!(names.note("India"), None);
}

#[test]
fn accents_in_two_parts_and_blanks_are_the_same_name() {
    let names = NameIndex::new(&WORLD.labels);
    let ivory = names.area("Côte d'Ivoire").unwrap();
    assert_eq!(names.area("Co\u{302}te d'Ivoire"), Ok(ivory));
    assert_eq!(names.area("\u{a0}Côte d'Ivoire "), Ok(ivory));
}

use super::*;

const ITEMS: [&str; 9] = [
    "Cereals, Other",
    "Maize Germ Oil",
    "Maize and products",
    "Milk - Excluding Butter",
    "Potatoes and products",
    "Rice and products",
    "Ricebran Oil",
    "Soyabeans",
    "Sweet potatoes",
];

fn index<'a>(areas: &'a [(&'a str, &'a str)]) -> NameIndex<'a> {
    let area = |(name, iso3): &(&'a str, &'a str)| AreaNames {
        name,
        iso3,
        code: None,
        region: Some(if *name == "Egypt" { "Africa North" } else { "Europe East" }),
    };
    let groups = ["Cereals", "Primary crops"];
    NameIndex::of(areas.iter().map(area), ITEMS.iter().map(|name| ItemNames { name, groups }))
}

#[test]
fn items_by_unique_parts_and_other_names() {
    let names = index(&[]);
    let item = |name: &str| names.item(name).map(|at| ITEMS[at]);
    assert_eq!(item("rice"), Ok("Rice and products"));
    assert_eq!(item("Maize"), Ok("Maize and products"));
    assert_eq!(item("corn"), Ok("Maize and products"));
    assert_eq!(item("germ oil"), Ok("Maize Germ Oil"));
    assert_eq!(item("MILK"), Ok("Milk - Excluding Butter"));
    assert_eq!(item("potato"), Ok("Potatoes and products"));
    assert_eq!(item("sweet potato"), Ok("Sweet potatoes"));
    assert_eq!(item("soy"), Ok("Soyabeans"));
    let message = item("oil").unwrap_err().to_string();
    assert_eq!(message, "item `oil` is ambiguous: it could be `Maize Germ Oil` or `Ricebran Oil`");
    let message = item("ric").unwrap_err().to_string();
    assert_eq!(message, "unknown item `ric`");
    assert_eq!(names.items("cereals").unwrap().len(), ITEMS.len());
    assert_eq!(names.items("cereals, other"), Ok(vec![0]));
    assert_eq!(names.items("*").unwrap().len(), ITEMS.len());
}

#[test]
fn areas_without_codes_are_found_by_what_their_names_mean() {
    let areas = [("Burma", ""), ("Egypt", ""), ("Great Britain", ""), ("Ukraine", "")];
    let names = index(&areas);
    let area = |name: &str| names.area(name).map(|at| areas[at].0);
    assert_eq!(area("UK"), Ok("Great Britain"));
    assert_eq!(area("MMR"), Ok("Burma"));
    assert_eq!(area("Egypt, Arab Rep."), Ok("Egypt"));
    assert_eq!(
        area("Germany").unwrap_err().to_string(),
        "unknown area `Germany`: this dataset does not have it"
    );
    assert_eq!(
        area("DE").unwrap_err().to_string(),
        "unknown area `DE`: it means Germany, which this dataset does not have"
    );
    assert_eq!(
        area("Ukrane").unwrap_err().to_string(),
        "unknown area `Ukrane`, did you mean `Ukraine`?"
    );
    assert_eq!(names.areas("Africa"), Ok(vec![1]));
    assert_eq!(names.areas("Northern Africa"), Ok(vec![1]));
    assert_eq!(names.areas("G7"), Ok(vec![2]));
    assert_eq!(names.areas("*").unwrap().len(), 4);
}

use super::*;
use crate::dataset::synth::{SynthOptions, synthesize};
use crate::dataset::{Nutrition, Rule, Unit};

/// Two areas and three items: wheat (3,340 kcal per kg, 120 g protein), cattle in heads, cotton.
fn world() -> Dataset {
    let options = SynthOptions { areas: 2, items: 3, seed: 1 };
    let mut d = synthesize(&options).unwrap();
    for item in &mut d.labels.items {
        (item.unit, item.nutrition) = (Unit::Tonne, None);
    }
    d.labels.items[1].unit = Unit::Head;
    d.labels.items[0].nutrition =
        Some(Nutrition { is_food: true, kcal_per_kg: 3340.0, protein_g_per_kg: Some(120.0) });
    let p = &mut d.parameters;
    p.x0 = vec![100.0; 6];
    p.share_eta_prod = vec![0.5; 6];
    p.share_eta_exp = vec![0.1; 6];
    d
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{found}, not {expected}");
}

#[test]
fn mass_counts_what_is_available_and_no_heads() {
    let d = world();
    let mass = Measure::of(MeasureKind::Mass, &d).unwrap();
    assert_eq!(mass.loss(0, 100.0, 30.0, None), 30.0);
    assert_eq!(mass.loss(1, 1e6, 5e5, None), 0.0, "heads are no mass");
    assert_eq!(mass.loss(5, 100.0, -30.0, None), -30.0, "a gain");
    assert_eq!(mass.per_person(30.0, 1000.0), 30.0);
    assert_eq!(mass.unit_per_person(), "kg per person");
}

#[test]
fn energy_counts_what_is_eaten() {
    let mut d = world();
    let kcal = Measure::of(MeasureKind::Kcal, &d).unwrap();
    // 30 t lost, 0.4 of it would have been consumed: 12 t of 3,340,000 kcal.
    close(kcal.loss(0, 100.0, 30.0, None), 40_080_000.0);
    close(kcal.loss(3, 100.0, 30.0, None), 40_080_000.0);
    assert_eq!(kcal.loss(1, 100.0, 30.0, None), 0.0);
    assert_eq!(kcal.loss(2, 100.0, 30.0, None), 0.0, "cotton is no food");
    close(kcal.baseline(0, 100.0), 133_600_000.0);
    // 40.08 million kcal of 1,000 people in a year of 365 days.
    close(kcal.per_person(40_080_000.0, 1000.0), 109.808_219_178_082_2);
    // Where the dataset knows that three quarters of the consumption are eaten.
    d.food_part = Some(vec![0.75; 6]);
    let kcal = Measure::of(MeasureKind::Kcal, &d).unwrap();
    close(kcal.loss(0, 100.0, 30.0, None), 30_060_000.0);
    let protein = Measure::of(MeasureKind::Protein, &d).unwrap();
    // 12 t x 0.75 of 120 kg per t.
    close(protein.loss(0, 100.0, 30.0, None), 1_080_000.0);
    assert_eq!(protein.unit_per_person(), "g protein per person and day");
}

#[test]
fn what_is_eaten_follows_the_adapted_shares() {
    let mut d = world();
    let rule = |multiplier, rewiring| Some(Rule { multiplier, rewiring });
    let rules = d.rules.as_mut().unwrap();
    (rules.eta_exp, rules.eta_prod, rules.eta_cons) = (vec![None; 6], vec![None; 6], vec![None; 6]);
    rules.eta_exp[0] = rule(Some(1.0), None);
    rules.eta_prod[0] = rule(Some(2.0), None);
    rules.eta_cons[0] = rule(Some(1.0), Some(1.0));
    let kcal = Measure::of(MeasureKind::Kcal, &d).unwrap();
    let hits = [Hit { sector: 0, al: 50.0, rl: 0.5 }, Hit { sector: 2, al: 50.0, rl: 0.5 }];
    let shares = kcal.adapted_shares(hits.into_iter(), MissingRule::Published, &d);
    // Exports 0.1 x 0.5 = 0.05, production 0.5 x 2 x 0.5 = 0.5, consumption (0.4 + 1) x 0.5 = 0.7,
    // divided by their sum of 1.25. Cotton does not count.
    assert_eq!(shares.len(), 1);
    close(shares[&0], 0.56);
    // Of 100 t 40 were eaten; 50 t are left, of which 28 are: a loss of 12 t.
    close(kcal.loss(0, 100.0, 50.0, Some(shares[&0])), 12.0 * 3_340_000.0);
    let mass = Measure::of(MeasureKind::Mass, &d).unwrap();
    assert!(mass.adapted_shares(hits.into_iter(), MissingRule::Published, &d).is_empty());
    // No rule left the sector any share: it keeps its own.
    d.rules.as_mut().unwrap().eta_exp[0] = None;
    d.rules.as_mut().unwrap().eta_prod[0] = None;
    d.rules.as_mut().unwrap().eta_cons[0] = None;
    assert!(kcal.adapted_shares(hits.into_iter(), MissingRule::Published, &d).is_empty());
}

#[test]
fn weights_of_ones_own_and_their_slips() {
    let d = world();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("prices.csv");
    let names: Vec<&str> = d.labels.items.iter().map(|i| i.name.as_str()).collect();
    let parse = |text: &str| {
        std::fs::write(&path, text).unwrap();
        Measure::parse(path.to_str().unwrap(), &d)
    };
    let price = parse(&format!("item,weight,unit\n\"{}\",250,USD\n", names[0])).unwrap();
    // 12 of the 30 t would have been consumed.
    close(price.loss(0, 100.0, 30.0, None), 3000.0);
    assert_eq!(price.loss(2, 100.0, 30.0, None), 0.0);
    assert_eq!((price.unit.as_str(), price.kind), ("USD", MeasureKind::Own));
    let message = |text: &str| parse(text).unwrap_err().to_string();
    assert!(message("item,weight\nx,1\n").contains("column `unit` is missing"));
    assert!(message("item,weight,unit\nxyzzy,1,USD\n").contains("row 1: unknown item `xyzzy`"));
    assert!(message("item,weight,unit\n").contains("no rows"));
    let twice = format!("item,weight,unit\n\"{0}\",1,USD\n\"{0}\",2,USD\n", names[0]);
    assert!(message(&twice).contains("row 2: item"));
    let units = format!("item,weight,unit\n\"{}\",1,USD\n\"{}\",2,EUR\n", names[0], names[1]);
    assert!(message(&units).contains("row 2: unit `EUR`, but `USD` before"));
    let infinite = format!("item,weight,unit\n\"{}\",inf,USD\n", names[0]);
    assert!(message(&infinite).contains("expected a finite number, found `inf`"));
    let unknown = Measure::parse("kcall", &d).unwrap_err().to_string();
    assert!(unknown.contains("unknown measure `kcall`, did you mean `kcal`?"), "{unknown}");
}

#[test]
fn a_measure_without_numbers_is_refused() {
    let mut d = world();
    d.labels.items[0].nutrition = None;
    assert_eq!(Measure::of(MeasureKind::Kcal, &d), None);
    assert_eq!(Measure::usual(&d).unwrap().kind, MeasureKind::Mass);
    let message = Measure::parse("protein", &d).unwrap_err().to_string();
    assert!(message.starts_with("the dataset has no protein of its items"), "{message}");
}

//! Change statistics, coefficients and bootstrap against golden tables.

use std::collections::BTreeMap;

use crate::common::{agree, golden, shared, world};
use shocksweep_columnar::text::TextTable;
use shocksweep_networks::input::{Files, read};
use shocksweep_networks::networks::{BuildOptions, Networks};
use shocksweep_networks::tergm::bootstrap::{Plan, bootstrap};
use shocksweep_networks::tergm::covariates::Sources;
use shocksweep_networks::tergm::design::Design;
use shocksweep_networks::tergm::fit::{Fit, Outcome, fit, squares};
use shocksweep_networks::tergm::intervals::{exact_quantile, percentile, spread};
use shocksweep_networks::tergm::likelihood::{Designs, STORED_BYTES, fitted};
use shocksweep_networks::tergm::model::{Model, ModelsFile, paper};
use shocksweep_networks::tergm::step::{Step, steps};
use shocksweep_networks::world::World;

fn close(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= relative * a.abs().max(b.abs())
}

fn number(text: &str) -> f64 {
    text.parse().unwrap()
}

/// Rows of a table by the columns `keys`.
fn keyed<'a>(table: &'a TextTable, keys: &[&str]) -> BTreeMap<Vec<&'a str>, &'a Vec<String>> {
    let places: Vec<usize> = keys.iter().map(|key| table.find(&[key]).unwrap()).collect();
    let key = |row: &'a Vec<String>| places.iter().map(|&at| row[at].as_str()).collect();
    table.rows.iter().map(|row| (key(row), row)).collect()
}

fn model_steps(world: &World, networks: &Networks, model: &Model) -> Vec<Step> {
    let tier = networks.tiers.iter().find(|tier| tier.name == model.tier).unwrap();
    steps(Sources { world, networks }, tier, model).unwrap()
}

fn synth_models() -> Vec<Model> {
    let path = shared().unwrap().join("synth/models.json");
    ModelsFile::read(&path).unwrap().models(&["downstream"]).unwrap()
}

fn full_fit(designs: &Designs) -> Fit {
    fit(designs, &vec![1.0; designs.steps().len()], &squares(designs))
}

#[test]
fn designs_have_the_golden_sums_and_rows() {
    let Some((folder, world, networks)) = world("synth") else { return };
    let table = golden(&folder, "design_checksums.csv");
    let rows = keyed(&table, &["model", "t", "term"]);
    let mut compared = 0;
    for model in synth_models() {
        let all = model_steps(&world, &networks, &model);
        for step in &all {
            let design = Design::new(step);
            for (term, label) in model.labels().iter().enumerate() {
                let t = step.t.to_string();
                let Some(row) = rows.get(&vec![model.name.as_str(), &t, label]) else { continue };
                let (mut sum, mut square, mut ties) = (0.0, 0.0, 0.0);
                for at in 0..design.pairs {
                    let (x, tie) = design.row(at);
                    sum += x[term];
                    square += x[term] * x[term];
                    ties += if tie { x[term] } else { 0.0 };
                }
                for (own, text) in [sum, square, ties].iter().zip(&row[4..]) {
                    let expected = number(text);
                    // Sums that cancel are compared with the size of what they add.
                    let size = (square * design.pairs as f64).sqrt().max(1.0);
                    assert!((own - expected).abs() < 1e-11 * size, "{} {t} {label}", model.name);
                }
                compared += 1;
            }
        }
        rows_of_designs(&folder, &world, &model, &all);
    }
    assert_eq!(compared, table.rows.len());
}

/// Rows of the design that are golden.
fn rows_of_designs(folder: &std::path::Path, world: &World, model: &Model, steps: &[Step]) {
    let file = match model.name.as_str() {
        "M3" => "design_M3_t2.csv",
        "M3alt" => "design_sample_M3alt.csv",
        "M3loss" => "design_sample_M3loss.csv",
        "M3zero" => "design_sample_M3zero.csv",
        _ => return,
    };
    let table = golden(folder, file);
    let t = table.find(&["t"]);
    let first = table.find(&["y"]).unwrap() + 1;
    let code = |text: &str| world.areas.iter().position(|area| area.code == text).unwrap();
    for row in &table.rows {
        let due: usize = t.map_or(2, |t| row[t].parse().unwrap());
        let step = steps.iter().find(|step| step.t == due).unwrap();
        let (i, j) = (code(&row[first - 3]), code(&row[first - 2]));
        for (term, text) in row[first..].iter().enumerate() {
            let own = step.change(&step.structure, term, i, j);
            assert!(agree(&own.to_string(), text, 1e-9), "{file} {row:?} term {term}: {own}");
        }
        assert_eq!(row[first - 1] == "1", step.structure.tie(i, j));
    }
}

#[test]
fn estimates_are_the_golden_ones() {
    let Some((folder, world, networks)) = world("synth") else { return };
    let table = golden(&folder, "mple.csv");
    let rows = keyed(&table, &["model", "term"]);
    let measures = golden(&folder, "mple_fit_measures.csv");
    let measures = keyed(&measures, &["model", "measure"]);
    let mut compared = 0;
    for model in synth_models() {
        let all = model_steps(&world, &networks, &model);
        let designs = Designs::new(&all, STORED_BYTES);
        let found = full_fit(&designs);
        assert_eq!(found.outcome, Outcome::Estimated, "{}", model.name);
        for (term, label) in model.labels().iter().enumerate() {
            let row = rows[&vec![model.name.as_str(), label]];
            let own = [found.coefficient(term), found.standard_error(term)].map(Option::unwrap);
            for (own, text) in own.iter().zip(&row[4..]) {
                assert!(close(*own, number(text), 1e-9), "{} {label}: {own} {text}", model.name);
            }
            compared += 1;
        }
        let expected = number(&measures[&vec![model.name.as_str(), "pseudo_loglik"]][3]);
        assert!(close(found.loglik, expected, 1e-11));
        let p = fitted(&designs, &found.theta);
        let mean = p.iter().map(|(p, _)| p).sum::<f64>() / p.len() as f64;
        let expected = number(&measures[&vec![model.name.as_str(), "mean_fitted"]][3]);
        assert!(close(mean, expected, 1e-10));
        // Made anew for every pass instead of stored: the same.
        let anew = Designs::new(&all, 0);
        assert_eq!(full_fit(&anew).theta, found.theta);
    }
    assert_eq!(compared, table.rows.len());
}

#[test]
fn areas_that_enter_and_leave_are_left_out() {
    let Some(folder) = shared().map(|folder| folder.join("synth")) else { return };
    let mut files = Files::in_folder(&folder).unwrap();
    files.areas = folder.join("areas_absent.csv");
    let world = read(&files).unwrap();
    let networks = Networks::build(&world, &BuildOptions::default());
    let table = golden(&folder, "mple_absent.csv");
    let rows = keyed(&table, &["model", "term"]);
    let mut compared = 0;
    for model in synth_models() {
        let all = model_steps(&world, &networks, &model);
        let designs = Designs::new(&all, STORED_BYTES);
        let found = full_fit(&designs);
        for (term, label) in model.labels().iter().enumerate() {
            let Some(row) = rows.get(&vec![model.name.as_str(), label]) else { continue };
            let pairs: usize = all.iter().map(Step::pairs).sum();
            assert_eq!(pairs.to_string(), row[5], "{}", model.name);
            let own = [found.theta[term], found.information_se[term]];
            for (own, text) in own.iter().zip(&row[3..5]) {
                assert!(close(*own, number(text), 1e-9), "{} {label} {own} {text}", model.name);
            }
            assert!(close(found.loglik, number(&row[6]), 1e-11));
            compared += 1;
        }
    }
    assert_eq!(compared, table.rows.len());
}

#[test]
fn a_term_that_depends_on_others_is_named_and_the_others_stay() {
    let Some((folder, world, networks)) = world("synth") else { return };
    let model = synth_models().into_iter().find(|model| model.name == "M3").unwrap();
    let all = model_steps(&world, &networks, &model);
    let designs = Designs::new(&all[4..], STORED_BYTES);
    let found = full_fit(&designs);
    let labels = model.labels();
    assert_eq!(
        found.collinear.iter().map(|&t| labels[t].as_str()).collect::<Vec<_>>(),
        ["timecov"]
    );
    let table = golden(&folder, "mple_last_step_M3.csv");
    let mut compared = 0;
    for (term, row) in table.rows.iter().enumerate() {
        assert_eq!(row[1], labels[term]);
        match found.coefficient(term) {
            None => assert_eq!(row[2], ""),
            Some(own) => {
                assert!(close(own, number(&row[2]), 1e-9), "{row:?} {own}");
                assert!(close(found.information_se[term], number(&row[3]), 1e-9));
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 18);
}

#[test]
fn hand_worked_models_and_separation() {
    let Some((folder, world, networks)) = world("tiny") else { return };
    let json = r#"{"downstream/hand1": {"terms": ["edges", "memory"]},
        "downstream/hand2": {"terms": ["edges", "edgecov.colo"]},
        "downstream/hand3": {"terms": ["edges", "mutual"]}}"#;
    let file: ModelsFile = serde_json::from_str(json).unwrap();
    let table = golden(&folder, "mple.csv");
    let rows = keyed(&table, &["model", "term"]);
    for model in file.models(&["downstream"]).unwrap() {
        let all = model_steps(&world, &networks, &model);
        let found = full_fit(&Designs::new(&all, STORED_BYTES));
        for (term, label) in model.labels().iter().enumerate() {
            let row = rows[&vec![model.name.as_str(), label]];
            assert!(close(found.coefficient(term).unwrap(), number(&row[2]), 1e-9), "{row:?}");
            assert!(close(found.information_se[term], number(&row[3]), 1e-9), "{row:?}");
        }
    }
    // Without the last step both ties of the colony are there in all: those 4 of 10 multisets have no
    // finite estimate.
    let model = &file.models(&["downstream"]).unwrap()[1];
    let all = model_steps(&world, &networks, model);
    let designs = Designs::new(&all, STORED_BYTES);
    let squares = squares(&designs);
    let full = fit(&designs, &[1.0; 3], &squares);
    let found = bootstrap(&designs, &full, &squares, Plan::Exact, 1, &|| false).unwrap().unwrap();
    for replicate in &found.replicates {
        let is_separated = replicate.multiplicities[2] == 0;
        assert_eq!(replicate.theta.is_none(), is_separated, "{replicate:?}");
    }
    assert_eq!((found.replicates.len(), found.dropped()), (10, 4));
    for model in paper(&["downstream"]).models(&["downstream"]).unwrap().into_iter().take(3) {
        let all = model_steps(&world, &networks, &model);
        let found = full_fit(&Designs::new(&all, STORED_BYTES));
        assert_eq!(found.outcome, Outcome::Separated, "{}: {found:?}", model.name);
        assert!(!found.separated.is_empty());
        assert!(found.coefficient(0).is_none());
    }
}

#[test]
fn every_multiset_refits_to_the_golden_coefficients() {
    let Some((folder, world, networks)) = world("synth") else { return };
    let model = synth_models().into_iter().find(|model| model.name == "M3").unwrap();
    let all = model_steps(&world, &networks, &model);
    let designs = Designs::new(&all, STORED_BYTES);
    let squares = squares(&designs);
    let full = fit(&designs, &[1.0; 5], &squares);
    let found = bootstrap(&designs, &full, &squares, Plan::Exact, 1, &|| false).unwrap().unwrap();
    let table = golden(&folder, "bootstrap_enumeration_M3.csv");
    let keys = ["m_t2", "m_t3", "m_t4", "m_t5", "m_t6"];
    let rows = keyed(&table, &keys);
    assert_eq!((found.replicates.len(), found.dropped()), (rows.len(), 5));
    for replicate in &found.replicates {
        let key: Vec<String> = replicate.multiplicities.iter().map(u32::to_string).collect();
        let row = rows[&key.iter().map(String::as_str).collect::<Vec<_>>()];
        assert!(close(replicate.probability, number(&row[5]), 1e-12));
        match &replicate.theta {
            None => assert!(row[6..].iter().all(String::is_empty)),
            Some(theta) => {
                for (own, text) in theta.iter().zip(&row[6..]) {
                    assert!(close(*own, number(text), 1e-8), "{key:?} {own} {text}");
                }
            }
        }
    }
    let table = golden(&folder, "bootstrap_summary_M3.csv");
    for (term, row) in table.rows.iter().enumerate() {
        let own = spread(&found, term).unwrap();
        let own = [own.mean, own.sd, own.intervals[1].0, own.intervals[1].1];
        for (own, text) in own.iter().zip(&row[2..]) {
            assert!(close(*own, number(text), 1e-8), "{row:?} {own}");
        }
    }
}

#[test]
fn percentile_intervals_are_those_of_boot() {
    let Some(folder) = shared().map(|folder| folder.join("synth")) else { return };
    let values: Vec<f64> =
        golden(&folder, "percentile_values.csv").rows.iter().map(|row| number(&row[0])).collect();
    for row in &golden(&folder, "percentile_interval.csv").rows {
        let count: usize = row[0].parse().unwrap();
        let mut some = values[..count].to_vec();
        some.sort_by(f64::total_cmp);
        let (lower, upper) = percentile(&some, number(&row[1])).unwrap();
        assert!(
            close(lower, number(&row[2]), 1e-9) && close(upper, number(&row[3]), 1e-9),
            "{row:?}"
        );
    }
    assert_eq!(exact_quantile(&[(1.0, 0.5), (2.0, 0.5)], 0.5), Some(1.0));
}

#[test]
fn reference_coefficients_of_the_real_case_come_out() {
    let Some((folder, world, networks)) = world("real") else { return };
    let table = golden(&folder, "reference_mple.csv");
    let rows = keyed(&table, &["tier", "model", "term"]);
    let fits = golden(&folder, "reference_fit.csv");
    let fits = keyed(&fits, &["tier", "model"]);
    let tiers = ["midstream", "downstream"];
    let mut compared = 0;
    for model in paper(&tiers).models(&tiers).unwrap() {
        let all = model_steps(&world, &networks, &model);
        let found = full_fit(&Designs::new(&all, STORED_BYTES));
        for (term, label) in model.labels().iter().enumerate() {
            let row = rows[&vec![model.tier.as_str(), &model.name, label]];
            let own = [found.coefficient(term), found.standard_error(term)].map(Option::unwrap);
            for (own, text) in own.iter().zip(&row[4..]) {
                assert!(close(*own, number(text), 1e-9), "{} {label}: {own} {text}", model.key());
            }
            compared += 1;
        }
        let row = fits[&vec![model.tier.as_str(), &model.name]];
        assert!(close(found.loglik, number(&row[6]), 1e-11), "{}", model.key());
        let pairs: usize = all.iter().map(Step::pairs).sum();
        assert_eq!(pairs.to_string(), row[4]);
    }
    assert_eq!(compared, table.rows.len());
}

#[test]
fn every_multiset_of_real_steps_gives_the_golden_summary() {
    let Some((folder, world, networks)) = world("real") else { return };
    let models = paper(&["midstream"]).models(&["midstream"]).unwrap();
    let model = models.into_iter().find(|model| model.name == "M3").unwrap();
    let all = model_steps(&world, &networks, &model);
    let designs = Designs::new(&all, STORED_BYTES);
    let squares = squares(&designs);
    let full = fit(&designs, &vec![1.0; all.len()], &squares);
    let found = bootstrap(&designs, &full, &squares, Plan::Exact, 1, &|| false).unwrap().unwrap();
    assert_eq!((found.replicates.len(), found.dropped()), (1716, 7));
    let table = golden(&folder, "bootstrap_exact_midstream_M3.csv");
    assert_eq!(table.header[1..], ["mple", "exact_mean", "exact_sd", "exact_q2.5", "exact_q97.5"]);
    assert_eq!(table.rows.len(), model.terms.len());
    for (term, (row, label)) in table.rows.iter().zip(model.labels()).enumerate() {
        let own = spread(&found, term).unwrap();
        let b = full.coefficient(term).unwrap();
        let own = [b, own.mean, own.sd, own.intervals[1].0, own.intervals[1].1];
        assert_eq!(row[0], label);
        for (own, text) in own.iter().zip(&row[1..]) {
            assert!(close(*own, number(text), 1e-9), "{row:?} {own}");
        }
    }
}

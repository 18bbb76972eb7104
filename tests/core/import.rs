//! The importer on a hand-made folder in the published layout, and on the published data of 2020
//! where they are at hand.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use crate::common::World;
use shocksweep::low_level::dataset::import::{ImportOptions, import, is_published_layout};
use shocksweep::low_level::dataset::{Dataset, Rule, TableStatus};
use shocksweep::low_level::sparse::Csr;

fn entries(matrix: &Csr<f64>) -> Vec<(usize, usize, f64)> {
    matrix.iter().map(|(r, c, &v)| (r, c, v)).collect()
}

#[test]
fn entries_follow_their_labels_not_their_position() {
    let world = World::new();
    assert!(is_published_layout(world.0.path()));
    let dataset = world.import();
    let names: Vec<_> = dataset.labels.areas.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(names, ["Mali", "Åland"]);
    let names: Vec<_> = dataset.labels.items.iter().map(|i| i.name.as_str()).collect();
    assert_eq!(names, ["Bread", "Wheat"]);
    let names: Vec<_> = dataset.labels.processes.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["Baking", "Farming"]);

    // Sectors in memory: 0 Mali / Bread, 1 Mali / Wheat, 2 Åland / Bread, 3 Åland / Wheat;
    // process columns: 0 Mali / Baking, 1 Mali / Farming, 2 Åland / Baking, 3 Åland / Farming.
    let p = &dataset.parameters;
    assert_eq!(p.x0, [10.0, 100.0, 40.0, 50.0]);
    assert_eq!(p.start_stock, [0.0, 2.5, 0.0, 0.0]);
    assert_eq!(p.share_eta_prod, [0.0, 0.1, 0.0, 0.9]);
    assert_eq!(p.share_eta_exp, [0.0, 0.4, 0.25, 0.0]);
    assert_eq!(entries(&p.conversion_alpha), [(0, 0, 0.7), (2, 2, 0.8)]);
    assert_eq!(entries(&p.output_beta), [(1, 1, 100.0), (3, 3, 10.0)]);
    assert_eq!(entries(&p.allocation_nu), [(0, 1, 1.0), (2, 3, 1.0)]);
    assert_eq!(entries(&p.trade_t), [(0, 2, 1.0), (3, 1, 1.0)]);
}

#[test]
fn labels_carry_their_attributes() {
    let labels = World::new().import().labels;
    let (mali, aland) = (&labels.areas[0], &labels.areas[1]);
    assert_eq!((aland.code, aland.iso3.as_str()), (5, "ALA"));
    assert_eq!(aland.region.as_deref(), Some("Europe"));
    assert_eq!((aland.latitude, aland.longitude), (Some(60.25), Some(20.0)));
    assert_eq!((aland.population, aland.hdi), (Some(30000.0), None));
    assert_eq!((mali.region.as_ref(), mali.latitude, mali.population), (None, None, None));
    assert!(mali.hdi.is_some(), "the index of Mali is published");
    let bread = &labels.items[0];
    assert_eq!((bread.code, bread.commodity_code.as_str()), (20, "c002"));
    assert_eq!(bread.commodity_group, "Bakery, sweets");
    assert_eq!(bread.group, "Crop products");
    assert_eq!(labels.processes[0].code, "p002");
}

#[test]
fn rules_join_both_files_and_repeated_blocks_are_stored_once() {
    let dataset = World::new().import();
    let rules = dataset.rules.expect("rules");
    let rule = |multiplier, rewiring| Rule { multiplier, rewiring };

    assert_eq!(rules.alpha.block_of, [Some(0), Some(0)]);
    assert_eq!(rules.alpha.nnz(), 2);
    assert_eq!(rules.alpha.of(0).unwrap().get(0, 0), Some(&rule(Some(1.5), None)));

    assert_eq!(rules.beta.block_of, [Some(0), None]);
    let beta: Vec<_> = rules.beta.blocks[0].iter().map(|(r, c, v)| (r, c, *v)).collect();
    let expected =
        [(0, 0, rule(None, None)), (0, 1, rule(None, Some(0.5))), (1, 1, rule(Some(2.0), None))];
    assert_eq!(beta, expected);

    // 32-bit values convert exactly, they are not rounded to the nearest decimal.
    let nu = rules.nu.of(0).unwrap().get(0, 1).copied();
    assert_eq!(nu, Some(rule(Some(f64::from(0.1f32)), None)));
    let share = Some(rule(Some(0.1), None));
    assert_eq!(rules.eta_exp, [None, share, None, None]);
    assert_eq!(rules.eta_prod, rules.eta_exp);
    assert_eq!(rules.eta_cons, rules.eta_exp);

    // Åland imports from Mali; the link of wheat with bread is skipped.
    assert_eq!(rules.import.block_of, [Some(0), Some(0)]);
    assert_eq!(rules.import.blocks[0].nnz(), 1);
    assert_eq!(rules.import.blocks[0].get(1, 0), Some(&rule(Some(0.5), Some(0.5))));
    assert_eq!(rules.export.block_of, [None, Some(0)]);

    let s = dataset.substitutability.expect("substitutability");
    assert_eq!(s.block_of, [Some(0), Some(0)]);
    assert_eq!(entries(&s.blocks[0]), [(1, 0, 0.3)]);
}

#[test]
fn rules_are_all_there_or_none() {
    let world = World::new();
    fs::remove_file(world.path("transition_nu_rewire.npz")).unwrap();
    world.fails("transition_nu_rewire.npz", ": not found; expected all 16 files");
    for entry in fs::read_dir(world.0.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "npz") {
            fs::remove_file(path).unwrap();
        }
    }
    let dataset = world.import();
    assert_eq!((dataset.rules, dataset.substitutability), (None, None));
    let tables: Vec<_> = dataset.metadata.sources.iter().map(|s| s.table.as_str()).collect();
    assert_eq!(tables.len(), 8);
    assert!(!tables.contains(&"rule_blocks"));
}

#[test]
fn metadata_name_sources_without_folders() {
    let world = World::new();
    let metadata = world.import().metadata;
    let folder = world.0.path().file_name().unwrap().to_string_lossy();
    assert_eq!((metadata.name, metadata.licence), (folder.into(), "not stated".into()));
    assert_eq!((metadata.year, metadata.synthetic), (None, false));
    assert_eq!(metadata.sources.len(), 16);
    assert!(metadata.sources.iter().all(|s| !s.source.is_empty() && !s.source.contains('/')));

    let options = ImportOptions {
        name: Some("tiny".into()),
        year: Some(2020),
        licence: Some("CC0".into()),
        reconstructed: vec!["trade_t".into()],
        synthetic: vec!["rules_import".into(), "rules_export".into()],
        ..ImportOptions::default()
    };
    let metadata = import(world.0.path(), &options).unwrap().metadata;
    assert_eq!((metadata.name.as_str(), metadata.licence.as_str()), ("tiny", "CC0"));
    assert_eq!(metadata.year, Some(2020));
    assert_eq!(metadata.tables_with(TableStatus::Reconstructed), ["trade_t"]);
    assert_eq!(metadata.tables_with(TableStatus::Synthetic), ["rules_import", "rules_export"]);
}

#[test]
fn options_that_name_no_table_are_refused() {
    let world = World::new();
    let message = |reconstructed: &str, synthetic: &str| {
        let list = |name: &str| if name.is_empty() { vec![] } else { vec![name.to_string()] };
        let options = ImportOptions {
            reconstructed: list(reconstructed),
            synthetic: list(synthetic),
            ..Default::default()
        };
        import(world.0.path(), &options).unwrap_err().to_string()
    };
    let unknown = message("trade", "");
    assert!(unknown.ends_with("unknown table `trade`, did you mean `trade_t`?"), "{unknown}");
    let both = message("trade_t", "trade_t");
    assert!(both.contains("both reconstructed and synthetic"), "{both}");
    fs::remove_file(world.path("substitutability_trade.npz")).unwrap();
    let absent = message("", "substitutability");
    assert!(absent.contains("has no such table"), "{absent}");
}

#[test]
fn rows_without_an_index_column_count_by_position() {
    let world = World::new();
    let header = ",area_code,area,item_code,item,comm_code,comm_group,group\n";
    let rows = [
        "5,Åland,10,Wheat,c001,Cereals,Primary crops\n",
        "5,Åland,20,Bread,c002,\"Bakery, sweets\",Crop products\n",
        "7,Mali,10,Wheat,c001,Cereals,Primary crops\n",
        "7,Mali,20,Bread,c002,\"Bakery, sweets\",Crop products\n",
    ];
    let expected = world.import().parameters;
    world.write("io_codes_alph.csv", header[1..].to_string() + &rows.concat());
    assert_eq!(world.import().parameters, expected);
    // Ascending, but not from 0: the order of the rows is meant.
    let numbered: String = rows.iter().zip(1..).map(|(row, at)| format!("{at}.0,{row}")).collect();
    world.write("io_codes_alph.csv", header.to_string() + &numbered);
    assert_eq!(world.import().parameters, expected);
    // Neither: nobody can tell which matrix row is meant.
    let twice: String = rows.iter().map(|row| format!("1,{row}")).collect();
    world.write("io_codes_alph.csv", header.to_string() + &twice);
    world.fails("io_codes_alph.csv", ", row 2, column ``: index 1 after 1");
}

#[test]
fn published_data_of_2020() {
    let Some(shared) = crate::common::shared("published_data_of_2020") else { return };
    let src = shared.join("data/food2020");
    let start = std::time::Instant::now();
    let dataset = import(&src, &ImportOptions::default()).expect("the published data");
    eprintln!("imported in {:.2} s", start.elapsed().as_secs_f64());

    let d = dataset.dimensions();
    assert_eq!((d.areas, d.items, d.processes), (192, 123, 118));
    let p = &dataset.parameters;
    let nnz = [&p.conversion_alpha, &p.output_beta, &p.allocation_nu, &p.trade_t].map(Csr::nnz);
    assert_eq!(nnz, [8474, 4683, 39007, 239825]);
    assert_eq!(p.producers().iter().filter(|&&yes| yes).count(), 11047);
    assert_eq!(p.share_eta_exp.iter().filter(|&&v| v != 0.0).count(), 5854);

    let rules = dataset.rules.as_ref().expect("rules");
    let families = [&rules.alpha, &rules.beta, &rules.nu, &rules.import, &rules.export];
    let nnz = families.map(|family| family.nnz());
    assert_eq!(nnz, [22218, 21170, 171617, 3672657, 3732435]);
    assert_eq!((rules.import.blocks.len(), rules.export.blocks.len()), (1, 1));
    let s = dataset.substitutability.as_ref().expect("substitutability");
    assert_eq!((s.nnz(), s.blocks.len(), s.blocks[0].nnz()), (110976, 1, 578));
    samples_match_the_text(&dataset, &src);
}

/// Every 97th entry of the matrices, found by its labels in the files read as plain text.
fn samples_match_the_text(dataset: &Dataset, src: &Path) {
    // Line r + 1 of a label file belongs to matrix row r; fields are split outside quotes.
    let labels_of = |file: &str, first: usize, second: usize| -> Vec<(String, String)> {
        let text = fs::read_to_string(src.join(file)).unwrap();
        text.lines()
            .skip(1)
            .map(|line| {
                let mut fields = vec![String::new()];
                let mut quoted = false;
                for c in line.chars() {
                    match c {
                        '"' => quoted = !quoted,
                        ',' if !quoted => fields.push(String::new()),
                        other => fields.last_mut().unwrap().push(other),
                    }
                }
                (fields[first].clone(), fields[second].clone())
            })
            .collect()
    };
    let d = dataset.dimensions();
    let labels = &dataset.labels;
    let areas: HashMap<&str, usize> =
        labels.areas.iter().enumerate().map(|(at, a)| (a.name.as_str(), at)).collect();
    let items: HashMap<&str, usize> =
        labels.items.iter().enumerate().map(|(at, i)| (i.name.as_str(), at)).collect();
    let processes: HashMap<&str, usize> =
        labels.processes.iter().enumerate().map(|(at, p)| (p.name.as_str(), at)).collect();
    let sectors: Vec<usize> = labels_of("io_codes_alph.csv", 2, 4)
        .iter()
        .map(|(area, item)| d.sector(areas[area.as_str()], items[item.as_str()]))
        .collect();
    let columns: Vec<usize> = labels_of("su_codes_alph.csv", 2, 4)
        .iter()
        .map(|(area, name)| d.process_column(areas[area.as_str()], processes[name.as_str()]))
        .collect();
    let mut compared = 0;
    let mut compare = |file: &str, get: &dyn Fn(usize, usize) -> Option<f64>| {
        let text = fs::read_to_string(src.join(file)).unwrap();
        for line in text.lines().filter(|l| !l.starts_with('%')).skip(1).step_by(97) {
            let words: Vec<&str> = line.split(' ').collect();
            let (row, col): (usize, usize) = (words[0].parse().unwrap(), words[1].parse().unwrap());
            let value: f64 = words[2].parse().unwrap();
            assert_eq!(get(row - 1, col - 1), Some(value), "{file}: {line}");
            compared += 1;
        }
    };
    let p = &dataset.parameters;
    compare("sparse_x0.mtx", &|r, _| Some(p.x0[sectors[r]]));
    compare("sparse_startstock.mtx", &|r, _| Some(p.start_stock[sectors[r]]));
    compare("sparse_eta_prod.mtx", &|r, _| Some(p.share_eta_prod[sectors[r]]));
    compare("sparse_eta_exp.mtx", &|r, _| Some(p.share_eta_exp[sectors[r]]));
    let at = |m: &Csr<f64>, r, c| m.get(r, c).copied();
    compare("sparse_alpha.mtx", &|r, c| at(&p.conversion_alpha, sectors[r], columns[c]));
    compare("sparse_beta.mtx", &|r, c| at(&p.output_beta, sectors[r], columns[c]));
    compare("sparse_nu.mtx", &|r, c| at(&p.allocation_nu, columns[r], sectors[c]));
    compare("sparse_trade.mtx", &|r, c| at(&p.trade_t, sectors[r], sectors[c]));
    assert!(compared > 3000, "only {compared} entries compared");
}

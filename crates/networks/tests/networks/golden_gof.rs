//! Counts, simulated networks and communities against golden tables.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::{compare, golden, shared, world};
use shocksweep_networks::NetworkError;
use shocksweep_networks::communities::communities;
use shocksweep_networks::job::{Request, prepare, run};
use shocksweep_networks::tergm::covariates::Sources;
use shocksweep_networks::tergm::curves::curves;
use shocksweep_networks::tergm::fit::{fit, squares};
use shocksweep_networks::tergm::gof::{goodness, random_scores, tie_scores};
use shocksweep_networks::tergm::likelihood::{Designs, STORED_BYTES, fitted};
use shocksweep_networks::tergm::model::ModelsFile;
use shocksweep_networks::tergm::simulate::{Chain, Proposal};
use shocksweep_networks::tergm::step::{Step, steps};

fn number(text: &str) -> f64 {
    text.parse().unwrap()
}

/// Model 3 of the synthetic golden sample: its steps, coefficients and labels.
fn model_3() -> Option<(Vec<Step>, Vec<f64>, Vec<String>)> {
    let (folder, world, networks) = world("synth")?;
    let models = ModelsFile::read(&folder.join("models.json")).unwrap();
    let model = models.models(&["downstream"]).unwrap().remove(0);
    assert_eq!(model.name, "M3");
    let sources = Sources { world: &world, networks: &networks };
    let all = steps(sources, &networks.tiers[0], &model).unwrap();
    let designs = Designs::new(&all, STORED_BYTES);
    let theta = fit(&designs, &[1.0; 5], &squares(&designs)).theta;
    Some((all, theta, model.labels()))
}

#[test]
fn simulated_networks_have_the_golden_means() {
    let Some((all, theta, labels)) = model_3() else { return };
    let folder = shared().unwrap().join("synth");
    let table = golden(&folder, "simulated_statistics_M3.csv");
    let counts = golden(&folder, "simulated_gof_M3.csv");
    for proposal in [Proposal::TieOrPair, Proposal::Pair] {
        let chain = Chain { networks: 400, interval: 3, proposal, seed: 11, ..Chain::default() };
        let found = goodness(&all, &theta, &chain, &|| false).unwrap();
        let mut compared = 0;
        for row in &table.rows {
            let step = found.iter().find(|step| step.t.to_string() == row[0]).unwrap();
            let term = labels.iter().position(|label| *label == row[2]).unwrap();
            let expected = number(&row[3]);
            // The reference rounded its covariates to six digits.
            assert!((step.statistics[term] - expected).abs() <= 1e-6 * expected.abs());
            let drawn: Vec<f64> = step.drawn.iter().map(|statistics| statistics[term]).collect();
            let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
            // Four joint standard errors; neighbours in the chain are not independent, so the error is
            // that of the means of its batches, and no less than a quarter of the networks would have.
            let own = number(&row[5]) / (drawn.len() as f64 / 4.0).sqrt();
            let batches: Vec<f64> =
                drawn.chunks_exact(20).map(|batch| batch.iter().sum::<f64>() / 20.0).collect();
            let count = batches.len() as f64;
            let square: f64 = batches.iter().map(|x| (x - mean) * (x - mean)).sum();
            let own = own.max((square / (count - 1.0) / count).sqrt());
            let joint = (own * own + number(&row[6]).powi(2)).sqrt();
            let off = (mean - number(&row[4])).abs();
            assert!(off < 4.0 * joint, "{proposal:?} {row:?}: {mean}, off by {}", off / joint);
            compared += 1;
        }
        assert_eq!(compared, 95);
        gof_means(&found, &counts);
    }
}

fn gof_means(
    found: &[shocksweep_networks::tergm::gof::StepGof],
    golden: &shocksweep_columnar::text::TextTable,
) {
    use shocksweep_networks::tergm::counts::Counts;
    for row in &golden.rows {
        let step = found.iter().find(|step| step.t.to_string() == row[0]).unwrap();
        let named = if row[1] == "triad" { "triad.directed" } else { row[1].as_str() };
        let place = (0..step.observed.len()).find(|&place| {
            let (statistic, value) = Counts::name(step.n, place);
            statistic == named && value == row[2]
        });
        let place = place.unwrap_or_else(|| panic!("no {row:?}"));
        let drawn = step.simulated.iter().map(|counts| f64::from(counts.all()[place]));
        let count = step.simulated.len() as f64;
        let mean = drawn.sum::<f64>() / count;
        // 600 networks there, 400 here of which a sixth are as good as independent at worst.
        let error = number(&row[4]) * (6.0 / count + 1.0 / 600.0).sqrt();
        let off = (mean - number(&row[3])).abs();
        assert!(off < 5.0 * error + 0.05, "{row:?}: {mean}");
    }
}

#[test]
fn scores_of_fitted_simulated_and_random_networks() {
    let Some((all, theta, _)) = model_3() else { return };
    let designs = Designs::new(&all, STORED_BYTES);
    let found = curves(fitted(&designs, &theta)).unwrap();
    assert!((found.auc - 0.8570126495166149).abs() < 1e-9);
    assert!((found.average_precision - 0.6171665010485594).abs() < 1e-9);
    let chain = Chain { seed: 3, ..Chain::default() };
    let drawn = goodness(&all, &theta, &chain, &|| false).unwrap();
    let simulated = curves(tie_scores(&drawn)).unwrap();
    assert!((simulated.auc - 0.838).abs() < 0.012, "{}", simulated.auc);
    assert!((simulated.average_precision - 0.582).abs() < 0.03, "{}", simulated.average_precision);
    let random = curves(random_scores(&drawn, &chain)).unwrap();
    // More than a half, as densities differ from step to step.
    assert!((random.auc - 0.555).abs() < 0.03, "{}", random.auc);
}

#[test]
fn communities_are_as_good_as_the_golden_runs() {
    let Some((folder, _, networks)) = world("synth") else { return };
    let table = golden(&folder, "communities.csv");
    let mut compared = 0;
    let all = networks.all();
    let kinds = all.iter().flat_map(|(name, _, network)| {
        [(name, "weighted", (*network).clone()), (name, "binarysum", network.binary())]
    });
    for (name, kind, network) in kinds {
        let row = table.rows.iter().find(|row| row[0] == *name && row[1] == kind).unwrap();
        let found = communities(&network, 100, 1).unwrap();
        let (best, least) = (number(&row[2]), number(&row[3]));
        assert!(found.modularity >= least, "{name} {kind}");
        assert!(found.modularity <= best + 1e-9, "{name} {kind}: better than the best known?");
        compared += 1;
        // Dense networks without communities: the best of 400 runs is seldom met by 200.
        let slack = if kind == "weighted" { 0.01 } else { 0.06 };
        let q = found.modularity;
        assert!(q > best - slack * best.abs(), "{name} {kind} {q} {best}");
    }
    assert_eq!(compared, 36);
}

#[test]
fn a_run_writes_the_golden_tables_whatever_the_threads() {
    let Some(folder) = shared().map(|folder| folder.join("synth")) else { return };
    let mut request = Request::of_folder(&folder).unwrap();
    request.networks = 4;
    request.community_runs = 5;
    let prepared = prepare(&request).unwrap();
    let outs = [1, 3].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let out = tempfile::tempdir().unwrap();
        pool.install(|| {
            run(&request, &prepared, out.path(), true, &mut |_, _| {}, &|| false).unwrap()
        });
        out
    });
    let bytes = |out: &tempfile::TempDir| -> BTreeMap<String, Vec<u8>> {
        let entries = std::fs::read_dir(out.path()).unwrap().map(|entry| entry.unwrap().path());
        let name = |path: &std::path::Path| path.file_name().unwrap().to_string_lossy().to_string();
        entries.map(|path| (name(&path), std::fs::read(&path).unwrap())).collect()
    };
    let (one, three) = (bytes(&outs[0]), bytes(&outs[1]));
    assert!(one.len() > 25, "{:?}", one.keys());
    assert_eq!(one, three);
    let ours = |name: &str| golden(outs[0].path(), &format!("{name}.csv"));
    let golden = |name: &str| golden(&folder, &format!("{name}.csv"));
    let check = |name: &str, keys: &[&str], relative: f64| {
        assert!(compare(&ours(name), &golden(name), keys, &[], relative, true) > 0);
    };
    check("pmi", &["tier", "year", "importer", "exporter"], 1e-9);
    check("network_indicators", &["network", "indicator"], 1e-9);
    check("node_indicators", &["network", "area"], 1e-9);
    check("network_statistics", &["tier", "t", "term"], 1e-9);
    check("mple", &["tier", "model", "term"], 1e-9);
    check("gof_observed", &["tier", "year", "statistic", "value"], 0.0);
    check("statistics_extra", &["tier", "t", "term"], 1e-9);
    let some = |name: &str, keys: &[&str], skip: &[&str], relative: f64| {
        compare(&ours(name), &golden(name), keys, skip, relative, false)
    };
    let keys = ["tier", "model", "measure"];
    assert_eq!(some("mple_fit_measures", &keys, &[], 1e-9), 36);
    let keys = ["tier", "model", "t", "term"];
    assert!(some("design_checksums", &keys, &[], 1e-9) > 1500);
    let runs = ours("community_runs");
    for row in &golden("communities").rows {
        let own = runs.rows.iter().find(|own| own[0] == row[0] && own[2] == row[1]).unwrap();
        assert!(number(&own[4]) >= number(&row[3]) - 0.05, "{row:?} {own:?}");
    }
    let keys = ["m_t2", "m_t3", "m_t4", "m_t5", "m_t6"];
    check("bootstrap_enumeration_M3", &keys, 1e-8);
    let summary = golden("bootstrap_summary_M3");
    let mut own = ours("bootstrap_summary");
    own.rows.retain(|row| row[1] == "M3");
    assert_eq!(compare(&own, &summary, &["term"], &[], 1e-8, true), 19 * 5);
}

#[test]
fn a_stopped_run_goes_on_where_it_was() {
    let Some(folder) = shared().map(|folder| folder.join("synth")) else { return };
    let mut request = Request::of_folder(&folder).unwrap();
    (request.networks, request.community_runs) = (2, 0);
    let prepared = prepare(&request).unwrap();
    let whole = tempfile::tempdir().unwrap();
    run(&request, &prepared, whole.path(), false, &mut |_, _| {}, &|| false).unwrap();
    let part = tempfile::tempdir().unwrap();
    // Stopped while the third model is fitted: that model is given up, not ended.
    let models = AtomicUsize::new(0);
    let mut told = |what: &str, _| {
        models.fetch_add(usize::from(what.starts_with("model")), Ordering::Relaxed);
    };
    let stop = || models.load(Ordering::Relaxed) > 2;
    let stopped = run(&request, &prepared, part.path(), false, &mut told, &stop);
    assert!(matches!(stopped, Err(NetworkError::Stopped)));
    assert!(part.path().join("parts/1/done").is_file());
    assert!(!part.path().join("parts/2/done").exists());
    run(&request, &prepared, part.path(), false, &mut |_, _| {}, &|| false).unwrap();
    for table in ["mple", "fits", "gof", "bootstrap_summary"] {
        let [a, b] = [&whole, &part]
            .map(|out| std::fs::read(out.path().join(format!("{table}.parquet"))).unwrap());
        assert_eq!(a, b, "{table}");
    }
    assert!(!part.path().join("parts").exists());
}

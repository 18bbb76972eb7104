//! The jobs of the repository, and the sample of the program.

use std::path::Path;

use shocksweep_networks::bans::{by_conflict, by_probability, conflict_year, scenarios};
use shocksweep_networks::job::{Request, Stored, prepare, run};
use shocksweep_networks::reading::layouts;
use shocksweep_networks::tergm::bootstrap::Plan;

#[test]
fn the_papers_21_models_are_estimated_on_the_sample_of_the_program() {
    let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../jobs/networks-paper.toml");
    let (mut request, folder) = Request::read(&job).unwrap();
    assert_eq!(folder.as_deref(), Some(Path::new("results/networks-paper")));
    (request.networks, request.community_runs, request.bootstrap) = (3, 2, Plan::Draws(25));
    let prepared = prepare(&request).unwrap();
    let out = tempfile::tempdir().unwrap();
    let results = run(&request, &prepared, out.path(), false, &mut |_, _| {}, &|| false).unwrap();
    assert_eq!(results.models.len(), 21);
    for rows in &results.models {
        let fit = &rows.fits[0];
        assert_eq!(fit.outcome, "estimated", "{} {}", fit.tier, fit.model);
        assert!(fit.collinear.is_empty() && fit.degenerate_steps == Some(0));
    }
    // Read back, it is a table of nine models like the paper's, and two of six.
    let stored = Stored::read(out.path()).unwrap();
    assert!(stored.about.complete);
    let found = layouts(&stored.mple, &stored.fits);
    let sizes: Vec<(usize, usize)> =
        found.iter().map(|layout| (layout.columns.len(), layout.rows.len())).collect();
    assert_eq!(sizes, [(9, 19), (6, 14), (6, 14)]);
    let labels: Vec<&str> = found[0].rows.iter().map(|row| row.term.as_str()).collect();
    assert_eq!(&labels[..3], ["edges", "mutual", "gwideg"]);
}

#[test]
fn conflict_and_unlikely_ties_become_bans() {
    let request = Request::of_folder(Path::new("synthetic")).unwrap();
    let prepared = prepare(&request).unwrap();
    let year = conflict_year(&prepared, None).unwrap();
    assert_eq!(year, 2023);
    let cuts = by_conflict(&prepared, year, 5);
    assert_eq!(cuts.len(), 5);
    assert!(cuts.windows(2).all(|pair| pair[0].weight >= pair[1].weight));
    // The table of the job that runs them.
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../jobs/conflict-bans.csv");
    let table = crate::common::written(&scenarios(
        &prepared,
        "Conflicts of 2023",
        &by_conflict(&prepared, 2023, 8),
        "*",
        1.0,
    ));
    let kept = shocksweep_columnar::text::TextTable::read(&kept).map(|table| table.rows);
    assert_eq!(Some(&table.rows), kept.as_ref().ok(), "{:?}", table.header);
    let rows = scenarios(&prepared, "all", &cuts, "*", 1.0);
    assert_eq!(rows.len(), 10);
    assert_eq!(rows.iter().filter(|row| row.scenario == 0).count(), 5);
    let (year, cuts) = by_probability(&prepared, "downstream/M3", 4).unwrap();
    assert_eq!((year, cuts.len()), (2023, 4));
    assert!(cuts.iter().all(|cut| cut.weight > 0.0 && cut.weight < 0.5));
    let problem = by_probability(&prepared, "downstream/M33", 4).unwrap_err().to_string();
    assert!(problem.contains("`downstream/M3`"), "{problem}");
    assert!(conflict_year(&prepared, Some(1999)).is_err());
}

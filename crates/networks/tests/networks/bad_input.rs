//! What cannot be used is said in one sentence, and nothing is written.

use std::fs;
use std::path::Path;

use shocksweep_networks::job::{Request, models_of, prepare};

/// Writes a small sample: four areas, three years.
fn sample(folder: &Path) {
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    write("areas.csv", "area,lat,lng,group\nA,0,0,g\nB,1,1,g\nC,2,2,h\nD,3,3,h\n");
    write("tiers.csv", "tier,item\ndown,1\n");
    write(
        "trade.csv",
        "year,exporter,importer,item,value\n2001,A,B,1,5\n2001,B,C,1,5\n2002,A,C,1,2\n2002,B,A,1,2\n\
         2003,A,B,1,1\n2003,D,C,1,1\n2003,X,A,1,9\n",
    );
    write(
        "events.csv",
        "year,source,target,verbal_cooperation,material_cooperation,verbal_conflict,material_conflict\n\
         2001,A,B,1,0,0,1\n2002,B,A,1,0,0,1\n2003,C,A,2,1,1,0\n2003,C,Z,2,1,1,0\n2003,C,C,2,1,1,0\n",
    );
    let mut attributes = "year,area,gdp\n".to_string();
    for year in 2001..=2003 {
        for area in ["A", "B", "C", "D"] {
            attributes += &format!("{year},{area},{}\n", 10 + year - 2000);
        }
    }
    write("attributes.csv", &attributes);
    write(
        "dyads.csv",
        "area_a,area_b,distance,common_language,colony\nA,B,10,1,0\nA,C,20,0,0\nA,D,30,0,1\nB,C,10,0,0\n\
         B,D,5,0,0\nC,D,7,1,0\n",
    );
}

/// Models of the paper that the sample has no eigenvectors for.
const LEFT_OUT: [&str; 2] = ["down/M16", "down/M17"];

/// Why the sample cannot be used once `from` in a file has become `to`.
fn problem(file: &str, from: &str, to: &str, models: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path());
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).unwrap_or_default();
    assert!(text.contains(from), "{file} has no `{from}`");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    let found = Request::of_folder(folder.path()).and_then(|mut request| {
        if !models.is_empty() {
            let path = folder.path().join("m.json");
            fs::write(&path, models).unwrap();
            request.models = Some(models_of(&path)?);
        }
        prepare(&request)
    });
    let error = found.err().unwrap_or_else(|| panic!("{file}: `{to}` is taken"));
    assert!(error.is_bad_input());
    let text = error.to_string();
    assert!(!text.contains('\n'), "{text}");
    text
}

#[test]
fn the_sample_itself_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path());
    // Eigenvectors need a cycle, which the events do not have: those models are left out.
    let prepared = prepare(&Request::of_folder(folder.path()).unwrap()).unwrap();
    assert_eq!(
        (prepared.models.len(), &prepared.left_out[..]),
        (5, &LEFT_OUT.map(String::from)[..])
    );
    let mut request = Request::of_folder(folder.path()).unwrap();
    let path = folder.path().join("m.json");
    fs::write(&path, r#"{"down/a": {"terms": ["edges", "edgecov.coop", "nodecov.lnGDP"]}}"#)
        .unwrap();
    request.models = Some(models_of(&path).unwrap());
    let prepared = prepare(&request).unwrap();
    let dropped = &prepared.world.dropped;
    assert_eq!((dropped.events_outside, dropped.events_within), (1, 1));
    // Trade with partners outside counts in totals.
    let trade = &prepared.world.tiers[0].trade[2];
    assert_eq!((trade.world, trade.imports[0], trade.flows.len()), (11.0, 9.0, 2));
}

#[test]
fn tables_that_cannot_be_used_are_named_with_row_and_key() {
    for (file, from, to, parts) in [
        (
            "trade.csv",
            "2001,A,B,1,5",
            "2001,A,B,2,5",
            &["trade.csv, row 2", "belongs to no tier"][..],
        ),
        (
            "trade.csv",
            "2001,A,B,1,5",
            "2001,A,B,1,-5",
            &["row 2", "`A` to `B` in 2001", "at least 0"],
        ),
        ("trade.csv", "2001,A,B,1,5", "2001,A,B,1,inf", &["row 2", "finite"]),
        ("trade.csv", "2001,A,B,1,5", "2001,A,A,1,5", &["row 2", "same area"]),
        ("trade.csv", "2001,B,C,1,5", "2001,A,B,1,5", &["row 3", "row 2 already"]),
        ("trade.csv", "2001,A,B,1,5", "2001.5,A,B,1,5", &["row 2", "whole year"]),
        ("trade.csv", "2002,A,C,1,2\n2002,B,A,1,2\n", "", &["no trade in 2002", "lags would lie"]),
        ("trade.csv", "exporter", "exportr", &["no column `exporter`", "`exportr`"]),
        ("dyads.csv", "B,D,5,0,0\n", "", &["`B`, `D`", "every pair"]),
        ("dyads.csv", "B,D,5,0,0", "B,D,0,0,0", &["row 6", "more than 0 km"]),
        ("dyads.csv", "B,D,5", "B,E,5", &["row 6", "unknown area `E`"]),
        ("dyads.csv", "B,D,5", "D,C,5", &["listed twice"]),
        (
            "attributes.csv",
            "2001,A,11",
            "2001,A,0",
            &["row 2", "gdp of `A` in 2001", "more than 0"],
        ),
        ("attributes.csv", "2002,C,12\n", "", &["`gdp` for area `C` in 2002"]),
        ("attributes.csv", "2001,A,11", "2001,A,many", &["row 2", "finite number"]),
        ("attributes.csv", "2001,A,11", "2001,Q,11", &["row 2", "unknown area `Q`"]),
        ("events.csv", "2001,A,B,1", "2001,A,B,-1", &["events.csv, row 2", "at least 0"]),
        ("events.csv", "2002,B,A,1,0,0,1", "2001,A,B,1,0,0,1", &["row 3", "listed twice"]),
        ("areas.csv", "B,1,1,g\n", "", &["unknown area `B`"]),
        ("areas.csv", "B,1,1,g", "A,1,1,g", &["areas.csv, row 3", "listed twice"]),
        ("tiers.csv", "down,1\n", "", &["tiers.csv", "no rows"]),
    ] {
        let text = problem(file, from, to, r#"{"down/a": {"terms": ["edges", "nodecov.lnGDP"]}}"#);
        for part in parts {
            assert!(text.contains(part), "{file} `{to}`: {text}");
        }
    }
}

#[test]
fn models_that_cannot_be_meant_are_named() {
    for (terms, parts) in [
        (r#"["edges", "mutal"]"#, &["down/a", "unknown term `mutal`", "`mutual`"][..]),
        (r#"["edges", "edgecov.cop"]"#, &["unknown covariate `cop`", "`coop`"]),
        (r#"["edges", "nodecov.lnGPD"]"#, &["unknown attribute `lnGPD`", "`lnGDP`"]),
        (r#"[{"term": "gwesp", "decay": -0.5}]"#, &["decay", "0 or more"]),
        (r#"[{"term": "memory", "lag": 3}]"#, &["lag of 3", "there are 3"]),
        (r#"[{"term": "timecov", "values": [1, 2]}]"#, &["2 values", "expected 3"]),
        (r#"["edges", "nodecov.coop_eig"]"#, &["no cycle"]),
        (r#"[]"#, &["no terms"]),
    ] {
        let models = format!("{{\"down/a\": {{\"terms\": {terms}}}}}");
        let text = problem("areas.csv", "", "", &models);
        for part in parts {
            assert!(text.contains(part), "{terms}: {text}");
        }
    }
    let text = problem("areas.csv", "", "", r#"{"dwn/a": {"terms": ["edges"]}}"#);
    assert!(text.contains("unknown tier `dwn`") && text.contains("`down`"), "{text}");
    assert!(problem("areas.csv", "", "", "{").contains("m.json"));
}

#[test]
fn gdelt_files_are_read_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path());
    fs::write(folder.path().join("fips.csv"), "fips,area\nGM,A\nCH,B\nFR,C\n").unwrap();
    let event = |width: usize, day: &str, types: [&str; 2], class: &str, places: [&str; 2]| {
        let mut cells = vec![""; width];
        (cells[1], cells[12], cells[22], cells[29]) = (day, types[0], types[1], class);
        cells[37] = places[0];
        cells[if width == 61 { 45 } else { 44 }] = places[1];
        cells.join("\t")
    };
    let gov = ["GOV", "GOV"];
    let lines = [
        event(57, "20010305", gov, "1", ["GM", "CH"]),
        event(58, "20010306", gov, "1", ["GM", "CH"]),
        event(61, "20010306", gov, "4", ["GM", "CH"]),
        event(61, "20010306", ["GOV", "MIL"], "4", ["GM", "CH"]),
        event(61, "20020306", gov, "2", ["CH", "CH"]),
        event(61, "20020306", gov, "2", ["CH", "XX"]),
    ];
    let path = folder.path().join("events.export.CSV");
    fs::write(&path, lines.join("\n")).unwrap();
    let mut request = Request::of_folder(folder.path()).unwrap();
    request.stages = shocksweep_networks::job::Stages::NONE;
    let shocksweep_networks::job::Source::Files(files) = &mut request.source else { panic!() };
    (files.events, files.gdelt) = (None, vec![path.clone()]);
    let world = prepare(&request).unwrap().world;
    let events = world.events.unwrap();
    assert_eq!(events[&2001].len(), 1);
    assert_eq!(events[&2001][0].counts, [2.0, 0.0, 0.0, 1.0]);
    assert_eq!((world.dropped.events_outside, world.dropped.events_within), (1, 1));
    fs::write(&path, "a\tb\n").unwrap();
    let text = prepare(&request).unwrap_err().to_string();
    assert!(text.contains("row 1") && text.contains("61"), "{text}");
}

#[test]
fn a_network_without_ties_or_of_two_areas_is_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("areas.csv", "area,lat,lng,group\nA,0,0,g\nB,1,1,h\n");
    write("tiers.csv", "tier,item\ndown,1\n");
    // All trade is with others: two years without ties, one complete.
    let trade = "2001,X,B,1,5\n2002,X,A,1,2\n2003,A,B,1,1\n2003,B,A,1,1\n";
    write("trade.csv", &format!("year,exporter,importer,item,value\n{trade}"));
    let mut request = Request::of_folder(folder.path()).unwrap();
    let path = folder.path().join("m.json");
    fs::write(
        &path,
        r#"{"down/a": {"terms": ["edges"]}, "down/b": {"terms": ["edges", "mutual"]}}"#,
    )
    .unwrap();
    request.models = Some(models_of(&path).unwrap());
    (request.networks, request.community_runs) = (5, 3);
    let prepared = prepare(&request).unwrap();
    let out = tempfile::tempdir().unwrap();
    let results = shocksweep_networks::job::run(
        &request,
        &prepared,
        out.path(),
        false,
        &mut |_, _| {},
        &|| false,
    )
    .unwrap();
    let value = |name: &str| {
        let found = &results.indicators[0].1.network;
        found.iter().find(|(indicator, _)| *indicator == name).unwrap().1
    };
    assert_eq!((value("edges"), value("density")), (Some(0.0), Some(0.0)));
    assert_eq!((value("reciprocity"), value("avg_path_length")), (None, None));
    assert_eq!((value("modularity_group"), value("clustering_mean_defined")), (None, None));
    // 2 of 6 ties: ln(2 / 4). With `mutual` ties and non-ties are separated.
    let b = results.models[0].mple[0].mple.unwrap();
    assert!((b - 0.5f64.ln()).abs() < 1e-12);
    let rows = &results.models[1];
    assert_eq!(rows.fits[0].outcome, "separated");
    assert!(rows.mple.iter().all(|row| row.mple.is_none()));
}

#[test]
fn baci_files_are_read_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path());
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("tiers.csv", "tier,item\ndown,050800\n");
    write("codes.csv", "country_code,country_name,country_iso2,country_iso3\n4,a,x,A\n8,b,x,B\n");
    write(
        "trade.csv",
        "t,i,j,k,v,q\n2001,4,8,50800,1.5,2\n2001,4,8,10121,9,1\n2001,12,8,050800,0.5,NA\n2002,8,4,50800,2,1\n",
    );
    let mut request = Request::of_folder(folder.path()).unwrap();
    request.stages = shocksweep_networks::job::Stages::NONE;
    let world = prepare(&request).unwrap().world;
    let trade = &world.tiers[0].trade;
    assert_eq!(
        (trade[0].world, trade[0].imports[1], trade[1].imports[0]),
        (2000.0, 2000.0, 2000.0)
    );
    assert_eq!((trade[0].flows.len(), trade[0].flows[0].value), (1, 1500.0));
    assert_eq!(world.dropped.trade_items, 1);
    write("trade.csv", "t,i,j,k,v,q\n2001,4,8,50800,1.5,2\n2001,4,8,50800,1.5,2\n");
    let text = prepare(&request).unwrap_err().to_string();
    assert!(text.contains("row 3") && text.contains("row 2 already"), "{text}");
}

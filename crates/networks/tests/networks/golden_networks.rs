//! Networks and indicators against golden tables.

use crate::common::{compare, golden, world, written};
use shocksweep_networks::networks::{all_indicators, groups};
use shocksweep_networks::tables;

#[test]
fn networks_and_indicators_are_the_golden_ones() {
    for name in ["tiny", "synth"] {
        let Some((folder, world, networks)) = world(name) else { return };
        let pmi = written(&tables::pmi(&world, &networks));
        let keys = ["tier", "year", "importer", "exporter"];
        let cells = compare(&pmi, &golden(&folder, "pmi.csv"), &keys, &[], 1e-9, true);
        assert!(cells > 15);
        let all = all_indicators(&networks, &groups(&world).1);
        let ours = written(&tables::network_indicators(&all));
        let table = golden(&folder, "network_indicators.csv");
        let cells = compare(&ours, &table, &["network", "indicator"], &[], 1e-9, true);
        assert!(cells > 300);
        let ours = written(&tables::node_indicators(&world, &all));
        let table = golden(&folder, "node_indicators.csv");
        let cells = compare(&ours, &table, &["network", "area"], &[], 1e-9, true);
        assert!(cells > 500);
    }
}

#[test]
fn real_networks_have_the_ties_that_are_known() {
    let Some((_, _, networks)) = world("real") else { return };
    let ties = |tier: usize| -> Vec<(i32, usize, usize)> {
        let tier = &networks.tiers[tier];
        (tier.years.iter().enumerate())
            .map(|(at, dependency)| {
                let network = &dependency.network;
                let (out, into) = network.degrees();
                let isolates = out.iter().zip(&into).filter(|(o, i)| **o + **i == 0).count();
                (tier.year(at), network.m(), isolates)
            })
            .collect()
    };
    let (midstream, downstream) = (ties(0), ties(1));
    assert_eq!((downstream[0], downstream[12]), ((2002, 763, 18), (2014, 1084, 3)));
    assert_eq!((midstream[0], midstream[7]), ((2007, 662, 53), (2014, 1012, 22)));
}

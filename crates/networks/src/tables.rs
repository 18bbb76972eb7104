//! Networks and indicators as rows of tables.

use crate::build::Relation;
use crate::indicators::Indicators;
use crate::networks::Networks;
use crate::records::{Geopolitics, NetworkIndicator, NodeIndicator, Pmi, SampleArea};
use crate::world::World;

fn code(world: &World, area: u32) -> String {
    world.areas[area as usize].code.clone()
}

/// The areas of the sample.
pub fn sample(world: &World) -> Vec<SampleArea> {
    let row = |area: &crate::world::Area| SampleArea {
        area: area.code.clone(),
        name: area.name.clone(),
        lat: area.lat,
        lng: area.lng,
        group: area.group.clone(),
    };
    world.areas.iter().map(row).collect()
}

/// Ties of all dependency networks.
pub fn pmi(world: &World, networks: &Networks) -> Vec<Pmi> {
    let mut rows = Vec::new();
    for tier in &networks.tiers {
        for (at, dependency) in tier.years.iter().enumerate() {
            for (tie, &value) in dependency.network.ties.iter().zip(&dependency.values) {
                rows.push(Pmi {
                    tier: tier.name.clone(),
                    year: tier.year(at),
                    importer: code(world, tie.from),
                    exporter: code(world, tie.to),
                    g: tie.weight,
                    value_usd: value,
                    share: value / dependency.world,
                });
            }
        }
    }
    rows
}

/// Cooperation and conflict of all dyad-years with either.
pub fn geopolitics(world: &World) -> Vec<Geopolitics> {
    let mut rows = Vec::new();
    for (&year, events) in world.events.iter().flatten() {
        for event in events {
            let [cooperation, conflict] =
                Relation::ALL.map(|relation| crate::build::intensity(event, relation));
            if cooperation > 0.0 || conflict > 0.0 {
                let (source, target) = (code(world, event.source), code(world, event.target));
                rows.push(Geopolitics { year, source, target, cooperation, conflict });
            }
        }
    }
    rows
}

/// Indicators of all networks.
pub fn network_indicators(all: &[(String, Indicators)]) -> Vec<NetworkIndicator> {
    let row = |network: &String, &(indicator, value): &(&str, Option<f64>)| NetworkIndicator {
        network: network.clone(),
        indicator: indicator.to_string(),
        value,
    };
    all.iter()
        .flat_map(|(name, indicators)| indicators.network.iter().map(move |pair| row(name, pair)))
        .collect()
}

/// Indicators of the areas of all networks.
pub fn node_indicators(world: &World, all: &[(String, Indicators)]) -> Vec<NodeIndicator> {
    let mut rows = Vec::new();
    for (network, indicators) in all {
        let nodes = &indicators.nodes;
        let entry = |vector: &Option<Vec<f64>>, i: usize| vector.as_ref().map(|vector| vector[i]);
        for (i, area) in world.areas.iter().enumerate() {
            rows.push(NodeIndicator {
                network: network.clone(),
                area: area.code.clone(),
                outdeg: nodes.outdeg[i],
                indeg: nodes.indeg[i],
                degree_centrality: nodes.outdeg[i] + nodes.indeg[i],
                k_neighbors: nodes.neighbors[i],
                out_strength: nodes.out_strength[i],
                in_strength: nodes.in_strength[i],
                clustering: nodes.clustering[i],
                clustering_undirected: nodes.clustering_undirected[i],
                eigenvector: entry(&nodes.eigenvector, i),
                eigenvector_in: entry(&nodes.eigenvector_in, i),
                eigenvector_undirected: entry(&nodes.eigenvector_undirected, i),
                eigenvector_weighted: entry(&nodes.eigenvector_weighted, i),
                eigenvector_in_weighted: entry(&nodes.eigenvector_in_weighted, i),
            });
        }
    }
    rows
}

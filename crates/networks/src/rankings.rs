//! Who is first (figures 5 and 6, Table 4), and who trades with whom (figures 10 to 13).

use crate::indicators::Indicators;
use crate::networks::{Networks, groups};
use crate::records::{FlowRow, Ranking};
use crate::world::{Flow, Tier, World};

/// Areas that a ranking or a chord diagram shows.
pub const TOP: usize = 15;
/// Name of the flows of all other areas together, those outside the sample among them.
pub const REST: &str = "rest";

/// Ranks areas by a measure: equal values share a rank and are ordered by name.
fn ranked(world: &World, network: &str, year: i32, measure: &str, values: &[f64]) -> Vec<Ranking> {
    let mut order: Vec<usize> = (0..values.len()).filter(|&i| values[i] > 0.0).collect();
    let code = |i: usize| world.areas[i].code.as_str();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]).then_with(|| code(a).cmp(code(b))));
    let mut rows: Vec<Ranking> = Vec::new();
    for (at, &i) in order.iter().enumerate() {
        let rank = match rows.last() {
            Some(last) if last.value == values[i] => last.rank,
            _ => at as u32 + 1,
        };
        if rank as usize > TOP {
            break;
        }
        rows.push(Ranking {
            network: network.to_string(),
            year,
            measure: measure.to_string(),
            rank,
            area: code(i).to_string(),
            value: values[i],
        });
    }
    rows
}

/// Rankings of all networks: centralities of cooperation and conflict, partners and trade of tiers.
pub fn rankings(
    world: &World,
    networks: &Networks,
    indicators: &[(String, Indicators)],
) -> Vec<Ranking> {
    let mut rows = Vec::new();
    let mut named = networks.all().into_iter().zip(indicators);
    for tier in &networks.tiers {
        let trade = world.tier(&tier.name).map_or(&[][..], |tier| &tier.trade[..]);
        for year in trade {
            let Some(((name, t, _), (_, found))) = named.next() else { break };
            let nodes = &found.nodes;
            let count = |counts: &[u32]| counts.iter().map(|&c| f64::from(c)).collect::<Vec<_>>();
            let sum = |a: &[f64], b: &[f64]| -> Vec<f64> {
                a.iter().zip(b).map(|(a, b)| a + b).collect()
            };
            for (measure, values) in [
                ("partners_import", count(&nodes.outdeg)),
                ("partners_export", count(&nodes.indeg)),
                ("partners", count(&nodes.neighbors)),
                ("imports", year.imports.clone()),
                ("exports", year.exports.clone()),
                ("trade", sum(&year.imports, &year.exports)),
                ("strength", sum(&nodes.out_strength, &nodes.in_strength)),
            ] {
                rows.extend(ranked(world, &name, t, measure, &values));
            }
        }
    }
    for ((name, year, _), (_, found)) in named {
        let nodes = &found.nodes;
        let degree: Vec<f64> =
            nodes.outdeg.iter().zip(&nodes.indeg).map(|(a, b)| f64::from(a + b)).collect();
        rows.extend(ranked(world, &name, year, "degree", &degree));
        if let Some(vector) = &nodes.eigenvector {
            rows.extend(ranked(world, &name, year, "eigenvector", vector));
        }
    }
    rows
}

/// Flows of every tier and year among its largest traders, and among groups.
pub fn flows(world: &World) -> Vec<FlowRow> {
    let (names, labels) = groups(world);
    let mut rows = Vec::new();
    for tier in &world.tiers {
        for (at, year) in tier.years().enumerate() {
            let trade = &tier.trade[at];
            let total = |i: usize| trade.imports[i] + trade.exports[i];
            let mut order: Vec<usize> = (0..world.n()).filter(|&i| total(i) > 0.0).collect();
            order.sort_by(|&a, &b| total(b).total_cmp(&total(a)).then(a.cmp(&b)));
            order.truncate(TOP);
            let mut area_names: Vec<String> =
                order.iter().map(|&i| world.areas[i].code.clone()).collect();
            area_names.push(REST.to_string());
            let mut place = vec![order.len(); world.n() + 1];
            order.iter().enumerate().for_each(|(at, &i)| place[i] = at);
            summed(tier, at, year, ("area", &area_names), &place, &mut rows);
            let mut group_names = names.clone();
            group_names.push(REST.to_string());
            let mut place: Vec<usize> = labels.iter().map(|&label| label as usize).collect();
            place.push(names.len());
            summed(tier, at, year, ("group", &group_names), &place, &mut rows);
        }
    }
    rows
}

/// Sums flows over places; the last place is everybody else.
fn summed(
    tier: &Tier,
    at: usize,
    year: i32,
    (level, names): (&str, &[String]),
    place: &[usize],
    rows: &mut Vec<FlowRow>,
) {
    let trade = &tier.trade[at];
    let k = names.len();
    let mut sums = vec![0.0; k * k];
    for Flow { importer, exporter, value } in trade.flows.iter().chain(&trade.outside) {
        sums[place[*exporter as usize] * k + place[*importer as usize]] += value;
    }
    for from in 0..k {
        for to in 0..k {
            let value_usd = sums[from * k + to];
            if value_usd > 0.0 {
                rows.push(FlowRow {
                    tier: tier.name.clone(),
                    year,
                    level: level.to_string(),
                    from: names[from].clone(),
                    to: names[to].clone(),
                    value_usd,
                    share: value_usd / trade.world,
                });
            }
        }
    }
}

//! A sample of every kind of scenario.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};

use crate::dataset::Dataset;
use crate::model::adaptation::AdaptationSettings;
use crate::scenario::{Course, Scenario, Shock, ShockKind};

/// Scenarios of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct KindSample {
    /// What they have in common.
    pub kind: &'static str,
    /// What is compared.
    pub asked: Asked,
    /// The scenarios, each with an effect.
    pub scenarios: Vec<Scenario>,
}

/// What is compared of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Losses after the last step.
    Losses,
    /// Losses after every step.
    Steps,
    /// Losses summed by area and item.
    Sums,
}

/// What fails in a scenario of a kind.
#[derive(Clone, Copy)]
enum Failing {
    One,
    Two,
    Part,
    OverTime,
    Exports,
    Imports,
    ImportsRerouted,
    ExportsToOne,
}

/// About `count` scenarios in all, of every kind that the dataset allows, chosen by `seed`; among them
/// the largest producers.
pub fn sample(dataset: &Dataset, count: usize, seed: u64) -> Vec<KindSample> {
    let dims = dataset.dimensions();
    let is_producer = dataset.parameters.producers();
    let mut producers: Vec<u32> =
        (0..dims.sectors() as u32).filter(|&s| is_producer[s as usize]).collect();
    let p = &dataset.parameters;
    let exporters: Vec<u32> = (0..dims.sectors() as u32)
        .filter(|&s| p.share_eta_exp[s as usize] > 0.0 && p.x0[s as usize] > 0.0)
        .collect();
    if producers.is_empty() {
        return Vec::new();
    }
    producers.sort_by(|&a, &b| p.x0[b as usize].total_cmp(&p.x0[a as usize]).then(a.cmp(&b)));
    let mut random = Pcg64::seed_from_u64(seed);
    let mut below = move |n: usize| (random.next_u64() % n.max(1) as u64) as usize;
    let adapts = dataset.rules.is_some().then(AdaptationSettings::default);
    let capped = adapts.map(|s| AdaptationSettings { output_cap: Some(1.5), ..s });
    let decay = Course { from: 1, to: 6, decay: 0.3 };
    let ban = |sector: u32, kind: ShockKind, phi: f64| Shock { kind, ..Shock::new(sector, phi) };
    let kinds = [
        ("one sector, static", Asked::Losses, None, Failing::One),
        ("one sector, adaptive", Asked::Losses, adapts, Failing::One),
        ("two sectors, adaptive", Asked::Losses, adapts, Failing::Two),
        ("part of the output, adaptive", Asked::Losses, adapts, Failing::Part),
        ("over time, adaptive", Asked::Losses, adapts, Failing::OverTime),
        ("capped outputs, adaptive", Asked::Losses, capped, Failing::One),
        ("export ban, adaptive", Asked::Losses, adapts, Failing::Exports),
        ("import ban, adaptive", Asked::Losses, adapts, Failing::Imports),
        ("import ban, rerouted, adaptive", Asked::Losses, adapts, Failing::ImportsRerouted),
        ("blockade and a lost harvest, adaptive", Asked::Losses, adapts, Failing::ExportsToOne),
        ("every step, adaptive", Asked::Steps, adapts, Failing::One),
        ("sums of two sectors, adaptive", Asked::Sums, adapts, Failing::Two),
    ];
    let each = count.div_ceil(kinds.len());
    let mut id = 0;
    let mut samples = Vec::new();
    for (kind, asked, adaptation, failing) in kinds {
        let mut scenarios = Vec::new();
        for nth in 0..if asked == Asked::Steps { each.min(4) } else { each } {
            // A third are the largest producers.
            let producer = producers
                [if nth % 3 == 0 { nth / 3 % producers.len() } else { below(producers.len()) }];
            let other = producers[below(producers.len())];
            let exporter = exporters.get(below(exporters.len())).copied().unwrap_or(producer);
            let phi = (1 + below(99)) as f64 / 100.0;
            let area = dims.area_of(exporter as usize);
            let importer = ((area + 1 + below(dims.areas.max(2) - 1)) % dims.areas) as u32;
            let mut shocks = match failing {
                Failing::One => vec![Shock::new(producer, 1.0)],
                Failing::Two => vec![Shock::new(producer, 1.0), Shock::new(other, 1.0)],
                Failing::Part => vec![Shock::new(producer, phi)],
                Failing::OverTime => vec![Shock { course: decay, ..Shock::new(producer, 1.0) }],
                Failing::Exports => vec![ban(exporter, ShockKind::ExportBan, phi)],
                Failing::Imports => {
                    vec![ban(exporter, ShockKind::ImportBan { reroute: false }, 1.0)]
                }
                Failing::ImportsRerouted => {
                    vec![ban(exporter, ShockKind::ImportBan { reroute: true }, phi)]
                }
                // A world of one area has nobody to cut off.
                Failing::ExportsToOne if importer as usize == area => vec![Shock::new(other, 1.0)],
                Failing::ExportsToOne => {
                    let kind = ShockKind::Blockade { importer, reroute: nth % 2 == 0 };
                    vec![ban(exporter, kind, 1.0), Shock::new(other, 1.0)]
                }
            };
            shocks.dedup_by(|a, b| (a.sector, a.kind) == (b.sector, b.kind));
            if let Ok(scenario) = Scenario::new(id, shocks, &dataset.labels) {
                scenarios.push(scenario.effective(&is_producer).with_adaptation(adaptation));
                id += 1;
            }
        }
        scenarios.retain(|scenario| !scenario.shocks.is_empty());
        samples.push(KindSample { kind, asked, scenarios });
    }
    samples
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::dataset::synth::{SynthOptions, synthesize};

    #[test]
    fn every_kind_of_shock_is_among_them_and_named_in_the_readme() {
        let options = SynthOptions { areas: 12, items: 10, seed: 3 };
        let world = synthesize(&options).expect("a small world");
        let samples = sample(&world, 48, 1);
        let of = |sample: &KindSample| -> Vec<&str> {
            let shocks = sample.scenarios.iter().flat_map(|scenario| &scenario.shocks);
            shocks.map(|shock| shock.kind.name()).collect()
        };
        let found: BTreeSet<&str> = samples.iter().flat_map(of).collect();
        assert_eq!(found, BTreeSet::from(ShockKind::NAMES));
        let readme = include_str!("../../README.md");
        for name in ShockKind::NAMES {
            assert!(readme.contains(&format!("`{name}`")), "{name}");
        }
    }
}

//! What the device builds from what sectors have decided, component by component against what the host builds.

use super::changes::hits;
use super::engine::mixed_scenarios;
use crate::support::ask::Ask;
use crate::support::{Numbers, adaptive_world, gpu, small_settings};
use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize};
use shocksweep::low_level::engine::Outcome;
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::engine::gpu::build::{Part, PatchBuffers, build, sets};
use shocksweep::low_level::engine::gpu::checked::Checked;
use shocksweep::low_level::engine::gpu::device::DeviceMachine;
use shocksweep::low_level::engine::gpu::jobs::{Jobs, Source};
use shocksweep::low_level::engine::gpu::machine::Machine;
use shocksweep::low_level::engine::gpu::network::{OnMachine, Prepared};
use shocksweep::low_level::engine::gpu::patch::{self, LISTS, PATCH, Patches};
use shocksweep::low_level::engine::gpu::{ChangesOn, GpuEngine, GpuOptions};
use shocksweep::low_level::engine::network::{Decided, Room};
use shocksweep::low_level::model::adaptation::{AdaptationSettings, Hit};

/// One thing that a scenario changes: its list and place, where its entries lead, and all its numbers. What entries
/// name by item is put in their place, so that two patches that do the same say the same.
#[derive(Debug, Clone, PartialEq)]
struct Change {
    scenario: u32,
    list: usize,
    wholes: Vec<u32>,
    reals: Vec<f64>,
}

fn shown(patches: &Patches) -> Vec<Change> {
    let mut all = Vec::new();
    let entries = |item: u32| {
        let of = &patches.items[4 * item as usize..][..4];
        (of[1] as usize..of[2] as usize).map(|e| (patches.entry_at[e], patches.entry_weight[e]))
    };
    for head in patches.heads.chunks_exact(PATCH) {
        for list in (0..LISTS).filter(|&list| list != patch::PROCESSES) {
            for item in head[1 + list]..head[2 + list] {
                let mut change = Change {
                    scenario: head[0],
                    list,
                    wholes: vec![patches.items[4 * item as usize]],
                    reals: vec![patches.values[item as usize]],
                };
                for (named, weight) in entries(item) {
                    change.reals.push(weight);
                    match list {
                        patch::FED_OUTPUTS | patch::COLUMN_IMPORTERS => {
                            change.wholes.push(patches.items[4 * named as usize]);
                        }
                        patch::OUTPUTS => {
                            change.wholes.push(entries(named).count() as u32);
                            for (place, weight) in entries(named) {
                                change.wholes.push(place);
                                change.reals.push(weight);
                            }
                        }
                        _ => change.wholes.push(named),
                    }
                }
                all.push(change);
            }
        }
    }
    all.sort_by(|a, b| (a.scenario, a.list, &a.wholes).cmp(&(b.scenario, b.list, &b.wholes)));
    all
}

/// The patches of a set, from the machine.
fn read(machine: &mut dyn Machine, set: &PatchBuffers, items: u32, entries: u32) -> Patches {
    let [heads, of_items, values, at, weights, _] = set.lists;
    let (items, entries) = (items as usize, entries as usize);
    let asked = [
        (heads, PATCH * set.count as usize),
        (of_items, 4 * items),
        (values, items),
        (at, entries),
        (weights, entries),
    ];
    let mut found = machine.read(&asked).unwrap().into_iter();
    let mut next = || found.next().unwrap();
    Patches {
        heads: next().whole(),
        items: next().whole(),
        values: next().real(),
        entry_at: next().whole(),
        entry_weight: next().real(),
    }
}

/// Losses as they come, no round numbers.
fn uneven(mut hits: Vec<Hit>, r: &mut Numbers) -> Vec<Hit> {
    for hit in &mut hits {
        hit.rl = (1 + r.below(999)) as f64 / 997.0;
    }
    hits
}

/// Everything that random decisions change in a world: what the device builds, after its mirrors have built the
/// same, and what the host does.
fn built(world: &Dataset, seed: u64, tolerance: f64) -> [Vec<Change>; 2] {
    let device = gpu::device().unwrap();
    let dims = world.dimensions();
    let prepared = Prepared::new(world, 4).unwrap();
    let (tables, net) = (prepared.tables.as_ref().unwrap(), &prepared.network);
    let source = Source { tables, rules: prepared.rules.as_ref().unwrap() };
    let mut r = Numbers(seed ^ 0xb01d);
    let (mut room, mut host) = (Room::new(dims.areas), Patches::default());
    // Two parts, which are put one after the other.
    let mut parts = [(); 2].map(|()| [Jobs::default(), Jobs::default()]);
    for scenario in 0..24u32 {
        let settings = match scenario % 3 {
            0 => AdaptationSettings::default(),
            _ => small_settings(&mut r),
        };
        let mut decided = Decided::new(settings);
        let mut steps = vec![settings.adaptation_step, settings.substitution_step];
        steps.dedup();
        for t in steps {
            let mut hits = hits(&mut r, dims.sectors());
            if scenario % 2 == 0 {
                hits = uneven(hits, &mut r);
            }
            if !hits.is_empty() {
                decided.decide(tables, net, t, &hits, &mut room);
            }
        }
        host.add(scenario, decided.changes(), &mut Vec::new());
        let [production, trade] = &mut parts[scenario as usize % 2];
        production.production(source, (scenario, &settings), decided.events());
        trade.trade(source, (scenario, &settings), decided.events());
    }
    let mut machine = DeviceMachine::new(&device, &[]).with_poison(true);
    let mut checked = Checked::new(&mut machine, tolerance);
    let on = OnMachine::new(&prepared, &mut checked);
    let sizes = checked.upload_whole(prepared.sizes(1, 0, 0).words());
    let mut all = Vec::new();
    for part in [Part::Production, Part::Trade] {
        let of = usize::from(part == Part::Trade);
        let mut jobs: Vec<&mut Jobs> = parts.iter_mut().map(|part| &mut part[of]).collect();
        for set in sets(&mut jobs) {
            let rules = on.rules.as_ref().unwrap();
            let buffers = build(&mut checked, sizes, rules, (part, &set, &jobs));
            all.extend(shown(&read(&mut checked, &buffers, set.items, set.entries)));
        }
    }
    assert!(checked.differences.is_empty(), "seed {seed}: {:#?}", checked.differences);
    assert_eq!(checked.compared.len(), 2);
    all.sort_by(|a, b| (a.scenario, a.list, &a.wholes).cmp(&(b.scenario, b.list, &b.wholes)));
    [all, shown(&host)]
}

/// Rows, columns, factors, inputs and outputs that the device builds are those of the host, every one, with every
/// entry in its place: to the last bit where the device does not fuse multiplications with additions.
#[test]
fn what_a_device_builds_is_what_the_host_builds() {
    let Some(device) = gpu::device() else { return };
    let tolerance = if device.adapter().is_software { 0.0 } else { 1e-12 };
    let mut compared = [0; LISTS];
    for seed in 0..14 {
        let world = match seed {
            // More areas, items and processes than a workgroup has invocations.
            0 => adaptive_world(70, 3, 3, seed),
            1 => adaptive_world(3, 70, 3, seed),
            2 => adaptive_world(3, 4, 70, seed),
            3..7 => synthesize(&SynthOptions { areas: 30, items: 20, seed }).unwrap(),
            _ => adaptive_world(5, 4, 3, seed),
        };
        let [found, expected] = built(&world, seed, tolerance);
        for (found, expected) in found.iter().zip(&expected) {
            let key = |of: &Change| (of.scenario, of.list, of.wholes.clone());
            assert_eq!(key(found), key(expected), "seed {seed}");
            assert_eq!(found.reals.len(), expected.reals.len());
            for (a, b) in found.reals.iter().zip(&expected.reals) {
                let is_near = (a - b).abs() <= tolerance * b.abs().max(1.0);
                assert!(is_near, "seed {seed}: {found:?}\n{expected:?}");
            }
            compared[found.list] += found.reals.len();
        }
        assert_eq!(found.len(), expected.len(), "seed {seed}");
    }
    let rare: Vec<usize> = (0..LISTS).filter(|&list| compared[list] < 200).collect();
    assert_eq!(rare, [patch::PROCESSES], "{compared:?}");
}

/// Jobs are put into as few sets as a device takes, in order, and none is lost.
#[test]
fn jobs_fill_sets() {
    let jobs = |count: u32, items: u32| Jobs {
        heads: (0..count).flat_map(|_| [0, 0, 0, 1, 1, 0, 0, 0]).collect(),
        member_at: vec![0],
        member_amounts: vec![0.5, 0.5],
        items,
        entries: 10,
    };
    let mut parts = [jobs(2, 5), jobs(0, 0), jobs(40_000, 7), jobs(30_000, 3), jobs(1, 1 << 22)];
    let mut parts: Vec<&mut Jobs> = parts.iter_mut().collect();
    let found = sets(&mut parts);
    let parts_of: Vec<_> = found.iter().map(|set| set.parts.clone()).collect();
    assert_eq!(parts_of, [0..3, 3..4, 4..5]);
    assert_eq!(found.iter().map(|set| set.count).collect::<Vec<_>>(), [40_002, 30_000, 1]);
    assert_eq!((found[0].items, found[0].entries), (12, 30));
    assert_eq!(parts[2].heads[..8], [0, 0, 2, 3, 3, 5, 20, 0], "after those before them");
    assert_eq!(parts[3].heads[..8], [0, 0, 0, 1, 1, 0, 0, 0], "in a set of their own");
}

/// Where the host builds changes, as it does for datasets that are too wide, the answers are the same.
#[test]
fn who_builds_changes_does_not_matter() {
    let Some(device) = gpu::device() else { return };
    let run = |world: &Dataset, seed, changes| -> Vec<Outcome> {
        let options = GpuOptions { poison: true, changes, ..GpuOptions::default() };
        let engine = GpuEngine::new(device.clone(), world, 6, options).unwrap();
        engine.run(&mixed_scenarios(world, 90, seed), 0.0, &|_| {})
    };
    let is_exact = device.adapter().is_software;
    let mut decided = 0;
    for seed in 0..4 {
        let world = adaptive_world(7, 5, 4, seed);
        let (found, expected) =
            (run(&world, seed, ChangesOn::Device), run(&world, seed, ChangesOn::Host));
        for (found, expected) in found.iter().zip(&expected) {
            assert!(super::changes::agree(found, expected) && (!is_exact || found == expected));
            decided += found.events.len();
        }
    }
    assert!(decided > 200, "{decided}");

    let wide = adaptive_world(260, 2, 2, 1);
    assert!(Prepared::new(&wide, 6).unwrap().rules.is_none(), "more areas than kernels take");
    let found = run(&wide, 1, ChangesOn::Device);
    let expected = CpuEngine::new(&wide, 6).run(&mixed_scenarios(&wide, 90, 1), 0.0, &|_| {});
    assert!(found.iter().zip(&expected).all(|(a, b)| super::changes::agree(a, b)));
    assert!(found.iter().any(|outcome| !outcome.events.is_empty()));
}

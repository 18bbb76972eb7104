//! What the device builds from what sectors have decided, component by component against what the host builds.

use std::cmp::Ordering;

use super::changes::hits;
use super::engine::mixed_scenarios;
use crate::support::ask::Ask;
use crate::support::{Numbers, adaptive_world, gpu, small_settings};
use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize};
use shocksweep::low_level::engine::Outcome;
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::engine::gpu::build::{Launch, PatchBuffers};
use shocksweep::low_level::engine::gpu::checked::Checked;
use shocksweep::low_level::engine::gpu::decisions::{
    ADAPTS, Decisions, LEDGER, Now, SUBSTITUTES, lacking, order,
};
use shocksweep::low_level::engine::gpu::device::DeviceMachine;
use shocksweep::low_level::engine::gpu::kernels;
use shocksweep::low_level::engine::gpu::layout::{LANES, ROW};
use shocksweep::low_level::engine::gpu::machine::{Element, Machine};
use shocksweep::low_level::engine::gpu::network::{OnMachine, Prepared};
use shocksweep::low_level::engine::gpu::patch::{self, LISTS, PATCH, Patches};
use shocksweep::low_level::engine::gpu::rooms::{NEEDS, TRADE};
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
fn read(machine: &mut dyn Machine, set: &PatchBuffers, rooms: [usize; 3]) -> Patches {
    let Launch::Found(launches, nth) = set.launch else { panic!("built by the host") };
    let launched = machine.read(&[(launches, 3 * nth + 3)]).unwrap().remove(0).whole();
    if launched[3 * nth] == 0 {
        return Patches::default();
    }
    let [heads, of_items, values, at, weights, _] = set.lists;
    let [patches, items, entries] = rooms;
    let asked = [
        (heads, 1 + PATCH * patches),
        (of_items, 4 * items),
        (values, items),
        (at, entries),
        (weights, entries),
    ];
    let mut found = machine.read(&asked).unwrap().into_iter();
    let mut next = || found.next().unwrap();
    let heads = next().whole();
    assert_eq!(heads[0], launched[3 * nth] * launched[3 * nth + 1], "a single row");
    Patches {
        heads: heads[1..1 + PATCH * heads[0] as usize].to_vec(),
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

/// Jobs, items and entries that there is room for.
const ROOM: [usize; 3] = [4_096, 1 << 18, 1 << 21];

/// Hits of a scenario, by step.
type ByStep = Vec<Vec<Hit>>;

/// Lets the machine decide and build what was hit: where nothing is lost but what is hit, and all of it counts.
fn asked(
    machine: &mut dyn Machine,
    prepared: &Prepared,
    of: &[(AdaptationSettings, ByStep)],
) -> Vec<Change> {
    let net = &prepared.network;
    let on = OnMachine::new(prepared, machine);
    let sizes = prepared.sizes(1, 0);
    let sizes_on = machine.upload_whole(sizes.words());
    let available = machine.upload_real(&vec![1.0; net.places()]);
    let active = machine.upload_whole(&vec![u32::MAX; net.places() / 32]);
    let steps = of.iter().map(|of| of.1.len()).max().unwrap_or(0);
    let [jobs, items, entries] = ROOM.map(|room| room as u32);
    let hits = 1 << 15;
    let rooms = [hits, jobs, hits, items, entries, jobs, hits, items, entries];
    let mut decisions = Decisions::new(machine, &sizes, (rooms, steps), true);
    let mut patches = Vec::new();
    for t in 0..steps {
        let (mut losses, mut orders) = (vec![0.0; net.places() * LANES], vec![0; LANES]);
        let mut limits = vec![-1.0; 2 * LANES];
        for (scenario, (settings, hits)) in of.iter().enumerate() {
            orders[scenario] = order(settings, t);
            if orders[scenario] & (ADAPTS | SUBSTITUTES) == 0 {
                continue;
            }
            limits[2 * scenario..2 * scenario + 2].fill(0.0);
            for hit in &hits[t] {
                losses[net.place(hit.sector as usize) * LANES + scenario] = hit.al;
            }
        }
        let all = orders.iter().fold(0, |all, order| all | order);
        if all & (ADAPTS | SUBSTITUTES) == 0 {
            continue;
        }
        limits.push(f64::INFINITY);
        let now = Now {
            sizes: sizes_on,
            losses: machine.upload_real(&losses),
            active,
            available,
            limits: machine.upload_real(&limits),
            orders: machine.upload_whole(&orders),
            adapts: all & ADAPTS != 0,
        };
        let rules = on.rules.as_ref().unwrap();
        decisions.find(machine, &now, Some(rules));
        decisions.ask(machine, &now, rules);
        decisions.build(machine, &now, rules, &mut patches);
    }
    let ledger = machine.read(&[(decisions.ledger, LEDGER)]).unwrap().remove(0).whole();
    assert_eq!(lacking(&ledger), None);
    patches.iter().flat_map(|set| shown(&read(machine, set, ROOM))).collect()
}

/// Everything that random decisions change in a world: what the device builds, after its mirrors have built the
/// same, and what the host does.
fn built(world: &Dataset, seed: u64, tolerance: f64) -> [Vec<Change>; 2] {
    let device = gpu::device().unwrap();
    let dims = world.dimensions();
    let prepared = Prepared::new(world, 4).unwrap();
    let (tables, net) = (prepared.tables.as_ref().unwrap(), &prepared.network);
    let mut r = Numbers(seed ^ 0xb01d);
    let (mut room, mut host) = (Room::new(dims.areas), Patches::default());
    let mut all = Vec::new();
    for scenario in 0..24u32 {
        let settings = match scenario % 3 {
            0 => AdaptationSettings::default(),
            _ => small_settings(&mut r),
        };
        let mut decided = Decided::new(settings);
        let mut by_step: ByStep = vec![Vec::new(); settings.substitution_step + 1];
        let mut steps = vec![settings.adaptation_step, settings.substitution_step];
        steps.dedup();
        for t in steps {
            let mut hits = hits(&mut r, dims.sectors());
            if scenario % 2 == 0 {
                hits = uneven(hits, &mut r);
            }
            // Of an available amount of 1.
            hits.iter_mut().for_each(|hit| hit.al = hit.rl);
            if !hits.is_empty() && order(&settings, t) & (ADAPTS | SUBSTITUTES) != 0 {
                decided.decide(tables, net, t, &hits, &mut room);
            }
            by_step[t] = hits;
        }
        host.add(scenario, decided.changes(), &mut Vec::new());
        all.push((settings, by_step));
    }
    let mut machine = DeviceMachine::new(&device, &[]).with_poison(true);
    let mut checked = Checked::new(&mut machine, tolerance);
    let mut found = asked(&mut checked, &prepared, &all);
    assert!(checked.differences.is_empty(), "seed {seed}: {:#?}", checked.differences);
    assert_eq!(checked.compared.len(), 10);
    found.sort_by(|a, b| (a.scenario, a.list, &a.wholes).cmp(&(b.scenario, b.list, &b.wholes)));
    [found, shown(&host)]
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

/// Where more patches are found than a row of workgroups has, all are applied, and none that is not there.
#[test]
fn more_patches_than_a_row_of_workgroups() {
    let Some(device) = gpu::device() else { return };
    let prepared = Prepared::new(&adaptive_world(5, 4, 3, 1), 4).unwrap();
    let mut machine = DeviceMachine::new(&device, &[]).with_poison(true);
    let mut checked = Checked::new(&mut machine, 0.0);
    let sizes = checked.upload_whole(prepared.sizes(1, 0).words());
    let count = ROW + 7_000;
    // Two scenarios ask for them.
    let mut needs = vec![0; LANES * NEEDS];
    needs[3 * NEEDS + TRADE] = 7_000;
    needs[5 * NEEDS + TRADE] = ROW as u32;
    let needs = checked.upload_whole(&needs);
    let rooms = checked.upload_whole(&[1, 1, 1, 1, 1, count as u32, 1, 1, 1, 1]);
    let ledger = checked.upload_whole(&[0; LEDGER]);
    let launches = checked.room(Element::Whole, 6);
    checked.dispatch(&kernels::RECKON, &[sizes, rooms, needs, ledger, launches], [1, 1]);
    let found = checked.read(&[(launches, 6), (needs, 6 * NEEDS)]).unwrap();
    assert_eq!(found[0].clone().whole(), [ROW as u32, 2, 1, 0, 0, 1]);
    assert_eq!(found[1].clone().whole()[5 * NEEDS + TRADE], 7_000, "after those before it");

    // Every patch writes place 0, but for the last one; what lies behind it is none.
    let (mut heads, mut items) = (vec![count as u32], Vec::new());
    for nth in 0..2 * ROW as u32 {
        heads.extend([0, nth]);
        heads.extend([nth + 1; LISTS]);
        let place = match (nth as usize + 1).cmp(&count) {
            Ordering::Less => 0,
            Ordering::Equal => 3,
            Ordering::Greater => 4,
        };
        items.extend([place, 0, 0, 0]);
    }
    let (heads, items) = (checked.upload_whole(&heads), checked.upload_whole(&items));
    let words = prepared.network.places() / 32;
    let forced = checked.upload_whole(&vec![0; words]);
    checked.dispatch_indirect(&kernels::MARK, &[sizes, heads, items, forced], (launches, 0));
    let forced = checked.read(&[(forced, words)]).unwrap().remove(0).whole();
    assert_eq!(forced[0], 0b1001);
    assert!(checked.differences.is_empty(), "{:#?}", checked.differences);
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

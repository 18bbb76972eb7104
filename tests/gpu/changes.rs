//! What the host builds for the device: changes resumed from events, in room that is used again.

use crate::support::ask::Ask;
use crate::support::{Numbers, adaptive_world, gpu, small_settings};
use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::dataset::reserves::{Release, Reserve};
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::engine::gpu::patch::Patches;
use shocksweep::low_level::engine::gpu::{ChangesOn, GpuEngine, GpuOptions};
use shocksweep::low_level::engine::network::tables::AdaptiveTables;
use shocksweep::low_level::engine::network::{Decided, Network, Room};
use shocksweep::low_level::engine::{Engine, EngineError, Event, Outcome};
use shocksweep::low_level::model::adaptation::{AdaptationSettings, Hit};
use shocksweep::low_level::scenario::Scenario;

/// Sectors that are hit, ascending; sometimes none.
pub fn hits(r: &mut Numbers, sectors: usize) -> Vec<Hit> {
    let often = 1 + r.below(9);
    let mut hits = Vec::new();
    for sector in 0..sectors {
        if r.once_in(often + 1) {
            let (al, rl) = (1.0 + r.below(100) as f64, (1 + r.below(8)) as f64 / 8.0);
            hits.push(Hit { sector: sector as u32, al, rl });
        }
    }
    hits
}

fn patch(changes: &shocksweep::low_level::engine::network::Changes) -> Patches {
    let mut patches = Patches::default();
    patches.add(7, changes, &mut Vec::new());
    patches
}

/// An engine whose device builds changes, though it is a software adapter.
fn on_device() -> GpuOptions {
    GpuOptions { changes: ChangesOn::Device, ..GpuOptions::default() }
}

/// Deciding steps of a scenario, ascending.
fn steps(settings: &AdaptationSettings) -> Vec<usize> {
    let mut steps = vec![settings.adaptation_step, settings.substitution_step];
    steps.dedup();
    steps
}

/// A scenario that is resumed in the room of others, from what it has decided, has changed the same, to the
/// last bit, as one that is asked step by step in room of its own.
#[test]
fn what_is_resumed_is_what_was_decided_step_by_step() {
    let (mut compared, mut empty) = (0, 0);
    for seed in 0..60 {
        let (areas, items) = if seed % 5 == 0 { (70, 3) } else { (5, 4) };
        let world = adaptive_world(areas, items, 3, seed);
        let net = Network::new(&world);
        let tables = AdaptiveTables::new(&world, &net).unwrap();
        let mut r = Numbers(seed ^ 0xc4a9);
        let mut shared_room = Room::new(areas);
        let mut shared = Decided::new(AdaptationSettings::default());
        for _ in 0..20 {
            let settings = small_settings(&mut r);
            let mut own = Decided::new(settings);
            let mut own_room = Room::new(areas);
            let mut events: Vec<Event> = Vec::new();
            for t in steps(&settings) {
                let hits = hits(&mut r, areas * items);
                if !hits.is_empty() {
                    own.decide(&tables, &net, t, &hits, &mut own_room);
                }
                shared.resume((&tables, &net), (settings, &events), (t, &hits), &mut shared_room);
                assert_eq!(shared.events(), own.events(), "seed {seed}");
                let (found, expected) = (patch(shared.changes()), patch(own.changes()));
                assert_eq!(found, expected, "seed {seed}, {settings:?}, {hits:?}");
                events = own.events().to_vec();
                compared += expected.values.len();
                empty += usize::from(hits.is_empty());
            }
        }
    }
    assert!(compared > 10_000 && empty > 20, "{compared} items, {empty} without hits");
}

/// Patches of several scenarios are those of each, wherever they begin, and room that was used before leaves
/// nothing behind.
#[test]
fn patches_in_used_room_are_those_in_new_room() {
    let world = adaptive_world(5, 4, 3, 11);
    let net = Network::new(&world);
    let tables = AdaptiveTables::new(&world, &net).unwrap();
    let mut r = Numbers(5);
    let (mut room, mut links) = (Room::new(5), Vec::new());
    let mut used = Patches::default();
    for _ in 0..10 {
        let settings = AdaptationSettings::default();
        let decided: Vec<Decided> = (0..6)
            .map(|_| {
                let mut decided = Decided::new(settings);
                let hits = hits(&mut r, 20);
                if !hits.is_empty() {
                    decided.decide(&tables, &net, settings.adaptation_step, &hits, &mut room);
                }
                decided
            })
            .collect();
        used.clear();
        let mut new = Patches::default();
        for (number, decided) in decided.iter().enumerate() {
            used.add(number as u32, decided.changes(), &mut links);
            new.add(number as u32, decided.changes(), &mut Vec::new());
        }
        assert_eq!(used, new);
        assert_eq!(used.len(), 6);
    }
}

/// Whether two engines say the same, but for the rounding of amounts of about 1 where a device fuses
/// multiplications with additions.
pub fn agree(found: &Outcome, expected: &Outcome) -> bool {
    let close = |a: f64, b: f64| a == b || (a - b).abs() <= 1e-9 * (1.0 + b.abs());
    let same = |(a, b): (&Event, &Event)| {
        (a.kind, a.step, a.hit.sector, a.no_share_rule)
            == (b.kind, b.step, b.hit.sector, b.no_share_rule)
            && close(a.hit.al, b.hit.al)
            && close(a.hit.rl, b.hit.rl)
    };
    let of =
        |o: &Outcome, sector: &u32| o.sectors.binary_search(sector).map_or(0.0, |at| o.losses[at]);
    found.events.len() == expected.events.len()
        && found.events.iter().zip(&expected.events).all(same)
        && found.diverged == expected.diverged
        && found
            .sectors
            .iter()
            .chain(&expected.sectors)
            .all(|s| close(of(found, s), of(expected, s)))
}

/// A world some of whose sectors hold reserves of every kind.
pub fn with_reserves(mut world: Dataset, seed: u64) -> Dataset {
    let r = &mut Numbers(seed ^ 0x7e5);
    for sector in 0..world.dimensions().sectors() as u32 {
        if !r.once_in(3) {
            continue;
        }
        let release = match r.below(3) {
            0 => Release::Automatic { cover: 1.0 },
            1 => Release::Automatic { cover: 0.5 },
            _ => Release::Steps(vec![0.0, r.below(4) as f64, 8.0]),
        };
        let size = [0.0, 4.0, 64.0][r.below(3)];
        world.reserves.push(Reserve { sector, size, release, refilled: r.once_in(2) });
    }
    world
}

/// Reserves act on a device as they do in the cpu engine, in every kind of scenario, and change results; what
/// they hold then is told as well.
#[test]
fn reserves_act_on_a_device() {
    let Some(device) = gpu::device() else { return };
    let (mut changed, mut acted) = (0, 0);
    for seed in 0..8 {
        let bare = adaptive_world(6, 4, 3, seed);
        let world = with_reserves(bare.clone(), seed);
        assert!(!world.reserves.is_empty());
        let scenarios = super::engine::mixed_scenarios(&world, 70, seed);
        let run = |engine: &dyn Engine| engine.run(&scenarios, 0.0, &|_| {});
        let of = |world: &Dataset| {
            run(&GpuEngine::new(device.clone(), world, 6, GpuOptions::default()).unwrap())
        };
        let (found, expected) = (of(&world), run(&CpuEngine::new(&world, 6)));
        for ((found, expected), scenario) in found.iter().zip(&expected).zip(&scenarios) {
            assert!(agree(found, expected), "seed {seed}, {scenario:?}\n{found:?}\n{expected:?}");
            assert_eq!(found.reserves.len(), expected.reserves.len());
            let sizes = world.reserves.iter().map(|reserve| reserve.size);
            for ((left, expected), size) in found.reserves.iter().zip(&expected.reserves).zip(sizes)
            {
                assert!((left - expected).abs() <= 1e-9 * size, "{left}, {expected} of {size}");
                acted += usize::from(*left != size);
            }
        }
        let without = of(&bare);
        changed += without.iter().zip(&found).filter(|(a, b)| !agree(a, b)).count();
    }
    assert!(changed > 100 && acted > 500, "{changed}, {acted}");
}

/// In f32 reserves are refused, as the message says.
#[test]
fn single_precision_has_no_reserves() {
    let Some(device) = gpu::single_device() else { return };
    let world = with_reserves(adaptive_world(6, 4, 3, 1), 1);
    let engine = GpuEngine::new(device, &world, 6, on_device()).unwrap();
    let scenarios: Vec<Scenario> = super::engine::mixed_scenarios(&world, 8, 1);
    let error = engine.losses(&scenarios, &[5], 0.0, &|_| {}).unwrap_err();
    assert!(matches!(error, EngineError::NoReserves { .. }), "{error}");
}

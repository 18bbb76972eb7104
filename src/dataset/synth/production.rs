//! Who makes how much, and from what: crops and herds first, then what is milled from them.

use rayon::prelude::*;

use super::REAL_ITEMS;
use super::names::{ProcessKind, ProcessTraits, World};
use super::random::{Family, Stream, largest};
use super::trade::{Flows, trade};

/// All amounts of a synthetic world, before parameters are made of them.
pub(super) struct Economy {
    /// By item.
    pub(super) flows: Vec<Flows>,
    /// By process.
    pub(super) runs: Vec<ProcessRun>,
}

/// What one process takes and gives in every area.
#[derive(Default)]
pub(super) struct ProcessRun {
    /// (item, amount by area).
    pub(super) inputs: Vec<(usize, Vec<f64>)>,
    /// (item, amount by area).
    pub(super) outputs: Vec<(usize, Vec<f64>)>,
}

/// Persons in the real world: worlds of other populations make proportionally more or less.
const REAL_POPULATION: f64 = 7.8e9;

/// Probability that a mill runs on something the network does not know, as in the published data.
const MILL_WITHOUT_INPUT: f64 = 0.07;

/// Tonnes per person that a mill without any known input works with.
const UNKNOWN_INPUT: f64 = 0.002;

/// Probability that a crop's producer keeps seed; the others need no input at all.
const KEEPS_SEED: f64 = 0.6;

/// Probabilities that an area feeds an item at all (plus its feed share), and to one kind of animal.
const FEEDS_ITEM: f64 = 0.3;
const FEEDS_ANIMAL: f64 = 0.95;

/// Share of grain and cake in what grazing animals eat, against their share of grass and fodder.
const GRAZERS_ON_GRAIN: f64 = 0.3;
/// The same for fattened animals and fodder; they do not graze.
const FATTENED_ON_FODDER: f64 = 0.1;

/// Makes and trades every item, in the order of the chains.
pub(super) fn settle(world: &World, seed: u64) -> Economy {
    let count = world.items.len();
    let mut runs: Vec<Option<ProcessRun>> = world
        .processes
        .par_iter()
        .map(|process| (process.kind != ProcessKind::Mill).then(|| source(world, process, seed)))
        .collect();
    let mut makers = vec![Vec::new(); count];
    for (p, process) in world.processes.iter().enumerate() {
        process.outputs.iter().for_each(|&(item, _)| makers[item].push(p));
    }
    let mut flows: Vec<Option<Flows>> = (0..count).map(|_| None).collect();
    loop {
        let ready: Vec<usize> = (0..count)
            .filter(|&i| flows[i].is_none() && makers[i].iter().all(|&p| runs[p].is_some()))
            .collect();
        let traded: Vec<Flows> = ready
            .par_iter()
            .map(|&item| {
                let made = made(world, item, makers[item].iter().map(|&p| runs[p].as_ref()));
                trade(world, item, &made, seed)
            })
            .collect();
        for (item, flow) in ready.into_iter().zip(traded) {
            flows[item] = Some(flow);
        }
        let known = |p: &ProcessTraits| p.inputs.iter().all(|&(item, _)| flows[item].is_some());
        let mills: Vec<usize> =
            (0..runs.len()).filter(|&p| runs[p].is_none() && known(&world.processes[p])).collect();
        if mills.is_empty() {
            break;
        }
        let milled: Vec<ProcessRun> =
            mills.par_iter().map(|&p| mill(world, &world.processes[p], &flows, seed)).collect();
        for (p, run) in mills.into_iter().zip(milled) {
            runs[p] = Some(run);
        }
    }
    let complete = "the built-in chains have no cycle among their mills";
    let mut economy = Economy {
        flows: flows.into_iter().map(|f| f.expect(complete)).collect(),
        runs: runs.into_iter().map(|r| r.expect(complete)).collect(),
    };
    keep_seed(world, &mut economy, seed);
    feed(world, &mut economy, seed);
    economy
}

/// Output of an item by area, over all its processes.
fn made<'a>(
    world: &World,
    item: usize,
    runs: impl Iterator<Item = Option<&'a ProcessRun>>,
) -> Vec<f64> {
    let mut total = vec![0.0; world.areas.len()];
    for (of, amounts) in runs.flatten().flat_map(|run| &run.outputs) {
        if *of == item {
            total.iter_mut().zip(amounts).for_each(|(t, a)| *t += a);
        }
    }
    total
}

/// A share of the inhabited areas, at least one.
fn share_of(world: &World, share: f64) -> usize {
    ((share * world.inhabited() as f64).round() as usize).max(1)
}

/// Crops and herds: a world amount spread by land, climate, affinity and chance.
fn source(world: &World, process: &ProcessTraits, seed: u64) -> ProcessRun {
    let mut draw = Stream::new(seed, Family::Production, process.slot);
    let affinity = world.affinity(process);
    let most_land = world.areas.iter().map(|a| a.land).fold(0.0, f64::max);
    let mut scores = Vec::with_capacity(affinity.len());
    let mut presence = Vec::with_capacity(affinity.len());
    for (area, here) in world.areas.iter().zip(&affinity) {
        let suits = climate(process.belt, area.latitude) * here * draw.broad();
        scores.push(area.land * suits * draw.mild());
        // Who produces at all depends less on size than how much.
        presence.push((area.land / most_land).sqrt().sqrt() * suits);
    }
    let producers = largest(&presence, share_of(world, process.spread));
    let people: f64 = world.areas.iter().map(|a| a.population).sum();
    let amount = process.world * people / REAL_POPULATION * draw.between(0.8, 1.2);
    let total: f64 = producers.iter().map(|&c| scores[c]).sum();
    // A unit of live animals is 1000 heads.
    let least = if process.kind == ProcessKind::Graze { 0.01 } else { 1.0 };
    let mut outputs: Vec<(usize, Vec<f64>)> =
        process.outputs.iter().map(|&(item, _)| (item, vec![0.0; scores.len()])).collect();
    for &c in &producers {
        let main = (amount * scores[c] / total).max(least);
        for (at, (&(_, ratio), (_, amounts))) in
            process.outputs.iter().zip(&mut outputs).enumerate()
        {
            // By-products (butter) are not made everywhere.
            if at == 0 {
                amounts[c] = main * ratio;
            } else if draw.chance(0.6) {
                amounts[c] = main * ratio * draw.slight();
            }
        }
    }
    ProcessRun { inputs: Vec::new(), outputs }
}

/// How well a latitude suits a belt: 1 in its middle, never quite 0.
fn climate(belt: Option<(f64, f64)>, latitude: f64) -> f64 {
    belt.map_or(1.0, |(best, half)| {
        let away = (latitude - best) / half;
        (1.0 - away * away).max(0.01)
    })
}

/// Mills: oil and cake from seeds, sugar from cane and beet, meat and hides from animals.
fn mill(world: &World, process: &ProcessTraits, flows: &[Option<Flows>], seed: u64) -> ProcessRun {
    let mut draw = Stream::new(seed, Family::Milling, process.slot);
    let areas = world.areas.len();
    let mut inputs: Vec<(usize, Vec<f64>)> = Vec::new();
    let mut total = vec![0.0; areas];
    for &(item, share) in &process.inputs {
        let Some(flow) = &flows[item] else { continue };
        let take = |c: usize| flow.kept(c) * share * draw.between(0.6, 1.0);
        let amounts: Vec<f64> = (0..areas).map(take).collect();
        total.iter_mut().zip(&amounts).for_each(|(t, a)| *t += a);
        inputs.push((item, amounts));
    }
    if inputs.is_empty() {
        total = world.areas.iter().map(|a| a.population * UNKNOWN_INPUT * draw.broad()).collect();
    }
    let best_yield = process.outputs.iter().map(|&(_, y)| y).fold(0.0, f64::max);
    let scores: Vec<f64> = total
        .iter()
        // A mill that would make less than a tonne is not built.
        .map(|&t| if t * best_yield > 1.0 { t.sqrt() * draw.mild() } else { 0.0 })
        .collect();
    let mills = largest(&scores, share_of(world, process.spread));
    let mut taken: Vec<(usize, Vec<f64>)> =
        inputs.iter().map(|&(item, _)| (item, vec![0.0; areas])).collect();
    let mut outputs: Vec<(usize, Vec<f64>)> =
        process.outputs.iter().map(|&(item, _)| (item, vec![0.0; areas])).collect();
    // Slaughter always has animals.
    let unknown = if best_yield < 1.0 { MILL_WITHOUT_INPUT } else { 0.0 };
    for &c in &mills {
        if !draw.chance(unknown) {
            taken.iter_mut().zip(&inputs).for_each(|((_, to), (_, from))| to[c] = from[c]);
        }
        for (&(_, ratio), (_, amounts)) in process.outputs.iter().zip(&mut outputs) {
            amounts[c] = total[c] * ratio * draw.between(0.8, 1.1);
        }
    }
    ProcessRun { inputs: taken, outputs }
}

/// Seed: the crop itself as input of its own production.
///
/// Only where some of the crop comes, directly or through others, from a producer without seed:
/// a closed set of seed keepers would carry any loss on forever.
fn keep_seed(world: &World, economy: &mut Economy, seed: u64) {
    for (p, process) in world.processes.iter().enumerate() {
        let item = process.outputs[0].0;
        let share = world.items[item].seed;
        if process.kind != ProcessKind::Grow || share == 0.0 {
            continue;
        }
        let mut draw = Stream::new(seed, Family::Seed, world.items[item].slot);
        let flow = &economy.flows[item];
        let made = &economy.runs[p].outputs[0].1;
        let mut kept = vec![0.0; made.len()];
        for (c, amount) in kept.iter_mut().enumerate() {
            let (keeps, part) = (draw.chance(KEEPS_SEED), draw.between(0.6, 1.0));
            if keeps && made[c] > 0.0 {
                *amount = flow.kept(c) * share * part;
            }
        }
        let mut supplied: Vec<bool> =
            made.iter().zip(&kept).map(|(&m, &k)| m > 0.0 && k == 0.0).collect();
        loop {
            let before = supplied.iter().filter(|&&s| s).count();
            for &(importer, exporter, _) in &flow.links {
                supplied[importer as usize] |= supplied[exporter as usize];
            }
            if supplied.iter().filter(|&&s| s).count() == before {
                break;
            }
        }
        kept.iter_mut().zip(&supplied).filter(|(_, s)| !**s).for_each(|(k, _)| *k = 0.0);
        economy.runs[p].inputs.push((item, kept));
    }
}

/// Feed: what an area gives to animals is split between those it has, by their appetite.
fn feed(world: &World, economy: &mut Economy, seed: u64) {
    let fed: Vec<usize> = (0..world.items.len()).filter(|&i| world.items[i].feed > 0.0).collect();
    let given: Vec<Vec<(usize, Vec<f64>)>> =
        fed.par_iter().map(|&item| feed_of(world, economy, item, seed)).collect();
    for (item, to_animals) in fed.into_iter().zip(given) {
        for (p, amounts) in to_animals {
            economy.runs[p].inputs.push((item, amounts));
        }
    }
}

/// Amounts of one item fed to every kind of animal: (process, amount by area).
fn feed_of(world: &World, economy: &Economy, item: usize, seed: u64) -> Vec<(usize, Vec<f64>)> {
    let traits = &world.items[item];
    let mut draw = Stream::new(seed, Family::Feed, traits.slot);
    let group = world.labels.items[item].commodity_group.as_str();
    let mut animals: Vec<(usize, f64, Vec<f64>)> = Vec::new();
    for (p, process) in world.processes.iter().enumerate() {
        let diet = match (process.kind, group) {
            (ProcessKind::Graze, "Grazing" | "Fodder crops") => 1.0,
            (ProcessKind::Graze, _) => GRAZERS_ON_GRAIN,
            (ProcessKind::Fatten, "Grazing") => 0.0,
            (ProcessKind::Fatten, "Fodder crops") => FATTENED_ON_FODDER,
            (ProcessKind::Fatten, _) => 1.0,
            _ => 0.0,
        };
        if diet > 0.0 && process.set == traits.slot / REAL_ITEMS {
            animals.push((p, diet * process.appetite, vec![0.0; world.areas.len()]));
        }
    }
    let mut weights = vec![0.0; animals.len()];
    for c in 0..world.areas.len() {
        let (feeds, part) = (draw.chance(FEEDS_ITEM + traits.feed), draw.between(0.6, 1.0));
        for (weight, (p, appetite, _)) in weights.iter_mut().zip(&animals) {
            let herd = economy.runs[*p].outputs[0].1[c];
            let (eats, taste) = (draw.chance(FEEDS_ANIMAL), draw.mild());
            *weight = if eats { herd * appetite * taste } else { 0.0 };
        }
        let total: f64 = weights.iter().sum();
        let amount = economy.flows[item].kept(c) * traits.feed * part;
        if feeds && total > 0.0 && amount > 0.0 {
            for ((_, _, amounts), weight) in animals.iter_mut().zip(&weights) {
                amounts[c] = amount * weight / total;
            }
        }
    }
    animals.into_iter().map(|(p, _, amounts)| (p, amounts)).collect()
}

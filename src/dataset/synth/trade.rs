//! Trade of one item: who exports, who possesses it, and links of gravity type between them.

use super::names::World;
use super::random::{Family, Stream, largest};

/// What happens to one item in every area, except its use by processes.
pub(super) struct Flows {
    /// Available amount: made and imported.
    pub(super) available: Vec<f64>,
    /// Exported amount.
    pub(super) exported: Vec<f64>,
    /// (importer, exporter, share of the exporter's exports), by exporter, then importer.
    pub(super) links: Vec<(u32, u32, f64)>,
}

impl Flows {
    /// What is not exported from an area.
    pub(super) fn kept(&self, area: usize) -> f64 {
        (self.available[area] - self.exported[area]).max(0.0)
    }
}

/// Importers of the median exporter.
const MEDIAN_PARTNERS: f64 = 35.0;

/// Links below this share of an exporter's exports are dropped, as in the published data.
const LEAST_SHARE: f64 = 1e-4;

/// Areas that trade on without producing, per producing exporter.
const HUBS: f64 = 0.02;

/// Trades what is made of an item.
pub(super) fn trade(world: &World, item: usize, made: &[f64], seed: u64) -> Flows {
    let traits = &world.items[item];
    let owners = owners(world, item, made, seed);
    let mut flows =
        Flows { available: made.to_vec(), exported: vec![0.0; made.len()], links: Vec::new() };
    let mut draw = Stream::new(seed, Family::Exports, traits.slot);
    let producers = made.iter().filter(|&&amount| amount > 0.0).count();
    let exporting = (traits.exporters * producers as f64).round() as usize;
    if exporting == 0 || owners.len() < 2 || traits.traded == 0.0 {
        return flows;
    }

    // A unit of live animals is 1000 heads.
    let least = if world.labels.items[item].is_mass() { 1.0 } else { 0.01 };
    // Those who make much for their population export, and export more of it.
    let people: f64 = world.areas.iter().map(|a| a.population).sum();
    let per_person = made.iter().sum::<f64>() / people;
    let surplus: Vec<f64> = (made.iter().zip(&world.areas))
        .map(|(&m, area)| if m > 0.0 { m / (area.population * per_person) } else { 0.0 })
        .collect();
    let will: Vec<f64> =
        surplus.iter().zip(made).map(|(s, m)| s.sqrt() * m.sqrt().sqrt() * draw.mild()).collect();
    for d in largest(&will, exporting) {
        let share = 0.7 * traits.traded * surplus[d].min(30.0).sqrt() * draw.wild();
        let amount = made[d] * share.min(0.9);
        flows.exported[d] = if amount >= least { amount } else { 0.0 };
    }

    let market = Market::new(world, made, &owners, per_person, seed, traits.slot);
    let mut links = Stream::new(seed, Family::Links, traits.slot);
    let exporters: Vec<usize> = (0..made.len()).filter(|&d| flows.exported[d] > 0.0).collect();
    for &d in &exporters {
        market.sell(d, &mut flows, &mut links);
    }

    // Hubs pass on a part of what they imported; they buy from producers only.
    let imported: Vec<f64> = (0..made.len())
        .map(|c| if made[c] > 0.0 { 0.0 } else { flows.available[c] * world.areas[c].wealth })
        .map(|amount| amount.sqrt() * draw.mild())
        .collect();
    let hubs = if world.re_exports { HUBS } else { 0.0 };
    let hubs = (hubs * exporters.len() as f64).round() as usize;
    let hubs = largest(&imported, hubs);
    for &d in &hubs {
        flows.exported[d] = flows.available[d] * draw.between(0.02, 0.5);
    }
    for &d in &hubs {
        market.sell(d, &mut flows, &mut links);
    }
    flows.links.sort_unstable_by_key(|&(importer, exporter, _)| (exporter, importer));
    flows
}

/// Areas that possess the item: its producers, and others by population and wealth.
fn owners(world: &World, item: usize, made: &[f64], seed: u64) -> Vec<usize> {
    let traits = &world.items[item];
    let mut draw = Stream::new(seed, Family::Consumers, traits.slot);
    let scores: Vec<f64> = (world.areas.iter().zip(made))
        .map(|(area, &m)| {
            let score = area.population.sqrt().sqrt() * area.wealth.sqrt() * draw.mild();
            if m > 0.0 { f64::MAX } else { score }
        })
        .collect();
    let producers = made.iter().filter(|&&amount| amount > 0.0).count();
    let wanted = (traits.reach * world.inhabited() as f64).round() as usize;
    largest(&scores, wanted.max(producers))
}

/// The possible importers of one item.
struct Market {
    importers: Vec<Importer>,
}

struct Importer {
    area: usize,
    demand: f64,
    position: [f64; 3],
}

impl Market {
    fn new(
        world: &World,
        made: &[f64],
        owners: &[usize],
        per_person: f64,
        seed: u64,
        slot: usize,
    ) -> Self {
        // A stream of its own: importers do not shift when exporters change.
        let mut draw = Stream::new(seed, Family::Demand, slot);
        let importer = |&c: &usize| {
            let area = &world.areas[c];
            // Those who make enough themselves import little.
            let need = 1.0 / (1.0 + 3.0 * made[c] / (area.population * per_person));
            let appetite = area.land.sqrt() * area.population.sqrt().sqrt();
            let demand = appetite * (0.2 + area.wealth) * (0.05 + need) * draw.mild();
            Importer { area: c, demand, position: area.position }
        };
        Market { importers: owners.iter().map(importer).collect() }
    }

    /// Distributes what `exporter` exports: gravity with a wild chance, the smallest links dropped.
    fn sell(&self, exporter: usize, flows: &mut Flows, draw: &mut Stream) {
        let partners = (MEDIAN_PARTNERS * draw.broad()).round().max(1.0) as usize;
        let from = self.importers.iter().find(|i| i.area == exporter).map(|i| i.position);
        let [x, y, z] = from.unwrap_or_default();
        let mut weights: Vec<f64> = self
            .importers
            .iter()
            .map(|to| {
                if to.area == exporter {
                    return 0.0;
                }
                let [u, v, w] = to.position;
                // Squared length of the chord through the globe, in earth radii.
                let far = (x - u) * (x - u) + (y - v) * (y - v) + (z - w) * (z - w);
                to.demand * draw.odds() / (far + 0.03)
            })
            .collect();
        let mut chosen = largest(&weights, partners);
        for _ in 0..2 {
            let total: f64 = chosen.iter().map(|&at| weights[at]).sum();
            chosen.iter().for_each(|&at| weights[at] /= total);
            chosen.retain(|&at| weights[at] >= LEAST_SHARE);
        }
        if chosen.is_empty() {
            flows.exported[exporter] = 0.0;
        }
        for at in chosen {
            let importer = self.importers[at].area;
            flows.links.push((importer as u32, exporter as u32, weights[at]));
            flows.available[importer] += weights[at] * flows.exported[exporter];
        }
    }
}

//! Small worlds for tests.
#![allow(dead_code)] // each test program uses its own part

pub mod ask;
pub mod gpu;

use shocksweep::low_level::dataset::measures::Nutrition;
use shocksweep::low_level::dataset::{
    AdaptationRules, Area, Blocks, Dataset, Dimensions, Item, Labels, Metadata, Parameters,
    Process, Rule,
};
use shocksweep::low_level::model::adaptation::{
    AdaptationSettings, MissingRule, SubstituteConflict, Thresholds,
};
use shocksweep::low_level::scenario::{Scenario, Shock};
use shocksweep::low_level::sparse::Csr;

/// A world under construction; every parameter starts empty.
pub struct World {
    pub dims: Dimensions,
    pub x0: Vec<f64>,
    pub start_stock: Vec<f64>,
    pub eta_prod: Vec<f64>,
    pub eta_exp: Vec<f64>,
    alpha: Vec<(u32, u32, f64)>,
    beta: Vec<(u32, u32, f64)>,
    nu: Vec<(u32, u32, f64)>,
    trade: Vec<(u32, u32, f64)>,
}

impl World {
    pub fn new(areas: usize, items: usize, processes: usize) -> Self {
        let n = areas * items;
        World {
            dims: Dimensions { areas, items, processes },
            x0: vec![0.0; n],
            start_stock: vec![0.0; n],
            eta_prod: vec![0.0; n],
            eta_exp: vec![0.0; n],
            alpha: Vec::new(),
            beta: Vec::new(),
            nu: Vec::new(),
            trade: Vec::new(),
        }
    }

    pub fn sector(&self, area: usize, item: usize) -> usize {
        self.dims.sector(area, item)
    }

    fn column(&self, area: usize, process: usize) -> u32 {
        self.dims.process_column(area, process) as u32
    }

    /// Output of `item` per unit of input of `process`.
    pub fn alpha(&mut self, area: usize, item: usize, process: usize, value: f64) {
        self.alpha.push((self.sector(area, item) as u32, self.column(area, process), value));
    }

    /// Output of `item` by `process` without input.
    pub fn beta(&mut self, area: usize, item: usize, process: usize, value: f64) {
        self.beta.push((self.sector(area, item) as u32, self.column(area, process), value));
    }

    /// Share of the production amount of `item` that goes to `process`.
    pub fn nu(&mut self, area: usize, process: usize, item: usize, share: f64) {
        self.nu.push((self.column(area, process), self.sector(area, item) as u32, share));
    }

    /// Share of the exports of `item` by `from` that goes to `to`.
    pub fn trade(&mut self, item: usize, from: usize, to: usize, share: f64) {
        self.trade.push((self.sector(to, item) as u32, self.sector(from, item) as u32, share));
    }

    pub fn build(self) -> Dataset {
        let (n, k) = (self.dims.sectors(), self.dims.process_columns());
        let matrix = |rows, cols, t| Csr::from_triplets(rows, cols, t).expect("valid triplets");
        Dataset {
            metadata: Metadata {
                name: "test".into(),
                year: None,
                units: "t".into(),
                licence: "none".into(),
                synthetic: true,
                sources: Vec::new(),
            },
            labels: labels(self.dims),
            parameters: Parameters {
                x0: self.x0,
                start_stock: self.start_stock,
                share_eta_prod: self.eta_prod,
                share_eta_exp: self.eta_exp,
                conversion_alpha: matrix(n, k, self.alpha),
                output_beta: matrix(n, k, self.beta),
                allocation_nu: matrix(k, n, self.nu),
                trade_t: matrix(n, n, self.trade),
            },
            rules: None,
            substitutability: None,
            food_part: None,
            reserves: Vec::new(),
        }
    }
}

fn labels(dims: Dimensions) -> Labels {
    Labels {
        areas: (0..dims.areas)
            .map(|c| Area {
                name: format!("Area {c:03}"),
                code: c as i64,
                iso3: format!("A{c:02}"),
                region: None,
                latitude: None,
                longitude: None,
                // One area in four has no population.
                population: (c % 4 != 3).then_some(1000.0),
                hdi: None,
            })
            .collect(),
        items: (0..dims.items)
            .map(|i| Item {
                name: format!("Item {i:03}"),
                code: i as i64,
                commodity_code: format!("c{i:03}"),
                commodity_group: "Cereals".into(),
                group: "Primary crops".into(),
                ..Item::default()
            })
            .collect(),
        processes: (0..dims.processes)
            .map(|k| Process { name: format!("Process {k:03}"), code: format!("p{k:03}") })
            .collect(),
    }
}

/// A small stream of numbers that is the same everywhere (SplitMix64).
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// A random world whose every amount stays exact in f64 for eight steps: shares are 0, 1/2 or 1,
/// conversions 1/2, 1 or 2, amounts whole numbers. Engines must then agree to the bit.
///
/// It has what real data have: empty rows and columns, sectors with a baseline of zero, isolated
/// sectors, exporters without importers, self-supplying loops, stocks.
pub fn exact_world(areas: usize, items: usize, processes: usize, seed: u64) -> Dataset {
    let mut r = Numbers(seed);
    let mut w = World::new(areas, items, processes);
    for area in 0..areas {
        for item in 0..items {
            let s = w.sector(area, item);
            if r.once_in(4) {
                continue; // nothing here: an empty row and column
            }
            w.x0[s] = r.below(64) as f64;
            if r.once_in(5) {
                w.start_stock[s] = r.below(16) as f64;
            }
            (w.eta_prod[s], w.eta_exp[s]) =
                [(0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5), (1.0, 0.0), (0.0, 1.0)]
                    [r.below(6)];
            if w.eta_prod[s] > 0.0 {
                let first = r.below(processes);
                let second = r.below(processes);
                if first == second {
                    w.nu(area, first, item, 1.0);
                } else {
                    w.nu(area, first, item, 0.5);
                    w.nu(area, second, item, 0.5);
                }
            }
            // One exporter in eight has nobody to export to.
            if w.eta_exp[s] > 0.0 && areas > 1 && !r.once_in(8) {
                let other = |r: &mut Numbers| (area + 1 + r.below(areas - 1)) % areas;
                let (first, second) = (other(&mut r), other(&mut r));
                if first == second {
                    w.trade(item, area, first, 1.0);
                } else {
                    w.trade(item, area, first, 0.5);
                    w.trade(item, area, second, 0.5);
                }
            }
        }
        for process in 0..processes {
            if r.once_in(3) {
                for item in 0..items {
                    if r.once_in(items.min(3)) {
                        w.beta(area, item, process, (1 + r.below(63)) as f64);
                    }
                }
                continue;
            }
            // Outputs add up to 1 at most, so that loops cannot grow without bound and leave the
            // range of exact numbers.
            let (first, second) = (r.below(items), r.below(items));
            if first == second {
                w.alpha(area, first, process, [0.5, 1.0][r.below(2)]);
            } else {
                w.alpha(area, first, process, 0.5);
                w.alpha(area, second, process, 0.5);
            }
        }
    }
    w.build()
}

/// Random shocks of 0, 1/2 or 1 to one to four sectors, any of them non-producing.
pub fn exact_scenarios(dataset: &Dataset, count: usize, seed: u64) -> Vec<Scenario> {
    let mut r = Numbers(seed);
    let sectors = dataset.dimensions().sectors();
    let producers = dataset.parameters.producers();
    (0..count as u32)
        .map(|id| {
            let mut shocks: Vec<Shock> = Vec::new();
            for _ in 0..=r.below(4) {
                let sector = r.below(sectors) as u32;
                if shocks.iter().all(|s| s.sector != sector) {
                    shocks.push(Shock::new(sector, [0.0, 0.5, 1.0, 1.0][r.below(4)]));
                }
            }
            Scenario::new(id, shocks, &dataset.labels)
                .expect("no sector twice")
                .effective(&producers)
        })
        .collect()
}

/// A random world with rules of adaptation, made to meet every branch of the adaptive model.
///
/// Amounts are small whole numbers: run it with thresholds to match ([`small_settings`]), so that
/// losses lie exactly on them again and again.
pub fn adaptive_world(areas: usize, items: usize, processes: usize, seed: u64) -> Dataset {
    let mut world = exact_world(areas, items, processes, seed);
    let r = &mut Numbers(seed ^ 0xada9);
    fn rule(r: &mut Numbers) -> Option<Rule> {
        // 1.98 and 2.02 leave a column of two halves, one of which adapts with rl = 1/2, just
        // under and just over 1 % away from its target; 1.0198 and 1.0202 do with rl = 1.
        let multipliers = [0.0, 0.5, 1.0, 2.0, 4.0, 1.98, 2.02, 2.0396, 2.0404, 1.0198, 1.0202];
        let multiplier = (!r.once_in(6)).then(|| multipliers[r.below(multipliers.len())]);
        let rewiring = r.once_in(3).then(|| [0.0, 0.125, 0.5, 1.0][r.below(4)]);
        (!r.once_in(5)).then_some(Rule { multiplier, rewiring })
    }
    let block = |r: &mut Numbers, rows: usize, cols: usize, square: bool| {
        let mut triplets = Vec::new();
        for row in 0..rows as u32 {
            for col in (0..cols as u32).filter(|&col| !(square && col == row)) {
                triplets.extend(rule(r).map(|rule| (row, col, rule)));
            }
        }
        Csr::from_triplets(rows, cols, triplets).expect("each position once")
    };
    let family = |r: &mut Numbers, members: usize, rows: usize, cols: usize, square: bool| {
        // Two blocks in turn, and none for one member in five.
        let two = [block(r, rows, cols, square), block(r, rows, cols, square)];
        let member =
            |m: usize| if m % 5 == 4 { Csr::empty(rows, cols) } else { two[m % 2].clone() };
        Blocks::from_members((0..members).map(member))
    };
    let shares = |r: &mut Numbers| (0..areas * items).map(|_| rule(r)).collect::<Vec<_>>();
    world.rules = Some(AdaptationRules {
        alpha: family(r, areas, items, processes, false),
        beta: family(r, areas, items, processes, false),
        nu: family(r, areas, processes, items, false),
        eta_exp: shares(r),
        eta_prod: shares(r),
        eta_cons: shares(r),
        import: family(r, items, areas, areas, true),
        export: family(r, items, areas, areas, true),
        missing: Default::default(),
    });
    let mut substitutes = Vec::new();
    for lost in 0..items as u32 {
        for other in (0..items as u32).filter(|&other| other != lost) {
            if r.once_in(2) {
                substitutes.push((lost, other, [0.005, 0.015, 0.5, 3.0][r.below(4)]));
            }
        }
    }
    let block = Csr::from_triplets(items, items, substitutes).expect("each position once");
    world.substitutability = Some(Blocks::from_members((0..areas).map(|_| block.clone())));
    world
}

/// A world whose people eat some of its items.
pub fn fed(mut world: Dataset, r: &mut Numbers) -> Dataset {
    for (n, area) in world.labels.areas.iter_mut().enumerate() {
        area.population = (n % 4 != 3).then(|| 1e5 * (1 + r.below(50)) as f64);
    }
    // Where there is nothing at the start nothing is consumed until a sector adapts, which the shares of a run
    // do not say.
    let dims = world.dimensions();
    for s in (0..dims.sectors()).filter(|&s| world.parameters.x0[s] == 0.0) {
        world.labels.areas[dims.area_of(s)].population = None;
    }
    for (n, item) in world.labels.items.iter_mut().enumerate() {
        item.nutrition = Some(Nutrition {
            is_food: n % 3 != 2,
            kcal_per_kg: 500.0 * (1 + r.below(7)) as f64,
            protein_g_per_kg: None,
        });
    }
    world
}

/// Item 1 is made from item 0, one to one. With both outputs cut by phi item 1 keeps
/// 100 (1 - phi)^2, with one of them 100 (1 - phi): S = -100 phi^2, which no difference of
/// amounts around 100 can show.
pub fn two_in_a_row() -> (Dataset, [usize; 2]) {
    let mut world = World::new(1, 2, 2);
    world.beta(0, 0, 0, 100.0);
    world.alpha(0, 1, 1, 1.0);
    world.nu(0, 1, 0, 1.0);
    let [first, second] = [0, 1].map(|item| world.sector(0, item));
    (world.x0[first], world.x0[second]) = (100.0, 100.0);
    world.eta_prod[first] = 1.0;
    (world.build(), [first, second])
}

/// Switches for [`adaptive_world`]s, every one of them different now and then.
pub fn small_settings(r: &mut Numbers) -> AdaptationSettings {
    let adaptation_step = [1, 1, 1, 0, 2][r.below(5)];
    AdaptationSettings {
        thresholds: Thresholds {
            relative: [0.25, 0.25, 0.5, 1.0, 0.26][r.below(5)],
            absolute: [1.0, 2.0, 4.0, 0.0][r.below(4)],
        },
        adaptation_step,
        substitution_step: adaptation_step + [1, 1, 0, 2][r.below(4)],
        substitution: !r.once_in(6),
        missing_rule: [MissingRule::Published, MissingRule::Keep][r.below(2)],
        substitute_conflict: [
            SubstituteConflict::Last,
            SubstituteConflict::Max,
            SubstituteConflict::Product,
        ][r.below(3)],
        output_cap: r.once_in(4).then(|| [1.0, 1.5][r.below(2)]),
    }
}

//! The largest ways that a loss takes, link by link.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

use super::Target;
use super::sources::{Link, Source, TracedRun};

/// A way of a loss, from where it arises to the target.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// What arises at its start.
    pub source: Source,
    /// Sectors, from the start to one of the target's.
    pub sectors: Vec<u32>,
    /// Loss that takes it, in the target's unit.
    pub loss: f64,
}

/// Ways of a loss.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Routes {
    /// The largest, largest first.
    pub largest: Vec<Route>,
    /// What all others carry: [`Routes::largest`] and this sum to the target's loss.
    pub others: f64,
}

/// Places on ways that are followed further.
const FOLLOWED: usize = 20_000;

/// Share of the loss below which a way is not followed.
const SMALLEST: f64 = 1e-4;

/// Ways that are kept.
const KEPT: usize = 200;

/// A place on a way: `weight` is what a unit lost there means to the target.
struct RoutePlace {
    sector: u32,
    t: usize,
    weight: f64,
    carried: f64,
    /// The place it goes on to.
    next: Option<usize>,
    number: usize,
}

impl PartialEq for RoutePlace {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for RoutePlace {}

impl PartialOrd for RoutePlace {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for RoutePlace {
    fn cmp(&self, other: &Self) -> Ordering {
        // The largest comes first, of equals the one found first.
        self.carried.abs().total_cmp(&other.carried.abs()).then(other.number.cmp(&self.number))
    }
}

/// Follows the loss of the target after the last step back, the largest part first.
///
/// A place (sector, step) on a way carries `weight L`; what arises there ends a way, the rest is what
/// its links carry: `weight A'[i,j] L[j](t-1)`. A way of n links began n steps before the end.
pub fn routes(run: &TracedRun<'_>, target: &Target) -> Routes {
    let last = run.steps() - 1;
    let whole: f64 =
        target.weights.iter().map(|&(s, w)| (w * run.loss(s as usize, last)).abs()).sum();
    let mut search = Search { run, floor: SMALLEST * whole, ..Search::new(run) };
    for &(sector, weight) in &target.weights {
        search.add(sector, last, weight, None);
    }
    while let Some(place) = search.waiting.pop() {
        if search.trail.len() >= FOLLOWED {
            search.others += place.carried;
            search.others += search.waiting.drain().map(|place| place.carried).sum::<f64>();
            break;
        }
        search.follow(place);
    }
    search.finish()
}

struct Search<'a> {
    run: &'a TracedRun<'a>,
    floor: f64,
    waiting: BinaryHeap<RoutePlace>,
    /// Places followed: sector, and the place it goes on to.
    trail: Vec<(u32, Option<usize>)>,
    /// Links by sector and step.
    links: BTreeMap<(u32, usize), Vec<Link>>,
    found: Vec<Route>,
    others: f64,
    number: usize,
}

impl<'a> Search<'a> {
    fn new(run: &'a TracedRun<'a>) -> Self {
        Search {
            run,
            floor: 0.0,
            waiting: BinaryHeap::new(),
            trail: Vec::new(),
            links: BTreeMap::new(),
            found: Vec::new(),
            others: 0.0,
            number: 0,
        }
    }

    fn add(&mut self, sector: u32, t: usize, weight: f64, next: Option<usize>) {
        let carried = weight * self.run.loss(sector as usize, t);
        if carried.abs() <= self.floor {
            self.others += carried;
            return;
        }
        self.number += 1;
        let number = self.number;
        self.waiting.push(RoutePlace { sector, t, weight, carried, next, number });
    }

    fn follow(&mut self, place: RoutePlace) {
        let RoutePlace { sector, t, weight, next, .. } = place;
        let own = self.trail.len();
        self.trail.push((sector, next));
        for source in Source::ALL {
            let Some(loss) = self.run.sources(t).get(&(sector, source)) else { continue };
            self.found.push(Route { source, sectors: self.way(own), loss: weight * loss });
        }
        let Some(before) = t.checked_sub(1) else { return };
        let run = self.run;
        let links = self.links.entry((sector, t)).or_insert_with(|| run.links(sector as usize, t));
        let links: Vec<(u32, f64)> =
            links.iter().filter(|l| l.now != 0.0).map(|l| (l.from, l.now)).collect();
        for (from, share) in links {
            if run.loss(from as usize, before) != 0.0 {
                self.add(from, before, weight * share, Some(own));
            }
        }
    }

    fn way(&self, from: usize) -> Vec<u32> {
        let mut way = Vec::new();
        let mut at = Some(from);
        while let Some(place) = at {
            let (sector, next) = self.trail[place];
            way.push(sector);
            at = next;
        }
        way
    }

    /// Ways of the same sectors are one: an input may be made into an output by several processes.
    fn finish(self) -> Routes {
        let mut of_sectors: BTreeMap<(Vec<u32>, Source), f64> = BTreeMap::new();
        for route in self.found {
            *of_sectors.entry((route.sectors, route.source)).or_insert(0.0) += route.loss;
        }
        let mut largest: Vec<Route> = of_sectors
            .into_iter()
            .map(|((sectors, source), loss)| Route { source, sectors, loss })
            .collect();
        // Stable: of equal ones the first by its sectors.
        largest.sort_by(|a, b| b.loss.abs().total_cmp(&a.loss.abs()));
        let rest = largest.split_off(largest.len().min(KEPT));
        let others = self.others + rest.iter().map(|route| route.loss).sum::<f64>();
        Routes { largest, others }
    }
}

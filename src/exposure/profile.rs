//! One area: whose failure it must fear.

use super::chance::{self, Chances, Risk};
use super::suppliers::{self, Supplier};
use super::{Singles, What};
use crate::dataset::Dataset;

/// What a failure costs the area.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SourceLoss {
    /// Position in [`Singles::failures`].
    pub failure: usize,
    /// The sector that fails.
    pub sector: u32,
    /// Loss without and with adaptation, in the profile's unit.
    pub loss: [Option<f64>; 2],
    /// The same as a share of what the area has.
    pub share: [Option<f64>; 2],
    /// Whether the area's own sector fails.
    pub is_own: bool,
    /// What the area buys of the item that fails from where it fails, in the item's unit.
    pub bought: f64,
    /// The same as a share of what the area has of that item.
    pub bought_share: f64,
}

/// An area and its exposure.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// The area.
    pub area: usize,
    /// Unit of losses and of the supply.
    pub unit: String,
    /// What the area has without a failure.
    pub supply: f64,
    /// Every failure that costs it something or gains it something, the worst first.
    pub sources: Vec<SourceLoss>,
    /// What losses come to without and with adaptation.
    pub risk: [Option<Risk>; 2],
    /// The same of failures of other areas alone.
    pub risk_abroad: [Option<Risk>; 2],
    /// HHI of the failures' shares in the expected loss, all and those abroad.
    pub concentration: [Option<f64>; 2],
    /// Number of failures.
    pub failures: usize,
    /// Its suppliers of an item, where it is about one.
    pub suppliers: Vec<Supplier>,
    /// Areas that share its risk, and how much of it, the most alike first.
    pub alike: Vec<(usize, f64)>,
}

/// The failures that cost an area most, by the worse of the two ways, worst first.
pub fn worst(singles: &Singles, area: usize) -> Vec<usize> {
    let ways = singles.ways();
    let of = |n: usize| {
        let losses = (0..2).filter(|&way| ways[way]).map(|way| singles.loss(way, n, area));
        losses.fold(f64::NEG_INFINITY, f64::max)
    };
    let mut order: Vec<(f64, usize)> =
        (0..singles.failures.len()).map(|n| (of(n), n)).filter(|(loss, _)| *loss > 0.0).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    order.into_iter().map(|(_, n)| n).collect()
}

/// The exposure of an area, at a level of the tail.
pub fn profile(
    dataset: &Dataset,
    (singles, what): (&Singles, &What),
    chances: &Chances,
    level: f64,
    area: usize,
) -> Profile {
    let (dims, p) = (dataset.dimensions(), &dataset.parameters);
    let scale = what.scale(dataset, area);
    let supply = what.supply(dataset, &singles.baseline)[area] * scale;
    let ways = singles.ways();
    let losses: [Vec<f64>; 2] = [0, 1].map(|way: usize| {
        let of_area = if ways[way] { singles.of_area(way, area) } else { Vec::new() };
        of_area.into_iter().map(|loss| loss * scale).collect()
    });
    let is_own = |n: usize| dims.area_of(singles.failures[n].sector as usize) == area;
    let source = |failure: usize| {
        let sector = singles.failures[failure].sector;
        let (from, item) = (dims.area_of(sector as usize), dims.item_of(sector as usize));
        let loss = [0, 1].map(|way: usize| losses[way].get(failure).copied());
        let bought = suppliers::bought(dataset, area, item, from);
        let has = p.x0[dims.sector(area, item)];
        SourceLoss {
            failure,
            sector,
            loss,
            share: loss.map(|loss| loss.filter(|_| supply > 0.0).map(|loss| loss / supply)),
            is_own: is_own(failure),
            bought,
            bought_share: if has > 0.0 { bought / has } else { 0.0 },
        }
    };
    let abroad = |losses: &Vec<f64>| -> Vec<f64> {
        let of = |(n, &loss): (usize, &f64)| if is_own(n) { 0.0 } else { loss };
        losses.iter().enumerate().map(of).collect()
    };
    let risk = |losses: Vec<f64>| chance::risk(&losses, chances, level);
    let main = &losses[singles.main_way()];
    let concentration = |losses: &[f64]| {
        chance::shares(losses, chances).map(|shares| chance::concentration(&shares))
    };
    Profile {
        area,
        unit: what.unit(dataset, area),
        supply,
        sources: worst(singles, area).into_iter().map(source).collect(),
        risk: [0, 1].map(|way: usize| ways[way].then(|| risk(losses[way].clone()))),
        risk_abroad: [0, 1].map(|way: usize| ways[way].then(|| risk(abroad(&losses[way])))),
        concentration: [concentration(main), concentration(&abroad(main))],
        failures: singles.failures.len(),
        suppliers: match what {
            What::Item(item) => suppliers::of(dataset, area, *item),
            What::Measure(_) => Vec::new(),
        },
        alike: alike(singles, chances, area),
    }
}

/// Areas that share an area's risk: the part of its expected loss that comes from the same failures in the
/// same proportion ([`chance::shared`]), the most alike first.
pub fn alike(singles: &Singles, chances: &Chances, area: usize) -> Vec<(usize, f64)> {
    let way = singles.main_way();
    let profile = |area: usize| chance::shares(&singles.of_area(way, area), chances);
    let Some(own) = profile(area) else { return Vec::new() };
    let others = (0..singles.dims.areas).filter(|&other| other != area);
    let shared = |other: usize| Some((other, chance::shared(&own, &profile(other)?)));
    let mut alike: Vec<(usize, f64)> = others.filter_map(shared).collect();
    alike.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    alike
}

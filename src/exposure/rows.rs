//! The tables of exposure: all areas at once.

use super::What;
use super::pairs::PairLoss;
use super::why::Why;
use crate::dataset::Dataset;
use crate::results::{Name, SectorNames};

shocksweep_columnar::record! {
    /// A failure that costs an area.
    pub struct ExposureRow = "exposures" {
        /// area that loses
        pub area: Name,
        /// item that it loses; null for all items in the measure
        pub item: Option<Name>,
        /// whether areas adapt
        pub adaptation: bool,
        /// place of the failure among those that cost the area most of it, from 1
        pub rank: i32,
        /// area whose output fails
        pub source_area: Name,
        /// item that it fails to make
        pub source_item: Name,
        /// share of output lost
        pub phi: f64 ["1"],
        /// what the area loses
        pub loss: f64 ["unit"],
        /// unit of the loss
        pub loss_unit: Name,
        /// loss / what the area has without the failure; null where it has none
        pub share: Option<f64> ["1"],
        /// what the area buys from the source of the item that fails there, in that item's unit
        pub bought: f64 ["unit of the source's item"],
    }
}

shocksweep_columnar::record! {
    /// An area among all.
    pub struct VulnerabilityRow = "vulnerability" {
        /// area
        pub area: Name,
        /// whether areas adapt
        pub adaptation: bool,
        /// place by expected_share, from 1
        pub rank: i32,
        /// unit of supply and losses
        pub loss_unit: Name,
        /// what the area has without a failure
        pub supply: f64 ["unit"],
        /// expected loss over all failures
        pub expected: f64 ["unit"],
        /// expected / supply; null where there is none
        pub expected_share: Option<f64> ["1"],
        /// expected loss over failures of other areas
        pub expected_abroad: f64 ["unit"],
        /// loss that is not exceeded with the probability of the level
        pub value_at_risk: f64 ["unit"],
        /// mean loss of the worst 1 - level
        pub expected_shortfall: f64 ["unit"],
        /// largest loss by the failure of another area
        pub worst_abroad: f64 ["unit"],
        /// that other area; null where no failure abroad costs anything
        pub worst_area: Option<Name>,
        /// the item that fails there
        pub worst_item: Option<Name>,
        /// sum of squared shares of the failures in the expected loss
        pub concentration: Option<f64> ["1"],
    }
}

shocksweep_columnar::record! {
    /// A sector whose failure others feel.
    pub struct InfluenceRow = "influence" {
        /// area whose output fails
        pub source_area: Name,
        /// item that it fails to make
        pub source_item: Name,
        /// share of output lost
        pub phi: f64 ["1"],
        /// whether areas adapt
        pub adaptation: bool,
        /// place by loss_others, from 1
        pub rank: i32,
        /// unit of losses
        pub loss_unit: Name,
        /// what all areas lose: per person of all that have a population, where a measure makes that possible
        pub loss: f64 ["unit"],
        /// what all other areas lose
        pub loss_others: f64 ["unit"],
        /// other areas that lose more than 1 % of what they have
        pub areas_hit: i32,
        /// the other area that loses the largest share
        pub hardest_hit: Option<Name>,
        /// that share
        pub hardest_share: Option<f64> ["1"],
        /// probability of the failure
        pub probability: f64 ["1"],
    }
}

shocksweep_columnar::record! {
    /// Where a sector's supply comes from.
    pub struct SupplierRow = "suppliers" {
        /// exporting area; the importer itself for what it makes
        pub area: Name,
        /// amount that the importer gets in a model year
        pub amount: f64 ["unit"],
        /// amount over what the importer has of the item
        pub share: f64 ["1"],
        /// unit of the item
        pub unit: String,
        /// whether it is the importer's own production, and what it had in stock
        pub is_own: bool,
    }
}

/// The suppliers of a sector, the largest first, its own production last.
pub fn suppliers(dataset: &Dataset, area: usize, item: usize) -> Vec<SupplierRow> {
    let (areas, item_label) = (&dataset.labels.areas, &dataset.labels.items[item]);
    let unit = item_label.unit.sign().to_string();
    let has = dataset.parameters.x0[dataset.dimensions().sector(area, item)];
    let found = super::suppliers::of(dataset, area, item);
    let imported: f64 = found.iter().map(|supplier| supplier.amount).sum();
    let row = |of: usize, amount: f64, share: f64, is_own| SupplierRow {
        area: Name::from(&areas[of].name),
        amount,
        share,
        unit: unit.clone(),
        is_own,
    };
    let mut rows: Vec<SupplierRow> =
        found.iter().map(|of| row(of.area, of.amount, of.share, false)).collect();
    // Rounding of the sum must not become a harvest.
    let own = has - imported;
    if own > 1e-9 * has {
        rows.push(row(area, own, own / has, true));
    }
    rows
}

shocksweep_columnar::record! {
    /// A way that a loss has taken.
    pub struct RouteRow = "routes" {
        /// place among the ways by size, from 1
        pub rank: i32,
        /// whether areas adapt
        pub adaptation: bool,
        /// what arises at its start: the failure itself, or what adaptation changed
        pub source: String,
        /// sectors from there to the one that loses, `Area / Item`, parted by ` -> `
        pub route: String,
        /// what the way carries
        pub loss: f64 ["unit"],
        /// of the whole loss
        pub share: Option<f64> ["1"],
        /// unit of the loss
        pub unit: String,
        /// whether a sector on the way has run away: no finding
        pub runaway: bool,
    }
}

/// The largest ways of a loss, and a last row without a route for all others: they sum to the loss.
pub fn routes(dataset: &Dataset, why: &Why, adaptation: bool, unit: &str) -> Vec<RouteRow> {
    let whole = why.losses.last().copied().unwrap_or_default();
    let share = |loss: f64| (whole != 0.0).then(|| loss / whole);
    let name = |sector: &u32| dataset.labels.sector_name(*sector as usize);
    let row = |rank: usize, source: &str, route: String, loss: f64, runaway: bool| RouteRow {
        rank: rank as i32 + 1,
        adaptation,
        source: source.to_string(),
        route,
        loss,
        share: share(loss),
        unit: unit.to_string(),
        runaway,
    };
    let mut rows: Vec<RouteRow> = (why.routes.largest.iter().enumerate())
        .map(|(n, route)| {
            let sectors: Vec<String> = route.sectors.iter().map(name).collect();
            let is_away = route.sectors.iter().any(|s| why.runaway.binary_search(s).is_ok());
            row(n, route.source.name(), sectors.join(" -> "), route.loss, is_away)
        })
        .collect();
    let others = why.routes.others + why.constant;
    rows.push(row(rows.len(), "all other ways", String::new(), others, false));
    rows
}

shocksweep_columnar::record! {
    /// Two failures together, as one area sees them.
    pub struct PairRow = "exposure_pairs" {
        /// place among the pairs by the worse of its ways, from 1
        pub rank: i32,
        /// whether areas adapt
        pub adaptation: bool,
        /// area of the first failure
        pub area_a: Name,
        /// item that it fails to make
        pub item_a: Name,
        /// area of the second failure
        pub area_b: Name,
        /// item that it fails to make
        pub item_b: Name,
        /// share of the first output lost
        pub phi_a: f64 ["1"],
        /// share of the second output lost
        pub phi_b: f64 ["1"],
        /// what the area loses if both happen
        pub joint: f64 ["unit"],
        /// what it loses if the first happens alone; null where that is not known
        pub alone_a: Option<f64> ["unit"],
        /// what it loses if the second happens alone
        pub alone_b: Option<f64> ["unit"],
        /// joint - alone_a - alone_b
        pub beyond: Option<f64> ["unit"],
        /// unit of the losses
        pub loss_unit: Name,
    }
}

/// Pairs in their order, a row for every way that was run, without adaptation first.
pub fn pairs(dataset: &Dataset, what: &What, area: usize, pairs: &[PairLoss]) -> Vec<PairRow> {
    let names = SectorNames::new(&dataset.labels);
    let (scale, unit) = (what.scale(dataset, area), Name::from(what.unit(dataset, area)));
    let mut rows = Vec::new();
    for (n, pair) in pairs.iter().enumerate() {
        let [(area_a, item_a), (area_b, item_b)] = pair.sectors.map(|sector| names.of(sector));
        for way in 0..2 {
            let Some(joint) = pair.joint[way] else { continue };
            let alone = pair.alone.map(|of| of[way].map(|loss| loss * scale));
            rows.push(PairRow {
                rank: n as i32 + 1,
                adaptation: way == 1,
                area_a: area_a.clone(),
                item_a: item_a.clone(),
                area_b: area_b.clone(),
                item_b: item_b.clone(),
                phi_a: pair.phi[0],
                phi_b: pair.phi[1],
                joint: joint * scale,
                alone_a: alone[0],
                alone_b: alone[1],
                beyond: pair.beyond(way).map(|loss| loss * scale),
                loss_unit: unit.clone(),
            });
        }
    }
    rows
}

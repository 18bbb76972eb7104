//! From a lane group's losses to sums by area and by item.
//!
//! Sums run in the order of places, so a scenario's sums do not depend on its neighbours.

use super::lanes::{Lanes, LossField, set_places};
use crate::engine::network::{Network, WORD};
use crate::engine::outcome::Sums;

/// Sums of the first `lanes` lanes of `field`; `populated` by place, `counted` by item.
#[inline(always)]
pub fn sums(
    net: &Network,
    field: &LossField,
    populated: &[bool],
    counted: &[bool],
    lanes: usize,
) -> Vec<Sums> {
    let zero = Lanes::ZERO;
    let mut by_area = vec![zero; net.dims.areas];
    let mut by_item = vec![zero; net.dims.items];
    let mut by_item_populated = by_item.clone();
    let words = net.words();
    for (item, tile) in field.active.chunks(words).enumerate() {
        // Sums of an item stay in registers.
        let (mut all, mut all_populated) = (zero, zero);
        for area in set_places(tile) {
            let place = item * words * WORD + area;
            let losses = &field.lanes[place];
            if counted[item] {
                add(&mut by_area[area], losses);
            }
            add(&mut all, losses);
            if populated[place] {
                add(&mut all_populated, losses);
            }
        }
        (by_item[item], by_item_populated[item]) = (all, all_populated);
    }
    let of = |sums: &[Lanes], lane: usize| sums.iter().map(|s| s[lane]).collect();
    (0..lanes)
        .map(|lane| Sums {
            by_area: of(&by_area, lane),
            by_item: of(&by_item, lane),
            by_item_populated: of(&by_item_populated, lane),
            diverged: None,
        })
        .collect()
}

/// `sum += terms` in every lane.
#[inline(always)]
fn add(sum: &mut Lanes, terms: &Lanes) {
    for (sum, term) in sum.iter_mut().zip(terms.iter()) {
        *sum += term;
    }
}

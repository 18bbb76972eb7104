//! From a lane group's losses to sums by area and by item.
//!
//! Sums run in the order of places, so a scenario's sums do not depend on its neighbours.

use super::lanes::{LANES, Lanes, LossField};
use crate::engine::network::{Network, WORD, bits};
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
    let zero: Lanes = [0.0; LANES];
    let mut by_area = vec![zero; net.dims.areas];
    let mut by_item = vec![zero; net.dims.items];
    let mut by_item_populated = by_item.clone();
    let words = net.words();
    for (w, &word) in field.active.iter().enumerate() {
        let item = w / words;
        for bit in bits(word) {
            let losses = &field.lanes[w * WORD + bit];
            if counted[item] {
                add(&mut by_area[w % words * WORD + bit], losses);
            }
            add(&mut by_item[item], losses);
            if populated[w * WORD + bit] {
                add(&mut by_item_populated[item], losses);
            }
        }
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
    for (sum, term) in sum.iter_mut().zip(terms) {
        *sum += term;
    }
}

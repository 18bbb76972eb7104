//! Reserves in the cpu engine: after a step, what they give is taken off the losses, lane by lane.

use super::lanes::{LANES, Lanes, LossField, set_active};
use crate::dataset::reserves::Reserve;
use crate::model::reserves::act;

/// What the reserves of a group's lanes hold.
#[derive(Debug, Default)]
pub struct Stocks {
    left: Vec<Lanes>,
    kept: Vec<Lanes>,
}

impl Stocks {
    /// Fills all of them.
    pub fn start(&mut self, reserves: &[(u32, Reserve)]) {
        self.left.clear();
        self.left.extend(reserves.iter().map(|(_, reserve)| Lanes([reserve.size; LANES])));
    }

    /// What those of a lane hold.
    pub fn of(&self, lane: usize) -> Vec<f64> {
        self.left.iter().map(|lanes| lanes[lane]).collect()
    }

    /// Keeps what they hold for [`Stocks::restore`].
    pub fn keep(&mut self) {
        self.kept.clone_from(&self.left);
    }

    /// Goes back to what was kept.
    pub fn restore(&mut self) {
        std::mem::swap(&mut self.left, &mut self.kept);
    }

    /// Lets the reserves of the first `lanes` lanes act after step `t`; each is given with its place.
    pub fn act(
        &mut self,
        reserves: &[(u32, Reserve)],
        lanes: usize,
        losses: &mut LossField,
        t: usize,
    ) {
        for ((place, reserve), left) in reserves.iter().zip(&mut self.left) {
            let of_place = &mut losses.lanes[*place as usize];
            for (loss, left) in of_place.iter_mut().zip(left.iter_mut()).take(lanes) {
                let given = act(reserve, left, *loss, t);
                *loss -= given;
                if given != 0.0 {
                    set_active(&mut losses.active, *place);
                }
            }
        }
    }
}

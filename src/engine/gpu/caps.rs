//! Caps of a batch in one step: how much of its baseline output a sector may make at most.

use super::batch::Batch;
use super::layout::LANES;
use crate::scenario::Scenario;

impl Batch<'_> {
    /// Uploads the caps in force in step `t` where they differ from those before.
    pub(super) fn cap_table(&mut self, t: usize) {
        let cap = |s: &&Scenario| s.adaptation.filter(|s| t > s.adaptation_step)?.output_cap;
        if !self.scenarios.iter().any(|s| cap(s).is_some()) {
            return;
        }
        let mut caps = vec![-1.0; LANES * self.groups];
        for (of, scenario) in caps.iter_mut().zip(self.scenarios) {
            *of = cap(scenario).unwrap_or(-1.0);
        }
        if self.caps.as_ref().is_none_or(|(old, _)| *old != caps) {
            if let Some((_, old)) = self.caps.take() {
                self.machine.free(old);
            }
            let buffer = self.machine.upload_real(&caps);
            self.caps = Some((caps, buffer));
        }
    }
}

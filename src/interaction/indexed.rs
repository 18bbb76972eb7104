//! Losses of single runs in the order in which the sources of a lane group of pairs read them.

use std::ops::Range;

use super::cross::Crossing;
use super::lanes::Trace;
use super::patch::Patch;
use super::single::Single;

/// The losses of single runs that a stage's sources read, step after step in the order in which they are read: traces
/// are by place, and every number of theirs would be a line of the cache.
#[derive(Default)]
pub(super) struct Indexed {
    /// Steps of the traces that are kept.
    pub(super) steps: Range<usize>,
    /// Lanes in which the others have losses in the columns of the first run's patch.
    pub(super) shared_lanes: Vec<u32>,
    /// Ends of the columns' lists.
    pub(super) shared_ends: Vec<u32>,
    /// These losses.
    pub(super) shared: Vec<f64>,
    /// Words of the others' patches, word by word and then lane by lane, so that the places of an item are done for
    /// all lanes while they are at hand: the word, the lane, its number in the patch.
    pub(super) own_words: Vec<(u32, u32, u32)>,
    /// In their order the first run's losses in columns of the others' patches, of those where it has any.
    pub(super) own: Vec<f64>,
    /// Per lane and column of the joint patch, both runs' losses.
    pub(super) joint: Vec<f64>,
}

impl Indexed {
    /// Finds what the steps of a stage read: of the traces those before each.
    pub(super) fn index(
        &mut self,
        first: &Single,
        lanes: &[Crossing<'_>],
        stage: usize,
        steps_of_stage: Range<usize>,
    ) {
        self.steps = steps_of_stage.start.saturating_sub(1)..steps_of_stage.end - 1;
        let last = self.last();
        let (of_first, reach) = (&first.patches[stage], first.reach(last));
        let place = |patch: &Patch, number: usize| patch.columns[number].place;
        // Lane by lane, as traces lie; they are read column by column.
        let mut by_lane: Vec<(usize, u32, &Trace, Option<u32>)> = Vec::new();
        let (mut own, mut joint) = (Vec::new(), Vec::new());
        self.own_words.clear();
        self.shared_ends.clear();
        self.shared_ends.resize(of_first.columns.len(), 0);
        for (lane, crossing) in lanes.iter().enumerate() {
            let run = crossing.runs[1];
            let of_run = run.reach(last);
            for number in of_first.columns_in(|w| of_run[w]) {
                let begins = run.trace.find(place(of_first, number));
                by_lane.push((number, lane as u32, &run.trace, begins));
                self.shared_ends[number] += 1;
            }
            let words = run.patches[stage].words.iter().enumerate();
            self.own_words.extend(words.map(|(nth, of)| (of.word, lane as u32, nth as u32)));
            let [a, b] = crossing.runs;
            for column in &crossing.patch.columns {
                joint.push((&a.trace, a.find(column.place, last)));
                joint.push((&b.trace, b.find(column.place, last)));
            }
        }
        self.own_words.sort_unstable();
        for &(word, lane, nth) in &self.own_words {
            let patch = &lanes[lane as usize].runs[1].patches[stage];
            let columns = patch.words[nth as usize].columns_in(reach[word as usize]);
            own.extend(columns.map(|n| (&first.trace, first.trace.find(place(patch, n)))));
        }
        let mut end = 0;
        let mut next: Vec<usize> = Vec::with_capacity(self.shared_ends.len());
        for count in &mut self.shared_ends {
            next.push(end as usize);
            end += *count;
            *count = end;
        }
        self.shared_lanes.clear();
        self.shared_lanes.resize(by_lane.len(), 0);
        let mut shared = vec![(&first.trace, None); by_lane.len()];
        for (number, lane, trace, begins) in by_lane {
            let at = next[number];
            next[number] += 1;
            self.shared_lanes[at] = lane;
            shared[at] = (trace, begins);
        }
        keep(&self.steps, &shared, &mut self.shared);
        keep(&self.steps, &own, &mut self.own);
        keep(&self.steps, &joint, &mut self.joint);
    }

    /// The last step of the traces that is kept.
    pub(super) fn last(&self) -> usize {
        self.steps.end.saturating_sub(1)
    }

    /// What is kept of one of the lists after step `before`.
    #[inline(always)]
    pub(super) fn after<'k>(&self, kept: &'k [f64], before: usize) -> &'k [f64] {
        let count = kept.len() / self.steps.len().max(1);
        let nth = before - self.steps.start;
        &kept[nth * count..(nth + 1) * count]
    }
}

/// Keeps steps of what was found in traces, step after step; 0 where nothing was.
fn keep(steps: &Range<usize>, found: &[(&Trace, Option<u32>)], kept: &mut Vec<f64>) {
    kept.clear();
    kept.resize(found.len() * steps.len(), 0.0);
    for (at, (trace, begins)) in found.iter().enumerate() {
        let Some(begins) = *begins else { continue };
        for (nth, step) in steps.clone().enumerate() {
            kept[nth * found.len() + at] = trace.at(begins, step);
        }
    }
}

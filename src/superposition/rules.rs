//! Which pairs need no run.

use super::single::{Setting, Single};
use crate::engine::Engine;

/// Entries of all singles, by sector or process column.
#[derive(Debug, Clone)]
struct ByPlace<T> {
    starts: Vec<usize>,
    entries: Vec<(u32, T)>,
}

impl<T: Copy + Default> ByPlace<T> {
    /// Turns lists by single into lists by place.
    fn new<'a, I: Iterator<Item = (u32, T)> + 'a>(
        places: usize,
        singles: &'a [Single],
        of: impl Fn(&'a Single) -> I,
    ) -> Self {
        let mut starts = vec![0usize; places + 1];
        for single in singles {
            for (place, _) in of(single) {
                starts[place as usize + 1] += 1;
            }
        }
        for place in 0..places {
            starts[place + 1] += starts[place];
        }
        let mut next = starts.clone();
        let mut entries = vec![(0, T::default()); starts[places]];
        for (number, single) in singles.iter().enumerate() {
            for (place, value) in of(single) {
                let slot = &mut next[place as usize];
                entries[*slot] = (number as u32, value);
                *slot += 1;
            }
        }
        ByPlace { starts, entries }
    }

    fn of(&self, place: u32) -> &[(u32, T)] {
        &self.entries[self.starts[place as usize]..self.starts[place as usize + 1]]
    }
}

/// What is known of one pair before it is run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// The two runs do not touch: S = 0.
    Independent,
    /// They touch in traces: |S| is at most this, tonnes over the whole network.
    Negligible(f64),
    /// Only a run can tell.
    Run,
}

/// Judges pairs of a set of single shocks.
pub struct Rules<'a> {
    setting: Setting<'a>,
    singles: &'a [Single],
    deciding_baseline: [Vec<f64>; 2],
    remaining: i32,
    touched: ByPlace<f32>,
    sensitive: ByPlace<f64>,
    early: ByPlace<()>,
    settled: ByPlace<()>,
    exporters: ByPlace<()>,
    conversions: ByPlace<()>,
    allocations: ByPlace<()>,
    sources: ByPlace<()>,
    outputs: ByPlace<()>,
    shocked: ByPlace<()>,
    decisive: [ByPlace<f64>; 2],
    near: [ByPlace<f64>; 2],
    /// Without the rules every pair is run.
    has_rules: bool,
}

/// Verdicts on all pairs of one single; reused.
#[derive(Debug, Clone, Default)]
pub struct Verdicts {
    must_run: Vec<bool>,
    bound: Vec<f64>,
    growth: Vec<f64>,
    is_fragile: Vec<bool>,
    tolerance: f64,
}

impl Verdicts {
    /// Verdict on the pair with single number `other`.
    pub fn verdict(&self, other: usize) -> Verdict {
        let bound = self.bound[other] * self.growth[other];
        if self.must_run[other] || bound > self.tolerance || bound.is_nan() {
            Verdict::Run
        } else if bound == 0.0 {
            Verdict::Independent
        } else if self.is_fragile[other] {
            // S could sway a decision where only one of the two has a loss.
            Verdict::Run
        } else {
            Verdict::Negligible(bound)
        }
    }
}

fn marks(list: &[u32]) -> impl Iterator<Item = (u32, ())> + '_ {
    list.iter().map(|&place| (place, ()))
}

impl<'a> Rules<'a> {
    /// Rules for pairs of `singles`.
    pub fn new(setting: Setting<'a>, engine: &dyn Engine, singles: &'a [Single]) -> Self {
        let dims = setting.dataset.dimensions();
        let (sectors, columns) = (dims.sectors(), dims.process_columns());
        let baseline = engine.baseline();
        let settled = |s: &'a Single| {
            let inputs = setting.base.inputs[s.sector as usize].iter().map(|i| (i.0, ()));
            marks(&s.adapting).chain(inputs)
        };
        let near = [0, 1].map(|at: usize| {
            ByPlace::new(sectors, singles, move |s: &Single| s.near[at].iter().copied())
        });
        let decisive = [0, 1].map(|at: usize| {
            let near = &near[at];
            ByPlace::new(sectors, singles, move |s: &Single| {
                s.decisive[at].iter().copied().filter(|d| !near.of(d.0).is_empty())
            })
        });
        Rules {
            setting,
            singles,
            deciding_baseline: setting.deciding().map(|step| {
                step.and_then(|t| baseline.available.get(t)).cloned().unwrap_or_default()
            }),
            remaining: baseline.steps() as i32 - 2,
            touched: ByPlace::new(sectors, singles, |s| s.touched.iter().copied()),
            sensitive: ByPlace::new(sectors, singles, |s| s.sensitive.iter().copied()),
            early: ByPlace::new(sectors, singles, |s| marks(&s.early)),
            settled: ByPlace::new(sectors, singles, settled),
            exporters: ByPlace::new(sectors, singles, |s| marks(&s.changes.exporters)),
            conversions: ByPlace::new(columns, singles, |s| marks(&s.changes.conversions)),
            allocations: ByPlace::new(columns, singles, |s| marks(&s.changes.allocations)),
            sources: ByPlace::new(columns, singles, |s| marks(&s.changes.sources)),
            outputs: ByPlace::new(sectors, singles, |s| marks(&s.changes.outputs)),
            shocked: ByPlace::new(sectors, singles, |s| std::iter::once((s.sector, ()))),
            decisive,
            near,
            has_rules: setting.settings.is_none_or(|s| s.output_cap.is_none()),
        }
    }

    /// Judges all pairs with single number `a`.
    pub fn judge(&self, a: usize, row: &mut Verdicts) {
        let n = self.singles.len();
        let single = &self.singles[a];
        row.tolerance = self.setting.tolerance;
        row.must_run.clear();
        row.must_run.resize(n, !self.has_rules);
        row.bound.clear();
        row.bound.resize(n, 0.0);
        row.growth.clear();
        row.growth.extend(self.singles.iter().map(|other| {
            let growth = single.changes.growth.max(other.changes.growth);
            growth.powi(self.remaining.max(0))
        }));
        row.is_fragile.clear();
        row.is_fragile
            .extend(self.singles.iter().map(|other| single.is_fragile || other.is_fragile));
        // Losses of one run where the other answers differently.
        for &(sector, weight) in &single.sensitive {
            for &(b, tonnes) in self.touched.of(sector) {
                row.bound[b as usize] += weight * f64::from(tonnes);
            }
        }
        for &(sector, tonnes) in &single.touched {
            for &(b, weight) in self.sensitive.of(sector) {
                row.bound[b as usize] += weight * f64::from(tonnes);
            }
        }
        // Changes of both that could meet in one constraint or one product of parameters.
        let mut both = |list: &[u32], of_others: &ByPlace<()>| {
            for &place in list {
                for &(b, ()) in of_others.of(place) {
                    row.must_run[b as usize] = true;
                }
            }
        };
        let changes = &single.changes;
        both(&changes.exporters, &self.exporters);
        both(&changes.conversions, &self.conversions);
        both(&changes.conversions, &self.allocations);
        both(&changes.allocations, &self.conversions);
        both(&changes.sources, &self.sources);
        // Changes that reach the shocked sector's output.
        both(&changes.outputs, &self.shocked);
        both(&[single.sector], &self.outputs);
        self.judge_decisions(single, row);
    }

    /// Decisions that the other run could sway.
    fn judge_decisions(&self, single: &Single, row: &mut Verdicts) {
        let Some(settings) = self.setting.settings else { return };
        // Parameters of an adapting sector depend on its exact loss.
        let adapts =
            |b: u32| !single.adapting.is_empty() || !self.singles[b as usize].adapting.is_empty();
        let inputs = self.setting.base.inputs[single.sector as usize].iter().map(|i| i.0);
        for sector in single.adapting.iter().copied().chain(inputs) {
            for &(b, ()) in self.early.of(sector) {
                row.must_run[b as usize] |= adapts(b);
            }
        }
        for &sector in &single.early {
            for &(b, ()) in self.settled.of(sector) {
                row.must_run[b as usize] |= adapts(b);
            }
        }
        for at in [0, 1] {
            let lists =
                [(&single.near[at], &self.decisive[at]), (&single.decisive[at], &self.near[at])];
            for (own, of_others) in lists {
                for &(sector, loss) in own {
                    for &(b, other) in of_others.of(sector) {
                        let xb = self.deciding_baseline[at][sector as usize];
                        let slack = self.setting.tolerance;
                        row.must_run[b as usize] |=
                            !settings.thresholds.settles(xb, [loss, other], slack);
                    }
                }
            }
        }
    }
}

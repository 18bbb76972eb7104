//! A run against its baseline: links in force, and where losses arise.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::dataset::{Dimensions, Parameters};
use crate::engine::reference::{Course, ReferenceEngine};
use crate::engine::{Engine, EventKind};
use crate::model::adaptation::Hit;
use crate::model::constants::OVERSHOOT_MULTIPLE;
use crate::model::losses::runs_away;
use crate::model::{bans, step};
use crate::scenario::{Scenario, Shock};

/// Where a loss arises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Output that a shock takes.
    Shock,
    /// Links and outputs that adaptation has changed.
    Adaptation,
    /// Links that are banned.
    Ban,
    /// Output that a cap holds down.
    Cap,
    /// What a reserve gives, as a negative loss, or takes back.
    Reserve,
}

impl Source {
    /// All of them.
    pub const ALL: [Source; 5] =
        [Source::Shock, Source::Adaptation, Source::Ban, Source::Cap, Source::Reserve];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Source::Shock => "shock",
            Source::Adaptation => "adaptation",
            Source::Ban => "ban",
            Source::Cap => "cap",
            Source::Reserve => "reserve",
        }
    }
}

/// A link into a sector in one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// Sector it comes from.
    pub from: u32,
    /// Process column that makes the one of the other; `None` for trade.
    pub process: Option<u32>,
    /// What comes per unit available a step before: in the baseline.
    pub before: f64,
    /// The same in the run, with what adaptation has changed.
    pub adapted: f64,
    /// The same with bans.
    pub now: f64,
}

/// A run of a scenario beside its baseline.
pub struct TracedRun<'a> {
    dims: Dimensions,
    /// Parameters of the baseline.
    pub parameters: &'a Parameters,
    /// `xb[t][s]`: available amounts of the baseline.
    pub baseline: &'a [Vec<f64>],
    baseline_output: &'a [Vec<f64>],
    course: Course,
    shocks: &'a [Shock],
    /// Per step: importer's and exporter's area, and the share that is banned, of exporters with bans.
    banned: Vec<BTreeMap<u32, Banned>>,
    /// Sources of every step.
    sources: Vec<Sources>,
}

/// Shares of one exporter's column under bans.
struct Banned {
    /// Share by importing sector, after bans.
    shares: BTreeMap<u32, f64>,
    /// Share that it keeps.
    kept: f64,
}

/// Losses that arise in a step, by sector and source; sectors without any are left out.
pub type Sources = BTreeMap<(u32, Source), f64>;

impl<'a> TracedRun<'a> {
    /// A run, as the engine ran it.
    pub fn new(engine: &'a ReferenceEngine, scenario: &'a Scenario, course: Course) -> Self {
        let baseline = engine.baseline();
        let mut run = TracedRun {
            dims: engine.dimensions(),
            parameters: engine.parameters(),
            baseline: &baseline.available,
            baseline_output: &baseline.output,
            course,
            shocks: &scenario.shocks,
            banned: Vec::new(),
            sources: Vec::new(),
        };
        run.banned = (0..run.steps()).map(|t| run.bans(t)).collect();
        run.sources = (0..run.steps()).map(|t| run.arising(t)).collect();
        run
    }

    /// Number of steps.
    pub fn steps(&self) -> usize {
        self.course.available.len()
    }

    /// Numbers of areas, items and processes.
    pub fn dimensions(&self) -> Dimensions {
        self.dims
    }

    /// Amount available after step `t`; `x0` before the first.
    pub fn available(&self, sector: usize, after: Option<usize>) -> f64 {
        after.map_or(self.parameters.x0[sector], |t| self.course.available[t][sector])
    }

    /// The same in the baseline.
    pub fn base(&self, sector: usize, after: Option<usize>) -> f64 {
        after.map_or(self.parameters.x0[sector], |t| self.baseline[t][sector])
    }

    /// Absolute loss of a sector after step `t`.
    pub fn loss(&self, sector: usize, t: usize) -> f64 {
        self.baseline[t][sector] - self.course.available[t][sector]
    }

    /// Whether a sector has run away after step `t`: [`runs_away`].
    pub fn has_run_away(&self, sector: usize, t: usize) -> bool {
        runs_away(self.loss(sector, t), self.baseline[t][sector], OVERSHOOT_MULTIPLE)
    }

    /// Sectors that have adapted before step `t`, with the losses that made them.
    pub fn adapted_before(&self, t: usize) -> Vec<Hit> {
        let adapted = |e: &&crate::engine::Event| e.kind == EventKind::Adapting && e.step < t;
        self.course.events.iter().filter(adapted).map(|event| event.hit).collect()
    }

    /// Losses that arise in step `t`.
    pub fn sources(&self, t: usize) -> &Sources {
        &self.sources[t]
    }

    /// Parameters in force in step `t`.
    fn in_force(&self, t: usize) -> &Arc<Parameters> {
        &self.course.parameters[t]
    }

    /// Whether adaptation has changed anything by step `t`.
    fn is_changed(&self, t: usize) -> bool {
        !Arc::ptr_eq(self.in_force(t), self.in_force(0))
    }

    /// Share of a sector's output that is left in step `t`.
    pub fn left(&self, sector: usize, t: usize) -> f64 {
        let of = |s: &&Shock| s.kind.is_of_output() && s.sector as usize == sector;
        self.shocks.iter().filter(of).fold(1.0, |left, shock| left * (1.0 - shock.at(t)))
    }

    /// Amounts available in the baseline before step `t`.
    fn base_before(&self, t: usize) -> &[f64] {
        if t == 0 { &self.parameters.x0 } else { &self.baseline[t - 1] }
    }

    fn bans(&self, t: usize) -> BTreeMap<u32, Banned> {
        let p = self.in_force(t);
        let column = |exporter: usize| -> Vec<(u32, f64)> {
            let item = self.dims.item_of(exporter);
            let row = |area: usize| self.dims.sector(area, item);
            let share = |area| Some((area as u32, *p.trade_t.get(row(area), exporter)?));
            (0..self.dims.areas).filter_map(share).collect()
        };
        let of = |(exporter, bans): (u32, Vec<bans::ColumnBan>)| {
            let mut shares = column(exporter as usize);
            let kept = bans::ban(&mut shares, &bans);
            let item = self.dims.item_of(exporter as usize);
            let sector = |area: u32| self.dims.sector(area as usize, item) as u32;
            let shares = shares.into_iter().map(|(area, share)| (sector(area), share)).collect();
            (exporter, Banned { shares, kept })
        };
        bans::by_exporter(self.shocks, self.dims, t).into_iter().map(of).collect()
    }

    /// Every link into a sector in step `t`: production by process and input, then trade by exporter.
    pub fn links(&self, sector: usize, t: usize) -> Vec<Link> {
        let (base, p) = (self.parameters, self.in_force(t));
        let left = self.left(sector, t);
        let mut links: BTreeMap<(bool, u32, u32), Link> = BTreeMap::new();
        let mut add = |process: Option<u32>, from: usize, which: usize, value: f64| {
            let key = (process.is_none(), process.unwrap_or(0), from as u32);
            let new = Link { from: from as u32, process, before: 0.0, adapted: 0.0, now: 0.0 };
            let link = links.entry(key).or_insert(new);
            match which {
                0 => link.before += value,
                1 => link.adapted += value,
                _ => link.now += value,
            }
        };
        for (which, p) in [(0, base), (1, p.as_ref()), (2, p.as_ref())] {
            for (column, conversion) in p.conversion_alpha.row(sector) {
                for (input, share) in p.allocation_nu.row(column) {
                    let weight = conversion * share * p.share_eta_prod[input];
                    add(Some(column as u32), input, which, left * weight);
                }
            }
            for (exporter, share) in p.trade_t.row(sector) {
                let is_banned = which == 2 && self.banned[t].contains_key(&(exporter as u32));
                if !is_banned {
                    add(None, exporter, which, share * p.share_eta_exp[exporter]);
                }
            }
        }
        for (&exporter, banned) in &self.banned[t] {
            let mut share = banned.shares.get(&(sector as u32)).copied().unwrap_or(0.0);
            if exporter as usize == sector {
                share += banned.kept;
            }
            if share != 0.0 {
                let exports = p.share_eta_exp[exporter as usize];
                add(None, exporter as usize, 2, share * exports);
            }
        }
        links.into_values().collect()
    }

    /// What comes to a sector in step `t` of the run per unit available a step before, link by link: as
    /// [`Self::links`], an input that several processes take as often as they are.
    pub fn each_now(&self, sector: usize, t: usize, mut with: impl FnMut(usize, f64)) {
        let p = self.in_force(t);
        let left = self.left(sector, t);
        for (column, conversion) in p.conversion_alpha.row(sector) {
            for (input, share) in p.allocation_nu.row(column) {
                with(input, left * conversion * share * p.share_eta_prod[input]);
            }
        }
        let banned = &self.banned[t];
        for (exporter, share) in p.trade_t.row(sector) {
            if banned.is_empty() || !banned.contains_key(&(exporter as u32)) {
                with(exporter, share * p.share_eta_exp[exporter]);
            }
        }
        for (&exporter, banned) in banned {
            let exporter = exporter as usize;
            let mut share = banned.shares.get(&(sector as u32)).copied().unwrap_or(0.0);
            if exporter == sector {
                share += banned.kept;
            }
            with(exporter, share * p.share_eta_exp[exporter]);
        }
    }

    /// What a sector makes in step `t` without inputs: in the baseline, and in the run.
    pub fn without_input(&self, sector: usize, t: usize) -> (f64, f64) {
        let left = self.left(sector, t);
        let of = |p: &Parameters| -> f64 {
            let made: f64 = p.output_beta.row_values(sector).iter().sum();
            left * if t == 0 { made + p.start_stock[sector] } else { made }
        };
        (of(self.parameters), of(self.in_force(t)))
    }

    /// Whether a sector has lost or gained anything after step `t`.
    pub fn is_reached(&self, sector: usize, t: usize) -> bool {
        self.loss(sector, t) != 0.0
    }

    /// Losses that arise in step `t`.
    fn arising(&self, t: usize) -> Sources {
        let mut sources = Sources::new();
        let mut add = |sector: usize, source: Source, loss: f64| {
            if loss != 0.0 {
                *sources.entry((sector as u32, source)).or_insert(0.0) += loss;
            }
        };
        let xb = self.base_before(t);
        let of_output = |shock: &&Shock| shock.kind.is_of_output();
        let mut shocked: Vec<usize> =
            self.shocks.iter().filter(of_output).map(|s| s.sector as usize).collect();
        shocked.dedup();
        for sector in shocked {
            let lost = (1.0 - self.left(sector, t)) * self.baseline_output[t][sector];
            add(sector, Source::Shock, lost);
        }
        if self.is_changed(t) {
            let p = self.in_force(t);
            let output = step::output(p, xb, t);
            let (before, after) = (step::imports(self.parameters, xb), step::imports(p, xb));
            for s in 0..xb.len() {
                let made = self.left(s, t) * (self.baseline_output[t][s] - output[s]);
                add(s, Source::Adaptation, made + (before[s] - after[s]));
            }
        }
        for (&exporter, banned) in &self.banned[t] {
            let p = self.in_force(t);
            let exports = p.share_eta_exp[exporter as usize] * xb[exporter as usize];
            for (&importer, share) in &banned.shares {
                let was = p.trade_t.get(importer as usize, exporter as usize).copied();
                add(importer as usize, Source::Ban, (was.unwrap_or(0.0) - share) * exports);
            }
            add(exporter as usize, Source::Ban, -banned.kept * exports);
        }
        for &(sector, taken) in &self.course.capped[t] {
            add(sector as usize, Source::Cap, taken);
        }
        for &(sector, given) in &self.course.released[t] {
            add(sector as usize, Source::Reserve, -given);
        }
        sources
    }
}

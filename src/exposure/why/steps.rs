//! The last step before a loss: what no longer comes, link by link.

use super::Target;
use super::sources::{Source, TracedRun};

/// What one link, or one source, contributes to the target's loss after a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LastStep {
    /// The step.
    pub step: usize,
    /// Sector that loses.
    pub sector: u32,
    /// Where from.
    pub by: By,
    /// What came over the link in the baseline, in the target's unit; 0 for a source.
    pub before: f64,
    /// What comes.
    pub now: f64,
    /// Loss: `before - now` of a link.
    pub loss: f64,
}

/// What a loss comes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// Trade from a sector.
    Trade {
        /// The exporter's sector.
        from: u32,
    },
    /// Production from an input.
    Production {
        /// The input.
        from: u32,
        /// Process column.
        process: u32,
    },
    /// Output that needs no input, changed by adaptation.
    WithoutInput,
    /// Something that happens in the sector itself.
    Own(Source),
}

/// Takes the target's loss after step `t` apart; rows sum to [`Target::loss`].
///
/// `loss(link) = A[i,j] xb[j](t-1) - A'[i,j](t) x[j](t-1)`, in a shocked sector `1 - phi` times both; `phi ob` is
/// the shock's.
pub fn last_steps(run: &TracedRun<'_>, target: &Target, t: usize) -> Vec<LastStep> {
    let mut rows = Vec::new();
    let before_step = t.checked_sub(1);
    for &(sector, weight) in &target.weights {
        let s = sector as usize;
        let mut row = |by: By, before: f64, now: f64, loss: f64| {
            if loss != 0.0 {
                let of = |value: f64| value * weight;
                let (before, now, loss) = (of(before), of(now), of(loss));
                rows.push(LastStep { step: t, sector, by, before, now, loss });
            }
        };
        for link in run.links(s, t) {
            let from = link.from as usize;
            let came = link.before * run.base(from, before_step);
            let comes = link.now * run.available(from, before_step);
            let by = match link.process {
                Some(process) => By::Production { from: link.from, process },
                None => By::Trade { from: link.from },
            };
            row(by, came, comes, came - comes);
        }
        let (had, has) = run.without_input(s, t);
        row(By::WithoutInput, had, has, had - has);
        for source in [Source::Shock, Source::Cap, Source::Reserve] {
            let loss = run.sources(t).get(&(sector, source)).copied().unwrap_or(0.0);
            row(By::Own(source), 0.0, -loss, loss);
        }
    }
    rows
}

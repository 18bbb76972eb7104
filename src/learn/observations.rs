//! What the parameters of a sector did in its event (Baum et al. 2024, eqs. 15 to 23).
//!
//! | kind | entries of the event's sector (c, i) | keys of the rule |
//! |---|---|---|
//! | alpha, beta | row (c, i) | item, process |
//! | nu | column (c, i) | item, process |
//! | eta_exp, eta_prod, eta_cons | (c, i) | item |
//! | import | row (c, i) of T | importing area, exporting area |
//! | export | column (c, i) of T | exporting area, importing area |
//!
//! ```text
//! m = p(y+1) / (p(y) RL)      where p(y) > 0, also if p(y+1) = 0
//! r = p(y+1) / RL             where p(y) = 0 and p(y+1) > 0
//! ```

use rayon::prelude::*;

use super::events::Event;
use super::series::Series;

/// Family of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleKind {
    /// Output per input.
    Alpha,
    /// Output without input.
    Beta,
    /// Allocation to processes.
    Nu,
    /// Share of exports.
    EtaExp,
    /// Share of production.
    EtaProd,
    /// Share of consumption.
    EtaCons,
    /// Trade, when the importer has the event.
    Import,
    /// Trade, when the exporter has the event.
    Export,
}

impl RuleKind {
    /// All families.
    pub const ALL: [RuleKind; 8] = [
        RuleKind::Alpha,
        RuleKind::Beta,
        RuleKind::Nu,
        RuleKind::EtaExp,
        RuleKind::EtaProd,
        RuleKind::EtaCons,
        RuleKind::Import,
        RuleKind::Export,
    ];

    /// Name in tables.
    pub fn name(self) -> &'static str {
        match self {
            RuleKind::Alpha => "alpha",
            RuleKind::Beta => "beta",
            RuleKind::Nu => "nu",
            RuleKind::EtaExp => "eta_exp",
            RuleKind::EtaProd => "eta_prod",
            RuleKind::EtaCons => "eta_cons",
            RuleKind::Import => "import",
            RuleKind::Export => "export",
        }
    }

    /// Whether rules belong to an item and a process.
    pub fn is_of_process(self) -> bool {
        matches!(self, RuleKind::Alpha | RuleKind::Beta | RuleKind::Nu)
    }

    /// Whether rules belong to two areas.
    pub fn is_of_trade(self) -> bool {
        matches!(self, RuleKind::Import | RuleKind::Export)
    }
}

/// One entry in one event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// The event.
    pub event: Event,
    /// Family.
    pub kind: RuleKind,
    /// Keys of the rule: see the table of the module; the second is 0 for shares.
    pub key: (u32, u32),
    /// Value in the last year before the loss.
    pub before: f64,
    /// Value in the year after.
    pub after: f64,
}

impl Observation {
    /// `m`, where the entry existed before.
    pub fn multiplier(&self) -> Option<f64> {
        (self.before > 0.0).then(|| self.after / (self.before * self.event.relative_loss))
    }

    /// `r`, where it did not.
    pub fn rewiring(&self) -> Option<f64> {
        (self.before == 0.0).then(|| self.after / self.event.relative_loss)
    }
}

/// All entries of all events' sectors that are positive before or after, by event and family.
pub fn observations(series: &Series, events: &[Event]) -> Vec<Observation> {
    let of_event = |event: &Event| {
        let mut found = Vec::new();
        of_event(series, *event, &mut |kind, key, before, after| {
            if before > 0.0 || after > 0.0 {
                found.push(Observation { event: *event, kind, key, before, after });
            }
        });
        found
    };
    events.par_iter().map(of_event).collect::<Vec<_>>().concat()
}

fn of_event(series: &Series, event: Event, see: &mut dyn FnMut(RuleKind, (u32, u32), f64, f64)) {
    let d = series.labels.dimensions();
    let [before, after] = [event.at, event.at + 1].map(|at| &series.years[at]);
    let (p, q) = (&before.parameters, &after.parameters);
    let s = event.sector;
    let (area, item) = (d.area_of(s), d.item_of(s));
    let value = |found: Option<&f64>| found.copied().unwrap_or(0.0);
    for k in 0..d.processes {
        let (column, key) = (d.process_column(area, k), (item as u32, k as u32));
        for (kind, p, q) in [
            (RuleKind::Alpha, &p.conversion_alpha, &q.conversion_alpha),
            (RuleKind::Beta, &p.output_beta, &q.output_beta),
        ] {
            see(kind, key, value(p.get(s, column)), value(q.get(s, column)));
        }
        let [before, after] = [p, q].map(|p| value(p.allocation_nu.get(column, s)));
        see(RuleKind::Nu, key, before, after);
    }
    for (kind, before, after) in [
        (RuleKind::EtaExp, &p.share_eta_exp, &q.share_eta_exp),
        (RuleKind::EtaProd, &p.share_eta_prod, &q.share_eta_prod),
        (RuleKind::EtaCons, &before.eta_cons, &after.eta_cons),
    ] {
        see(kind, (item as u32, 0), before[s], after[s]);
    }
    for partner in (0..d.areas).filter(|&partner| partner != area && series.exists[partner]) {
        let (other, key) = (d.sector(partner, item), (area as u32, partner as u32));
        let [before, after] = [p, q].map(|p| value(p.trade_t.get(s, other)));
        see(RuleKind::Import, key, before, after);
        let [before, after] = [p, q].map(|p| value(p.trade_t.get(other, s)));
        see(RuleKind::Export, key, before, after);
    }
}

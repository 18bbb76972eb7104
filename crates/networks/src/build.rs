//! Trade and events to networks (section 2).
//!
//! y_ij = imports of i from j, y_i all imports of i, x_j all exports of j, y_w world trade, over
//! all partners. Source: Liu et al. 2025, eqs. 1 to 4.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::network::{Network, Tie};
use crate::world::{Events, TradeYear};

/// How dependence g_ij is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// (y_ij / y_w) / ((y_i / y_w) (x_j / x_w)), as printed: never negative.
    #[default]
    Ratio,
    /// Its natural logarithm where that is positive: more than expected.
    Log,
    /// y_ij / y_i: the share of the imports of i.
    Share,
}

/// A dependency network and what its ties are worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Dependency {
    /// Ties with g_ij > threshold, weight g_ij.
    pub network: Network,
    /// y_ij of every tie, USD, in the order of the ties.
    pub values: Vec<f64>,
    /// World trade y_w, USD.
    pub world: f64,
}

/// Dependency network of a tier in a year.
pub fn dependency(trade: &TradeYear, present: Vec<bool>, form: Form, threshold: f64) -> Dependency {
    let mut ties = Vec::new();
    let mut values = Vec::new();
    for flow in &trade.flows {
        let (i, j) = (flow.importer as usize, flow.exporter as usize);
        if !(present[i] && present[j]) || flow.value <= 0.0 {
            continue;
        }
        let g = match form {
            Form::Ratio => pmi(trade, i, j, flow.value),
            Form::Log => libm::log(pmi(trade, i, j, flow.value)).max(0.0),
            Form::Share => flow.value / trade.imports[i],
        };
        if g > threshold {
            ties.push(Tie { from: flow.importer, to: flow.exporter, weight: g });
            values.push(flow.value);
        }
    }
    // Flows are sorted and of present areas, so the values stay beside their ties.
    Dependency { network: Network::new(present, ties), values, world: trade.world }
}

/// Pointwise mutual information as printed: observed share over the share expected.
/// Source: Liu et al. 2025, eq. 1.
fn pmi(trade: &TradeYear, i: usize, j: usize, value: f64) -> f64 {
    let w = trade.world;
    (value / w) / ((trade.imports[i] / w) * (trade.exports[j] / w))
}

/// Cooperation or conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// Cooperation.
    Coop,
    /// Conflict.
    Conf,
}

impl Relation {
    /// Both, in the order of tables.
    pub const ALL: [Relation; 2] = [Relation::Coop, Relation::Conf];

    /// Name in tables and terms.
    pub fn name(self) -> &'static str {
        match self {
            Relation::Coop => "coop",
            Relation::Conf => "conf",
        }
    }
}

/// 0.5 verbal + 1 material: weight of the events of a dyad-year.
/// Source: Liu et al. 2025, eq. 5.
pub fn intensity(events: &Events, relation: Relation) -> f64 {
    let [verbal_cooperation, material_cooperation, verbal_conflict, material_conflict] =
        events.counts;
    match relation {
        Relation::Coop => 0.5 * verbal_cooperation + material_cooperation,
        Relation::Conf => 0.5 * verbal_conflict + material_conflict,
    }
}

/// Network of a relation among all areas of the sample in every year with events.
pub fn geopolitics(
    events: &BTreeMap<i32, Vec<Events>>,
    areas: usize,
    relation: Relation,
) -> BTreeMap<i32, Network> {
    let network = |rows: &Vec<Events>| {
        let tie = |e: &Events| Tie { from: e.source, to: e.target, weight: intensity(e, relation) };
        let ties = rows.iter().map(tie).filter(|tie| tie.weight > 0.0).collect();
        Network::new(vec![true; areas], ties)
    };
    events.iter().map(|(&year, rows)| (year, network(rows))).collect()
}

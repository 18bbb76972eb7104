//! Which links a conflict, or a fitted model, would cut: scenarios of trade bans for a sweep.

use shocksweep_columnar::record;

use crate::build::{Relation, intensity};
use crate::error::NetworkError;
use crate::job::{Prepared, model_steps};
use crate::network::ones;
use crate::tergm::design::Design;
use crate::tergm::fit::{Outcome, fit, squares};
use crate::tergm::likelihood::{Designs, STORED_BYTES};

record! {
    /// Blockades, a row each: a scenario table of `run`.
    pub struct Ban = "bans" {
        /// Scenario; the first holds all bans together, the others one each.
        pub scenario: u32,
        /// Its name.
        pub name: String,
        /// Exporter that sells no more.
        pub area: String,
        /// Importer that gets nothing from it.
        pub to_area: String,
        /// Item or group; `*` for all.
        pub item: String,
        /// Always `blockade`.
        pub kind: String,
        /// Share of the flow that is cut.
        pub phi: f64 ["1"],
        /// Whether the exporter's other customers get what is banned.
        pub reroute: bool,
    }
}

/// A link that is cut: the exporter's place, the importer's, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Cut {
    /// Exporter.
    pub exporter: u32,
    /// Importer.
    pub importer: u32,
    /// Weighted events of conflict, or the fitted probability of the tie.
    pub weight: f64,
}

/// The year that is named, or the last with events.
///
/// # Errors
/// There are no events of it.
pub fn conflict_year(prepared: &Prepared, year: Option<i32>) -> Result<i32, NetworkError> {
    let years = &prepared.networks.conf;
    let last = years.keys().next_back().copied();
    let found = year.or(last).filter(|year| years.contains_key(year));
    found.ok_or_else(|| {
        let spoken = match (year, years.keys().next(), last) {
            (Some(year), Some(first), Some(last)) => {
                format!("there are no events of {year}; there are {first} to {last}")
            }
            _ => "there are no events; expected a table `events`".to_string(),
        };
        NetworkError::Options(spoken)
    })
}

/// The links between the governments with most conflict in a year: who acts stops selling to whom it
/// acts upon.
pub fn by_conflict(prepared: &Prepared, year: i32, top: usize) -> Vec<Cut> {
    let events = prepared.world.events.as_ref().and_then(|events| events.get(&year));
    let mut cuts: Vec<Cut> = (events.into_iter().flatten())
        .map(|event| Cut {
            exporter: event.source,
            importer: event.target,
            weight: intensity(event, Relation::Conf),
        })
        .filter(|cut| cut.weight > 0.0)
        .collect();
    cuts.sort_by(|a, b| {
        let key = |cut: &Cut| (cut.exporter, cut.importer);
        b.weight.total_cmp(&a.weight).then(key(a).cmp(&key(b)))
    });
    cuts.truncate(top);
    cuts
}

/// The ties of the last network of a model that the model finds least likely: the most fragile links.
///
/// # Errors
/// There is no such model, or it has no estimates.
pub fn by_probability(
    prepared: &Prepared,
    model: &str,
    top: usize,
) -> Result<(i32, Vec<Cut>), NetworkError> {
    let found = prepared.models.iter().find(|known| known.key() == model).ok_or_else(|| {
        let keys: Vec<String> = prepared.models.iter().map(|known| known.key()).collect();
        let known = crate::error::nearest(model, keys.iter().map(String::as_str));
        NetworkError::Options(format!("unknown model `{model}`; {known}"))
    })?;
    let steps = model_steps(&prepared.world, &prepared.networks, found)?;
    let designs = Designs::new(&steps, STORED_BYTES);
    let fitted = fit(&designs, &vec![1.0; steps.len()], &squares(&designs));
    let Some(step) = steps.last().filter(|_| fitted.outcome == Outcome::Estimated) else {
        let problem = format!("has no estimates: {}", fitted.outcome.name());
        return Err(NetworkError::model(model, problem));
    };
    let design = Design::new(step);
    let n = step.areas.len();
    let mut cuts = Vec::new();
    for i in 0..n {
        for j in ones(step.structure.bits().row(i)) {
            let row = i * (n - 1) + if j < i { j } else { j - 1 };
            let (x, _) = design.row(row);
            let eta: f64 = x.iter().zip(&fitted.theta).map(|(x, b)| x * b).sum();
            let weight = 1.0 / (1.0 + libm::exp(-eta));
            cuts.push(Cut { exporter: step.areas[j], importer: step.areas[i], weight });
        }
    }
    cuts.sort_by(|a, b| {
        let key = |cut: &Cut| (cut.exporter, cut.importer);
        a.weight.total_cmp(&b.weight).then(key(a).cmp(&key(b)))
    });
    cuts.truncate(top);
    Ok((step.year, cuts))
}

/// Scenarios of the cuts: all together, then one by one.
pub fn scenarios(prepared: &Prepared, title: &str, cuts: &[Cut], item: &str, phi: f64) -> Vec<Ban> {
    let code = |area: u32| prepared.world.areas[area as usize].code.clone();
    let row = |scenario: u32, name: String, cut: &Cut| Ban {
        scenario,
        name,
        area: code(cut.exporter),
        to_area: code(cut.importer),
        item: item.to_string(),
        kind: "blockade".to_string(),
        phi,
        reroute: true,
    };
    let together = cuts.iter().map(|cut| row(0, title.to_string(), cut));
    let alone = cuts.iter().zip(1..).map(|(cut, scenario)| {
        let name = format!("{} sells nothing to {}", code(cut.exporter), code(cut.importer));
        row(scenario, name, cut)
    });
    together.chain(alone).collect()
}

//! What the terms of the models come to in the networks themselves.

use std::collections::BTreeMap;

use crate::error::NetworkError;
use crate::networks::Networks;
use crate::records::{GofObserved, NetworkStatistic};
use crate::tergm::counts::Counts;
use crate::tergm::covariates::Sources;
use crate::tergm::model::Model;
use crate::tergm::step::network_statistic;
use crate::tergm::structure::Structure;
use crate::tergm::term::Term;
use crate::world::World;

/// Statistics of every distinct term of a tier's models in every network that has its lags.
pub(super) fn statistics(
    world: &World,
    networks: &Networks,
    models: &[Model],
) -> Result<Vec<NetworkStatistic>, NetworkError> {
    let sources = Sources { world, networks };
    let mut rows = Vec::new();
    for tier in &networks.tiers {
        let mut terms: Vec<(&Model, &Term)> = Vec::new();
        let mut known: BTreeMap<String, ()> = BTreeMap::new();
        for model in models.iter().filter(|model| model.tier == tier.name) {
            for term in &model.terms {
                if known.insert(term.label(), ()).is_none() {
                    terms.push((model, term));
                }
            }
        }
        for at in 0..tier.years.len() {
            for (model, term) in terms.iter().filter(|(_, term)| term.lag() <= at) {
                let value = match network_statistic(sources, tier, term, at) {
                    Ok(value) => value,
                    // A year that no model uses may lack what a term needs.
                    Err(_) if at < model.lag() => continue,
                    Err(problem) => return Err(NetworkError::model(&model.key(), problem)),
                };
                rows.push(NetworkStatistic {
                    tier: tier.name.clone(),
                    year: tier.year(at),
                    t: at as u32 + 1,
                    term: term.label(),
                    value,
                });
            }
        }
    }
    Ok(rows)
}

/// Counts in all dependency networks.
pub(super) fn observed(networks: &Networks) -> Vec<GofObserved> {
    let mut rows = Vec::new();
    for tier in &networks.tiers {
        for (at, dependency) in tier.years.iter().enumerate() {
            let network = &dependency.network;
            let areas: Vec<u32> =
                (0..network.areas as u32).filter(|&i| network.present[i as usize]).collect();
            let bits = crate::tergm::step::local(network, &areas);
            let counts = Counts::new(&Structure::new(bits));
            for (place, &count) in counts.all().iter().enumerate().filter(|(_, count)| **count > 0)
            {
                let (statistic, value) = Counts::name(areas.len(), place);
                rows.push(GofObserved {
                    tier: tier.name.clone(),
                    year: tier.year(at),
                    statistic: statistic.to_string(),
                    value,
                    count,
                });
            }
        }
    }
    rows
}

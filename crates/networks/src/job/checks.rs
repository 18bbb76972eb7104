//! Tables by which a result can be checked against another program's: sums of the change statistics,
//! measures of the fit, statistics that no model need have, clustering by degree.

use std::collections::BTreeMap;

use shocksweep_columnar::record;

use crate::error::NetworkError;
use crate::indicators::Indicators;
use crate::networks::Networks;
use crate::tergm::covariates::Sources;
use crate::tergm::likelihood::Designs;
use crate::tergm::model::Model;
use crate::tergm::step::network_statistic;
use crate::tergm::term::{Structural, Term};
use crate::world::World;

record! {
    /// C(k): clustering of the areas with k neighbours.
    pub struct DegreeClustering = "clustering_by_degree" {
        /// TIER_YEAR, coop_YEAR or conf_YEAR.
        pub network: String,
        /// Distinct neighbours, from 2 on.
        pub k: u32,
        /// Areas that have so many.
        pub areas: u32,
        /// Mean of their clustering coefficients.
        pub clustering: f64 ["1"],
        /// The same of ties of either direction.
        pub clustering_undirected: f64 ["1"],
    }
}

record! {
    /// Counts of triads in the networks of every tier, whatever its models.
    pub struct StatisticExtra = "statistics_extra" {
        /// Tier.
        pub tier: String,
        /// Year.
        pub year: i32,
        /// Position of the network in the tier, from 1.
        pub t: u32,
        /// ttriple, ctriple, triangle, transitiveties.
        pub term: String,
        /// Statistic.
        pub value: f64,
    }
}

record! {
    /// How a model fits, number by number.
    pub struct FitMeasure = "mple_fit_measures" {
        /// Tier.
        pub tier: String,
        /// Model.
        pub model: String,
        /// pseudo_loglik, mean_fitted, auc_roc, average_precision.
        pub measure: String,
        /// Value.
        pub value: f64,
    }
}

record! {
    /// Sums of the change statistics of a term over the pairs of a step.
    pub struct DesignSum = "design_checksums" {
        /// Tier.
        pub tier: String,
        /// Model.
        pub model: String,
        /// Step.
        pub t: u32,
        /// Term.
        pub term: String,
        /// Sum.
        pub sum: f64,
        /// Sum of squares.
        pub sumsq: f64,
        /// Sum over the ties.
        pub sum_y: f64,
    }
}

/// C(k) of all networks.
pub(super) fn by_degree(all: &[(String, Indicators)]) -> Vec<DegreeClustering> {
    let mut rows = Vec::new();
    for (network, indicators) in all {
        let nodes = &indicators.nodes;
        let mut of: BTreeMap<u32, (u32, f64, f64)> = BTreeMap::new();
        for (i, &k) in nodes.neighbors.iter().enumerate() {
            // Both are defined from two neighbours on.
            let both = nodes.clustering[i].zip(nodes.clustering_undirected[i]);
            let Some((directed, undirected)) = both else { continue };
            let sums = of.entry(k).or_default();
            *sums = (sums.0 + 1, sums.1 + directed, sums.2 + undirected);
        }
        rows.extend(of.into_iter().map(|(k, (areas, directed, undirected))| DegreeClustering {
            network: network.clone(),
            k,
            areas,
            clustering: directed / f64::from(areas),
            clustering_undirected: undirected / f64::from(areas),
        }));
    }
    rows
}

/// Counts of triads of all dependency networks.
pub(super) fn triads(
    world: &World,
    networks: &Networks,
) -> Result<Vec<StatisticExtra>, NetworkError> {
    let sources = Sources { world, networks };
    let terms = [
        Structural::Ttriple,
        Structural::Ctriple,
        Structural::Triangle,
        Structural::Transitiveties,
    ];
    let mut rows = Vec::new();
    for tier in &networks.tiers {
        for at in 0..tier.years.len() {
            for term in terms.map(Term::Structural) {
                let value = network_statistic(sources, tier, &term, at)
                    .map_err(|problem| NetworkError::model(&tier.name, problem))?;
                rows.push(StatisticExtra {
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

/// Sums of the design of a model.
pub(super) fn design_sums(model: &Model, designs: &Designs) -> Vec<DesignSum> {
    let labels = model.labels();
    let mut rows = Vec::new();
    for (at, step) in designs.steps().iter().enumerate() {
        for (term, [sum, sumsq, sum_y]) in labels.iter().zip(designs.get(at).sums()) {
            rows.push(DesignSum {
                tier: model.tier.clone(),
                model: model.name.clone(),
                t: step.t as u32,
                term: term.clone(),
                sum,
                sumsq,
                sum_y,
            });
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::indicators;
    use crate::network::{Network, Tie};

    #[test]
    fn a_triangle_with_a_tail_by_hand() {
        // 0 -> 1 -> 2 -> 0 and 2 -> 3; 4 has no tie. 0 and 1 have two neighbours with one tie among
        // them (1 of 2 directed, all undirected), 2 has three with one (1 of 6; 1 of 3).
        let ties = [(0, 1), (1, 2), (2, 0), (2, 3)];
        let ties = ties.map(|(from, to)| Tie { from, to, weight: 1.0 }).to_vec();
        let network = Network::new(vec![true; 5], ties);
        let rows = by_degree(&[("n".into(), indicators(&network, &[0; 5]))]);
        let row = |k, areas, clustering, clustering_undirected| DegreeClustering {
            network: "n".into(),
            k,
            areas,
            clustering,
            clustering_undirected,
        };
        assert_eq!(rows, [row(2, 2, 0.5, 1.0), row(3, 1, 1.0 / 6.0, 1.0 / 3.0)]);
    }
}

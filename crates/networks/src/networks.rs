//! All networks of a world: per tier and year, cooperation and conflict per year.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::build::{Dependency, Form, Relation, dependency, geopolitics};
use crate::indicators::{Indicators, indicators};
use crate::network::Network;
use crate::world::World;

/// How dependency networks are made.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BuildOptions {
    /// Measure of dependence.
    pub form: Form,
    /// A tie is g > threshold.
    pub threshold: f64,
}

/// Networks of a tier in consecutive years; t = 1 is the first.
#[derive(Debug, Clone, PartialEq)]
pub struct TierNetworks {
    /// Name.
    pub name: String,
    /// Year of the first network.
    pub first_year: i32,
    /// Networks.
    pub years: Vec<Dependency>,
}

impl TierNetworks {
    /// Year of the network at `at` (from 0).
    pub fn year(&self, at: usize) -> i32 {
        self.first_year + at as i32
    }
}

/// All networks.
#[derive(Debug, Clone, PartialEq)]
pub struct Networks {
    /// Dependency networks per tier.
    pub tiers: Vec<TierNetworks>,
    /// Cooperation networks per year.
    pub coop: BTreeMap<i32, Network>,
    /// Conflict networks per year.
    pub conf: BTreeMap<i32, Network>,
}

impl Networks {
    /// Builds all networks of a world.
    pub fn build(world: &World, options: &BuildOptions) -> Self {
        let tiers = world.tiers.iter().map(|tier| TierNetworks {
            name: tier.name.clone(),
            first_year: tier.first_year,
            years: (tier.years().zip(&tier.trade))
                .map(|(year, trade)| {
                    dependency(trade, world.present(year), options.form, options.threshold)
                })
                .collect(),
        });
        let relation = |relation| match &world.events {
            Some(events) => geopolitics(events, world.n(), relation),
            None => BTreeMap::new(),
        };
        Networks {
            tiers: tiers.collect(),
            coop: relation(Relation::Coop),
            conf: relation(Relation::Conf),
        }
    }

    /// Networks of a relation.
    pub fn relation(&self, relation: Relation) -> &BTreeMap<i32, Network> {
        match relation {
            Relation::Coop => &self.coop,
            Relation::Conf => &self.conf,
        }
    }

    /// Every network with its name and year: tiers, then cooperation, then conflict.
    pub fn all(&self) -> Vec<(String, i32, &Network)> {
        let tiers = self.tiers.iter().flat_map(|tier| {
            (tier.years.iter().enumerate()).map(|(at, dependency)| {
                let year = tier.year(at);
                (format!("{}_{year}", tier.name), year, &dependency.network)
            })
        });
        let relations = Relation::ALL.into_iter().flat_map(|relation| {
            (self.relation(relation).iter())
                .map(move |(year, network)| (format!("{}_{year}", relation.name()), *year, network))
        });
        tiers.chain(relations).collect()
    }
}

/// Places of the groups of areas, in the order of their names, as a partition.
pub fn groups(world: &World) -> (Vec<String>, Vec<u32>) {
    let mut names: Vec<String> = world.areas.iter().map(|area| area.group.clone()).collect();
    names.sort();
    names.dedup();
    let label = |area: &crate::world::Area| {
        names.binary_search(&area.group).map_or(0, |place| place as u32)
    };
    let labels = world.areas.iter().map(label).collect();
    (names, labels)
}

/// Indicators of every network, in the order of [`Networks::all`].
pub fn all_indicators(networks: &Networks, groups: &[u32]) -> Vec<(String, Indicators)> {
    networks
        .all()
        .into_par_iter()
        .map(|(name, _, network)| (name, indicators(network, groups)))
        .collect()
}

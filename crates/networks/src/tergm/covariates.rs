//! Attributes and covariates by the names that terms use, of a year.

use crate::build::Relation;
use crate::error::nearest;
use crate::indicators::spectrum;
use crate::network::Network;
use crate::networks::Networks;
use crate::world::World;

use super::term::Scale;

/// Attributes made from networks and tables; further ones are the columns of `attributes`.
const ATTRIBUTES: [&str; 11] = [
    "lnGDP", "coop", "conf", "coop_out", "coop_in", "conf_out", "conf_in", "coop_deg", "conf_deg",
    "coop_eig", "conf_eig",
];
/// Covariates made from networks and tables; further ones are columns of `dyads`, `covariates`.
const COVARIATES: [&str; 5] = ["coop", "conf", "dist", "lang", "colo"];

/// Where terms find their numbers.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// Tables.
    pub world: &'a World,
    /// Networks.
    pub networks: &'a Networks,
}

impl Sources<'_> {
    /// Attribute of the areas `areas` in a year. Weighted degrees count all areas of the sample.
    ///
    /// # Errors
    /// An unknown name, or an area-year without a value.
    pub fn attribute(&self, of: &str, year: i32, areas: &[u32]) -> Result<Vec<f64>, String> {
        let (relation, kind) = match of.split_once('_').unwrap_or((of, "")) {
            ("coop", kind) => (Relation::Coop, kind),
            ("conf", kind) => (Relation::Conf, kind),
            _ => return self.table_attribute(of, year, areas),
        };
        if !ATTRIBUTES.contains(&of) {
            return self.table_attribute(of, year, areas);
        }
        let network = self.relation(relation, year)?;
        let all: Vec<f64> = match kind {
            "eig" => eigenvector(network).ok_or_else(|| {
                format!(
                    "`{of}` is undefined in {year}, where the network `{}` has no cycle and so no \
                     eigenvector; expected one with a cycle",
                    relation.name()
                )
            })?,
            "deg" => {
                let (out, into) = network.degrees();
                out.iter().zip(&into).map(|(out, into)| f64::from(out + into)).collect()
            }
            "out" => network.strengths().0,
            "in" => network.strengths().1,
            _ => {
                let (out, into) = network.strengths();
                out.iter().zip(&into).map(|(out, into)| out + into).collect()
            }
        };
        Ok(areas.iter().map(|&i| all[i as usize]).collect())
    }

    fn table_attribute(&self, of: &str, year: i32, areas: &[u32]) -> Result<Vec<f64>, String> {
        let column = if of == "lnGDP" { "gdp" } else { of };
        let Some(values) = self.world.attributes.get(column) else {
            let known = self.world.attributes.keys().map(String::as_str);
            let known = nearest(of, ATTRIBUTES.into_iter().chain(known));
            return Err(match of {
                "lnGDP" => "lnGDP needs a table `attributes` with a column `gdp`".to_string(),
                _ => format!("unknown attribute `{of}`; {known}"),
            });
        };
        let value = |&i: &u32| {
            let value = values.get(&(year, i)).ok_or_else(|| {
                let code = &self.world.areas[i as usize].code;
                format!(
                    "the table `attributes` has no number in `{column}` for area `{code}` in \
                     {year}; expected one for every area and year that the model uses"
                )
            })?;
            Ok(if of == "lnGDP" { libm::log(*value) } else { *value })
        };
        areas.iter().map(value).collect()
    }

    /// Group or attribute of areas as classes that are alike or not.
    ///
    /// # Errors
    /// As [`Sources::attribute`].
    pub fn classes(&self, of: &str, year: i32, areas: &[u32]) -> Result<Vec<u64>, String> {
        if of == "group" {
            let labels = crate::networks::groups(self.world).1;
            return Ok(areas.iter().map(|&i| u64::from(labels[i as usize])).collect());
        }
        // Zeros of either sign are alike.
        Ok(self.attribute(of, year, areas)?.iter().map(|value| (value + 0.0).to_bits()).collect())
    }

    fn relation(&self, relation: Relation, year: i32) -> Result<&Network, String> {
        let all = self.networks.relation(relation);
        all.get(&year).ok_or_else(|| {
            let name = relation.name();
            match (all.keys().next(), all.keys().next_back()) {
                (Some(first), Some(last)) => format!(
                    "`{name}` needs events of {year}; the table `events` has {first} to {last}"
                ),
                _ => format!("`{name}` needs a table `events`; expected one"),
            }
        })
    }

    /// Covariate of every ordered pair of `areas` in a year, row by row.
    ///
    /// # Errors
    /// An unknown name, or a year without data.
    pub fn covariate(
        &self,
        of: &str,
        scale: Scale,
        year: i32,
        areas: &[u32],
    ) -> Result<Vec<f64>, String> {
        let n = areas.len();
        let mut values = vec![0.0; n * n];
        let mut place = vec![usize::MAX; self.world.n()];
        areas.iter().enumerate().for_each(|(at, &i)| place[i as usize] = at);
        let mut set = |i: u32, j: u32, value: f64| {
            let (i, j) = (place[i as usize], place[j as usize]);
            if i != usize::MAX && j != usize::MAX {
                values[i * n + j] = value;
            }
        };
        let relation = Relation::ALL.into_iter().find(|relation| relation.name() == of);
        let mut logarithm: Option<fn(f64) -> f64> = None;
        if let Some(relation) = relation {
            self.relation(relation, year)?
                .ties
                .iter()
                .for_each(|tie| set(tie.from, tie.to, tie.weight));
            logarithm = Some(libm::log1p);
        } else if let Some(covariate) = self.world.covariates.get(of) {
            for &(i, j, value) in covariate.get(&year).into_iter().flatten() {
                set(i, j, value);
            }
        } else {
            let column = match of {
                "dist" => "distance",
                "lang" => "common_language",
                "colo" => "colony",
                other => other,
            };
            let Some(pairs) = self.world.dyads.get(column) else {
                return Err(self.unknown_covariate(of, column));
            };
            for (a, &i) in areas.iter().enumerate() {
                for (b, &j) in areas.iter().enumerate() {
                    values[a * n + b] = pairs.get(i as usize, j as usize);
                }
            }
            if of == "dist" {
                logarithm = Some(|x| if x > 0.0 { libm::log(x) } else { 0.0 });
            }
        }
        match (scale, logarithm) {
            (Scale::Standard, Some(logarithm)) => {
                values.iter_mut().for_each(|value| *value = logarithm(*value));
            }
            (Scale::Binary, _) => {
                values.iter_mut().for_each(|value| *value = f64::from(u8::from(*value > 0.0)));
            }
            _ => {}
        }
        Ok(values)
    }

    fn unknown_covariate(&self, of: &str, column: &str) -> String {
        if COVARIATES.contains(&of) {
            return format!("`{of}` needs a table `dyads` with a column `{column}`; expected one");
        }
        let dyads = self.world.dyads.keys().map(String::as_str);
        let covariates = self.world.covariates.keys().map(String::as_str);
        let known = COVARIATES.into_iter().chain(dyads).chain(covariates);
        format!("unknown covariate `{of}`; {}", nearest(of, known))
    }
}

/// Eigenvector centrality A x = lambda x of a network.
pub(crate) fn eigenvector(network: &Network) -> Option<Vec<f64>> {
    let mut rows = vec![Vec::new(); network.areas];
    for tie in &network.ties {
        rows[tie.from as usize].push((tie.to as usize, 1.0));
    }
    spectrum(&rows).vector
}

//! A step of a model: the network of a year on the areas that exist, and what its terms need.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::NetworkError;
use crate::network::{Bits, Network};
use crate::networks::TierNetworks;

use super::covariates::Sources;
use super::model::Model;
use super::structure::{Prepared, Structure};
use super::term::{Memory, Role, Term, Time};

/// Change statistic of a term that does not depend on the other ties of the year.
#[derive(Debug, Clone, PartialEq)]
enum Fixed {
    Constant(f64),
    Sender(Vec<f64>),
    Receiver(Vec<f64>),
    Both(Vec<f64>),
    Absdiff(Vec<f64>),
    Match(Vec<u64>),
    /// Row by row.
    Pairs(Arc<Vec<f64>>),
    /// Value without and with a tie in an earlier network, or in the turned one.
    Earlier(Bits, [f64; 2]),
}

/// A term ready for a step.
#[derive(Debug, Clone, PartialEq)]
enum Ready {
    Fixed(Fixed),
    Structural(Prepared),
}

/// A time step of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Position of the network in the tier, from 1.
    pub t: usize,
    /// Year.
    pub year: i32,
    /// Areas that exist in the year and in the years of lags in use.
    pub areas: Vec<u32>,
    /// The observed network on them.
    pub structure: Structure,
    terms: Vec<Ready>,
}

impl Step {
    /// Number of ordered pairs.
    pub fn pairs(&self) -> usize {
        self.areas.len() * self.areas.len().saturating_sub(1)
    }

    /// Number of terms.
    pub fn terms(&self) -> usize {
        self.terms.len()
    }

    /// Change statistic of a term for the tie (i, j), the network being `structure`.
    #[inline]
    pub fn change(&self, structure: &Structure, term: usize, i: usize, j: usize) -> f64 {
        match &self.terms[term] {
            Ready::Fixed(fixed) => self.fixed(fixed, i, j),
            Ready::Structural(prepared) => structure.change(prepared, i, j),
        }
    }

    #[inline]
    fn fixed(&self, fixed: &Fixed, i: usize, j: usize) -> f64 {
        match fixed {
            Fixed::Constant(value) => *value,
            Fixed::Sender(x) => x[i],
            Fixed::Receiver(x) => x[j],
            Fixed::Both(x) => x[i] + x[j],
            Fixed::Absdiff(x) => (x[i] - x[j]).abs(),
            Fixed::Match(x) => f64::from(u8::from(x[i] == x[j])),
            Fixed::Pairs(values) => values[i * self.areas.len() + j],
            Fixed::Earlier(bits, values) => values[usize::from(bits.get(i, j))],
        }
    }

    /// Statistic of a term in a network on the areas of the step.
    pub fn statistic(&self, structure: &Structure, term: usize) -> f64 {
        match &self.terms[term] {
            Ready::Structural(prepared) => structure.statistic(prepared),
            Ready::Fixed(fixed) => (0..self.areas.len())
                .map(|i| {
                    let ties = crate::network::ones(structure.bits().row(i));
                    ties.map(|j| self.fixed(fixed, i, j)).sum::<f64>()
                })
                .sum(),
        }
    }

    /// Sum over fixed terms of coefficient times change statistic, for every pair row by row, and
    /// the structural terms with their coefficients: all that a simulation needs.
    pub fn split(&self, coefficients: &[f64]) -> (Vec<f64>, Vec<(Prepared, f64)>) {
        let n = self.areas.len();
        let mut offsets = vec![0.0; n * n];
        let mut structural = Vec::new();
        for (term, &coefficient) in self.terms.iter().zip(coefficients) {
            match term {
                Ready::Structural(prepared) => structural.push((prepared.clone(), coefficient)),
                Ready::Fixed(fixed) => {
                    for i in 0..n {
                        for j in (0..n).filter(|&j| j != i) {
                            offsets[i * n + j] += coefficient * self.fixed(fixed, i, j);
                        }
                    }
                }
            }
        }
        (offsets, structural)
    }
}

/// The steps of a model, the first `lag` networks of the tier left out.
///
/// # Errors
/// A lag that leaves no step, or a term whose data are not there.
pub fn steps(
    sources: Sources,
    tier: &TierNetworks,
    model: &Model,
) -> Result<Vec<Step>, NetworkError> {
    let (lag, networks) = (model.lag(), tier.years.len());
    let bad = |problem: String| NetworkError::model(&model.key(), problem);
    if networks == 0 {
        return Err(bad(format!("tier `{}` has no trade; expected some", model.tier)));
    }
    if lag >= networks {
        let problem =
            format!("a lag of {lag} needs more than {lag} networks; there are {networks}");
        return Err(bad(problem));
    }
    let mut known = BTreeMap::new();
    let mut all = Vec::with_capacity(networks - lag);
    for at in lag..networks {
        all.push(step(sources, tier, model, at, &mut known).map_err(bad)?);
    }
    Ok(all)
}

/// Statistic of a term in the network at `at` (from 0), which must have the networks of its lag.
///
/// # Errors
/// Data that the term needs are not there.
pub fn network_statistic(
    sources: Sources,
    tier: &TierNetworks,
    term: &Term,
    at: usize,
) -> Result<f64, String> {
    let (tier_name, terms) = (tier.name.clone(), vec![term.clone()]);
    let model = Model { tier: tier_name, name: String::new(), terms };
    let step = step(sources, tier, &model, at, &mut BTreeMap::new())?;
    Ok(step.statistic(&step.structure, 0))
}

/// Areas of a step: those that exist in its year and in the years of lags in use.
fn areas_of(sources: Sources, tier: &TierNetworks, model: &Model, at: usize) -> Vec<u32> {
    let mut lags: Vec<usize> = model.terms.iter().map(Term::lag).collect();
    lags.push(0);
    let exists = |i: &u32| {
        let area = &sources.world.areas[*i as usize];
        lags.iter().all(|lag| area.exists(tier.year(at - lag)))
    };
    (0..sources.world.n() as u32).filter(exists).collect()
}

/// Covariates that stay the same from year to year are kept once they were made.
type Known = BTreeMap<(String, Vec<u32>), Arc<Vec<f64>>>;

fn step(
    sources: Sources,
    tier: &TierNetworks,
    model: &Model,
    at: usize,
    known: &mut Known,
) -> Result<Step, String> {
    let areas = areas_of(sources, tier, model, at);
    if areas.len() < 2 {
        let year = tier.year(at);
        return Err(format!("fewer than two areas exist in {year}; expected two or more"));
    }
    let year = tier.year(at);
    let terms = model.terms.iter().map(|term| ready(sources, tier, term, at, &areas, known));
    let terms = terms.collect::<Result<Vec<_>, _>>()?;
    let structure = Structure::new(local(&tier.years[at].network, &areas));
    Ok(Step { t: at + 1, year, areas, structure, terms })
}

/// Ties among some areas, by their places among them.
pub(crate) fn local(network: &Network, areas: &[u32]) -> Bits {
    let mut bits = Bits::new(areas.len());
    for tie in &network.ties {
        let places = (areas.binary_search(&tie.from), areas.binary_search(&tie.to));
        if let (Ok(i), Ok(j)) = places {
            bits.set(i, j, true);
        }
    }
    bits
}

fn ready(
    sources: Sources,
    tier: &TierNetworks,
    term: &Term,
    at: usize,
    areas: &[u32],
    known: &mut Known,
) -> Result<Ready, String> {
    let year = tier.year(at);
    let earlier = |lag: usize| local(&tier.years[at - lag].network, areas);
    let fixed = match term {
        Term::Structural(structural) => {
            return Ok(Ready::Structural(Prepared::new(*structural, areas.len())));
        }
        Term::Edges => Fixed::Constant(1.0),
        Term::Delrecip { mutuality, lag } => {
            let values = if *mutuality { [-1.0, 1.0] } else { [0.0, 1.0] };
            Fixed::Earlier(earlier(*lag).transposed(), values)
        }
        Term::Memory { kind, lag } => {
            let values = match kind {
                Memory::Stability => [-1.0, 1.0],
                Memory::Autoregression => [0.0, 1.0],
                Memory::Innovation => [1.0, 0.0],
                Memory::Loss => [0.0, -1.0],
            };
            Fixed::Earlier(earlier(*lag), values)
        }
        Term::Timecov(Time::Power(power)) => Fixed::Constant(libm::pow((at + 1) as f64, *power)),
        Term::Timecov(Time::Custom(values)) => {
            let networks = tier.years.len();
            if values.len() != networks {
                let given = values.len();
                return Err(format!(
                    "timecov has {given} values; expected {networks}, one a network"
                ));
            }
            Fixed::Constant(values[at])
        }
        Term::Node { role, of } => {
            let x = sources.attribute(of, year, areas)?;
            match role {
                Role::Both => Fixed::Both(x),
                Role::Sender => Fixed::Sender(x),
                Role::Receiver => Fixed::Receiver(x),
            }
        }
        Term::Absdiff { of } => Fixed::Absdiff(sources.attribute(of, year, areas)?),
        Term::Nodematch { of } => Fixed::Match(sources.classes(of, year, areas)?),
        Term::Edgecov { of, scale, lag } => {
            let year = tier.year(at - lag);
            let changes =
                sources.world.covariates.contains_key(of) || ["coop", "conf"].contains(&&**of);
            if changes {
                Fixed::Pairs(Arc::new(sources.covariate(of, *scale, year, areas)?))
            } else {
                let key = (term.label(), areas.to_vec());
                if !known.contains_key(&key) {
                    let values = sources.covariate(of, *scale, year, areas)?;
                    known.insert(key.clone(), Arc::new(values));
                }
                Fixed::Pairs(known[&key].clone())
            }
        }
    };
    Ok(Ready::Fixed(fixed))
}

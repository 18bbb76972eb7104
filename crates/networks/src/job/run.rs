//! Tables in, tables out: everything a request asks for.

use std::path::Path;

use rayon::prelude::*;

use super::checks;
use super::fit::add_gof;
use super::output::Output;
use super::result::{ModelRows, design, estimates};
use super::statistics::{observed, statistics};
use super::{Request, Source, requested};
use crate::communities::{Communities, communities};
use crate::error::NetworkError;
use crate::indicators::Indicators;
use crate::input;
use crate::networks::{Networks, all_indicators, groups};
use crate::rankings::{flows, rankings};
use crate::records::{Community, CommunityRuns, FlowRow, GofObserved, NetworkStatistic, Ranking};
use crate::synth;
use crate::tables;
use crate::tergm::bootstrap::{Plan, bootstrap, multiplicities};
use crate::tergm::covariates::{Sources, eigenvector};
use crate::tergm::fit::{Outcome, fit, squares};
use crate::tergm::gof::goodness;
use crate::tergm::likelihood::{Designs, STORED_BYTES};
use crate::tergm::model::Model;
use crate::tergm::simulate::Chain;
use crate::tergm::step::steps;
use crate::tergm::term::Term;
use crate::world::World;

/// What is being done: a sentence, and how much of all is done.
pub type Progress<'a> = &'a mut dyn FnMut(&str, f64);

/// Whether to stop: the models that are done are kept.
pub type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

/// Inputs read and checked, networks built, models known to have their data.
#[derive(Debug)]
pub struct Prepared {
    /// Tables.
    pub world: World,
    /// Networks.
    pub networks: Networks,
    /// Models.
    pub models: Vec<Model>,
    /// Models of the paper that have no meaning here: a network of their years has no eigenvector.
    pub left_out: Vec<String>,
}

/// All results, as rows.
#[derive(Debug, Default)]
pub struct Results {
    /// Indicators of all networks.
    pub indicators: Vec<(String, Indicators)>,
    /// Communities.
    pub communities: Vec<Community>,
    /// Runs of communities.
    pub community_runs: Vec<CommunityRuns>,
    /// Rankings.
    pub rankings: Vec<Ranking>,
    /// Flows.
    pub flows: Vec<FlowRow>,
    /// Statistics of the observed networks.
    pub statistics: Vec<NetworkStatistic>,
    /// Counts in the observed networks.
    pub gof_observed: Vec<GofObserved>,
    /// Rows of each model, in the order of the models.
    pub models: Vec<ModelRows>,
}

/// Reads and checks everything; nothing is written.
///
/// # Errors
/// One sentence about the input that cannot be used.
pub fn prepare(request: &Request) -> Result<Prepared, NetworkError> {
    let world = match &request.source {
        Source::Synthetic => synth::world(),
        Source::Files(files) => input::read(files)?,
    };
    if !(request.build.threshold.is_finite() && request.build.threshold >= 0.0) {
        let problem = format!(
            "the threshold of ties is {}; expected a finite number of at least 0",
            request.build.threshold
        );
        return Err(NetworkError::Options(problem));
    }
    let networks = Networks::build(&world, &request.build);
    let names: Vec<&str> = world.tiers.iter().map(|tier| tier.name.as_str()).collect();
    if !request.stages.models {
        return Ok(Prepared { world, networks, models: Vec::new(), left_out: Vec::new() });
    }
    let mut models = requested(request, &names).models(&names)?;
    let mut left_out = Vec::new();
    if request.models.is_none() {
        // Nobody asked for these by name.
        let (kept, others) =
            models.into_iter().partition(|model| has_centralities(&networks, model));
        models = kept;
        left_out.extend(others.iter().map(Model::key));
    }
    for model in &models {
        let count = model_steps(&world, &networks, model)?.len();
        multiplicities(request.bootstrap, count, request.seed)
            .map_err(|problem| NetworkError::model(&model.key(), problem))?;
    }
    Ok(Prepared { world, networks, models, left_out })
}

/// Whether the eigenvector centralities that a model uses exist in all its years.
fn has_centralities(networks: &Networks, model: &Model) -> bool {
    let uses = |of: &str| {
        model.terms.iter().any(|term| matches!(term, Term::Node { of: own, .. } if own == of))
    };
    let Some(tier) = networks.tiers.iter().find(|tier| tier.name == model.tier) else {
        return true;
    };
    let years = model.lag().min(tier.years.len())..tier.years.len();
    [("coop_eig", &networks.coop), ("conf_eig", &networks.conf)].into_iter().all(|(of, all)| {
        let exists = |at: usize| {
            all.get(&tier.year(at)).is_none_or(|network| eigenvector(network).is_some())
        };
        !uses(of) || years.clone().all(exists)
    })
}

pub(crate) fn model_steps(
    world: &World,
    networks: &Networks,
    model: &Model,
) -> Result<Vec<crate::tergm::step::Step>, NetworkError> {
    let tier = networks.tiers.iter().find(|tier| tier.name == model.tier).ok_or_else(|| {
        NetworkError::model(&model.key(), format!("unknown tier `{}`", model.tier))
    })?;
    steps(Sources { world, networks }, tier, model)
}

/// Computes everything and writes it into `out`, models one after another; models that an earlier
/// run of the same request has finished there are read back.
///
/// # Errors
/// A result cannot be written, or `stop` said so.
pub fn run(
    request: &Request,
    prepared: &Prepared,
    out: &Path,
    csv: bool,
    progress: Progress,
    stop: Stop,
) -> Result<Results, NetworkError> {
    let Prepared { world, networks, models, .. } = prepared;
    let output = Output::open(out, csv, request, prepared)?;
    let mut results = Results::default();
    before_models(request, prepared, &output, &mut results, (&mut *progress, stop))?;
    if !request.stages.models {
        output.end()?;
        return Ok(results);
    }
    results.statistics = statistics(world, networks, models)?;
    results.gof_observed = observed(networks);
    output.table(&results.statistics)?;
    output.table(&results.gof_observed)?;
    output.table(&checks::triads(world, networks)?)?;
    for (at, model) in models.iter().enumerate() {
        if stop() {
            return Err(NetworkError::Stopped);
        }
        let done = 0.1 + 0.9 * at as f64 / models.len() as f64;
        progress(&format!("model {}", model.key()), done);
        let rows = match output.finished(model) {
            Some(rows) => rows,
            None => {
                let rows = model_rows(request, prepared, model, stop)?;
                output.keep(model, &rows)?;
                rows
            }
        };
        results.models.push(rows);
    }
    output.models(models, &results.models)?;
    progress("done", 1.0);
    Ok(results)
}

/// Everything that needs no model.
fn before_models(
    request: &Request,
    prepared: &Prepared,
    output: &Output,
    results: &mut Results,
    (progress, stop): (Progress, Stop),
) -> Result<(), NetworkError> {
    let Prepared { world, networks, .. } = prepared;
    let stages = request.stages;
    output.table(&tables::sample(world))?;
    progress("networks and indicators", 0.0);
    if stages.networks {
        output.table(&tables::pmi(world, networks))?;
        output.table(&tables::geopolitics(world))?;
    }
    if stages.indicators || stages.rankings {
        results.indicators = all_indicators(networks, &groups(world).1);
    }
    if stages.indicators {
        output.table(&tables::network_indicators(&results.indicators))?;
        output.table(&tables::node_indicators(world, &results.indicators))?;
        output.table(&checks::by_degree(&results.indicators))?;
    }
    if stages.rankings {
        results.rankings = rankings(world, networks, &results.indicators);
        output.table(&results.rankings)?;
    }
    if stages.flows {
        results.flows = flows(world);
        output.table(&results.flows)?;
    }
    if stages.communities && request.community_runs > 0 {
        progress("communities", 0.02);
        all_communities(request, world, networks, results, stop)?;
        output.table(&results.communities)?;
        output.table(&results.community_runs)?;
    }
    Ok(())
}

fn model_rows(
    request: &Request,
    prepared: &Prepared,
    model: &Model,
    stop: Stop,
) -> Result<ModelRows, NetworkError> {
    let Prepared { world, networks, .. } = prepared;
    let steps = model_steps(world, networks, model)?;
    let designs = Designs::new(&steps, STORED_BYTES);
    let squares = squares(&designs);
    let full = fit(&designs, &vec![1.0; steps.len()], &squares);
    let plan = if steps.len() < 2 { Plan::Draws(0) } else { request.bootstrap };
    let found = bootstrap(&designs, &full, &squares, plan, request.seed, stop)
        .map_err(|problem| NetworkError::model(&model.key(), problem))?
        .ok_or(NetworkError::Stopped)?;
    let mut rows = estimates(model, &designs, &full, &found, request.replicates);
    rows.checksums = checks::design_sums(model, &designs);
    if request.networks > 0 && full.outcome == Outcome::Estimated {
        let chain = Chain {
            networks: request.networks,
            proposal: request.proposal,
            seed: request.seed,
            ..Chain::default()
        };
        let drawn = goodness(&steps, &full.theta, &chain, stop).ok_or(NetworkError::Stopped)?;
        add_gof(model, &drawn, &chain, &mut rows);
    }
    if request.design {
        rows.design = design(world, model, &steps);
    }
    Ok(rows)
}

fn all_communities(
    request: &Request,
    world: &World,
    networks: &Networks,
    results: &mut Results,
    stop: Stop,
) -> Result<(), NetworkError> {
    let all = networks.all();
    let found: Vec<[Option<Communities>; 2]> = all
        .par_iter()
        .map(|(_, _, network)| {
            if stop() {
                return Err(NetworkError::Stopped);
            }
            Ok([(*network).clone(), network.binary()]
                .map(|network| communities(&network, request.community_runs, request.seed)))
        })
        .collect::<Result<_, _>>()?;
    for ((name, year, network), found) in all.iter().zip(found) {
        let [weighted, _] = &found;
        let of = |found: &Communities| {
            let alone = found.labels.iter().zip(&network.present);
            alone.filter(|(label, present)| label.is_none() && **present).count() as u32
        };
        for (i, area) in world.areas.iter().enumerate() {
            let found = weighted.as_ref();
            results.communities.push(Community {
                network: name.clone(),
                year: *year,
                area: area.code.clone(),
                community: found.and_then(|found| found.labels[i]),
                modularity: found.map(|found| found.modularity),
                agreement: found.map(|found| found.agreement),
                kind: "weighted".into(),
                best_modularity: found.map(|found| found.modularity),
                louvain_min: found.map(|found| found.louvain.0),
                louvain_median: found.map(|found| found.louvain.1),
                communities_of_best: found.map(|found| found.count + of(found)),
            });
        }
        for (kind, found) in ["weighted", "binarysum"].into_iter().zip(&found) {
            let Some(found) = found else { continue };
            results.community_runs.push(CommunityRuns {
                network: name.clone(),
                year: *year,
                kind: kind.into(),
                runs: request.community_runs as u32,
                best_modularity: found.modularity,
                louvain_min: found.louvain.0,
                louvain_median: found.louvain.1,
                leiden_min: found.leiden.0,
                leiden_median: found.leiden.1,
                communities_of_best: found.count + of(found),
                isolates: of(found),
                agreement: found.agreement,
            });
        }
    }
    Ok(())
}

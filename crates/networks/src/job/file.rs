//! A job of networks as written.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use shocksweep_columnar::paths;

use crate::error::{NetworkError, nearest};
use crate::input::Files;
use crate::networks::BuildOptions;
use crate::tergm::model::{LAYOUTS, ModelSpec, ModelsFile, layout_terms};
use crate::tergm::spec::TermSpec;

/// A job as written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct JobFile {
    pub(super) sample: Option<String>,
    pub(super) files: Option<FilesSpec>,
    pub(super) seed: Option<u64>,
    pub(super) bootstrap: Option<PlanSpec>,
    pub(super) build: BuildOptions,
    pub(super) models: Vec<ModelEntry>,
    pub(super) gof: GofSpec,
    pub(super) communities: CommunitiesSpec,
    pub(super) output: OutputSpec,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum PlanSpec {
    Number(u64),
    Word(String),
}

impl PlanSpec {
    pub(super) fn text(&self) -> String {
        match self {
            PlanSpec::Number(number) => number.to_string(),
            PlanSpec::Word(word) => word.clone(),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct GofSpec {
    pub(super) networks: Option<usize>,
    pub(super) proposal: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CommunitiesSpec {
    pub(super) runs: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct OutputSpec {
    pub(super) folder: Option<PathBuf>,
    pub(super) design: bool,
    pub(super) replicates: bool,
}

/// A model: a layout of the paper, or terms.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelEntry {
    pub(super) tier: String,
    pub(super) name: String,
    pub(super) layout: Option<String>,
    pub(super) terms: Option<Vec<TermSpec>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FilesSpec {
    pub(super) areas: PathBuf,
    pub(super) tiers: PathBuf,
    pub(super) trade: Paths,
    pub(super) codes: Option<PathBuf>,
    pub(super) events: Option<PathBuf>,
    #[serde(default)]
    pub(super) gdelt: Vec<PathBuf>,
    pub(super) fips: Option<PathBuf>,
    pub(super) attributes: Option<PathBuf>,
    pub(super) dyads: Option<PathBuf>,
    pub(super) covariates: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Paths {
    One(PathBuf),
    Many(Vec<PathBuf>),
}

impl FilesSpec {
    pub(super) fn resolved(&self, folder: &Path) -> Files {
        let one = |path: &PathBuf| folder.join(path);
        let maybe = |path: &Option<PathBuf>| path.as_ref().map(one);
        Files {
            areas: one(&self.areas),
            tiers: one(&self.tiers),
            trade: match &self.trade {
                Paths::One(path) => vec![one(path)],
                Paths::Many(paths) => paths.iter().map(one).collect(),
            },
            codes: maybe(&self.codes),
            events: maybe(&self.events),
            gdelt: self.gdelt.iter().map(one).collect(),
            fips: maybe(&self.fips),
            attributes: maybe(&self.attributes),
            dyads: maybe(&self.dyads),
            covariates: maybe(&self.covariates),
        }
    }
}

impl JobFile {
    pub(super) fn read(path: &Path) -> Result<Self, NetworkError> {
        let text = shocksweep_columnar::read::text(path).map_err(|error| {
            NetworkError::file(path, format!("cannot be read: {error}; expected a job (TOML)"))
        })?;
        let file: JobFile = toml::from_str(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].lines().count().max(1));
            NetworkError::row(path, line, paths::toml_problem(error.message()))
        })?;
        match file.paths().into_iter().find_map(paths::problem_of) {
            Some(problem) => Err(NetworkError::file(path, format!("a path {problem}"))),
            None => Ok(file),
        }
    }

    /// Every path that it names.
    fn paths(&self) -> Vec<&Path> {
        let mut paths: Vec<&Path> = self.sample.iter().map(Path::new).collect();
        paths.extend(self.output.folder.as_deref());
        let Some(files) = &self.files else { return paths };
        paths.extend([files.areas.as_path(), files.tiers.as_path()]);
        paths.extend(match &files.trade {
            Paths::One(path) => vec![path.as_path()],
            Paths::Many(paths) => paths.iter().map(PathBuf::as_path).collect(),
        });
        paths.extend(files.gdelt.iter().map(PathBuf::as_path));
        let others = [&files.codes, &files.events, &files.fips, &files.attributes];
        let others = others.into_iter().chain([&files.dyads, &files.covariates]);
        paths.extend(others.filter_map(|path| path.as_deref()));
        paths
    }

    pub(super) fn models(&self, path: &Path) -> Result<ModelsFile, NetworkError> {
        let entry = |entry: &ModelEntry| {
            let key = format!("{}/{}", entry.tier, entry.name);
            let terms = match (&entry.layout, &entry.terms) {
                (Some(layout), None) => layout_terms(layout).ok_or_else(|| {
                    let known = nearest(layout, LAYOUTS);
                    NetworkError::model(&key, format!("unknown layout `{layout}`; {known}"))
                })?,
                (None, Some(terms)) => terms.clone(),
                _ => {
                    let problem = format!("model `{key}`: expected one of `layout` and `terms`");
                    return Err(NetworkError::file(path, problem));
                }
            };
            Ok((key, ModelSpec { terms }))
        };
        self.models.iter().map(entry).collect::<Result<_, _>>().map(ModelsFile)
    }
}

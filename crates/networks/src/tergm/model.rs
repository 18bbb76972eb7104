//! Models: which terms explain the networks of which tier (section 6).

use std::path::Path;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::spec::TermSpec;
use super::term::Term;
use crate::error::{NetworkError, nearest};

/// A model of the networks of a tier.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Tier.
    pub tier: String,
    /// Name within the tier.
    pub name: String,
    /// Terms in order.
    pub terms: Vec<Term>,
}

impl Model {
    /// `tier/name`.
    pub fn key(&self) -> String {
        format!("{}/{}", self.tier, self.name)
    }

    /// Largest lag in use.
    pub fn lag(&self) -> usize {
        self.terms.iter().map(Term::lag).max().unwrap_or(0)
    }

    /// Labels of the terms.
    pub fn labels(&self) -> Vec<String> {
        self.terms.iter().map(Term::label).collect()
    }
}

/// Models as written: `tier/name` to terms, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelsFile(pub Vec<(String, ModelSpec)>);

/// Terms of a model as written; what else a file says of it is not read.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ModelSpec {
    /// Terms.
    pub terms: Vec<TermSpec>,
}

impl<'de> Deserialize<'de> for ModelsFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = ModelsFile;

            fn expecting(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
                formatter.write_str("a table from `tier/name` to a model with `terms`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ModelsFile, A::Error> {
                let mut models = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    models.push(entry);
                }
                Ok(ModelsFile(models))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

impl ModelsFile {
    /// Reads a models file: JSON.
    ///
    /// # Errors
    /// The file is missing or is not a models file.
    pub fn read(path: &Path) -> Result<Self, NetworkError> {
        let text = shocksweep_columnar::read::text(path).map_err(|error| {
            NetworkError::file(path, format!("cannot be read: {error}; expected a models file"))
        })?;
        serde_json::from_str(&text)
            .map_err(|error| NetworkError::file(path, format!("not a models file: {error}")))
    }

    /// The models, checked as far as this is possible without data.
    ///
    /// # Errors
    /// An unknown tier or term, or an option out of range.
    pub fn models(&self, tiers: &[&str]) -> Result<Vec<Model>, NetworkError> {
        let mut models: Vec<Model> = Vec::new();
        for (key, spec) in &self.0 {
            let Some((tier, name)) = key.split_once('/') else {
                return Err(NetworkError::model(key, "expected a name of the form `tier/name`"));
            };
            if !tiers.contains(&tier) {
                let known = nearest(tier, tiers.iter().copied());
                return Err(NetworkError::model(key, format!("unknown tier `{tier}`; {known}")));
            }
            if models.iter().any(|model| model.tier == tier && model.name == name) {
                return Err(NetworkError::model(key, "is there twice; expected once"));
            }
            let terms: Result<Vec<Term>, String> = spec.terms.iter().map(TermSpec::term).collect();
            let terms = terms.map_err(|problem| NetworkError::model(key, problem))?;
            if terms.is_empty() {
                return Err(NetworkError::model(key, "has no terms; expected at least `edges`"));
            }
            models.push(Model { tier: tier.to_string(), name: name.to_string(), terms });
        }
        if models.is_empty() {
            let problem = "there is no model; expected `tier/name` with `terms`";
            return Err(NetworkError::Options(problem.to_string()));
        }
        Ok(models)
    }
}

const EXOGENOUS: [&str; 10] = [
    "nodecov.lnGDP",
    "nodeicov.coop",
    "nodeicov.conf",
    "nodeocov.coop",
    "nodeocov.conf",
    "edgecov.coop",
    "edgecov.conf",
    "edgecov.dist",
    "edgecov.lang",
    "edgecov.colo",
];
const STRUCTURE: [&str; 5] = ["mutual", "gwideg", "gwodeg", "gwesp", "gwdsp"];
const TIME: [&str; 3] = ["delrecip", "memory.stability", "timecov"];

/// Terms of the layouts of the paper's Tables 5 to 7, in the order in which they print.
/// Source: Liu et al. 2025, Tables 5 to 7.
fn layout(name: &str) -> Vec<String> {
    let own = |terms: &[&str]| terms.iter().map(|term| term.to_string()).collect::<Vec<_>>();
    let centrality = |kind: &str, with_covariates: bool| {
        let mut terms = own(&["edges", "mutual", "gwesp", "gwdsp", "delrecip", "memory.stability"]);
        terms.push("nodecov.lnGDP".to_string());
        terms.extend(["coop", "conf"].map(|relation| format!("nodecov.{relation}_{kind}")));
        terms.extend(own(&["edgecov.dist", "edgecov.lang", "edgecov.colo"]));
        if with_covariates {
            terms.extend(own(&["edgecov.coop", "edgecov.conf"]));
        }
        terms
    };
    match name {
        "M1" => own(&[&["edges"], &EXOGENOUS[..]].concat()),
        "M2" => own(&[&["edges"], &STRUCTURE[..], &EXOGENOUS].concat()),
        "M3" => own(&[&["edges"], &STRUCTURE[..], &TIME, &EXOGENOUS].concat()),
        "M10" => centrality("deg", false),
        "M11" => centrality("deg", true),
        "M16" => centrality("eig", false),
        _ => centrality("eig", true),
    }
}

/// Layouts of the paper: M1 to M3 of Table 5, M10 and M11 of Table 6, M16 and M17 of Table 7.
pub const LAYOUTS: [&str; 7] = ["M1", "M2", "M3", "M10", "M11", "M16", "M17"];

/// Terms of a layout of the paper.
pub fn layout_terms(name: &str) -> Option<Vec<TermSpec>> {
    LAYOUTS.contains(&name).then(|| layout(name).into_iter().map(TermSpec::Short).collect())
}

/// The paper's models of each tier: three layouts of Table 5, two of Table 6, two of Table 7.
pub fn paper(tiers: &[&str]) -> ModelsFile {
    let spec = |name: &str| ModelSpec { terms: layout_terms(name).unwrap_or_default() };
    let of_tier = |tier: &&str| LAYOUTS.map(|name| (format!("{tier}/{name}"), spec(name)));
    ModelsFile(tiers.iter().flat_map(of_tier).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_papers_layouts_have_the_papers_number_of_terms() {
        let models = paper(&["upstream"]).models(&["upstream"]).unwrap();
        let terms: Vec<usize> = models.iter().map(|model| model.terms.len()).collect();
        assert_eq!(terms, [11, 16, 19, 12, 14, 12, 14]);
        let lags: Vec<usize> = models.iter().map(Model::lag).collect();
        assert_eq!(lags, [0, 0, 1, 1, 1, 1, 1]);
    }

    #[test]
    fn models_keep_their_order_and_name_what_is_wrong() {
        let text = r#"{"b/Z": {"terms": ["edges"], "dyads": 3}, "a/A": {"terms": ["mutual"]}}"#;
        let file: ModelsFile = serde_json::from_str(text).unwrap();
        let keys: Vec<String> = file.models(&["a", "b"]).unwrap().iter().map(Model::key).collect();
        assert_eq!(keys, ["b/Z", "a/A"]);
        let problem = file.models(&["a", "bb"]).unwrap_err().to_string();
        assert!(problem.contains("unknown tier `b`") && problem.contains("`bb`"), "{problem}");
    }
}

//! Terms as people write them in models files and jobs.

use serde::Deserialize;

use super::term::{DEFAULT_DECAY, Memory, Role, Scale, Structural, Term, Time};
use crate::error::nearest;

/// A term as written in a models file: a table of options, or the label of one without options.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum TermSpec {
    /// `nodecov.lnGDP`
    Short(String),
    /// `{ term = "nodecov", of = "lnGDP" }`
    Full(Box<Options>),
}

/// Options of a term.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    term: String,
    of: Option<String>,
    decay: Option<f64>,
    lag: Option<i64>,
    #[serde(rename = "type")]
    kind: Option<String>,
    mutuality: Option<bool>,
    power: Option<f64>,
    values: Option<Vec<f64>>,
    scale: Option<String>,
}

/// Names of all terms, for errors.
const NAMES: [&str; 21] = [
    "edges",
    "mutual",
    "gwideg",
    "gwodeg",
    "gwesp",
    "gwdsp",
    "delrecip",
    "memory",
    "timecov",
    "nodecov",
    "nodeocov",
    "nodeicov",
    "edgecov",
    "ttriple",
    "ctriple",
    "triangle",
    "transitiveties",
    "istar2",
    "ostar2",
    "absdiff",
    "nodematch",
];

impl TermSpec {
    /// The term that is meant.
    ///
    /// # Errors
    /// What is wrong and what was expected.
    pub fn term(&self) -> Result<Term, String> {
        match self {
            TermSpec::Full(options) => options.term(),
            TermSpec::Short(label) => {
                let (name, rest) = label.split_once('.').unwrap_or((label, ""));
                let mut options = Options { term: name.to_string(), ..Options::default() };
                if !rest.is_empty() {
                    let field = if name == "memory" { &mut options.kind } else { &mut options.of };
                    *field = Some(rest.to_string());
                }
                options.term()
            }
        }
    }
}

impl Options {
    fn term(&self) -> Result<Term, String> {
        let name = match self.term.as_str() {
            "istar" | "istar(2)" => "istar2",
            "ostar" | "ostar(2)" => "ostar2",
            name => name,
        };
        let decay = || self.decay.unwrap_or(DEFAULT_DECAY);
        let (term, used): (Term, &[&str]) = match name {
            "edges" => (Term::Edges, &[]),
            "mutual" => (Term::Structural(Structural::Mutual), &[]),
            "gwideg" => (Term::Structural(Structural::Gwideg(decay())), &["decay"]),
            "gwodeg" => (Term::Structural(Structural::Gwodeg(decay())), &["decay"]),
            "gwesp" => (Term::Structural(Structural::Gwesp(decay())), &["decay"]),
            "gwdsp" => (Term::Structural(Structural::Gwdsp(decay())), &["decay"]),
            "ttriple" => (Term::Structural(Structural::Ttriple), &[]),
            "ctriple" => (Term::Structural(Structural::Ctriple), &[]),
            "triangle" => (Term::Structural(Structural::Triangle), &[]),
            "transitiveties" => (Term::Structural(Structural::Transitiveties), &[]),
            "istar2" => (Term::Structural(Structural::Istar2), &[]),
            "ostar2" => (Term::Structural(Structural::Ostar2), &[]),
            "delrecip" => {
                let mutuality = self.mutuality.unwrap_or(false);
                (Term::Delrecip { mutuality, lag: self.lag(1, 1)? }, &["mutuality", "lag"])
            }
            "memory" => {
                (Term::Memory { kind: self.memory()?, lag: self.lag(1, 1)? }, &["type", "lag"])
            }
            "timecov" => (Term::Timecov(self.time()?), &["power", "values"]),
            "nodecov" => (Term::Node { role: Role::Both, of: self.of()? }, &["of"]),
            "nodeocov" => (Term::Node { role: Role::Sender, of: self.of()? }, &["of"]),
            "nodeicov" => (Term::Node { role: Role::Receiver, of: self.of()? }, &["of"]),
            "absdiff" => (Term::Absdiff { of: self.of()? }, &["of"]),
            "nodematch" => (Term::Nodematch { of: self.of()? }, &["of"]),
            "edgecov" => {
                let (of, scale, lag) = (self.of()?, self.scale()?, self.lag(0, 0)?);
                (Term::Edgecov { of, scale, lag }, &["of", "scale", "lag"])
            }
            other => return Err(format!("unknown term `{other}`; {}", nearest(other, NAMES))),
        };
        self.check(used)?;
        Ok(term)
    }

    /// Options that the term does not have, and values that it cannot have.
    fn check(&self, used: &[&str]) -> Result<(), String> {
        let given = [
            ("of", self.of.is_some()),
            ("decay", self.decay.is_some()),
            ("lag", self.lag.is_some()),
            ("type", self.kind.is_some()),
            ("mutuality", self.mutuality.is_some()),
            ("power", self.power.is_some()),
            ("values", self.values.is_some()),
            ("scale", self.scale.is_some()),
        ];
        for (option, is_given) in given {
            if is_given && !used.contains(&option) {
                let expected = if used.is_empty() { "none".into() } else { used.join(", ") };
                let term = &self.term;
                return Err(format!("term `{term}` has no option `{option}`; expected {expected}"));
            }
        }
        if let Some(decay) = self.decay
            && !(decay >= 0.0 && decay.is_finite())
        {
            return Err(format!("decay of `{}` is {decay}; expected 0 or more", self.term));
        }
        Ok(())
    }

    fn of(&self) -> Result<String, String> {
        self.of.clone().filter(|of| !of.is_empty()).ok_or_else(|| {
            format!("term `{}` lacks `of`; expected the name of a covariate", self.term)
        })
    }

    fn lag(&self, default: usize, least: i64) -> Result<usize, String> {
        match self.lag {
            None => Ok(default),
            Some(lag) if lag >= least => usize::try_from(lag)
                .map_err(|_| format!("lag of `{}` is {lag}; expected fewer steps", self.term)),
            Some(lag) => {
                Err(format!("lag of `{}` is {lag}; expected {least} or more steps", self.term))
            }
        }
    }

    fn memory(&self) -> Result<Memory, String> {
        let kind = self.kind.as_deref().unwrap_or("stability");
        let found = Memory::ALL.iter().find(|(name, _)| *name == kind).map(|(_, kind)| *kind);
        found.ok_or_else(|| {
            let known = nearest(kind, Memory::ALL.map(|(name, _)| name));
            format!("unknown type `{kind}` of `memory`; {known}")
        })
    }

    fn scale(&self) -> Result<Scale, String> {
        match self.scale.as_deref() {
            None | Some("standard") => Ok(Scale::Standard),
            Some("raw") => Ok(Scale::Raw),
            Some("binary") => Ok(Scale::Binary),
            Some(other) => {
                let known = nearest(other, ["standard", "raw", "binary"]);
                Err(format!("unknown scale `{other}` of `{}`; {known}", self.term))
            }
        }
    }

    fn time(&self) -> Result<Time, String> {
        match (&self.values, self.power) {
            (Some(_), Some(_)) => {
                Err("timecov has both `power` and `values`; expected one of them".to_string())
            }
            (Some(values), None) if values.iter().all(|value| value.is_finite()) => {
                Ok(Time::Custom(values.clone()))
            }
            (Some(_), None) => Err("`values` of timecov are not all finite".to_string()),
            (None, power) => {
                let power = power.unwrap_or(1.0);
                if power.is_finite() {
                    Ok(Time::Power(power))
                } else {
                    Err(format!("power of timecov is {power}; expected a finite number"))
                }
            }
        }
    }
}

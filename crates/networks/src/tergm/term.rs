//! Terms of a model: names, options, labels (section 5).

use serde::Deserialize;

use crate::error::nearest;

/// Decay of the geometrically weighted terms; the paper states none.
pub const DEFAULT_DECAY: f64 = 0.5;

/// Whose attribute a node term adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// x_i + x_j (`nodecov`).
    Both,
    /// x_i (`nodeocov`).
    Sender,
    /// x_j (`nodeicov`).
    Receiver,
}

/// What a memory term keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// 2 P_ij - 1: ties and non-ties that stay.
    Stability,
    /// P_ij: ties that stay.
    Autoregression,
    /// 1 - P_ij: ties that are new.
    Innovation,
    /// -P_ij: ties that go.
    Loss,
}

impl Memory {
    const ALL: [(&'static str, Memory); 4] = [
        ("stability", Memory::Stability),
        ("autoregression", Memory::Autoregression),
        ("innovation", Memory::Innovation),
        ("loss", Memory::Loss),
    ];
}

/// Scale of a covariate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// ln(1 + weighted events), ln(distance), anything else as it is.
    Standard,
    /// As in the table.
    Raw,
    /// 1 where more than 0.
    Binary,
}

/// How time enters.
#[derive(Debug, Clone, PartialEq)]
pub enum Time {
    /// t to a power.
    Power(f64),
    /// A value per network, the first network of the tier first.
    Custom(Vec<f64>),
}

/// Terms of the network's own structure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Structural {
    /// Pairs with both ties.
    Mutual,
    /// sum_j w(indegree_j), decay.
    Gwideg(f64),
    /// sum_i w(outdegree_i), decay.
    Gwodeg(f64),
    /// Sum over ties of w(sp_ij), decay.
    Gwesp(f64),
    /// Sum over ordered pairs of w(sp_ij), decay.
    Gwdsp(f64),
    /// i -> k -> j with i -> j.
    Ttriple,
    /// i -> j -> k -> i.
    Ctriple,
    /// Both.
    Triangle,
    /// Ties with at least one i -> k -> j.
    Transitiveties,
    /// Pairs of ties to the same area.
    Istar2,
    /// Pairs of ties from the same area.
    Ostar2,
}

/// A term of a model.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// Number of ties.
    Edges,
    /// Structure.
    Structural(Structural),
    /// sum A_ij P_ji, or 2 P_ji - 1.
    Delrecip {
        /// Whether non-ties count as -1.
        mutuality: bool,
        /// Steps back.
        lag: usize,
    },
    /// Memory of an earlier network.
    Memory {
        /// What is kept.
        kind: Memory,
        /// Steps back.
        lag: usize,
    },
    /// Trend.
    Timecov(Time),
    /// Attribute of an area.
    Node {
        /// Whose.
        role: Role,
        /// Attribute.
        of: String,
    },
    /// |x_i - x_j|.
    Absdiff {
        /// Attribute.
        of: String,
    },
    /// 1 where both have the same.
    Nodematch {
        /// Attribute, or `group`.
        of: String,
    },
    /// Covariate of a pair.
    Edgecov {
        /// Covariate.
        of: String,
        /// Scale.
        scale: Scale,
        /// Steps back; 0 = the same year.
        lag: usize,
    },
}

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

impl Term {
    /// Steps back that the term needs.
    pub fn lag(&self) -> usize {
        match self {
            Term::Delrecip { lag, .. } | Term::Memory { lag, .. } | Term::Edgecov { lag, .. } => {
                *lag
            }
            _ => 0,
        }
    }

    /// Name in every table: term, `.of` or `.type`, then what is not default.
    pub fn label(&self) -> String {
        let lagged = |mut label: String, lag: usize, default: usize| {
            if lag != default {
                label += &format!(".lag{lag}");
            }
            label
        };
        match self {
            Term::Edges => "edges".to_string(),
            Term::Structural(structural) => structural.label(),
            Term::Delrecip { mutuality, lag } => {
                let name = if *mutuality { "delrecip.mutuality" } else { "delrecip" };
                lagged(name.to_string(), *lag, 1)
            }
            Term::Memory { kind, lag } => {
                let name = Memory::ALL.iter().find(|(_, k)| k == kind).map_or("", |(name, _)| name);
                lagged(format!("memory.{name}"), *lag, 1)
            }
            Term::Timecov(Time::Power(1.0)) => "timecov".to_string(),
            Term::Timecov(Time::Power(power)) => format!("timecov^{power}"),
            Term::Timecov(Time::Custom(_)) => "timecov.custom".to_string(),
            Term::Node { role: Role::Both, of } => format!("nodecov.{of}"),
            Term::Node { role: Role::Sender, of } => format!("nodeocov.{of}"),
            Term::Node { role: Role::Receiver, of } => format!("nodeicov.{of}"),
            Term::Absdiff { of } => format!("absdiff.{of}"),
            Term::Nodematch { of } => format!("nodematch.{of}"),
            Term::Edgecov { of, scale, lag } => {
                let scale = match scale {
                    Scale::Standard => "",
                    Scale::Raw => ".raw",
                    Scale::Binary => ".binary",
                };
                lagged(format!("edgecov.{of}{scale}"), *lag, 0)
            }
        }
    }
}

impl Structural {
    fn label(self) -> String {
        let (name, decay) = match self {
            Structural::Mutual => ("mutual", None),
            Structural::Gwideg(decay) => ("gwideg", Some(decay)),
            Structural::Gwodeg(decay) => ("gwodeg", Some(decay)),
            Structural::Gwesp(decay) => ("gwesp", Some(decay)),
            Structural::Gwdsp(decay) => ("gwdsp", Some(decay)),
            Structural::Ttriple => ("ttriple", None),
            Structural::Ctriple => ("ctriple", None),
            Structural::Triangle => ("triangle", None),
            Structural::Transitiveties => ("transitiveties", None),
            Structural::Istar2 => ("istar2", None),
            Structural::Ostar2 => ("ostar2", None),
        };
        match decay {
            Some(decay) if decay != DEFAULT_DECAY => format!("{name}({decay})"),
            _ => name.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(json: &str) -> Result<Term, String> {
        serde_json::from_str::<TermSpec>(json).map_err(|e| e.to_string())?.term()
    }

    #[test]
    fn labels_say_what_is_not_default() {
        for (json, label) in [
            (r#"{"term":"gwideg","decay":1.2}"#, "gwideg(1.2)"),
            (r#"{"term":"gwideg","decay":0.5}"#, "gwideg"),
            (r#"{"term":"gwesp","decay":0.0}"#, "gwesp(0)"),
            (r#"{"term":"timecov","power":2}"#, "timecov^2"),
            (r#"{"term":"delrecip","mutuality":true}"#, "delrecip.mutuality"),
            (r#"{"term":"memory","type":"loss","lag":2}"#, "memory.loss.lag2"),
            (r#""memory.innovation""#, "memory.innovation"),
            (r#""edgecov.coop""#, "edgecov.coop"),
            (r#"{"term":"edgecov","of":"coop","scale":"raw","lag":1}"#, "edgecov.coop.raw.lag1"),
        ] {
            assert_eq!(term(json).unwrap().label(), label);
        }
    }

    #[test]
    fn what_cannot_be_meant_is_named() {
        for (json, part) in [
            (r#"{"term":"gwespp"}"#, "nearest `gwesp`"),
            (r#"{"term":"gwesp","decay":-1}"#, "expected 0 or more"),
            (r#"{"term":"edges","decay":1}"#, "no option `decay`"),
            (r#"{"term":"nodecov"}"#, "lacks `of`"),
            (r#"{"term":"memory","type":"stabilty"}"#, "nearest `stability`"),
            (r#"{"term":"delrecip","lag":0}"#, "expected 1 or more"),
        ] {
            let problem = term(json).unwrap_err();
            assert!(problem.contains(part), "{problem}");
        }
    }
}

//! Terms of a model: names, options, labels (section 5).

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
    pub(super) const ALL: [(&'static str, Memory); 4] = [
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
    use crate::tergm::spec::TermSpec;

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

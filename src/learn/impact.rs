//! Tonnes that a rule can move: which rules matter (Baum et al. 2024, eqs. 37 and 38 and appendix).
//!
//! `(m - 1)` times the mean of the positive flows that the rule would change, in the newest year,
//! for a full loss (RL = 1):
//!
//! | kind | flows | over |
//! |---|---|---|
//! | import | `T eta_exp x0` from the exporter to the importer | items |
//! | alpha | inputs of the process times alpha | areas |
//! | beta | beta | areas |
//! | nu | `nu eta_prod x0` | areas |
//! | substitution | `s` times the import flow of the substitute | importers and exporters |

use super::observations::RuleKind;
use super::rules::LearnedRule;
use super::substitution::SubstitutionRule;
use crate::dataset::{Dimensions, Parameters};

/// What one rule can move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Impact {
    /// Family; `None` for substitution.
    pub kind: Option<RuleKind>,
    /// Keys of the rule; item and substitute for substitution.
    pub key: (u32, u32),
    /// Flows averaged.
    pub n: usize,
    /// Factor in force: multiplier, or `1 + s`.
    pub factor: f64,
    /// Tonnes.
    pub impact: f64,
}

/// Impacts of all rules with a multiplier, and of substitutions in use, that change any flow.
pub fn impacts(
    p: &Parameters,
    d: Dimensions,
    rules: &[LearnedRule],
    substitutions: &[SubstitutionRule],
) -> Vec<Impact> {
    let given: Vec<f64> = (0..d.sectors()).map(|s| p.share_eta_prod[s] * p.x0[s]).collect();
    let inputs = p.allocation_nu.times(&given);
    let entry = |found: Option<&f64>, flow: f64| found.map_or(0.0, |share| share * flow);
    let exported = |from: usize| p.share_eta_exp[from] * p.x0[from];
    let mut found = Vec::new();
    for kind in [RuleKind::Import, RuleKind::Alpha, RuleKind::Beta, RuleKind::Nu] {
        for rule in rules.iter().filter(|r| r.kind == kind) {
            let Some(multiplier) = rule.multiplier else { continue };
            let (a, b) = (rule.key.0 as usize, rule.key.1 as usize);
            let flow = |member: usize| match kind {
                RuleKind::Import => {
                    let [to, from] = [a, b].map(|area| d.sector(area, member));
                    entry(p.trade_t.get(to, from), exported(from))
                }
                _ => {
                    let (s, column) = (d.sector(member, a), d.process_column(member, b));
                    match kind {
                        RuleKind::Alpha => entry(p.conversion_alpha.get(s, column), inputs[column]),
                        RuleKind::Beta => entry(p.output_beta.get(s, column), 1.0),
                        _ => entry(p.allocation_nu.get(column, s), given[s]),
                    }
                }
            };
            let members = if kind == RuleKind::Import { d.items } else { d.areas };
            let mean = Mean::of((0..members).map(flow));
            found.extend(mean.map(|(n, mean)| Impact {
                kind: Some(kind),
                key: rule.key,
                n,
                factor: multiplier,
                impact: (multiplier - 1.0) * mean,
            }));
        }
    }
    for s in substitutions.iter().filter(|s| s.kept) {
        let rows = (0..d.areas).flat_map(|area| p.trade_t.row(d.sector(area, s.substitute)));
        let mean = Mean::of(rows.map(|(from, share)| share * exported(from)));
        found.extend(mean.map(|(n, mean)| Impact {
            kind: None,
            key: (s.item as u32, s.substitute as u32),
            n,
            factor: 1.0 + s.index,
            impact: s.index * mean,
        }));
    }
    found
}

/// Mean of the positive values.
struct Mean;

impl Mean {
    fn of(values: impl Iterator<Item = f64>) -> Option<(usize, f64)> {
        let positive: Vec<f64> = values.filter(|&v| v > 0.0).collect();
        let n = positive.len();
        (n > 0).then(|| (n, positive.iter().sum::<f64>() / n as f64))
    }
}

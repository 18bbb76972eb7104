//! Rows of the tables as people read them.

use super::{SetRow, Shocked, Unknown};
use crate::results::Name;
use crate::results::superposition::PairResult;
use crate::results::triples::TripleResult;
use crate::scenario::ScenarioId;

/// All numbers, if they are there.
fn known<const K: usize>(numbers: [Option<f64>; K]) -> Option<Vec<f64>> {
    numbers.into_iter().collect()
}

fn shocked<const K: usize>(
    scenario: ScenarioId,
    sectors: [(&Name, &Name); K],
    phi: [f64; K],
) -> Shocked {
    let name = |(area, item): (&Name, &Name)| [area.to_string(), item.to_string()];
    Shocked { scenario, sectors: sectors.map(name).to_vec(), phi: phi.to_vec() }
}

/// A row of `superposition.parquet`.
pub(super) fn of_pair(row: PairResult) -> Result<SetRow, Unknown> {
    let sectors = [(&row.area_a, &row.item_a), (&row.area_b, &row.item_b)];
    let set = shocked(row.scenario, sectors, [row.phi_a, row.phi_b]);
    let al = known([row.al_joint, row.al_a, row.al_b]);
    let (Some(al), Some(s), Some(s_shocked)) = (al, row.s, row.s_shocked) else {
        let numbers = [
            row.al_joint,
            row.al_a,
            row.al_b,
            row.s,
            row.s_per_capita,
            row.s_shocked,
            row.s_shocked_per_capita,
            row.s_static,
            row.s_adaptation,
            row.s_substitution,
            row.bound,
            row.s_relative,
            row.s_shocked_relative,
        ];
        let is_empty = numbers.iter().all(Option::is_none);
        return Err(Unknown { set, method: row.method, is_empty });
    };
    let stages = known([row.s_static, row.s_adaptation, row.s_substitution]);
    Ok(SetRow {
        set,
        al,
        s_of_pairs: Vec::new(),
        s,
        s_per_capita: row.s_per_capita,
        s_shocked,
        s_shocked_per_capita: row.s_shocked_per_capita,
        stages: stages.and_then(|stages| stages.try_into().ok()),
        method: row.method,
        bound: row.bound,
        relative: row.s_relative,
        kcal: known([row.kcal_joint, row.kcal_a, row.kcal_b]),
        s_kcal_of_pairs: Vec::new(),
        s_kcal: row.s_kcal,
        overshoot: row.overshoot,
    })
}

/// A row of `triples.parquet`.
pub(super) fn of_triple(row: TripleResult) -> Result<SetRow, Unknown> {
    let sectors =
        [(&row.area_a, &row.item_a), (&row.area_b, &row.item_b), (&row.area_c, &row.item_c)];
    let set = shocked(row.scenario, sectors, [row.phi_a, row.phi_b, row.phi_c]);
    let al = known([row.al_joint, row.al_a, row.al_b, row.al_c]);
    let s_of_pairs = known([row.s_ab, row.s_ac, row.s_bc]);
    let (Some(al), Some(s_of_pairs), Some(s), Some(s_shocked)) =
        (al, s_of_pairs, row.s_abc, row.s_abc_shocked)
    else {
        let numbers = [
            row.al_joint,
            row.al_a,
            row.al_b,
            row.al_c,
            row.s_ab,
            row.s_ac,
            row.s_bc,
            row.s_abc,
            row.s_abc_per_capita,
            row.s_abc_shocked,
            row.s_abc_shocked_per_capita,
            row.s_abc_static,
            row.s_abc_adaptation,
            row.s_abc_substitution,
        ];
        let is_empty = numbers.iter().all(Option::is_none);
        return Err(Unknown { set, method: row.method, is_empty });
    };
    let stages = known([row.s_abc_static, row.s_abc_adaptation, row.s_abc_substitution]);
    let food = [row.s_kcal_ab, row.s_kcal_ac, row.s_kcal_bc];
    Ok(SetRow {
        set,
        al,
        s_of_pairs,
        s,
        s_per_capita: row.s_abc_per_capita,
        s_shocked,
        s_shocked_per_capita: row.s_abc_shocked_per_capita,
        stages: stages.and_then(|stages| stages.try_into().ok()),
        method: row.method,
        bound: None,
        relative: None,
        kcal: known([row.kcal_joint, row.kcal_a, row.kcal_b, row.kcal_c]),
        s_kcal_of_pairs: known(food).unwrap_or_default(),
        s_kcal: row.s_kcal_abc,
        overshoot: row.overshoot,
    })
}

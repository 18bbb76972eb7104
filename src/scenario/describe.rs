//! What a scenario shocks, in words.

use std::collections::BTreeSet;

use super::{Scenario, Shock, ShockKind};
use crate::dataset::Dataset;

/// Shocks that are named one by one at most.
const MOST_NAMED: usize = 3;

impl Scenario {
    /// What the scenario shocks, in words: up to three sectors by name, more of them by what they have in
    /// common: `India / Rice and products -30 %`, `all 71 products of Ukraine`.
    pub fn describe(&self, dataset: &Dataset) -> String {
        let labels = &dataset.labels;
        if self.shocks.len() <= MOST_NAMED {
            let name = |shock: &Shock| {
                labels.sector_name(shock.sector as usize) + &addition(shock, dataset)
            };
            return self.shocks.iter().map(name).collect::<Vec<_>>().join(" + ");
        }
        let dims = dataset.dimensions();
        let distinct = |of: &dyn Fn(usize) -> usize| -> BTreeSet<usize> {
            self.shocks.iter().map(|s| of(s.sector as usize)).collect()
        };
        let sectors = distinct(&|s| s).len();
        let (areas, items) = (distinct(&|s| dims.area_of(s)), distinct(&|s| dims.item_of(s)));
        let area = |at: usize| labels.areas[at].name.as_str();
        let item = |at: usize| labels.items[at].name.as_str();
        let all_of = |is_in: &dyn Fn(usize) -> bool| {
            let producers = dataset.parameters.producers();
            let produced = (0..producers.len()).filter(|&s| producers[s] && is_in(s)).count();
            if produced == sectors { "all " } else { "" }
        };
        let (one_area, one_item) = (areas.first().copied(), items.first().copied());
        let what = match (one_area, one_item) {
            (Some(only), _) if areas.len() == 1 => {
                let all = all_of(&|s| dims.area_of(s) == only);
                format!("{all}{} products of {}", items.len(), area(only))
            }
            (_, Some(only)) if items.len() == 1 => {
                let all = all_of(&|s| dims.item_of(s) == only);
                let all = if all.is_empty() { "" } else { "all " };
                format!("{} of {all}{} areas", item(only), areas.len())
            }
            _ => format!("{sectors} sectors of {} areas and {} products", areas.len(), items.len()),
        };
        // What all shocks have in common is said once.
        let additions: BTreeSet<String> =
            self.shocks.iter().map(|shock| addition(shock, dataset)).collect();
        match additions.first() {
            Some(addition) if additions.len() == 1 => what + addition,
            _ => what + ", each in its own way",
        }
    }
}

/// What is said of a shock behind the name of its sector: nothing where all output is lost in every
/// step.
fn addition(shock: &Shock, dataset: &Dataset) -> String {
    let mut text = String::new();
    match shock.kind {
        // Of what loses nothing it is said elsewhere that it does.
        ShockKind::Production if shock.phi == 1.0 || shock.phi == 0.0 => {}
        ShockKind::Production => text += &format!(" -{} %", percent(shock.phi)),
        ShockKind::Blockade { importer, .. } => {
            text += &format!(" blockade to {}", dataset.labels.areas[importer as usize].name);
        }
        ShockKind::ExportBan | ShockKind::ImportBan { .. } => {
            text += &format!(" {}", shock.kind.name());
        }
    }
    if shock.kind.is_ban() && shock.phi != 1.0 {
        text += &format!(" by {} %", percent(shock.phi));
    }
    if !shock.is_constant() {
        text += &format!(" ({})", shock.course);
    }
    text
}

/// A share as a percentage without superfluous digits.
pub fn percent(share: f64) -> String {
    // Below what four decimals show, but not nothing.
    if share > 0.0 && share < 1e-6 {
        return format!("{:.1e}", 100.0 * share);
    }
    let text = format!("{:.4}", 100.0 * share);
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

#[cfg(test)]
mod tests {
    use super::super::spec;
    use super::*;
    use crate::dataset::synth::{SynthOptions, synthesize};

    #[test]
    fn scenarios_in_words() {
        let world = synthesize(&SynthOptions::default()).unwrap();
        let name = |texts: &[&str]| {
            let shocks = texts.iter().flat_map(|text| spec::parse(text, &world).unwrap()).collect();
            Scenario::new(0, shocks, &world.labels).unwrap().describe(&world)
        };
        assert_eq!(name(&["IND/rice"]), "India / Rice and products");
        assert_eq!(name(&["IND/rice=0.3"]), "India / Rice and products -30 %");
        assert_eq!(name(&["IND/rice=1e-300"]), "India / Rice and products -1.0e-298 %");
        assert_eq!(name(&["IND/rice=0.125"]), "India / Rice and products -12.5 %");
        assert_eq!(
            name(&["IND/rice", "UKR/wheat=0.5"]),
            "India / Rice and products + Ukraine / Wheat and products -50 %"
        );
        let all = spec::parse("Ukraine/*", &world).unwrap().len();
        assert_eq!(name(&["Ukraine/*"]), format!("all {all} products of Ukraine"));
        assert_eq!(name(&["Ukraine/*=0.5"]), format!("all {all} products of Ukraine -50 %"));
        let cereals = spec::parse("Ukraine/Cereals", &world).unwrap().len();
        assert_eq!(name(&["Ukraine/Cereals"]), format!("{cereals} products of Ukraine"));
        let growing = spec::parse("*/wheat", &world).unwrap().len();
        assert_eq!(name(&["*/wheat"]), format!("Wheat and products of all {growing} areas"));
        let eu = spec::parse("EU/wheat", &world).unwrap().len();
        assert_eq!(name(&["EU/wheat"]), format!("Wheat and products of {eu} areas"));
    }
}

//! What adaptation changes in one run: which entries it may touch, and by how much columns change.

use std::collections::BTreeSet;

use super::network::BaseNetwork;
use crate::dataset::{Dataset, Parameters, Rule};
use crate::engine::{Event, EventKind};
use crate::model::adaptation::{AdaptationSettings, Hit, adapt, import_growth, substitute};
use crate::model::combined;

/// Parameters that one run changes. All lists are ascending.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// Columns of T (exporting sectors) in which an entry is set or grown, and the columns of the
    /// adapting sectors, whose shares change.
    pub exporters: Vec<u32>,
    /// Process columns whose outputs (alpha) are set.
    pub conversions: Vec<u32>,
    /// Process columns whose inputs (nu) are set.
    pub allocations: Vec<u32>,
    /// Process columns whose outputs without input (beta) are set.
    pub sources: Vec<u32>,
    /// Sectors whose output may change by any of it.
    pub outputs: Vec<u32>,
    /// Per changed column s of the step's matrix, `|change|' V`: what one tonne in s does
    /// differently, at most, weighted by the [`BaseNetwork::weights`].
    pub effects: Vec<(u32, f64)>,
    /// Largest `(A + 2 increase)' V / V` over the columns.
    pub growth: f64,
}

impl Changes {
    /// What a run with these decisions changes.
    ///
    /// # Panics
    /// If sectors adapt and the dataset has no rules.
    pub fn of(
        dataset: &Dataset,
        base: &BaseNetwork,
        settings: &AdaptationSettings,
        events: &[Event],
    ) -> Self {
        let hits = |kind: EventKind| -> Vec<Hit> {
            events.iter().filter(|e| e.kind == kind).map(|e| e.hit).collect()
        };
        let (adapting, lost) = (hits(EventKind::Adapting), hits(EventKind::Substituting));
        if adapting.is_empty() && lost.is_empty() {
            return Changes { growth: base.growth, ..Changes::default() };
        }
        let dims = dataset.dimensions();
        let growth = match &dataset.substitutability {
            Some(s) => import_growth(dims, s, &lost, settings.substitute_conflict),
            None => Vec::new(),
        };
        let areas: BTreeSet<usize> =
            adapting.iter().map(|hit| dims.area_of(hit.sector as usize)).collect();
        let items: BTreeSet<usize> = (adapting.iter().map(|hit| hit.sector))
            .chain(growth.iter().map(|g| g.0))
            .map(|sector| dims.item_of(sector as usize))
            .collect();
        let mut changes = touched(dataset, &adapting, &growth);
        let before = restricted(dataset, &areas, &items);
        let rules = dataset.rules.as_ref().expect("a run that adapts has rules");
        let adapted = adapt(&before, dims, rules, &adapting, settings.missing_rule).parameters;
        let substituted = substitute(&adapted.trade_t, &growth);
        let mut effect = Effect::new(base, dims.sectors());
        effect.add_trade(dataset, &items, [&before, &adapted], &substituted);
        effect.add_production(dataset, &areas, [&before, &adapted]);
        effect.finish(&mut changes);
        changes
    }
}

/// The parameters of some areas' production and some items' trade.
fn restricted(dataset: &Dataset, areas: &BTreeSet<usize>, items: &BTreeSet<usize>) -> Parameters {
    let dims = dataset.dimensions();
    let p = &dataset.parameters;
    let in_areas = |sector: usize| areas.contains(&dims.area_of(sector));
    let of_areas = |column: usize| areas.contains(&dims.area_of_process_column(column));
    Parameters {
        conversion_alpha: p.conversion_alpha.rows_where(in_areas),
        output_beta: p.output_beta.rows_where(in_areas),
        allocation_nu: p.allocation_nu.rows_where(of_areas),
        trade_t: p.trade_t.rows_where(|sector| items.contains(&dims.item_of(sector))),
        x0: Vec::new(),
        start_stock: Vec::new(),
        share_eta_prod: p.share_eta_prod.clone(),
        share_eta_exp: p.share_eta_exp.clone(),
    }
}

/// Everything that the rules of the adapting sectors and the growth of imports may set, whatever
/// else has changed before: entries there are, and entries a rule could make.
fn touched(dataset: &Dataset, adapting: &[Hit], growth: &[(u32, f64)]) -> Changes {
    let dims = dataset.dimensions();
    let p = &dataset.parameters;
    let rules = dataset.rules.as_ref().expect("a run that adapts has rules");
    let rewires = |rule: Option<&Rule>| rule.is_some_and(|r| r.rewiring.is_some_and(|r| r > 0.0));
    let (mut exporters, mut conversions) = (BTreeSet::new(), BTreeSet::new());
    let (mut allocations, mut sources) = (BTreeSet::new(), BTreeSet::new());
    let mut outputs = BTreeSet::new();
    // Whose exports an importer takes, or could come to take.
    let mut row = |importer: usize, with_export_rules: bool| {
        let (area, item) = (dims.area_of(importer), dims.item_of(importer));
        let made = |block: Option<&crate::sparse::Csr<Rule>>, exporter: usize| {
            rewires(block.and_then(|b| b.get(area, exporter)))
        };
        for exporter in (0..dims.areas).filter(|&d| d != area) {
            let column = dims.sector(exporter, item);
            if p.trade_t.get(importer, column).is_some_and(|&share| share != 0.0)
                || made(rules.import.of(item), exporter)
                || (with_export_rules && made(rules.export.of(item), exporter))
            {
                exporters.insert(column as u32);
            }
        }
    };
    for hit in adapting {
        row(hit.sector as usize, false);
    }
    for &(importer, _) in growth.iter().filter(|g| g.1 != 1.0) {
        row(importer as usize, true);
    }
    for hit in adapting {
        let sector = hit.sector as usize;
        let (area, item) = (dims.area_of(sector), dims.item_of(sector));
        exporters.insert(hit.sector);
        for process in 0..dims.processes {
            let column = dims.process_column(area, process);
            let is_set = |entry: Option<&f64>, rule: Option<&Rule>| {
                entry.is_some_and(|&value| value != 0.0) || rewires(rule)
            };
            let rule = |blocks: &crate::dataset::Blocks<Rule>, row, column| {
                blocks.of(area).and_then(|b| b.get(row, column)).copied()
            };
            let alpha = rule(&rules.alpha, item, process);
            let beta = rule(&rules.beta, item, process);
            let nu = rule(&rules.nu, process, item);
            if is_set(p.conversion_alpha.get(sector, column), alpha.as_ref()) {
                conversions.insert(column as u32);
            }
            if is_set(p.output_beta.get(sector, column), beta.as_ref()) {
                sources.insert(column as u32);
            }
            if is_set(p.allocation_nu.get(column, sector), nu.as_ref()) {
                allocations.insert(column as u32);
            }
        }
        outputs.insert(hit.sector);
        for other in (0..dims.items).map(|item| dims.sector(area, item)) {
            let makes = |matrix: &crate::sparse::Csr<f64>, columns: &BTreeSet<u32>| {
                matrix.row_indices(other).iter().any(|column| columns.contains(column))
            };
            if makes(&p.conversion_alpha, &conversions)
                || makes(&p.conversion_alpha, &allocations)
                || makes(&p.output_beta, &sources)
            {
                outputs.insert(other as u32);
            }
        }
    }
    let list = |set: BTreeSet<u32>| set.into_iter().collect();
    Changes {
        exporters: list(exporters),
        conversions: list(conversions),
        allocations: list(allocations),
        sources: list(sources),
        outputs: list(outputs),
        ..Changes::default()
    }
}

/// Weighted changes by column, over both stages the larger one.
struct Effect<'a> {
    base: &'a BaseNetwork,
    absolute: Vec<f64>,
    increase: Vec<f64>,
    columns: BTreeSet<u32>,
}

impl<'a> Effect<'a> {
    fn new(base: &'a BaseNetwork, sectors: usize) -> Self {
        Effect {
            base,
            absolute: vec![0.0; sectors],
            increase: vec![0.0; sectors],
            columns: BTreeSet::new(),
        }
    }

    /// Adds one entry: its value before, after adaptation and after substitution.
    fn add(&mut self, row: usize, column: usize, [before, adapted, substituted]: [f64; 3]) {
        let (first, second) = (adapted - before, substituted - before);
        if first == 0.0 && second == 0.0 {
            return;
        }
        self.columns.insert(column as u32);
        self.absolute[column] += first.abs().max(second.abs()) * self.base.weights[row];
        self.increase[column] += first.max(second).max(0.0) * self.base.weights[row];
    }

    fn add_trade(
        &mut self,
        dataset: &Dataset,
        items: &BTreeSet<usize>,
        [before, adapted]: [&Parameters; 2],
        substituted: &crate::sparse::Csr<f64>,
    ) {
        let dims = dataset.dimensions();
        let mut row = vec![[0.0; 3]; dims.areas];
        for &item in items {
            for importer in (0..dims.areas).map(|area| dims.sector(area, item)) {
                row.fill([0.0; 3]);
                let stages = [
                    (&before.trade_t, &before.share_eta_exp),
                    (&adapted.trade_t, &adapted.share_eta_exp),
                    (substituted, &adapted.share_eta_exp),
                ];
                for (stage, (trade, share_eta_exp)) in stages.into_iter().enumerate() {
                    for (exporter, share) in trade.row(importer) {
                        row[dims.area_of(exporter)][stage] = share * share_eta_exp[exporter];
                    }
                }
                for (area, &values) in row.iter().enumerate() {
                    self.add(importer, dims.sector(area, item), values);
                }
            }
        }
    }

    fn add_production(
        &mut self,
        dataset: &Dataset,
        areas: &BTreeSet<usize>,
        stages: [&Parameters; 2],
    ) {
        let dims = dataset.dimensions();
        let size = dims.items * dims.items;
        let area_list: Vec<usize> = areas.iter().copied().collect();
        let mut blocks = vec![[0.0; 2]; areas.len() * size];
        for (stage, p) in stages.into_iter().enumerate() {
            for (output, input, weight) in
                combined::production(&p.conversion_alpha, &p.allocation_nu, &p.share_eta_prod)
            {
                // Production stays within its area, which is one of these.
                if let Ok(at) = area_list.binary_search(&dims.area_of(output)) {
                    let entry = dims.item_of(output) * dims.items + dims.item_of(input);
                    blocks[at * size + entry][stage] = weight;
                }
            }
        }
        for (at, &area) in area_list.iter().enumerate() {
            for output in 0..dims.items {
                for input in 0..dims.items {
                    let [before, after] = blocks[at * size + output * dims.items + input];
                    let (row, column) = (dims.sector(area, output), dims.sector(area, input));
                    self.add(row, column, [before, after, after]);
                }
            }
        }
    }

    fn finish(self, changes: &mut Changes) {
        let base = self.base;
        changes.growth = base.growth;
        for &column in &self.columns {
            let s = column as usize;
            changes.effects.push((column, self.absolute[s]));
            let growth = (base.spread[s] + 2.0 * self.increase[s]) / base.weights[s];
            changes.growth = changes.growth.max(growth);
        }
    }
}

//! What the interaction of shocks reads of a dataset, laid out once.

use crate::dataset::Dataset;
use crate::engine::network::tables::AdaptiveTables;
use crate::engine::network::{ByPlace, Network};
use crate::model::constants::LARGEST_AMOUNT;
use crate::model::divergence::Range;
use crate::model::{Baseline, combined};
use crate::sparse::Csr;

/// The network by place, the rules, the baseline.
pub struct InteractionTables {
    /// Links of production and trade.
    pub net: Network,
    /// Rules and parameters; `None` for a dataset without rules.
    pub rules: Option<AdaptiveTables>,
    /// Baseline amounts by place.
    pub base: ByPlace,
    /// The unshocked run.
    pub baseline: Baseline,
    /// Steps after which runs must be watched.
    pub range: Range,
    /// `alpha nu diag(eta_prod)`: products of sectors (rows) from sectors (columns).
    pub production: Csr<f64>,
    /// Outputs without input, by sector, tonnes.
    pub without_input: Vec<f64>,
    /// Start stocks by sector, tonnes.
    pub start: Vec<f64>,
    /// Per sector, the process columns that put it out.
    pub processes: Vec<Vec<u32>>,
}

impl InteractionTables {
    /// Lays a dataset out for runs of `steps` steps.
    ///
    /// # Panics
    /// If `steps` is 0.
    pub fn new(dataset: &Dataset, steps: usize) -> Self {
        let p = &dataset.parameters;
        let sectors = dataset.dimensions().sectors();
        let net = Network::new(dataset);
        let baseline = Baseline::compute(p, steps);
        let dims = dataset.dimensions();
        let areas = &dataset.labels.areas;
        let populated: Vec<bool> =
            (0..sectors).map(|s| areas[dims.area_of(s)].population.is_some()).collect();
        let entries =
            combined::production(&p.conversion_alpha, &p.allocation_nu, &p.share_eta_prod);
        let entries =
            entries.into_iter().map(|(to, from, w)| (to as u32, from as u32, w)).collect();
        let production = match Csr::from_triplets(sectors, sectors, entries) {
            Ok(matrix) => matrix,
            // Each entry is made once, within the shape.
            Err(error) => unreachable!("{error}"),
        };
        let processes = |sector: usize| {
            let matrices = [&p.conversion_alpha, &p.output_beta];
            let mut columns: Vec<u32> =
                matrices.iter().flat_map(|m| m.row_indices(sector).iter().copied()).collect();
            columns.sort_unstable();
            columns.dedup();
            columns
        };
        InteractionTables {
            rules: AdaptiveTables::new(dataset, &net),
            base: ByPlace::new(&net, &p.x0, &baseline, &populated),
            production,
            without_input: p.output_beta.times(&vec![1.0; p.output_beta.cols()]),
            start: p.start_stock.clone(),
            processes: (0..sectors).map(processes).collect(),
            range: Range::new(dataset, &baseline, LARGEST_AMOUNT),
            baseline,
            net,
        }
    }

    /// Steps of a run.
    pub fn steps(&self) -> usize {
        self.baseline.steps()
    }

    /// Available amounts of the baseline that step `t` starts from, by place.
    pub fn before(&self, t: usize) -> &[f64] {
        match t.checked_sub(1) {
            None => &self.base.x0,
            Some(before) => &self.base.available[before],
        }
    }
}

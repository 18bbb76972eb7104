//! Datasets: everything the model reads, tied to its labels.
//!
//! A [`Dataset`] comes from one of three places, and is the same value afterwards:
//! the published file layout ([`import`]), a folder in shocksweep's own form ([`store`]),
//! or the built-in synthetic world ([`synth`]). [`export`] writes the published layout. [`check`] tells whether it keeps the
//! invariants of the model.
//!
//! | index | meaning | order |
//! |---|---|---|
//! | area `c` | country or territory | alphabetical (byte order) by name |
//! | item `i` | product | alphabetical (byte order) by name |
//! | process `k` | type of production process | alphabetical (byte order) by name |
//! | sector | (area, item): node of the network | `c * items + i` |
//! | process column | (area, process) | `c * processes + k` |

pub mod check;
pub mod error;
pub mod export;
pub mod hash;
pub mod hdi;
pub mod import;
pub mod labels;
pub mod measures;
pub mod metadata;
pub mod names;
pub mod reserves;
pub mod rules;
pub mod store;
pub mod synth;

use std::path::Path;

use crate::objects::{Address, StoreError};
use crate::sparse::Csr;

pub use error::DatasetError;
pub use labels::{Area, Dimensions, Item, Labels, Process};
pub use measures::{Nutrition, Unit};
pub use metadata::{Metadata, TableSource, TableStatus};
pub use reserves::{Release, Reserve};
pub use rules::{AdaptationRules, Blocks, MissingRule, Rule};

/// The model's inputs for one year: labels, parameters and, where known, the rules of adaptation.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// Name, year, units, licence, sources.
    pub metadata: Metadata,
    /// Areas, items and processes.
    pub labels: Labels,
    /// Parameters of the static model.
    pub parameters: Parameters,
    /// Rules of adaptation; `None` for a dataset that runs the static model only.
    pub rules: Option<AdaptationRules>,
    /// Substitutability `s_ij` of item i (row) by item j (column), one block per area;
    /// `None` where the dataset has none.
    pub substitutability: Option<Blocks<f64>>,
    /// Part of what a sector consumes (`eta_cons`) that is eaten, in [0, 1], one element per sector;
    /// `None` for a dataset that does not know: all consumption of foods is then taken as eaten.
    pub food_part: Option<Vec<f64>>,
    /// Reserves, ascending by sector, one of a sector at most; none in most datasets.
    pub reserves: Vec<Reserve>,
}

/// Parameters of the static model (Laber et al. 2023, eqs. 1-10; Baum et al. 2024, Methods 2).
///
/// Amounts are in the unit of their item ([`Item::unit`]). Vectors have one element per sector.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// `x0[c,i]`: available amount at t = 0.
    pub x0: Vec<f64>,
    /// `start[c,i]`: start stock, added to output once, in the first step.
    pub start_stock: Vec<f64>,
    /// `eta_prod[c,i]`: share of the available amount set aside for production.
    pub share_eta_prod: Vec<f64>,
    /// `eta_exp[c,i]`: share of the available amount set aside for export.
    pub share_eta_exp: Vec<f64>,
    /// `alpha[(c,i),(c,k)]`, sector x process column: output of i per unit of input of process k.
    pub conversion_alpha: Csr<f64>,
    /// `beta[(c,i),(c,k)]`, sector x process column: output of i by k without any input, tonnes.
    pub output_beta: Csr<f64>,
    /// `nu[(c,k),(c,i)]`, process column x sector: share of the production amount of i given to k.
    pub allocation_nu: Csr<f64>,
    /// `T[(c,i),(d,i)]`, sector x sector: share of d's exports of i that goes to c.
    pub trade_t: Csr<f64>,
}

impl Parameters {
    /// Whether each sector is a producer: its row of alpha + beta is non-empty.
    ///
    /// Only producers can be shocked; a shock to any other sector changes nothing.
    pub fn producers(&self) -> Vec<bool> {
        let filled = |m: &Csr<f64>, s: usize| m.row_values(s).iter().any(|&v| v != 0.0);
        (0..self.x0.len())
            .map(|s| filled(&self.conversion_alpha, s) || filled(&self.output_beta, s))
            .collect()
    }
}

/// Reads the dataset of a folder, in shocksweep's own form or in the published layout; `None` for a
/// folder that holds neither.
///
/// # Errors
/// The dataset is faulty.
pub fn open(folder: &Path) -> Result<Option<Dataset>, DatasetError> {
    if store::is_own_form(folder) {
        return store::read(folder).map(Some);
    }
    if import::is_published_layout(folder) {
        return import::import(folder, &import::ImportOptions::default()).map(Some);
    }
    Ok(None)
}

/// Reads the dataset at an address, as [`open`] that of a folder: in shocksweep's own form.
///
/// # Errors
/// There is none, the store refuses or does not answer, or the dataset is faulty; what is wrong with a file is said
/// of its address.
pub fn open_stored(address: &Address) -> Result<Dataset, DatasetError> {
    let wrong = |e: StoreError| DatasetError::file(e.at.as_ref(), error::Problem::Store(e.problem));
    let copy = store::stored::fetch(address).map_err(wrong)?;
    store::read(copy.path()).map_err(|error| {
        let name = error.path.strip_prefix(copy.path()).unwrap_or(&error.path);
        DatasetError { path: address.below(&name.to_string_lossy()).into(), ..error }
    })
}

impl Dataset {
    /// What a parameter entry without a rule becomes, unless a job says otherwise.
    pub fn missing_rule(&self) -> MissingRule {
        self.rules.as_ref().map_or_else(MissingRule::default, |rules| rules.missing)
    }

    /// Numbers of areas, items and processes.
    pub fn dimensions(&self) -> Dimensions {
        self.labels.dimensions()
    }
}

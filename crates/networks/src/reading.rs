//! Estimates laid out as in the paper's Tables 5 to 7, and how to read them (section 10).

use crate::records::{FitRow, Mple};

/// A cell: an estimate with its interval, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// The term is not in the model.
    Absent,
    /// Coefficient, 95 % interval where there is a bootstrap, stars.
    Estimate {
        /// b.
        b: f64,
        /// 95 % interval.
        interval: Option<(f64, f64)>,
        /// Up to three.
        stars: String,
        /// exp(b).
        odds_ratio: f64,
        /// Mean change of the probability of a tie per unit.
        marginal_effect: f64,
    },
    /// collinear, separated ...
    Missing(String),
}

/// A column: a model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelColumn {
    /// Tier.
    pub tier: String,
    /// Model.
    pub model: String,
    /// How it fits.
    pub fit: FitRow,
}

/// A row: a term.
#[derive(Debug, Clone, PartialEq)]
pub struct TermRow {
    /// Heading under which it stands.
    pub section: &'static str,
    /// Term.
    pub term: String,
    /// A cell per column.
    pub cells: Vec<Cell>,
}

/// A table of models side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// What the table is called.
    pub title: String,
    /// Models.
    pub columns: Vec<ModelColumn>,
    /// Terms by section.
    pub rows: Vec<TermRow>,
}

/// Headings in the order in which they print. Source: Liu et al. 2025, Table 5.
const SECTIONS: [&str; 4] = [
    "Pure structure effects",
    "Time-dependent effects",
    "Actor-relationship attribute effects",
    "Network covariate effects",
];

/// Terms as they print; others follow in the order in which they appear.
const ORDER: [&str; 9] =
    ["edges", "mutual", "gwideg", "gwodeg", "gwesp", "gwdsp", "delrecip", "memory", "timecov"];

fn section(term: &str) -> usize {
    let name = term.split(['.', '(', '^']).next().unwrap_or(term);
    match name {
        "delrecip" | "memory" | "timecov" => 1,
        "nodecov" | "nodeicov" | "nodeocov" | "absdiff" | "nodematch" => 2,
        "edgecov" => 3,
        _ => 0,
    }
}

fn place(term: &str) -> usize {
    let name = term.split(['.', '(', '^']).next().unwrap_or(term);
    ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len())
}

/// The kind of a model's table: attributes weighted (5), by degree (6), by eigenvector (7).
fn family(terms: &[&Mple]) -> usize {
    let has = |end: &str| terms.iter().any(|row| row.term.ends_with(end));
    if has("_eig") {
        2
    } else if has("_deg") {
        1
    } else {
        0
    }
}

/// Tables of all models: one for each kind, at most nine models wide.
pub fn layouts(mple: &[Mple], fits: &[FitRow]) -> Vec<Layout> {
    const TITLES: [&str; 3] = [
        "Networks, cooperation and conflict (layout of Table 5)",
        "With degree centrality (layout of Table 6)",
        "With eigenvector centrality (layout of Table 7)",
    ];
    let mut families: [Vec<&FitRow>; 3] = Default::default();
    for fit in fits {
        families[family(&of_model(mple, fit))].push(fit);
    }
    let mut all = Vec::new();
    for (title, members) in TITLES.iter().zip(&families) {
        for part in members.chunks(9) {
            all.push(layout(title, part, mple));
        }
    }
    all
}

fn of_model<'a>(mple: &'a [Mple], fit: &FitRow) -> Vec<&'a Mple> {
    mple.iter().filter(|row| row.tier == fit.tier && row.model == fit.model).collect()
}

fn layout(title: &str, fits: &[&FitRow], mple: &[Mple]) -> Layout {
    let models: Vec<Vec<&Mple>> = fits.iter().map(|fit| of_model(mple, fit)).collect();
    let mut terms: Vec<&str> = Vec::new();
    for row in models.iter().flatten() {
        if !terms.contains(&row.term.as_str()) {
            terms.push(&row.term);
        }
    }
    terms.sort_by_key(|term| (section(term), place(term)));
    let cells = |term: &str| {
        let cell = |rows: &Vec<&Mple>| {
            rows.iter().find(|row| row.term == term).map_or(Cell::Absent, |row| cell(row))
        };
        models.iter().map(cell).collect()
    };
    let row = |term: &&str| TermRow {
        section: SECTIONS[section(term)],
        term: term.to_string(),
        cells: cells(term),
    };
    let column = |fit: &&FitRow| ModelColumn {
        tier: fit.tier.clone(),
        model: fit.model.clone(),
        fit: (*fit).clone(),
    };
    Layout {
        title: title.to_string(),
        columns: fits.iter().map(column).collect(),
        rows: terms.iter().map(row).collect(),
    }
}

fn cell(row: &Mple) -> Cell {
    match (row.mple, row.odds_ratio, row.marginal_effect) {
        (Some(b), Some(odds_ratio), Some(marginal_effect)) => Cell::Estimate {
            b,
            interval: row.lower_95.zip(row.upper_95),
            stars: row.stars.clone(),
            odds_ratio,
            marginal_effect,
        },
        _ => Cell::Missing(row.outcome.clone()),
    }
}

/// Numbers that the paper prints and where they stand: what does not fit together.
/// Source: Liu et al. 2025, against its own tables.
pub const PAPER_NOTES: [&str; 10] = [
    "Models 8, 5, 2 (edgecov.coop): 3.90, 3.29, 2.77 are printed as odds ratios; they are \
     exp(b) - 1. The odds ratios are 4.91, 4.30, 3.78.",
    "Models 5 and 8 (edgecov.conf): -14.8 % and -7.8 %; model 8's is not significant. \"89.74 %\" \
     apart is 14.8 / 7.8 - 1.",
    "Models 13, 15, 11 (edgecov.coop): 3.29, 2.35, 2.22. Model 13 (edgecov.conf): -4.76 %. Model 19 \
     (edgecov.coop, edgecov.conf): 5.37 and -25.09 %.",
    "The abstract calls 3.29, -4.76, 5.37, -25.09 effects of centrality; centrality's coefficients \
     are nodecov.* (0.0000 in model 13; 1.73 and -0.69 in model 19).",
    "\"Midstream and downstream, 3.29 times\" is true of midstream alone.",
    "The brackets of Tables 5 to 7 (0.0010, 0.0100, 0.0500, 0.1000, 1.0000) are upper bounds of \
     classes of p, not the standard errors that the notes name.",
    "The text has GDP and nearness promote trade; Table 5 has lnGDP < 0 and dist > 0. delrecip < 0 is \
     read as promoting reciprocity.",
    "Table 2 calls nodeicov the sender's and nodeocov the receiver's: the reverse of ergm, whose \
     meaning holds here.",
    "The printed density 2m / (n (n - 1)) contradicts Table 3, whose rows are m / (n (n - 1)) over \
     areas with at least one tie.",
    "Table 4: the rows called partners follow import values, those called intensity resemble numbers \
     of export partners: the labels look swapped.",
];

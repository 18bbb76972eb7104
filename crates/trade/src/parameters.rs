//! Parameters of the shock model from the trade of a year: what a sweep runs on.
//!
//! Process k = p makes item p. With `P`, `D`, `x0` of [`crate::balance`]:
//!
//! ```text
//! eta_exp[c,p] = X / x0        eta_prod[c,r] = D / x0 if some kept output p of r has P[c,p] > 0, else 0
//! nu[(c,p),(c,r)] = P[c,p] / sum of P[c,p'] over the kept outputs p' of r      (P[c,p] > 0, D[c,r] > 0)
//! alpha[(c,p),(c,p)] = P[c,p] / sum_r D[c,r] nu[(c,p),(c,r)] if that sum is positive, else beta = P[c,p]
//! T[(c,p),(d,p)] = V[d,c,p] / X[d,p]
//! ```
//!
//! x0 is a fixed point. Source: shocksweep's own choice.

use std::sync::Arc;

use shocksweep_columnar::record;

use crate::balance::Balance;
use crate::panel::Panel;

/// A link between items: the output is made with the input.
pub type Link = (usize, usize);

/// Items that links connect, directly or not, whatever their direction: each set ascending, sets by their
/// first item. What fails in one set reaches no other.
pub fn components(items: usize, links: &[Link]) -> Vec<Vec<usize>> {
    let mut of: Vec<usize> = (0..items).collect();
    fn root(of: &mut [usize], mut at: usize) -> usize {
        while of[at] != at {
            of[at] = of[of[at]];
            at = of[at];
        }
        at
    }
    for &(r, p) in links {
        let (a, b) = (root(&mut of, r), root(&mut of, p));
        of[a.max(b)] = a.min(b);
    }
    let mut sets: Vec<Vec<usize>> = vec![Vec::new(); items];
    for p in 0..items {
        let first = root(&mut of, p);
        sets[first].push(p);
    }
    sets.retain(|set| !set.is_empty());
    sets
}

/// Parameters of a year; sectors are `item * areas + area`.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// `x0`.
    pub x0: Vec<f64>,
    /// `eta_exp`.
    pub eta_exp: Vec<f64>,
    /// `eta_prod`.
    pub eta_prod: Vec<f64>,
    /// `nu`: (area, process, item, share), by area, process, item.
    pub nu: Vec<(usize, usize, usize, f64)>,
    /// `alpha` of every sector; 0 without.
    pub alpha: Vec<f64>,
    /// `beta` of every sector; 0 without.
    pub beta: Vec<f64>,
}

/// Parameters from amounts and kept links (input, output), ascending.
pub fn parameters(balance: &Balance, links: &[Link]) -> Parameters {
    let (areas, items) = (balance.areas, balance.items);
    let size = areas * items;
    let x0 = balance.possessed.clone();
    let share = |amount: f64, of: f64| if of > 0.0 { amount / of } else { 0.0 };
    let eta_exp = (0..size).map(|s| share(balance.exports[s], x0[s])).collect();
    let mut eta_prod = vec![0.0; size];
    let mut nu = Vec::new();
    let mut inputs = vec![0.0; size];
    for area in 0..areas {
        let made = |p: usize| balance.production[balance.at(p, area)];
        for of_input in links.chunk_by(|a, b| a.0 == b.0) {
            let r = of_input[0].0;
            let sum: f64 = of_input.iter().map(|&(_, p)| made(p)).sum();
            let sector = balance.at(r, area);
            let at_home = balance.at_home[sector];
            if sum <= 0.0 || at_home <= 0.0 {
                continue;
            }
            eta_prod[sector] = share(at_home, x0[sector]);
            for &(_, p) in of_input.iter().filter(|&&(_, p)| made(p) > 0.0) {
                let part = made(p) / sum;
                nu.push((area, p, r, part));
                inputs[balance.at(p, area)] += at_home * part;
            }
        }
    }
    nu.sort_unstable_by_key(|&(area, p, r, _)| (area, p, r));
    let mut alpha = vec![0.0; size];
    let mut beta = vec![0.0; size];
    for sector in 0..size {
        let made = balance.production[sector];
        if inputs[sector] > 0.0 && made > 0.0 {
            alpha[sector] = made / inputs[sector];
        } else {
            beta[sector] = made;
        }
    }
    Parameters { x0, eta_exp, eta_prod, nu, alpha, beta }
}

record! {
    /// A parameter of the shock model that is not 0, of the last year.
    pub struct ParameterRow = "parameters" {
        /// x0, eta_exp, eta_prod, eta_cons, nu, alpha, beta or T.
        pub symbol: String,
        /// Area of the row; the importer for T.
        pub row_area: Arc<str>,
        /// Item of the row; the process for nu.
        pub row_name: Arc<str>,
        /// Area of the column, the exporter for T; null for a vector.
        pub column_area: Option<Arc<str>>,
        /// Item of the column, the process for alpha and beta; null for a vector.
        pub column_name: Option<Arc<str>>,
        /// Value: a share, an amount (x0, beta), or output per input (alpha).
        pub value: f64,
    }
}

/// Flows of a year up to which T is listed: all of HS has eleven million, which `trade dataset` writes.
pub const MOST_FLOWS: usize = 1_000_000;

/// All parameters that are not 0, by symbol, then row, then column; T only up to [`MOST_FLOWS`].
pub fn rows(panel: &Panel, balance: &Balance, p: &Parameters) -> Vec<ParameterRow> {
    let mut all = Vec::new();
    let area = |c: usize| panel.areas[c].clone();
    let item = |i: usize| panel.items[i].name.clone();
    let row = |symbol: &str, (c, i), column: Option<(usize, usize)>, value| ParameterRow {
        symbol: symbol.into(),
        row_area: area(c),
        row_name: item(i),
        column_area: column.map(|(d, _)| area(d)),
        column_name: column.map(|(_, j)| item(j)),
        value,
    };
    // The rest, exactly: what is at home and not used.
    let eta_cons: Vec<f64> =
        (0..p.x0.len())
            .map(|s| {
                if p.eta_prod[s] == 0.0 && p.x0[s] > 0.0 {
                    balance.at_home[s] / p.x0[s]
                } else {
                    0.0
                }
            })
            .collect();
    let vectors = [
        ("x0", &p.x0),
        ("eta_exp", &p.eta_exp),
        ("eta_prod", &p.eta_prod),
        ("eta_cons", &eta_cons),
        ("alpha", &p.alpha),
        ("beta", &p.beta),
    ];
    for (symbol, values) in vectors {
        let is_matrix = symbol == "alpha" || symbol == "beta";
        for c in 0..balance.areas {
            for i in 0..balance.items {
                let value = values[balance.at(i, c)];
                if value != 0.0 {
                    all.push(row(symbol, (c, i), is_matrix.then_some((c, i)), value));
                }
            }
        }
    }
    all.extend(
        p.nu.iter().map(|&(c, process, i, share)| row("nu", (c, process), Some((c, i)), share)),
    );
    let flows: usize = balance.flows.iter().map(Vec::len).sum();
    let listed = if flows <= MOST_FLOWS { &balance.flows[..] } else { &[] };
    for (i, flows) in listed.iter().enumerate() {
        for flow in flows {
            let share = flow.amount / balance.exports[balance.at(i, flow.exporter)];
            all.push(row("T", (flow.importer, i), Some((flow.exporter, i)), share));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_make_sets_of_items() {
        assert_eq!(components(6, &[(4, 1), (5, 4), (2, 3)]), [vec![0], vec![1, 4, 5], vec![2, 3]]);
        assert_eq!(components(2, &[]), [[0], [1]]);
    }
}

//! Bans on trade: shocksweep's own extension, which the authors of the model call for.
//!
//! A ban acts on the shares of one exporter's column, `w_c = T[(c,i),(d,i)] eta_exp[d,i]`, in force
//! in that step: after adaptation and substitution, which know nothing of bans. Several bans of one
//! flow act in the order of what becomes of it, whatever the order or the names of shocks and areas:
//! first those that keep it, then those that lose it, then those that reroute it; each acts on what
//! the ones before have left, and those of one kind together leave the product of what each leaves:
//!
//! ```text
//! w_c *= 1 - phi(t)                        for every banned importer c
//! kept       the banned shares stay with the exporter: x[d,i] += (sum of them) x[d,i](t-1)
//! lost       nobody gets them
//! rerouted   the importers without such a ban get them in proportion to their shares; where there
//!            is none, they are kept
//! ```
//!
//! An export ban keeps all importers' shares, an import ban loses (or reroutes) one importer's share
//! of every exporter, a blockade that of one exporter.

use std::collections::BTreeMap;

use super::shock::{Shock, ShockKind};
use super::step;
use crate::dataset::{Dimensions, Parameters};

/// What becomes of banned shares, in the order in which bans of one flow act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Banned {
    /// They stay with the exporter.
    Kept,
    /// Nobody gets them.
    Lost,
    /// The exporter's other importers get them.
    Rerouted,
}

/// A ban on one exporter's column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColumnBan {
    /// The importing area it holds for; `None` for all.
    pub importer: Option<u32>,
    /// Share of the flow that is banned, in [0, 1].
    pub phi: f64,
    /// What becomes of it.
    pub banned: Banned,
}

impl ColumnBan {
    fn holds_for(&self, importer: u32) -> bool {
        self.importer.is_none_or(|banned| banned == importer)
    }
}

/// Bans by exporting sector in step `t`, of the shocks that are bans, in the order in which they act.
pub fn by_exporter(shocks: &[Shock], dims: Dimensions, t: usize) -> BTreeMap<u32, Vec<ColumnBan>> {
    let mut columns: BTreeMap<u32, Vec<ColumnBan>> = BTreeMap::new();
    for shock in shocks {
        let phi = shock.at(t);
        let banned = |reroute| if reroute { Banned::Rerouted } else { Banned::Lost };
        let sector = shock.sector as usize;
        let mut add = |exporter: u32, importer, banned| {
            columns.entry(exporter).or_default().push(ColumnBan { importer, phi, banned });
        };
        match shock.kind {
            _ if phi == 0.0 => {}
            ShockKind::Production => {}
            ShockKind::ExportBan => add(shock.sector, None, Banned::Kept),
            ShockKind::Blockade { importer, reroute } => {
                add(shock.sector, Some(importer), banned(reroute));
            }
            ShockKind::ImportBan { reroute } => {
                let importer = dims.area_of(sector);
                for exporter in (0..dims.areas).filter(|&area| area != importer) {
                    let exporter = dims.sector(exporter, dims.item_of(sector)) as u32;
                    add(exporter, Some(importer as u32), banned(reroute));
                }
            }
        }
    }
    for bans in columns.values_mut() {
        bans.sort_by(|a, b| a.banned.cmp(&b.banned).then(a.phi.total_cmp(&b.phi)));
    }
    columns
}

/// Applies bans to the shares of one exporter, `(importing area, share)`; what it keeps.
pub fn ban(shares: &mut [(u32, f64)], bans: &[ColumnBan]) -> f64 {
    let (mut kept, mut rerouted) = (0.0, 0.0);
    for ban in bans {
        for (_, share) in shares.iter_mut().filter(|(importer, _)| ban.holds_for(*importer)) {
            let removed = *share * ban.phi;
            *share -= removed;
            match ban.banned {
                Banned::Kept => kept += removed,
                Banned::Lost => {}
                Banned::Rerouted => rerouted += removed,
            }
        }
    }
    if rerouted == 0.0 {
        return kept;
    }
    let is_free = |importer: u32| {
        !bans.iter().any(|ban| ban.banned == Banned::Rerouted && ban.holds_for(importer))
    };
    let free: f64 = shares.iter().filter(|s| is_free(s.0)).map(|s| s.1).sum();
    if free == 0.0 {
        return kept + rerouted;
    }
    for (_, share) in shares.iter_mut().filter(|s| is_free(s.0)) {
        *share *= 1.0 + rerouted / free;
    }
    kept
}

/// Imports of every sector in step `t` under the bans among `shocks`, tonnes; what exporters keep
/// counts as imported by themselves.
///
/// Without bans this is [`step::imports`].
pub fn imports(
    p: &Parameters,
    x: &[f64],
    dims: Dimensions,
    shocks: &[Shock],
    t: usize,
) -> Vec<f64> {
    let mut h = step::imports(p, x);
    for (exporter, bans) in by_exporter(shocks, dims, t) {
        let s = exporter as usize;
        let exported = p.share_eta_exp[s] * x[s];
        let row = |area: u32| dims.sector(area as usize, dims.item_of(s));
        let before: Vec<(u32, f64)> = (0..dims.areas as u32)
            .filter_map(|area| Some((area, *p.trade_t.get(row(area), s)?)))
            .collect();
        let mut after = before.clone();
        let kept = ban(&mut after, &bans);
        for (&(area, after), (_, before)) in after.iter().zip(before) {
            h[row(area)] += (after - before) * exported;
        }
        h[s] += kept * exported;
    }
    h
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARES: [(u32, f64); 3] = [(0, 0.5), (2, 0.3), (3, 0.2)];

    fn after(bans: &[ColumnBan]) -> ([f64; 3], f64) {
        let mut shares = SHARES;
        let kept = ban(&mut shares, bans);
        (shares.map(|s| s.1), kept)
    }

    fn close(found: ([f64; 3], f64), expected: ([f64; 3], f64)) {
        for (a, b) in
            found.0.into_iter().chain([found.1]).zip(expected.0.into_iter().chain([expected.1]))
        {
            assert!((a - b).abs() < 1e-15, "{found:?}, {expected:?}");
        }
    }

    #[test]
    fn banned_shares_are_kept_lost_or_rerouted() {
        let ban = |importer, phi, banned| ColumnBan { importer, phi, banned };
        close(after(&[ban(None, 1.0, Banned::Kept)]), ([0.0; 3], 1.0));
        close(after(&[ban(None, 0.5, Banned::Kept)]), ([0.25, 0.15, 0.1], 0.5));
        close(after(&[ban(Some(2), 1.0, Banned::Lost)]), ([0.5, 0.0, 0.2], 0.0));
        // 0.3 go to the others as 5 to 2.
        let rerouted = ([0.5 + 0.3 * 5.0 / 7.0, 0.0, 0.2 + 0.3 * 2.0 / 7.0], 0.0);
        close(after(&[ban(Some(2), 1.0, Banned::Rerouted)]), rerouted);
        // Nobody is left to take it.
        let all = [0, 2, 3].map(|c| ban(Some(c), 1.0, Banned::Rerouted));
        close(after(&all), ([0.0; 3], 1.0));
        // Half of the flow, then half of what is left of it.
        let twice = [ban(Some(0), 0.5, Banned::Lost), ban(Some(0), 0.5, Banned::Kept)];
        close(after(&twice), ([0.125, 0.3, 0.2], 0.125));
    }

    #[test]
    fn the_order_of_bans_and_shocks_does_not_matter() {
        let dims = Dimensions { areas: 4, items: 1, processes: 1 };
        let shock = |sector, phi, kind| Shock { kind, ..Shock::new(sector, phi) };
        let all = [
            shock(1, 0.5, ShockKind::ExportBan),
            shock(0, 0.25, ShockKind::ImportBan { reroute: false }),
            shock(2, 0.5, ShockKind::ImportBan { reroute: true }),
            shock(1, 0.75, ShockKind::Blockade { importer: 2, reroute: false }),
            shock(1, 0.5, ShockKind::Blockade { importer: 0, reroute: true }),
        ];
        let expected = by_exporter(&all, dims, 0);
        let kinds: Vec<Banned> = expected[&1].iter().map(|ban| ban.banned).collect();
        let (kept, lost, rerouted) = (Banned::Kept, Banned::Lost, Banned::Rerouted);
        assert_eq!(kinds, [kept, lost, lost, rerouted, rerouted]);
        for turn in 1..all.len() {
            let mut shocks = all;
            shocks.rotate_left(turn);
            let after = |bans: &[ColumnBan]| {
                let mut shares = SHARES;
                (ban(&mut shares, bans), shares)
            };
            assert_eq!(after(&by_exporter(&shocks, dims, 0)[&1]), after(&expected[&1]));
            shocks.reverse();
            assert_eq!(after(&by_exporter(&shocks, dims, 0)[&1]), after(&expected[&1]));
        }
    }
}

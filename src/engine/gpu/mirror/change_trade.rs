//! Mirror of `change_trade.wgsl`.

use super::Args;
use super::changes::{Job, Tables, Writer};
use crate::engine::gpu::patch::{COLUMN_IMPORTERS, COLUMNS, FACTORS, FED, GROWTH, LISTS, ROWS};
use crate::engine::gpu::rules::LIMITS;

/// Trade of an item in one scenario.
struct Tile<'t, 'a> {
    job: Job<'t, 'a>,
    places: usize,
    /// First place of the item.
    first: usize,
    sums: Vec<f64>,
    factors: Vec<f64>,
    growth: Vec<f64>,
    touched: Vec<bool>,
}

impl Tile<'_, '_> {
    fn adapts(&self, area: usize) -> bool {
        self.job.position(area).is_some()
    }

    fn areas(&self) -> usize {
        self.sums.len()
    }

    /// Areas that adapt.
    fn hits(&self) -> impl Iterator<Item = usize> {
        self.job.hits.clone().map(|member| self.job.t.member_at(member))
    }

    fn exported(&self, area: usize) -> f64 {
        match self.job.position(area) {
            Some(member) => self.job.t.share_of(member),
            None => self.job.t.amounts[LIMITS + self.places + self.first + area],
        }
    }

    fn export_entry(&self, exporter: usize, importer: usize) -> Option<usize> {
        self.job.t.find(self.places + self.first + exporter, importer)
    }

    /// What an adapting importer takes of an exporter.
    fn imported(&self, importer: usize, exporter: usize) -> Option<(usize, f64)> {
        let member = self.job.position(importer)?;
        let entry = self.job.t.find(self.first + importer, exporter)?;
        Some((entry, self.job.changed(entry, member)))
    }

    fn base_share(&self, exporter: usize, importer: usize) -> f64 {
        self.export_entry(exporter, importer).map_or(0.0, |entry| self.job.t.value(entry))
    }

    /// What an importer takes of an adapting exporter, factor and growth not counted.
    fn column_share(&self, exporter: usize, importer: usize) -> f64 {
        let t = self.job.t;
        let entry = self.export_entry(exporter, importer);
        let own = entry.filter(|&entry| t.is_learned(entry) || !self.job.keeps);
        if let Some((entry, member)) = own.zip(self.job.position(exporter)) {
            return self.job.changed(entry, member);
        }
        let imported = self.imported(importer, exporter).filter(|_| self.job.keeps);
        match imported.filter(|i| entry.is_some() || t.is_marked(i.0)) {
            Some((_, share)) => share,
            None => entry.map_or(0.0, |entry| t.value(entry)),
        }
    }

    fn summed_anew(&self, exporter: usize) -> f64 {
        let share = |importer| match (self.adapts(exporter), self.adapts(importer)) {
            (true, _) => self.column_share(exporter, importer),
            (false, true) => self.imported(importer, exporter).map_or(0.0, |i| i.1),
            (false, false) => self.base_share(exporter, importer),
        };
        let of = |importer| share(importer) * self.factors[exporter] * self.growth[importer];
        (0..self.areas()).fold(0.0, |sum, importer| sum + of(importer))
    }

    fn rescale(&mut self, exporter: usize) {
        let factor = self.job.t.rescaling(self.sums[exporter], 1.0);
        self.factors[exporter] *= factor;
        self.sums[exporter] *= factor;
    }

    /// Share of an entry of an importer's row, growth not counted; 0 where the exporter adapts.
    fn row_share(&self, importer: usize, entry: usize) -> f64 {
        let exporter = self.job.t.other(entry);
        let share = match (self.job.position(exporter), self.job.position(importer)) {
            (Some(_), _) => return 0.0,
            (None, Some(member)) => self.job.changed(entry, member),
            (None, None) if self.exported(exporter) > 0.0 => self.job.t.value(entry),
            (None, None) => return 0.0,
        };
        share * self.factors[exporter]
    }

    fn adapt(&mut self) {
        let t = self.job.t;
        for member in self.job.hits.clone() {
            for entry in t.row(self.first + t.member_at(member)) {
                let (share, old) = (self.job.changed(entry, member), t.value(entry));
                if share != old {
                    self.sums[t.other(entry)] += share - old;
                    self.touched[t.other(entry)] = true;
                }
            }
        }
        for exporter in self.job.hits.clone().map(|member| t.member_at(member)) {
            let shares: Vec<f64> =
                (0..self.areas()).map(|importer| self.column_share(exporter, importer)).collect();
            let is_changed = |c: usize| shares[c] != self.base_share(exporter, c);
            self.touched[exporter] = (0..self.areas()).any(is_changed);
            self.sums[exporter] = shares.iter().fold(0.0, |sum, share| sum + share);
        }
        for exporter in 0..self.areas() {
            if self.touched[exporter] {
                if t.is_doubtful(self.sums[exporter]) && !self.adapts(exporter) {
                    self.sums[exporter] = self.summed_anew(exporter);
                }
                self.rescale(exporter);
            }
        }
    }

    fn substitute(&mut self) {
        let t = self.job.t;
        let mut added = vec![0.0; self.areas()];
        for member in self.job.grown.clone() {
            let (importer, growth) = (t.member_at(member), t.first_of(member));
            let more = growth - 1.0;
            self.growth[importer] = growth;
            for entry in t.row(self.first + importer) {
                added[t.other(entry)] += more * self.row_share(importer, entry);
            }
            for exporter in self.hits() {
                let share = self.column_share(exporter, importer) * self.factors[exporter];
                added[exporter] += more * share;
            }
        }
        for (exporter, added) in added.into_iter().enumerate().filter(|(_, added)| *added != 0.0) {
            self.sums[exporter] += added;
            if t.is_doubtful(self.sums[exporter]) {
                self.sums[exporter] = self.summed_anew(exporter);
            }
            self.touched[exporter] = true;
            self.rescale(exporter);
        }
    }

    fn write(&self, w: &mut Writer<'_>) {
        let place = |area: usize| self.first + area;
        let still = |area: &usize| !self.adapts(*area);
        for list in FED..=FACTORS {
            w.list(list);
        }
        for area in (0..self.areas()).filter(still) {
            let factor = self.factors[area];
            if self.touched[area] && factor != 1.0 && self.exported(area) > 0.0 {
                w.item(place(area), factor, &[]);
            }
        }
        for area in self.hits() {
            w.item(place(area), 0.0, &[]);
        }
        let columns = w.list(COLUMNS);
        for area in self.hits() {
            w.item(place(area), 0.0, &[]);
        }
        w.list(COLUMN_IMPORTERS);
        for importer in (0..self.areas()).filter(still) {
            let weight = |exporter| {
                let share = self.column_share(exporter, importer) * self.factors[exporter];
                share * self.exported(exporter)
            };
            let entries: Vec<(u32, f64)> =
                (columns..).zip(self.hits().map(weight)).filter(|e| e.1 != 0.0).collect();
            if !entries.is_empty() {
                w.item(place(importer), 0.0, &entries);
            }
        }
        w.list(ROWS);
        for importer in self.hits() {
            let weight = |exporter, share: f64| {
                let weight = share * self.exported(exporter) * self.growth[importer];
                (place(exporter) as u32, weight)
            };
            let t = self.job.t;
            let row = t.row(self.first + importer);
            let still = row.map(|entry| weight(t.other(entry), self.row_share(importer, entry)));
            let share = |d: usize| self.column_share(d, importer) * self.factors[d];
            let adapting = self.hits().map(|exporter| weight(exporter, share(exporter)));
            let entries: Vec<_> = still.chain(adapting).filter(|e| e.1 != 0.0).collect();
            w.item(place(importer), 0.0, &entries);
        }
        w.list(GROWTH);
        for area in (0..self.areas()).filter(still).filter(|&area| self.growth[area] != 1.0) {
            w.item(place(area), self.growth[area], &[]);
        }
        w.list(LISTS);
    }
}

/// Builds what items' trade changes.
pub fn change_trade(a: &Args<'_>) {
    let (t, mut w) = (Tables::new(a), Writer::new(a));
    let (places, areas) = (a.sizes.places as usize, a.sizes.areas as usize);
    for nth in 0..w.begin(a, &t) {
        let job = Job::new(&t, nth);
        let first = job.subject * a.sizes.stride as usize;
        let sums = t.amounts[LIMITS + first..LIMITS + first + areas].to_vec();
        let one = vec![1.0; areas];
        let touched = vec![false; areas];
        let (factors, growth) = (one.clone(), one);
        let mut tile = Tile { job, places, first, sums, factors, growth, touched };
        tile.adapt();
        tile.substitute();
        w.start(&t, nth);
        tile.write(&mut w);
    }
}

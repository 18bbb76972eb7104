//! Mirror of `change_production.wgsl`.

use super::Args;
use super::changes::{Job, Tables, Writer};
use crate::engine::gpu::layout::Sizes;
use crate::engine::gpu::patch::{FACTORS, FED, FED_OUTPUTS, LISTS, OUTPUTS, PROCESSES};
use crate::engine::gpu::rules::LIMITS;

/// Production of an area in one scenario.
struct Outputs<'t, 'a> {
    job: Job<'t, 'a>,
    sizes: Sizes,
    /// By process, the factors of changed columns of alpha and beta.
    factors: [Vec<Option<f64>>; 2],
    /// By item that adapts, the factor of its column of nu.
    nu_factors: Vec<f64>,
    /// By item.
    touched: Vec<bool>,
}

impl Outputs<'_, '_> {
    fn items(&self) -> usize {
        self.sizes.items as usize
    }

    fn processes(&self) -> usize {
        self.job.t.number()
    }

    /// Row of a sector: of alpha, beta, nu.
    fn row(&self, family: usize, item: usize) -> usize {
        let areas = self.sizes.areas as usize;
        family * areas * self.items() + self.job.subject * self.items() + item
    }

    /// Row of a process column: of alpha, beta, inputs.
    fn column(&self, family: usize, process: usize) -> usize {
        let areas = self.sizes.areas as usize;
        let first = 3 * areas * self.items() + family * areas * self.processes();
        first + self.job.subject * self.processes() + process
    }

    fn place(&self, item: usize) -> usize {
        item * self.sizes.stride as usize + self.job.subject
    }

    /// An entry of an item, changed if the item adapts.
    fn current(&self, entry: usize, item: usize) -> f64 {
        match self.job.position(item) {
            Some(member) => self.job.changed(entry, member),
            None => self.job.t.value(entry),
        }
    }

    /// Output of an item by a process, of alpha (0) or beta (1).
    fn output(&self, family: usize, entry: usize, item: usize) -> f64 {
        match self.factors[family][self.job.t.other(entry)] {
            Some(factor) => self.current(entry, item) * factor,
            None => self.job.t.value(entry),
        }
    }

    /// Weight that a process has as a use of an adapting item.
    fn use_weight(&self, member: usize, entry: usize) -> f64 {
        let factor = self.nu_factors[self.job.t.member_at(member)];
        self.job.changed(entry, member) * factor * self.job.t.share_of(member)
    }

    fn find_columns(&mut self) {
        let t = self.job.t;
        for family in [0, 1] {
            let mut is_edited = vec![false; self.processes()];
            for member in self.job.hits.clone() {
                for entry in t.row(self.row(family, t.member_at(member))) {
                    is_edited[t.other(entry)] |= self.job.changed(entry, member) != t.value(entry);
                }
            }
            for process in (0..self.processes()).filter(|&process| is_edited[process]) {
                let column = t.row(self.column(family, process));
                for entry in column.clone() {
                    let item = t.other(entry);
                    let differs = self.current(entry, item) != t.value(entry);
                    self.touched[item] |= t.is_marked(entry) || differs;
                }
                let sum = column.fold(0.0, |sum, e| sum + self.current(e, t.other(e)));
                let areas = self.sizes.areas as usize;
                let number = (family * areas + self.job.subject) * self.processes() + process;
                let factor = t.rescaling(sum, t.amounts[LIMITS + number]);
                self.factors[family][process] = Some(factor);
            }
        }
        for member in self.job.hits.clone() {
            let item = t.member_at(member);
            let row = t.row(self.row(2, item));
            let share = |entry| self.job.changed(entry, member);
            if row.clone().any(|entry| share(entry) != t.value(entry)) {
                let sum = row.fold(0.0, |sum, entry| sum + share(entry));
                self.nu_factors[item] = t.rescaling(sum, 1.0);
            }
        }
    }

    fn shares(&self, item: usize) -> impl Iterator<Item = (usize, f64)> {
        let row = self.job.t.row(self.row(0, item));
        let all = row.map(move |e| (self.job.t.other(e), self.output(0, e, item)));
        all.filter(|share| share.1 != 0.0)
    }

    fn write(&self, w: &mut Writer<'_>) {
        let (t, hits) = (self.job.t, || self.job.hits.clone());
        let fed = w.list(FED);
        for member in hits() {
            w.item(self.place(t.member_at(member)), 0.0, &[]);
        }
        w.list(FED_OUTPUTS);
        for item in (0..self.items()).filter(|&item| !self.touched[item]) {
            let mut entries = Vec::new();
            for (nth, member) in (fed..).zip(hits()) {
                for entry in t.row(self.row(2, t.member_at(member))) {
                    let made = t.find(self.row(0, item), t.other(entry));
                    let made = made.map_or(0.0, |entry| t.value(entry));
                    entries.push((nth, made * self.use_weight(member, entry)));
                }
            }
            entries.retain(|e| e.1 != 0.0);
            if !entries.is_empty() {
                w.item(self.place(item), 0.0, &entries);
            }
        }
        w.list(PROCESSES);
        let touched = || (0..self.items()).filter(|&item| self.touched[item]);
        let mut numbers = vec![None; self.processes()];
        for (process, number) in numbers.iter_mut().enumerate() {
            if !touched().any(|item| self.shares(item).any(|share| share.0 == process)) {
                continue;
            }
            let still = t.row(self.column(2, process)).map(|e| (t.other(e), t.value(e)));
            let still = still.filter(|e| self.job.position(e.0).is_none());
            let adapting = hits().filter_map(|member| {
                let item = t.member_at(member);
                let entry = t.find(self.row(2, item), process)?;
                Some((item, self.use_weight(member, entry)))
            });
            let all = still.chain(adapting).filter(|e| e.1 != 0.0);
            let entries: Vec<_> = all.map(|e| (self.place(e.0) as u32, e.1)).collect();
            *number = Some(w.item(0, 0.0, &entries));
        }
        w.list(OUTPUTS);
        for item in touched() {
            let beta = t.row(self.row(1, item));
            let without_input = beta.fold(0.0, |sum, e| sum + self.output(1, e, item));
            let shares = self.shares(item).filter_map(|(process, v)| Some((numbers[process]?, v)));
            let shares: Vec<_> = shares.collect();
            w.item(self.place(item), without_input, &shares);
        }
        for list in FACTORS..=LISTS {
            w.list(list);
        }
    }
}

/// Builds what areas' production changes.
pub fn change_production(a: &Args<'_>) {
    let (t, mut w) = (Tables::new(a), Writer::new(a));
    for nth in 0..w.begin(a, &t) {
        let (items, processes) = (a.sizes.items as usize, t.number());
        let none = vec![None; processes];
        let mut outputs = Outputs {
            job: Job::new(&t, nth),
            sizes: a.sizes,
            factors: [none.clone(), none],
            nu_factors: vec![1.0; items],
            touched: vec![false; items],
        };
        outputs.find_columns();
        w.start(&t, nth);
        outputs.write(&mut w);
    }
}

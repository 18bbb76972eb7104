//! The content hash: one fingerprint of everything that can change a result.
//!
//! It is computed from the values in memory, in a fixed order, not from file bytes, so that the
//! same data have the same hash whatever form or program version they were read from.

use super::{Blocks, Dataset, MissingRule, Release, Reserve, Rule};
use crate::sparse::Csr;

/// Hash of labels, parameters, rules and substitutability, as 64 hexadecimal digits (BLAKE3).
///
/// Name, licence and sources are not part of it: they change no number.
pub fn content_hash(dataset: &Dataset) -> String {
    let mut h = Hasher { blake3: blake3::Hasher::new(), buffer: Vec::with_capacity(BUFFER) };
    h.text("shocksweep dataset 1");
    let labels = &dataset.labels;
    h.count(labels.areas.len());
    for a in &labels.areas {
        h.text(&a.name);
        h.text(&a.iso3);
        h.text(a.region.as_deref().unwrap_or(""));
        h.bytes(&a.code.to_le_bytes());
        for v in [a.latitude, a.longitude, a.population, a.hdi] {
            h.option(v);
        }
    }
    h.count(labels.items.len());
    for i in &labels.items {
        for text in [&i.name, &i.commodity_code, &i.commodity_group, &i.group] {
            h.text(text);
        }
        h.bytes(&i.code.to_le_bytes());
    }
    h.count(labels.processes.len());
    for p in &labels.processes {
        h.text(&p.name);
        h.text(&p.code);
    }
    let p = &dataset.parameters;
    for vector in [&p.x0, &p.start_stock, &p.share_eta_prod, &p.share_eta_exp] {
        h.numbers(vector);
    }
    for matrix in [&p.conversion_alpha, &p.output_beta, &p.allocation_nu, &p.trade_t] {
        h.matrix(matrix, |h, v| h.numbers(&[*v]));
    }
    h.flag(dataset.rules.is_some());
    if let Some(rules) = &dataset.rules {
        for family in [&rules.alpha, &rules.beta, &rules.nu, &rules.import, &rules.export] {
            h.blocks(family, |h, r| h.rule(r));
        }
        for family in [&rules.eta_exp, &rules.eta_prod, &rules.eta_cons] {
            h.count(family.len());
            for rule in family {
                h.flag(rule.is_some());
                if let Some(rule) = rule {
                    h.rule(rule);
                }
            }
        }
        // The usual meaning is not written: hashes of earlier datasets stay.
        if rules.missing == MissingRule::Keep {
            h.text("missing rules keep");
        }
    }
    h.flag(dataset.substitutability.is_some());
    if let Some(s) = &dataset.substitutability {
        h.blocks(s, |h, v| h.numbers(&[*v]));
    }
    // Usual measures are not written either: hashes of earlier datasets stay.
    for (n, item) in labels.items.iter().enumerate().filter(|(_, i)| !i.has_known_measures()) {
        h.text("measures");
        h.count(n);
        h.text(item.unit.name());
        h.option(item.nutrition.map(|n| n.kcal_per_kg));
        h.option(item.nutrition.and_then(|n| n.protein_g_per_kg));
        h.flag(item.nutrition.is_some_and(|n| n.is_food));
    }
    if let Some(part) = &dataset.food_part {
        h.text("food part");
        h.numbers(part);
    }
    h.reserves(&dataset.reserves);
    h.flush();
    h.blake3.finalize().to_hex().to_string()
}

/// Feeds values with their lengths, so that no two different datasets feed the same bytes.
struct Hasher {
    blake3: blake3::Hasher,
    /// Values waiting: BLAKE3 is fast on long runs of bytes only.
    buffer: Vec<u8>,
}

/// Bytes fed at a time.
const BUFFER: usize = 1 << 16;

impl Hasher {
    /// Reserves; that there are none is not written, so that hashes of earlier datasets stay.
    fn reserves(&mut self, reserves: &[Reserve]) {
        for reserve in reserves {
            self.text("reserve");
            self.count(reserve.sector as usize);
            self.numbers(&[reserve.size]);
            self.flag(reserve.refilled);
            match &reserve.release {
                Release::Automatic { cover } => {
                    self.text("automatic");
                    self.numbers(&[*cover]);
                }
                Release::Steps(amounts) => {
                    self.text("steps");
                    self.count(amounts.len());
                    self.numbers(amounts);
                }
            }
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        if self.buffer.len() + bytes.len() > BUFFER {
            self.flush();
        }
        self.buffer.extend_from_slice(bytes);
    }

    fn flush(&mut self) {
        self.blake3.update(&self.buffer);
        self.buffer.clear();
    }

    fn count(&mut self, n: usize) {
        self.bytes(&(n as u64).to_le_bytes());
    }

    fn flag(&mut self, on: bool) {
        self.bytes(&[u8::from(on)]);
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.bytes(text.as_bytes());
    }

    fn option(&mut self, value: Option<f64>) {
        self.flag(value.is_some());
        self.numbers(&[value.unwrap_or(0.0)]);
    }

    fn numbers(&mut self, values: &[f64]) {
        for v in values {
            self.bytes(&v.to_le_bytes());
        }
    }

    fn rule(&mut self, rule: &Rule) {
        self.option(rule.multiplier);
        self.option(rule.rewiring);
    }

    fn matrix<V: Clone>(&mut self, m: &Csr<V>, mut value: impl FnMut(&mut Self, &V)) {
        self.count(m.rows());
        self.count(m.cols());
        for r in 0..m.rows() {
            self.count(m.row_indices(r).len());
            for (c, v) in m.row(r) {
                self.bytes(&(c as u32).to_le_bytes());
                value(self, v);
            }
        }
    }

    fn blocks<V: Clone + PartialEq>(
        &mut self,
        blocks: &Blocks<V>,
        mut value: impl FnMut(&mut Self, &V),
    ) {
        self.count(blocks.block_of.len());
        for of in &blocks.block_of {
            self.count(of.map_or(0, |b| b as usize + 1));
        }
        self.count(blocks.blocks.len());
        for block in &blocks.blocks {
            self.matrix(block, &mut value);
        }
    }
}

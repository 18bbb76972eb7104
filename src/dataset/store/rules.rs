//! Reading rules of adaptation and substitutability.

use std::path::Path;

use rayon::prelude::*;

use super::columns::StoredTable;
use super::labels::open;
use super::read::{TableReader, matrix};
use super::{RULE_FAMILIES, SHARES, table_file};
use crate::dataset::error::{FilePlace, Problem};
use crate::dataset::names::{LabelKind, NameError, nearest};
use crate::dataset::{AdaptationRules, Blocks, DatasetError, MissingRule, Rule};

impl TableReader<'_> {
    pub(super) fn rules(&self) -> Result<Option<AdaptationRules>, DatasetError> {
        if !self.folder.join(table_file("rules_shares")).exists() {
            let stray = RULE_FAMILIES.iter().map(|t| self.folder.join(table_file(t)));
            if let Some(path) = stray.into_iter().find(|p| p.exists()) {
                let text = "is there without rules_shares.parquet: rules come all or none";
                return Err(DatasetError::file(&path, Problem::Inconsistent(text.into())));
            }
            return Ok(None);
        }
        let read: Vec<Result<Blocks<Rule>, DatasetError>> =
            RULE_FAMILIES.par_iter().map(|table| self.rule_family(table)).collect();
        let mut families = Vec::new();
        for family in read {
            families.push(family?);
        }
        let [eta_exp, eta_prod, eta_cons] = self.share_rules()?;
        let [alpha, beta, nu, import, export] =
            <[Blocks<Rule>; 5]>::try_from(families).expect("one result per family");
        let missing = MissingRule::default();
        let rules = AdaptationRules {
            alpha,
            beta,
            nu,
            eta_exp,
            eta_prod,
            eta_cons,
            import,
            export,
            missing,
        };
        Ok(Some(rules))
    }

    fn rule_family(&self, table: &str) -> Result<Blocks<Rule>, DatasetError> {
        let (path, t) = open(self.folder, table)?;
        let (areas, items, processes) = (&self.areas, &self.items, &self.processes);
        let (row, col, names) = match table {
            "rules_alpha" | "rules_beta" => {
                (self.item(&t, "item")?, self.process(&t, "process")?, (items, processes))
            }
            "rules_nu" => {
                (self.process(&t, "process")?, self.item(&t, "item")?, (processes, items))
            }
            _ => (self.area(&t, "importer")?, self.area(&t, "exporter")?, (areas, areas)),
        };
        let rules = rules_of(&t)?;
        let by_item = matches!(table, "rules_import" | "rules_export");
        let members = if by_item { &self.items } else { &self.areas };
        let kind = if by_item { LabelKind::Item } else { LabelKind::Area };
        self.blocks(&path, &t, table, (members, kind), names, (row, col, rules))
    }

    fn share_rules(&self) -> Result<[Vec<Option<Rule>>; 3], DatasetError> {
        let (path, t) = open(self.folder, "rules_shares")?;
        let (area, item) = (self.area(&t, "area")?, self.item(&t, "item")?);
        let (share, rules) = (t.texts("share")?, rules_of(&t)?);
        let mut families = [(); 3].map(|()| vec![None; self.dims.sectors()]);
        for (row, rule) in rules.into_iter().enumerate() {
            let Some(family) = SHARES.iter().position(|s| *s == share[row]) else {
                let problem = Problem::Syntax {
                    expected: "eta_exp, eta_prod or eta_cons",
                    found: share[row].clone(),
                };
                let place = FilePlace::Cell(row + 1, "share".into());
                return Err(DatasetError::at(&path, place, problem));
            };
            let sector = self.dims.sector(area[row] as usize, item[row] as usize);
            if families[family][sector].replace(rule).is_some() {
                let text = format!("the {} rule of {}", share[row], self.sector_name(sector));
                return Err(t.fault(row, Problem::Duplicate(text)));
            }
        }
        Ok(families)
    }

    pub(super) fn substitutability(&self) -> Result<Option<Blocks<f64>>, DatasetError> {
        if !self.folder.join(table_file("substitutability")).exists() {
            return Ok(None);
        }
        let (path, t) = open(self.folder, "substitutability")?;
        let (item, substitute) = (self.item(&t, "item")?, self.item(&t, "substitute")?);
        let index = t.numbers("index", f64::MAX)?;
        let names = (&self.items, &self.items);
        let members = (&self.areas, LabelKind::Area);
        let entries = (item, substitute, index);
        self.blocks(&path, &t, "substitutability", members, names, entries).map(Some)
    }

    /// Assembles the blocks of a family and gives them to their members.
    fn blocks<V: Clone + PartialEq>(
        &self,
        path: &Path,
        t: &StoredTable,
        table: &str,
        (members, kind): (&Vec<&str>, LabelKind),
        (rows, cols): (&Vec<&str>, &Vec<&str>),
        (row, col, values): (Vec<u32>, Vec<u32>, Vec<V>),
    ) -> Result<Blocks<V>, DatasetError> {
        let block = t.integers("block")?;
        let limit = members.len() as i64;
        let mut entries: Vec<Vec<(u32, u32, V)>> = Vec::new();
        for (n, value) in values.into_iter().enumerate() {
            if !(0..limit).contains(&block[n]) {
                let (value, range) = (format!("block {}", block[n]), format!("0 to {}", limit - 1));
                return Err(t.fault(n, Problem::OutOfRange { value, range }));
            }
            let at = block[n] as usize;
            if entries.len() <= at {
                entries.resize_with(at + 1, Vec::new);
            }
            entries[at].push((row[n], col[n], value));
        }
        let blocks = entries
            .into_iter()
            .enumerate()
            .map(|(number, entries)| {
                let name = |r, c| format!("{} x {} in block {number}", rows[r], cols[c]);
                matrix(rows.len(), cols.len(), entries, path, name)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let (_, map) = open(self.folder, "rule_blocks")?;
        let (tables, numbers) = (map.texts("table")?, map.integers("block")?);
        let names = map.texts("member")?;
        let mut block_of = vec![None; members.len()];
        for n in (0..tables.len()).filter(|&n| tables[n] == table) {
            let member = members.binary_search(&names[n].as_str()).map_err(|_| {
                let nearest = nearest(&names[n], members.iter().copied());
                let name = names[n].clone();
                map.fault(n, NameError::Unknown { kind, name, nearest }.into())
            })?;
            let number = usize::try_from(numbers[n]).ok().filter(|&b| b < blocks.len());
            let Some(number) = number else {
                let text = format!("{table} has no block {}", numbers[n]);
                return Err(map.fault(n, Problem::Inconsistent(text)));
            };
            if block_of[member].replace(number as u32).is_some() {
                let text = format!("`{}` in {table}", names[n]);
                return Err(map.fault(n, Problem::Duplicate(text)));
            }
        }
        Ok(Blocks { blocks, block_of })
    }
}

fn rules_of(t: &StoredTable) -> Result<Vec<Rule>, DatasetError> {
    let multipliers = t.optional_numbers("multiplier", f64::MAX)?;
    let rewirings = t.optional_numbers("rewiring", f64::MAX)?;
    let pairs = multipliers.into_iter().zip(rewirings);
    Ok(pairs.map(|(multiplier, rewiring)| Rule { multiplier, rewiring }).collect())
}

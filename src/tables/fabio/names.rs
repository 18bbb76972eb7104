//! Names of rows and columns in a matrix (slot `Dimnames`), against the label files.
//!
//! Some matrices have none, some have codes of items alone, which repeat from area to area, some
//! codes of areas and of processes or purposes (`41_p001`, `41_food`).

use std::collections::HashMap;
use std::path::Path;

use super::labels::{Axis, FabioLabels};
use crate::dataset::error::Problem;
use crate::dataset::names::{LabelKind, NameError, nearest};

impl FabioLabels {
    /// The index of every row (or column) of a matrix: by its name where the matrix has names that
    /// say area and code, else in the order of the label file.
    ///
    /// Names may be a code (`c001`), which must be that of the label file's row, or an area's code,
    /// ISO3 code or name with a code (`41_food`, `41-c001`), which may come in any order.
    ///
    /// # Errors
    /// A name is unknown, contradicts the label file, or occurs twice.
    pub fn positions(
        &self,
        axis: &Axis,
        names: Option<&[Option<String>]>,
        what: &str,
    ) -> Result<Vec<u32>, Problem> {
        let plain = axis.of_row.iter().map(|&(area, member)| axis.index(area, member));
        let Some(names) = names else { return Ok(plain.collect()) };
        let mut member_of: HashMap<&str, u32> = HashMap::new();
        for keys in [&axis.names, &axis.codes] {
            member_of.extend(keys.iter().map(String::as_str).zip(0..));
        }
        let mut taken: Vec<u32> = vec![0; names.len()];
        let mut positions = Vec::with_capacity(names.len());
        for (n, (name, plain)) in (1u32..).zip(names.iter().zip(plain)) {
            let name = name.as_deref().unwrap_or_default();
            let numbered = name.parse() == Ok(n);
            let at = if name.is_empty() || numbered {
                plain
            } else if let Some(&member) = member_of.get(name) {
                let (area, expected) = axis.split(plain);
                if expected as u32 != member {
                    let (code, area) = (&axis.codes[expected], &self.labels.areas[area].name);
                    let file = axis.path.file_name().unwrap_or_default().to_string_lossy();
                    let text = format!(
                        "{what} {n} is called `{name}`, but {file} has `{code}` of {area} there"
                    );
                    return Err(Problem::Inconsistent(text));
                }
                plain
            } else {
                let full = self.area_of(name).find_map(|(area, rest)| {
                    member_of.get(rest).map(|&member| axis.index(area, member))
                });
                full.ok_or_else(|| self.unknown(axis, name, what, n))?
            };
            let before = std::mem::replace(&mut taken[at as usize], n);
            if before != 0 {
                let text = format!("{what} {before} and {what} {n} stand for the same (`{name}`)");
                return Err(Problem::Inconsistent(text));
            }
            positions.push(at);
        }
        Ok(positions)
    }

    /// The ways to read a name as an area and something else.
    fn area_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (u32, &'a str)> + 'a {
        let joints = name.char_indices().filter(|(_, c)| matches!(c, '_' | '-' | '.' | ':' | ' '));
        joints.filter_map(|(at, joint)| {
            let area = self.area_keys.get(&name[..at]).copied()?;
            Some((area, &name[at + joint.len_utf8()..]))
        })
    }

    fn unknown(&self, axis: &Axis, name: &str, what: &str, n: u32) -> Problem {
        let rest = self.area_of(name).next().map_or(name, |(_, rest)| rest);
        let codes = axis.codes.iter().chain(&axis.names).map(String::as_str);
        let nearest = nearest(rest, codes);
        let error = NameError::Unknown { kind: axis.kind, name: rest.to_string(), nearest };
        let text = match rest == name {
            true => format!("{what} {n}: {error}"),
            false => format!("{what} {n} (`{name}`): {error}"),
        };
        Problem::Inconsistent(text)
    }

    /// Columns of demand as the matrix names them: area and purpose. `None` where the names do not
    /// say both, or not every purpose of every area once.
    ///
    /// FABIO 1.2 keeps purposes in `mr_use_fd` (residuals, processing) that its label file, made for
    /// the final `Y`, no longer has.
    pub fn purposes_by_name(&self, names: &[Option<String>], path: &Path) -> Option<Axis> {
        let mut pairs = Vec::with_capacity(names.len());
        for name in names {
            pairs.push(self.area_of(name.as_deref()?).next().filter(|(_, rest)| !rest.is_empty())?);
        }
        let mut purposes: Vec<&str> = pairs.iter().map(|(_, purpose)| *purpose).collect();
        purposes.sort_unstable();
        purposes.dedup();
        let index: HashMap<&str, u32> = purposes.iter().copied().zip(0..).collect();
        let of_row: Vec<(u32, u32)> =
            pairs.iter().map(|(area, purpose)| (*area, index[purpose])).collect();
        let mut sorted = of_row.clone();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.len() != names.len() || sorted.len() != self.labels.areas.len() * purposes.len() {
            return None;
        }
        let names: Vec<String> = purposes.into_iter().map(str::to_string).collect();
        let kind = LabelKind::Purpose;
        Some(Axis { path: path.to_path_buf(), kind, codes: names.clone(), names, of_row })
    }
}

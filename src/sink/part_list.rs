//! Numbers of parts as people list them: `0-3,7`.

use std::fmt::{self, Display};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Parts of a plan that a run is asked for, whatever the others do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PartList(
    /// First and last of every run of numbers, ascending and apart.
    Vec<(usize, usize)>,
);

impl PartList {
    /// Whether it names a part.
    pub fn has(&self, part: usize) -> bool {
        self.0.iter().any(|&(first, last)| (first..=last).contains(&part))
    }

    /// The largest number that it names.
    pub fn last(&self) -> usize {
        self.0.last().map_or(0, |range| range.1)
    }
}

impl FromIterator<usize> for PartList {
    /// From numbers in any order, each as often as one likes.
    fn from_iter<I: IntoIterator<Item = usize>>(numbers: I) -> Self {
        let mut numbers: Vec<usize> = numbers.into_iter().collect();
        numbers.sort_unstable();
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for number in numbers {
            match ranges.last_mut() {
                Some((_, last)) if number <= *last + 1 => *last = number,
                _ => ranges.push((number, number)),
            }
        }
        PartList(ranges)
    }
}

impl FromStr for PartList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let range = |range: &str| -> Option<(usize, usize)> {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
                .filter(|(first, last)| first <= last && *last < 1 << 20)
        };
        let mut ranges: Vec<(usize, usize)> = text
            .split(',')
            .map(range)
            .collect::<Option<_>>()
            .ok_or("expected numbers of parts, from 0, such as 0-3,7")?;
        ranges.sort_unstable();
        let mut apart: Vec<(usize, usize)> = Vec::new();
        for (first, last) in ranges {
            match apart.last_mut() {
                Some(before) if first <= before.1 + 1 => before.1 = before.1.max(last),
                _ => apart.push((first, last)),
            }
        }
        Ok(PartList(apart))
    }
}

impl TryFrom<String> for PartList {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<PartList> for String {
    fn from(list: PartList) -> String {
        list.to_string()
    }
}

impl Display for PartList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (first, last)) in self.0.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            match first == last {
                true => write!(f, "{comma}{first}")?,
                false => write!(f, "{comma}{first}-{last}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_and_written() {
        let list: PartList = "7, 0-2,3,9-12,11".parse().unwrap();
        assert_eq!(list.to_string(), "0-3,7,9-12");
        assert_eq!(list.last(), 12);
        let own: Vec<usize> = (0..20).filter(|&part| list.has(part)).collect();
        assert_eq!(own, [0, 1, 2, 3, 7, 9, 10, 11, 12]);
        assert_eq!(own.iter().rev().copied().collect::<PartList>(), list);
        let json = serde_json::to_string(&list).unwrap();
        assert_eq!(json, "\"0-3,7,9-12\"");
        assert_eq!(serde_json::from_str::<PartList>(&json).unwrap(), list);
        for wrong in ["", "a", "3-1", "1,,2", "-1", "1-", "99999999999"] {
            assert!(wrong.parse::<PartList>().is_err(), "{wrong}");
        }
    }
}

//! What decides about the bytes of a result, and which share of it a run makes.

use serde::{Deserialize, Serialize};

use crate::engine::Precision;
use crate::job::JobFile;

/// Everything that decides about the bytes of a result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// Version of the program.
    pub program: String,
    /// Version of the result folder's layout.
    pub format: u32,
    /// Content hash of the dataset.
    pub dataset: String,
    /// Engine.
    pub engine: String,
    /// Arithmetic.
    pub precision: Precision,
    /// The job, every default filled in; without folders.
    pub job: serde_json::Value,
    /// BLAKE3 of the scenario table, if the job has one.
    pub table: Option<String>,
}

impl Identity {
    /// The job, without what decides about no byte: folders, engine and dataset are those of a job that
    /// names none.
    ///
    /// # Errors
    /// It is no job of this version.
    pub fn job_file(&self) -> Result<JobFile, String> {
        let job = serde_json::from_value(self.job.clone());
        job.map_err(|error| format!("the job in the ledger cannot be read: {error}"))
    }

    /// What differs from another run: key, value here, value there.
    pub fn differences(&self, other: &Identity) -> Vec<String> {
        let json = |identity: &Identity| serde_json::to_value(identity).unwrap_or_default();
        let mut found = Vec::new();
        compare("", &json(self), &json(other), &mut found);
        found
    }
}

/// Lists the leaves in which two values differ.
pub(super) fn compare(
    at: &str,
    a: &serde_json::Value,
    b: &serde_json::Value,
    found: &mut Vec<String>,
) {
    use serde_json::Value;
    if let (Value::Object(left), Value::Object(right)) = (a, b) {
        let keys: std::collections::BTreeSet<&String> = left.keys().chain(right.keys()).collect();
        for key in keys {
            let place = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
            let value = |of: &serde_json::Map<String, Value>| of.get(key).cloned();
            let [a, b] = [left, right].map(|of| value(of).unwrap_or_default());
            compare(&place, &a, &b, found);
        }
    } else if a != b {
        found.push(format!("{at} was {a} and is {b}"));
    }
}

/// One of several runs that share a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Number, from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

impl Shard {
    /// The whole plan.
    pub const WHOLE: Shard = Shard { number: 1, of: 1 };

    /// Whether this shard runs a part. Parts are dealt out to and fro: those of a screening become
    /// smaller and smaller, and no shard always gets the largest of a round.
    pub fn has(self, part: usize) -> bool {
        let (round, at) = (part / self.of, part % self.of);
        let at = if round.is_multiple_of(2) { at } else { self.of - 1 - at };
        at == self.number - 1
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('/').and_then(|(number, of)| {
            Some(Shard { number: number.trim().parse().ok()?, of: of.trim().parse().ok()? })
        });
        parts
            .filter(|s| (1..=s.of).contains(&s.number) && s.of <= 100_000)
            .ok_or_else(|| "expected NUMBER/OF such as 3/16, numbers from 1".to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_share_the_parts() {
        let shards: Vec<Shard> = (1..=5).map(|n| format!("{n}/5").parse().unwrap()).collect();
        for part in 0..23 {
            assert_eq!(shards.iter().filter(|s| s.has(part)).count(), 1);
        }
        // Parts that shrink evenly are shared out evenly.
        let load = |s: &Shard| (0..40).filter(|&part| s.has(part)).map(|part| 40 - part).sum();
        let loads: Vec<usize> = shards.iter().map(load).collect();
        assert_eq!(loads, [164; 5]);
        for wrong in ["0/4", "5/4", "4", "a/b", "1/0", "-1/3"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn differences_name_the_key() {
        let identity = |steps: u64| Identity {
            program: "1".to_string(),
            format: 1,
            dataset: "x".to_string(),
            engine: "cpu".to_string(),
            precision: Precision::F64,
            job: serde_json::json!({ "steps": steps, "output": { "min_loss": 0.001 } }),
            table: None,
        };
        assert_eq!(identity(10).differences(&identity(10)), Vec::<String>::new());
        assert_eq!(identity(10).differences(&identity(5)), ["job.steps was 10 and is 5"]);
    }
}

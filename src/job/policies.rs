//! What-if sets as a dimension of a job: every set of changes is run against the same scenarios.
//!
//! ```toml
//! [[what-if]]
//! name = "half elsewhere"
//! [[what-if.change]]          # as in a what-if file: see [`crate::whatif`]
//! kind = "diversify"
//! area = "Egypt"
//! item = "Wheat and products"
//! away_from = ["Russian Federation", "Ukraine"]
//! share = 0.5
//! ```
//!
//! A job with such sets is several: the world as it is (with the job's own `[[change]]`), in the folder
//! [`AS_IT_IS`] of the job's, and every set in one of its name. Each is a result of its own, which reads and
//! resumes as any other; scenarios have the same names and identifiers in all, so that they can be compared.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::JobError;
use super::file::JobFile;
use crate::whatif::Change;

/// Name of the run without any set.
pub const AS_IT_IS: &str = "as-it-is";

/// Sets at most.
const MOST: usize = 1000;

/// A named set of changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Its name, which is also its folder's.
    pub name: String,
    /// What it changes.
    #[serde(default)]
    pub change: Vec<Change>,
}

/// A job of one world.
#[derive(Debug, Clone, PartialEq)]
pub struct OfPolicy {
    /// Name of the set, [`AS_IT_IS`] of none.
    pub name: String,
    /// The job, without sets.
    pub job: JobFile,
}

/// Name of a set's folder: small letters, digits and hyphens.
fn folder_name(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let text: String = name.trim().chars().map(plain).collect();
    let words: Vec<&str> = text.split('-').filter(|word| !word.is_empty()).collect();
    words.join("-")
}

/// The jobs of a job's sets, the world as it is first; nothing for a job without sets.
///
/// # Errors
/// A name that makes no folder, or one that two sets share.
pub fn jobs(job: &JobFile) -> Result<Vec<OfPolicy>, JobError> {
    if job.what_if.is_empty() {
        return Ok(Vec::new());
    }
    let wrong = |name: &str, expected: &str| {
        let (value, expected) =
            (format!("`{}`", name.chars().take(60).collect::<String>()), expected.to_string());
        Err(JobError::Value { key: "name of a [[what-if]]", value, expected })
    };
    if job.what_if.len() > MOST {
        let value = format!("a list of {}", job.what_if.len());
        let expected = format!("{MOST} sets at most");
        return Err(JobError::Value { key: "what-if", value, expected });
    }
    let of = |name: &str, change: &[Change]| {
        let mut own = JobFile { what_if: Vec::new(), ..job.clone() };
        own.change.extend_from_slice(change);
        let folder = job.output.folder.as_deref().unwrap_or(Path::new(""));
        own.output.folder = job.output.folder.is_some().then(|| folder.join(folder_name(name)));
        OfPolicy { name: name.to_string(), job: own }
    };
    let mut all = vec![of(AS_IT_IS, &[])];
    let mut folders = vec![AS_IT_IS.to_string()];
    for Policy { name, change } in &job.what_if {
        let folder = folder_name(name);
        if folder.is_empty() || folder.len() > 100 {
            return wrong(name, "a name with letters or digits, 100 at most");
        }
        if folders.contains(&folder) {
            return wrong(name, "a name that no other set has, nor the world as it is");
        }
        folders.push(folder);
        all.push(of(name, change));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<JobFile, JobError> {
        JobFile::parse(text, Path::new("job.toml"))
    }

    const SETS: &str = "[scenarios]\nset = \"all-single\"\n[output]\nfolder = \"out\"\n\
        [[change]]\nkind = \"yield\"\narea = \"A\"\nitem = \"I\"\nby = 0.1\n\
        [[what-if]]\nname = \"Less Yield!\"\n[[what-if.change]]\nkind = \"yield\"\narea = \"A\"\nitem = \"I\"\nby = -0.2\n";

    #[test]
    fn a_job_of_sets_is_several() {
        let all = jobs(&parse(SETS).unwrap()).unwrap();
        let folder = |n: usize| all[n].job.output.folder.as_deref().unwrap();
        assert_eq!(
            all.iter().map(|o| o.name.as_str()).collect::<Vec<_>>(),
            ["as-it-is", "Less Yield!"]
        );
        assert_eq!(
            (folder(0), folder(1)),
            (Path::new("out/as-it-is"), Path::new("out/less-yield"))
        );
        assert_eq!((all[0].job.change.len(), all[1].job.change.len()), (1, 2));
        assert!(all.iter().all(|of| of.job.what_if.is_empty()));
        assert!(jobs(&parse("[scenarios]\nset = \"all-single\"").unwrap()).unwrap().is_empty());
    }

    #[test]
    fn names_and_keys_are_checked() {
        let slip = |text: &str| match parse(text) {
            Ok(job) => jobs(&job).unwrap_err().to_string(),
            Err(error) => error.to_string(),
        };
        let twice = format!("{SETS}[[what-if]]\nname = \"less yield\"\n");
        assert!(slip(&twice).contains("a name that no other set has"), "{}", slip(&twice));
        assert!(slip(&SETS.replace("Less Yield!", "As it is")).contains("nor the world as it is"));
        assert!(slip(&SETS.replace("Less Yield!", "!")).contains("letters or digits"));
        let key = slip(&SETS.replace("item = \"I\"\nby = -0.2", "itme = \"I\"\nby = -0.2"));
        assert!(key.contains("`itme`, did you mean `item`?"), "{key}");
        let kind = slip(&SETS.replace("name =", "nmae ="));
        assert!(kind.contains("`what-if.nmae`, did you mean `name`?"), "{kind}");
    }
}

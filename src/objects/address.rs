//! Addresses: what a person may give where a folder is asked for, and how it is told apart from one.

use std::path::Path;

use super::{StoreError, StoreProblem};

/// What an address looks like, for messages.
const EXPECTED: &str =
    "expected s3://BUCKET/PREFIX or https://HOST/PATH, without `?`, `#`, `@`, `..` or `//`";

/// Where a dataset or a result lies in a store: a bucket and a prefix, or a host and a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// As given, without the slashes at its end.
    text: String,
    /// Bytes before the bucket or the host.
    scheme: usize,
}

/// Whether a path is meant as an address: `s3://`, `https://` or `http://`.
pub fn is_address(given: &Path) -> bool {
    given.to_str().is_some_and(|text| scheme(text).is_some())
}

/// Refuses an address where a folder is written by what knows folders alone.
///
/// # Errors
/// It is one.
pub fn check_folder(given: &Path) -> std::io::Result<()> {
    let problem = "is an address; expected a folder (what writes to stores: `run`, and commands that make datasets)";
    match is_address(given) {
        true => Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, problem)),
        false => Ok(()),
    }
}

/// The address that a text is; `None` for what names a folder.
///
/// # Errors
/// It begins as an address does, and is none.
pub fn address(given: &Path) -> Result<Option<Address>, StoreError> {
    let Some(text) = given.to_str() else { return Ok(None) };
    scheme(text).map(|scheme| Address::parse(text, scheme)).transpose()
}

/// Bytes of the scheme of an address, with its slashes.
fn scheme(text: &str) -> Option<usize> {
    let known = ["s3://", "https://", "http://"];
    known.iter().find(|scheme| text.starts_with(*scheme)).map(|scheme| scheme.len())
}

impl Address {
    fn parse(given: &str, scheme: usize) -> Result<Self, StoreError> {
        let text = given.trim_end_matches('/');
        let refused = || StoreError::new(given, StoreProblem::NoAddress(EXPECTED));
        let rest = text.get(scheme..).ok_or_else(refused)?;
        // A name and password would be shown in messages, and kept in manifests.
        let strange = |c: char| c.is_control() || matches!(c, '?' | '#' | '@' | '\\');
        let is_plain = |part: &str| !matches!(part, "" | "." | "..");
        if rest.contains(strange) || !rest.split('/').all(is_plain) {
            return Err(refused());
        }
        Ok(Address { text: text.to_string(), scheme })
    }

    /// The address as given, without slashes at its end.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is of the S3 protocol; else it is a web server's.
    pub fn is_s3(&self) -> bool {
        self.text.starts_with("s3://")
    }

    /// Whether what is read there can be read, and changed, by whoever is between.
    pub fn is_plain_http(&self) -> bool {
        self.text.starts_with("http://")
    }

    /// The bucket, or the host with its port; and the prefix, or the path, without a slash before it.
    pub fn parts(&self) -> (&str, &str) {
        let rest = &self.text[self.scheme..];
        rest.split_once('/').unwrap_or((rest, ""))
    }

    /// Address of something below it.
    pub fn below(&self, name: &str) -> String {
        format!("{}/{name}", self.text)
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<Address> {
        address(Path::new(text)).expect("an address, or a folder")
    }

    #[test]
    fn addresses_are_told_apart_from_folders() {
        for folder in ["results/food2020", "/data/s3", "s3", "s3:/bucket", "C:\\data", "synthetic"]
        {
            assert_eq!(of(folder), None, "{folder}");
            assert!(!is_address(Path::new(folder)), "{folder}");
        }
        let run = of("s3://bucket/runs/one/").expect("an address");
        assert_eq!((run.text(), run.parts()), ("s3://bucket/runs/one", ("bucket", "runs/one")));
        assert!(run.is_s3() && !run.is_plain_http());
        assert_eq!(run.below("manifest.json"), "s3://bucket/runs/one/manifest.json");
        assert_eq!(of("s3://bucket").expect("an address").parts(), ("bucket", ""));
        let web = of("http://localhost:5000/a/b").expect("an address");
        assert_eq!(web.parts(), ("localhost:5000", "a/b"));
        assert!(web.is_plain_http() && !web.is_s3());
    }

    #[test]
    fn what_begins_as_an_address_must_be_one() {
        for wrong in [
            "s3://",
            "s3:///run",
            "s3://bucket/../other",
            "s3://bucket//run",
            "https://host/data?token=1",
            "https://me:secret@host/data",
            "https://host/a#b",
            "s3://bucket/a\\b",
        ] {
            let error = address(Path::new(wrong)).expect_err(wrong).to_string();
            assert!(error.starts_with(wrong) && error.contains("expected s3://"), "{error}");
        }
    }
}

//! Which version of the program a result is of: a table whose columns mean something else is not read
//! at all, rather than read wrongly.

use std::path::Path;

use serde::Deserialize;

use super::SinkError;

/// Layout of result folders that this version writes and reads. It rises with every change of what a
/// file of a result is called, which columns it has, or what they mean.
///
/// 6: units of amounts, food, losses of runs that have diverged are null.
pub const RESULT_FORMAT: u32 = 6;

/// The part of a manifest that every version has had.
#[derive(Deserialize)]
struct Layout {
    format: u32,
    program: Option<Version>,
}

#[derive(Deserialize)]
struct Version {
    version: String,
}

/// The part of a ledger's first line that every version has had.
#[derive(Deserialize)]
struct First {
    identity: Identity,
}

#[derive(Deserialize)]
struct Identity {
    format: u32,
    program: Option<String>,
}

/// Refuses the manifest of another layout; what is no manifest at all is left to who reads it.
pub(super) fn check_manifest(path: &Path, text: &[u8]) -> Result<(), SinkError> {
    match serde_json::from_slice::<Layout>(text) {
        Ok(Layout { format, program }) if format != RESULT_FORMAT => {
            Err(other(path, format, program.map(|program| program.version)))
        }
        _ => Ok(()),
    }
}

/// Refuses the first line of another layout's ledger; what is no first line is left to who reads it.
pub(super) fn check_ledger(path: &Path, line: &str) -> Result<(), SinkError> {
    match serde_json::from_str::<First>(line) {
        Ok(First { identity: Identity { format, program } }) if format != RESULT_FORMAT => {
            Err(other(path, format, program))
        }
        _ => Ok(()),
    }
}

fn other(path: &Path, format: u32, version: Option<String>) -> SinkError {
    let by = version.map_or(String::new(), |version| {
        let short: String = version.chars().take(20).flat_map(char::escape_default).collect();
        format!(" (by shocksweep {short})")
    });
    let problem = format!(
        "the result was written in layout {format}{by}, and this version reads layout {RESULT_FORMAT}: run the \
         job again"
    );
    SinkError::Unreadable { path: path.to_path_buf(), problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_layouts_are_refused_and_named() {
        let path = Path::new("res/manifest.json");
        let old = br#"{"format":5,"program":{"name":"shocksweep","version":"0.0.9"},"x":[]}"#;
        assert_eq!(
            check_manifest(path, old).unwrap_err().to_string(),
            "res/manifest.json: the result was written in layout 5 (by shocksweep 0.0.9), and this version \
             reads layout 6: run the job again"
        );
        let old = r#"{"line":"run","identity":{"format":4,"program":"0.0.8"},"parts":3}"#;
        assert!(
            check_ledger(path, old)
                .unwrap_err()
                .to_string()
                .contains("layout 4 (by shocksweep 0.0.8)")
        );
        let bare = check_manifest(path, br#"{"format":1}"#).unwrap_err().to_string();
        assert!(bare.contains("layout 1, and"), "{bare}");
        // What is no manifest, or this version's, is nothing to say here.
        for text in [&b"{}"[..], b"nothing", br#"{"format":6}"#] {
            assert!(check_manifest(path, text).is_ok());
        }
        assert!(check_ledger(path, r#"{"line":"part","part":3}"#).is_ok());
    }
}

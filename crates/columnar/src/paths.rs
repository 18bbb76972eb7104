//! Paths that somebody wrote into a file.

use std::path::Path;

use crate::shown;

/// Why a path came out otherwise than it was meant.
pub const BACKSLASH: &str =
    "a backslash starts an escape in TOML: write `/`, or put the path in single quotes";

/// What is wrong with a text that names a file, or anything else that a person types: control
/// characters are in no name, and come from backslashes (`"results\\named"` is `results`, a line break,
/// `amed`).
pub fn problem(text: &str) -> Option<String> {
    let has_control = text.chars().any(char::is_control);
    has_control.then(|| format!("holds a control character: `{}`; {BACKSLASH}", shown(text)))
}

/// The same of a path.
pub fn problem_of(path: &Path) -> Option<String> {
    problem(&path.to_string_lossy())
}

/// What the parser of a TOML file says, with the hint where a backslash may be the cause.
pub fn toml_problem(message: &str) -> String {
    let message = shown(message);
    let is_escape = ["escape", "unicode value", "unicode hexadecimal"];
    match is_escape.iter().any(|word| message.contains(word)) {
        true => format!("{message}; {BACKSLASH}"),
        false => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_in_no_path() {
        assert_eq!(problem("results/named"), None);
        assert_eq!(problem("Côte d'Ivoire"), None);
        let found = problem("results\named").unwrap();
        assert!(
            found.contains("`results\\u{a}amed`") && found.contains("single quotes"),
            "{found}"
        );
        assert!(problem_of(Path::new("out\tables")).is_some());
    }

    #[test]
    fn escapes_that_are_none_come_with_the_hint() {
        let message = "too few unicode value digits, expected unicode hexadecimal value";
        assert!(toml_problem(message).ends_with(BACKSLASH));
        assert!(toml_problem("missing escaped value, expected ...").ends_with(BACKSLASH));
        assert_eq!(toml_problem("unknown field `x`"), "unknown field `x`");
    }
}

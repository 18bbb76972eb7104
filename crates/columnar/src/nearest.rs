//! The name that somebody probably meant.

/// `, did you mean ...?`, or nothing where no name is near.
pub fn suggestion(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|n| format!(", did you mean `{n}`?")).unwrap_or_default()
}

/// The candidate nearest to `name`, if one is near enough to be a likely slip.
///
/// Containment counts as near (`Rice` for `Rice and products`), then Jaro-Winkler similarity, also to
/// the label's first words (`Rise` for `Rice and products`).
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let wanted = name.trim().to_lowercase();
    let score = |candidate: &str| {
        let lower = candidate.to_lowercase();
        let leading = leading_words(&lower, words(&wanted).count());
        // A little less, so that a label that is alike as a whole goes first.
        let similar = strsim::jaro_winkler(&wanted, &lower)
            .max(0.97 * strsim::jaro_winkler(&wanted, &leading));
        // A word of the label typed in full beats a similar spelling.
        let contained = wanted.len() >= 3 && lower.contains(&wanted);
        similar + if contained { 1.0 } else { 0.0 }
    };
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let s = score(candidate);
        if s >= 0.75 && best.is_none_or(|(b, _)| s > b) {
            best = Some((s, candidate));
        }
    }
    best.map(|(_, c)| c.to_string())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn leading_words(text: &str, count: usize) -> String {
    words(text).take(count).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        let items = ["Rice and products", "Ricebran Oil", "Wheat and products", "Rye and products"];
        assert_eq!(nearest("Ricee and products", items).as_deref(), Some("Rice and products"));
        assert_eq!(nearest("wheat", items).as_deref(), Some("Wheat and products"));
        assert_eq!(nearest("zzzz", items), None);
        let items = ["Horses", "Rice and products", "Ricebran Oil"];
        assert_eq!(nearest("Rise", items).as_deref(), Some("Rice and products"));
        assert_eq!(nearest("Hourses", items).as_deref(), Some("Horses"));
    }
}

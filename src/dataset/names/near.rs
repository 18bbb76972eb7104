//! The valid name that a wrong one may have meant.

use super::text::{core, words};

/// The candidate nearest to `name`, if one is near enough to be a likely slip.
///
/// By meaning first: a candidate with all the words of `name` (`Rice` for `Rice and products`), the one with
/// the fewest other words. Then by letters: few changed letters, of the whole candidate, of what it is
/// without its additions, or of its first words. A wrong hint is worse than none: two or three letters resemble
/// too much, and of more than two changes one letter in four is the most.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let likeness = likeness(name, candidate);
        if likeness > 0.0 && best.is_none_or(|(b, _)| likeness > b) {
            best = Some((likeness, candidate));
        }
    }
    best.map(|(_, candidate)| candidate.to_string())
}

/// How likely `name` is a slip for `candidate`: 0 for no likeness, above 1 where it has all the words.
pub fn likeness(name: &str, candidate: &str) -> f64 {
    let (wanted, having) = (words(name), words(candidate));
    if wanted.is_empty() {
        return 0.0;
    }
    let is_long = wanted.iter().any(|word| word.chars().count() >= 3);
    if is_long && wanted.iter().all(|word| having.contains(word)) {
        return 1.0 + wanted.len() as f64 / having.len() as f64;
    }
    let lower = name.trim().to_lowercase();
    let wanted = wanted.join(" ");
    if wanted.chars().count() < 4 {
        return 0.0;
    }
    let leading = having[..having.len().min(words(name).len())].join(" ");
    let whole = having.join(" ");
    let cut = words(core(candidate)).join(" ");
    let by_letters = |text: &str| {
        let longest = wanted.chars().count().max(text.chars().count());
        let changed = strsim::osa_distance(&wanted, text);
        // One change is a slip in any word, more need more letters to be one.
        let likeness = 1.0 - changed as f64 / longest.max(1) as f64;
        // Two changes behind the same letter: `Mally` for `Mali`.
        let alike = changed == 2 && likeness >= 0.6 && wanted.chars().next() == text.chars().next();
        if changed <= 1 || likeness >= 0.75 || alike { likeness } else { 0.0 }
    };
    let part = candidate.to_lowercase().contains(&lower);
    let letters = by_letters(&whole).max(0.98 * by_letters(&cut)).max(0.97 * by_letters(&leading));
    letters.max(if part { 0.9 } else { 0.0 })
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

    #[test]
    fn what_only_begins_alike_is_not_suggested() {
        let areas = ["Ukraine", "Ecuador", "South Sudan", "Burkina Faso", "Benin", "Switzerland"];
        for name in ["UK", "EU", "South Korea", "Burma", "Reunion", "Swaziland"] {
            assert_eq!(nearest(name, areas), None, "{name}");
        }
        assert_eq!(nearest("Ukrane", areas).as_deref(), Some("Ukraine"));
        assert_eq!(nearest("Swizerland", areas).as_deref(), Some("Switzerland"));
    }
}

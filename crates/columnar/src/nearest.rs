//! The name that somebody probably meant.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// `, did you mean ...?`, or nothing where no name is near.
pub fn suggestion(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|n| format!(", did you mean `{n}`?")).unwrap_or_default()
}

/// The candidate nearest to `name`, if one is near enough to be a likely slip.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    likeliest(candidates, |candidate| likeness(name, candidate, candidate))
}

/// The first of the likeliest candidates, if any is likely at all.
pub fn likeliest<'a>(
    candidates: impl IntoIterator<Item = &'a str>,
    likeness: impl Fn(&str) -> f64,
) -> Option<String> {
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let likeness = likeness(candidate);
        if likeness > 0.0 && best.is_none_or(|(b, _)| likeness > b) {
            best = Some((likeness, candidate));
        }
    }
    best.map(|(_, candidate)| candidate.to_string())
}

/// How likely `name` is a slip for `candidate`: 0 for no likeness, above 1 where it has all the words. `core` is
/// the candidate without its additions.
///
/// By meaning first: a candidate with all the words of `name` (`Rice` for `Rice and products`), the one with
/// the fewest other words. Then by letters: few changed letters, of the whole candidate, of what it is
/// without its additions, or of its first words. A wrong hint is worse than none: two or three letters resemble
/// too much, and of more than two changes one letter in four is the most.
pub fn likeness(name: &str, candidate: &str, core: &str) -> f64 {
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
    let cut = words(core).join(" ");
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

/// Words that tell no two names apart.
const EMPTY_WORDS: [&str; 6] = ["the", "of", "and", "et", "sar", "former"];

/// Words and what they stand for.
const SHORT_WORDS: [(&str, &str); 4] =
    [("st", "saint"), ("rep", "republic"), ("dem", "democratic"), ("&", "and")];

/// The words of a name in lower case: without accents, full stops and apostrophes, with short forms
/// written out and words such as `the` left out.
pub fn words(text: &str) -> Vec<String> {
    let mut plain = String::with_capacity(text.len());
    for c in text.nfd().filter(|&c| !is_combining_mark(c)).flat_map(char::to_lowercase) {
        match c {
            '\'' | '\u{2019}' | '\u{2018}' | '`' | '.' => {}
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            'ø' => plain.push('o'),
            'ł' => plain.push('l'),
            'đ' | 'ð' => plain.push('d'),
            'ı' => plain.push('i'),
            c if c.is_alphanumeric() => plain.push(c),
            _ => plain.push(' '),
        }
    }
    let long = |word: &str| {
        let found = SHORT_WORDS.iter().find(|(short, _)| *short == word);
        found.map_or(word, |(_, long)| long).to_string()
    };
    let words = plain.split(' ').filter(|word| !word.is_empty()).map(long);
    words.filter(|word| !EMPTY_WORDS.contains(&word.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_tables_are_told_apart() {
        let columns = ["scenario", "area", "item", "phi"];
        assert_eq!(nearest("scenarios", columns).as_deref(), Some("scenario"));
        assert_eq!(nearest("iten", columns).as_deref(), Some("item"));
        assert_eq!(nearest("zzzz", columns), None);
        assert_eq!(suggestion(&nearest("aera", columns)), ", did you mean `area`?");
    }
}

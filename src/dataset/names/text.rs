//! Names as people write them: what two spellings of one name have in common.

pub use shocksweep_columnar::nearest::words;
use unicode_normalization::UnicodeNormalization;

/// A label or cell without surrounding blanks, accents as one character (NFC): file systems and
/// spreadsheets write `ô` in two ways that look the same.
pub fn tidy(text: &str) -> String {
    let text = text.trim();
    if text.is_ascii() { text.to_string() } else { text.nfc().collect() }
}

/// What all spellings of a name share: its [`words`] in alphabetical order, so that `Korea, Rep.` is
/// `Republic of Korea`. Empty where no word is left.
pub fn key(text: &str) -> String {
    let mut words = words(text);
    words.sort_unstable();
    words.join(" ")
}

/// The key of a region: `Eastern Europe` is `Europe East`.
pub fn region_key(text: &str) -> String {
    let mut words = words(text);
    for word in &mut words {
        let short = ["east", "west", "north", "south", "sahara"].into_iter().find(|short| {
            word.strip_prefix(short).is_some_and(|rest| rest == "ern" || rest == "n")
        });
        if let Some(short) = short {
            *word = short.to_string();
        }
    }
    words.sort_unstable();
    words.join(" ")
}

/// The key of a product: as [`key`], with plural and singular alike.
pub fn item_key(text: &str) -> String {
    let mut words: Vec<String> = words(text).into_iter().map(singular).collect();
    words.sort_unstable();
    words.join(" ")
}

/// The singular of an English plural, or something that both share.
pub fn singular(word: String) -> String {
    let cut = |end: &str, new: &str| word.strip_suffix(end).map(|stem| format!("{stem}{new}"));
    match word.len() {
        0..=3 => word,
        _ if word.ends_with("ss") => word,
        _ => cut("oes", "o").or_else(|| cut("ies", "y")).or_else(|| cut("s", "")).unwrap_or(word),
    }
}

/// A label without what only the data need: `Rice` of `Rice and products`, `Sugar` of `Sugar (Raw
/// Equivalent)`, `Bolivia` of `Bolivia (Plurinational State of)`.
pub fn core(label: &str) -> &str {
    let cut = |text: &str, at: &str| text.find(at).unwrap_or(text.len());
    let label = &label[..cut(label, " (").min(cut(label, " - "))];
    label.strip_suffix(" and products").unwrap_or(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_share_a_key() {
        for (a, b) in [
            ("Côte d'Ivoire", "Co\u{302}te d\u{2019}Ivoire"),
            ("St. Kitts & Nevis", "Saint Kitts and Nevis"),
            ("Korea, Rep.", "Republic of Korea"),
            ("THE GAMBIA", "Gambia, The"),
            ("U.S.A.", "usa"),
            ("Łódź", "Lodz"),
        ] {
            assert_eq!(key(a), key(b), "{a}");
        }
        assert_ne!(key("Niger"), key("Nigeria"));
        assert_ne!(key("Congo, Dem. Rep."), key("Congo, Rep."));
        assert_eq!(key("of the"), "");
    }

    #[test]
    fn regions_and_products() {
        assert_eq!(region_key("Eastern Europe"), region_key("Europe East"));
        assert_eq!(region_key("Sub-Saharan Africa"), region_key("Africa Sub-Sahara"));
        assert_eq!(item_key("potatoes"), item_key("Potato"));
        assert_eq!(item_key("Grass"), "grass");
        assert_eq!(core("Milk - Excluding Butter"), "Milk");
        assert_eq!(core("Grapes and products (excl wine)"), "Grapes");
        assert_eq!(core("Côte d'Ivoire"), "Côte d'Ivoire");
    }

    #[test]
    fn blanks_and_decomposed_accents_go() {
        assert_eq!(tidy(" Co\u{302}te "), "Côte");
        assert_eq!(tidy("Aland "), "Aland");
    }
}

//! Dictionaries that are known beforehand, for [column chunks](crate::chunk) of keys.

/// Values that keys stand for, in Parquet's PLAIN encoding.
#[derive(Debug, Clone, Default)]
pub struct Dictionary {
    plain: Vec<u8>,
    len: u32,
}

impl Dictionary {
    /// A dictionary of texts.
    pub fn of_texts<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut dictionary = Dictionary::default();
        for text in texts {
            dictionary.plain.extend_from_slice(&(text.len() as u32).to_le_bytes());
            dictionary.plain.extend_from_slice(text.as_bytes());
            dictionary.len += 1;
        }
        dictionary
    }

    /// A dictionary of numbers.
    pub fn of_numbers(numbers: impl Iterator<Item = f64>) -> Self {
        let mut dictionary = Dictionary::default();
        for number in numbers {
            dictionary.plain.extend_from_slice(&number.to_le_bytes());
            dictionary.len += 1;
        }
        dictionary
    }

    /// A dictionary of whole numbers.
    pub fn of_whole_numbers(numbers: impl Iterator<Item = i32>) -> Self {
        let mut dictionary = Dictionary::default();
        for number in numbers {
            dictionary.plain.extend_from_slice(&number.to_le_bytes());
            dictionary.len += 1;
        }
        dictionary
    }

    /// Number of values.
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The values, as they stand in a dictionary page.
    pub(crate) fn plain(&self) -> &[u8] {
        &self.plain
    }

    /// Bits per key: a power of two, so that no key crosses the end of a byte it starts in, unless
    /// it has whole bytes of its own.
    pub(crate) fn bits(&self) -> u8 {
        match self.len {
            0..=0x2 => 1,
            0x3..=0x10 => 4,
            0x11..=0x100 => 8,
            0x101..=0x1_0000 => 16,
            _ => 32,
        }
    }
}

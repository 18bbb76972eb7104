//! Whether two single runs can meet at all, and where their changes do.

use super::single::Single;
use super::touched::Tile;

/// Where the changes of two runs meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meeting {
    /// Whether a loss of one lies where the other sends differently or is near the thresholds.
    pub losses: bool,
    /// Whether they change one item's trade together.
    pub trade: bool,
    /// Whether they change one area's production together.
    pub production: bool,
}

impl Meeting {
    /// Where `a` and `b` meet. Nowhere: every term of the recursion is 0, and so is the
    /// interaction.
    pub fn of(a: &Single, b: &Single) -> Self {
        Meeting {
            losses: intersect(&a.sensitive, b.trace.support())
                || intersect(&b.sensitive, a.trace.support()),
            trade: intersect(&a.items, &b.items)
                && common(&a.tiles, &b.tiles).any(|(a, b)| cross(a, b)),
            production: intersect(&a.areas, &b.areas) && production(a, b),
        }
    }

    /// About when the interaction of two runs begins: 0 where they change something together, else the more the
    /// later a loss of one is where the other sends differently. Only a hint: pairs that begin at the same time
    /// reach about as far, and waste the fewest lanes side by side.
    pub fn begins(self, a: &Single, b: &Single) -> usize {
        if self.trade || self.production {
            return 0;
        }
        let meets = |(a_until, b_until): (&Vec<u64>, &Vec<u64>)| {
            intersect(&a.sensitive, b_until) || intersect(&b.sensitive, a_until)
        };
        a.early.iter().zip(&b.early).position(meets).unwrap_or(a.early.len())
    }

    /// Whether there may be an interaction.
    pub fn is_any(self) -> bool {
        self.losses || self.trade || self.production
    }
}

/// Whether one area's production is changed by products of both runs' changes.
fn production(a: &Single, b: &Single) -> bool {
    a.shock.sector == b.shock.sector
        || share(&a.outputs, &b.outputs)
        || share(&a.outputs, &b.inputs)
        || share(&a.inputs, &b.outputs)
}

/// Whether two masks share a bit.
#[inline]
pub fn intersect(a: &[u64], b: &[u64]) -> bool {
    // Eight words at a time: the loop over them is vectorised, the test comes after.
    let whole = a.chunks_exact(8).zip(b.chunks_exact(8));
    let any = |(a, b): (&[u64], &[u64])| a.iter().zip(b).fold(0, |any, (a, b)| any | a & b) != 0;
    let rest = a.len() / 8 * 8;
    whole.into_iter().any(any) || any((&a[rest..], &b[rest..]))
}

/// Whether two ascending lists share an element.
fn share(a: &[u32], b: &[u32]) -> bool {
    let (mut at_a, mut at_b) = (0, 0);
    while let (Some(x), Some(y)) = (a.get(at_a), b.get(at_b)) {
        match x.cmp(y) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => at_a += 1,
            std::cmp::Ordering::Greater => at_b += 1,
        }
    }
    false
}

/// Tiles of one item in both lists.
pub fn common<'a>(a: &'a [Tile], b: &'a [Tile]) -> impl Iterator<Item = (&'a Tile, &'a Tile)> {
    let mut rest = b.iter().peekable();
    a.iter().filter_map(move |tile| {
        while rest.next_if(|other| other.item < tile.item).is_some() {}
        rest.next_if(|other| other.item == tile.item).map(|other| (tile, other))
    })
}

/// Whether the changes of one item's trade have an interaction of their own: in columns, or where
/// both change an importer.
fn cross(a: &Tile, b: &Tile) -> bool {
    (0..a.rows.len()).any(|w| a.rows[w] & b.rows[w] != 0 || a.columns(b, w) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_and_lists_are_compared_to_their_end() {
        let (mut a, mut b) = (vec![0u64; 13], vec![0u64; 13]);
        assert!(!intersect(&a, &b));
        (a[12], b[12]) = (8, 12);
        assert!(intersect(&a, &b));
        (a[12], a[3], b[3]) = (0, 1, 3);
        assert!(intersect(&a, &b));
        assert!(share(&[1, 5, 9], &[2, 9]) && !share(&[1, 5], &[2, 6, 7]) && !share(&[], &[1]));
    }
}

//! One shock as people type it: `India/Rice and products`, `UKR/Wheat and products=0.5`.

use super::{ScenarioProblem, Shock, check_intensity};
use crate::dataset::names::NameIndex;
use crate::dataset::{Dataset, Labels};

/// Stands for every item that an area produces.
pub const EVERY_ITEM: &str = "*";

/// Reads `Area/Item` with an optional `=phi`; the item `*` is every item the area produces.
///
/// # Errors
/// The text has another form, a name is unknown, or phi is outside [0, 1].
pub fn parse(text: &str, dataset: &Dataset) -> Result<Vec<Shock>, ScenarioProblem> {
    let malformed = || ScenarioProblem::Spec { found: text.to_string() };
    let (sector, phi) = match text.rsplit_once('=') {
        Some((sector, phi)) => (sector, phi.trim().parse::<f64>().map_err(|_| malformed())?),
        None => (text, 1.0),
    };
    let (area, item) = split_sector(sector, &dataset.labels).ok_or_else(malformed)?;
    shocks(area.trim(), item.trim(), phi, dataset)
}

/// Shocks of a constant intensity `phi` to an area's item, or to everything it produces for `*`.
///
/// # Errors
/// A name is unknown, phi is outside [0, 1], or `*` finds nothing.
pub fn shocks(
    area: &str,
    item: &str,
    phi: f64,
    dataset: &Dataset,
) -> Result<Vec<Shock>, ScenarioProblem> {
    let phi = check_intensity(phi)?;
    let sectors = sectors(area, item, dataset)?;
    Ok(sectors.into_iter().map(|sector| Shock::new(sector, phi)).collect())
}

/// The sector of an area's item, or all that the area produces for `*`.
///
/// # Errors
/// A name is unknown, or `*` finds nothing.
pub fn sectors(area: &str, item: &str, dataset: &Dataset) -> Result<Vec<u32>, ScenarioProblem> {
    let names = NameIndex::new(&dataset.labels);
    let area = names.area(area)?;
    let dims = dataset.dimensions();
    if item != EVERY_ITEM {
        return Ok(vec![dims.sector(area, names.item(item)?) as u32]);
    }
    let producers = dataset.parameters.producers();
    let produced: Vec<u32> = (0..dims.items)
        .map(|item| dims.sector(area, item))
        .filter(|&sector| producers[sector])
        .map(|sector| sector as u32)
        .collect();
    if produced.is_empty() {
        let area = dataset.labels.areas[area].name.clone();
        return Err(ScenarioProblem::NoProduction { area });
    }
    Ok(produced)
}

/// Splits at the slash; where names hold slashes themselves, at the one that leaves a known area.
fn split_sector<'a>(text: &'a str, labels: &Labels) -> Option<(&'a str, &'a str)> {
    let names = NameIndex::new(labels);
    let mut splits = text.match_indices('/').map(|(at, _)| (&text[..at], &text[at + 1..]));
    let known = splits.clone().find(|(area, _)| names.area(area.trim()).is_ok());
    known.or_else(|| splits.next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::synth::{SynthOptions, synthesize};

    fn world() -> Dataset {
        synthesize(&SynthOptions::default()).unwrap()
    }

    #[test]
    fn shocks_as_typed() {
        let world = world();
        let one = parse("India/Rice and products", &world).unwrap();
        assert_eq!(one.len(), 1);
        assert_eq!(world.labels.sector_name(one[0].sector as usize), "India / Rice and products");
        assert_eq!(one[0].phi, 1.0);
        let half = parse("ind / rice AND products = 0.5", &world).unwrap();
        assert_eq!((half[0].sector, half[0].phi), (one[0].sector, 0.5));
        let all = parse("Ukraine/*", &world).unwrap();
        let producers = world.parameters.producers();
        assert!(all.len() > 10 && all.iter().all(|s| producers[s.sector as usize]));
    }

    #[test]
    fn slips_are_explained() {
        let world = world();
        let message = |text: &str| parse(text, &world).unwrap_err().to_string();
        assert_eq!(
            message("India"),
            "expected `Area/Item` or `Area/Item=phi`, phi in [0, 1], found `India`"
        );
        assert_eq!(
            message("Indja/Rice and products"),
            "unknown area `Indja`, did you mean `India`?"
        );
        assert_eq!(
            message("India/Rice and products=50"),
            "intensity phi must lie in [0, 1], found 50; for 50 % write 0.5"
        );
    }
}

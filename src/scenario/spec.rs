//! One shock as people type it: `India/Rice and products`, `UKR/wheat=0.5`, `EU/Cereals`.

use super::{ScenarioProblem, Shock, check_intensity};
use crate::dataset::names::NameIndex;
use crate::dataset::{Dataset, Labels};

/// Reads `Area/Item` with an optional `=phi`, a share or a percentage of the output that is lost; of groups and `*`, the sectors that produce.
///
/// # Errors
/// The text has another form, a name is unknown, or phi is outside [0, 1].
pub fn parse(text: &str, dataset: &Dataset) -> Result<Vec<Shock>, ScenarioProblem> {
    let malformed = || ScenarioProblem::Spec { found: text.to_string() };
    let (sector, phi) = match text.rsplit_once('=') {
        Some((sector, phi)) => (sector, intensity(phi).ok_or_else(malformed)?),
        None => (text, 1.0),
    };
    let (area, item) = split_sector(sector, &dataset.labels).ok_or_else(malformed)?;
    shocks(area.trim(), item.trim(), phi, dataset)
}

/// An intensity as people write it: `0.3`, `30 %`, `-30%`.
fn intensity(text: &str) -> Option<f64> {
    let text = text.trim();
    let Some(percent) = text.strip_suffix('%') else { return text.parse().ok() };
    let lost: f64 = percent.trim().trim_start_matches(['-', '\u{2212}']).trim().parse().ok()?;
    Some(lost / 100.0)
}

/// Shocks of a constant intensity `phi` to the sectors of [`sectors`].
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

/// The sector of an area's item. Of several areas (a region, a group such as `EU`, `*`) and of several
/// items (a group of items, `*`): all sectors among them that produce.
///
/// # Errors
/// A name is unknown, or none of several sectors produces.
pub fn sectors(area: &str, item: &str, dataset: &Dataset) -> Result<Vec<u32>, ScenarioProblem> {
    let all = all_sectors(area, item, dataset)?;
    if all.len() == 1 {
        return Ok(all);
    }
    let producers = dataset.parameters.producers();
    let produced: Vec<u32> = all.into_iter().filter(|&s| producers[s as usize]).collect();
    if produced.is_empty() {
        return Err(ScenarioProblem::NoProduction {
            area: area.to_string(),
            item: item.to_string(),
        });
    }
    Ok(produced)
}

/// As [`sectors`], whether or not they produce.
///
/// # Errors
/// A name is unknown.
pub fn all_sectors(area: &str, item: &str, dataset: &Dataset) -> Result<Vec<u32>, ScenarioProblem> {
    let (names, dims) = (NameIndex::new(&dataset.labels), dataset.dimensions());
    let (areas, items) = (names.areas(area)?, names.items(item)?);
    let of_area = |area: usize| items.iter().map(move |&item| dims.sector(area, item) as u32);
    Ok(areas.into_iter().flat_map(of_area).collect())
}

/// Splits at the slash; where names hold slashes themselves, at the one that leaves a known area.
fn split_sector<'a>(text: &'a str, labels: &Labels) -> Option<(&'a str, &'a str)> {
    let names = NameIndex::new(labels);
    let mut splits = text.match_indices('/').map(|(at, _)| (&text[..at], &text[at + 1..]));
    let known = splits.clone().find(|(area, _)| names.areas(area.trim()).is_ok());
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
        for text in
            ["India/rice=30%", "India/rice = -30 %", "India/rice=\u{2212}30%", "India/rice=0.3"]
        {
            assert_eq!(parse(text, &world).unwrap()[0].phi, 0.3, "{text}");
        }
        let all = parse("Ukraine/*", &world).unwrap();
        let producers = world.parameters.producers();
        assert!(all.len() > 10 && all.iter().all(|s| producers[s.sector as usize]));
    }

    #[test]
    fn groups_and_stars_stand_for_the_sectors_that_produce() {
        let world = world();
        let sectors = |text: &str| -> Vec<String> {
            let shocks = parse(text, &world).unwrap();
            shocks.iter().map(|s| world.labels.sector_name(s.sector as usize)).collect()
        };
        let producers = world.parameters.producers();
        let wheat = world.labels.items.iter().position(|i| i.name == "Wheat and products").unwrap();
        let dims = world.dimensions();
        let growing = (0..dims.areas).filter(|&a| producers[dims.sector(a, wheat)]).count();
        assert_eq!(sectors("*/Wheat and products").len(), growing);
        let european = sectors("EU/wheat=0.5");
        assert!(european.contains(&"France / Wheat and products".to_string()), "{european:?}");
        assert!(european.iter().all(|name| name.ends_with(" / Wheat and products")));
        assert!(european.len() > 10 && european.len() <= 27);
        let cereals = sectors("Ukraine/Cereals");
        assert!(cereals.contains(&"Ukraine / Barley and products".to_string()), "{cereals:?}");
        assert!(cereals.len() > 3 && cereals.iter().all(|name| name.starts_with("Ukraine / ")));
    }

    #[test]
    fn slips_are_explained() {
        let world = world();
        let message = |text: &str| parse(text, &world).unwrap_err().to_string();
        assert_eq!(
            message("India"),
            "expected `Area/Item` or `Area/Item=phi`, phi in [0, 1] or `-30%`, found `India`"
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

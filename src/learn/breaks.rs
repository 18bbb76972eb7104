//! Breaks in reporting: an area whose every item is lost in one year has not failed, it has ended.
//!
//! A country that dissolves goes on being reported with residues, so that it "possesses something in
//! every year"; its end looks like a loss of everything at once, and would teach rules to all others.

use super::{Event, Series};

/// Relative loss above which an amount is as good as gone.
const GONE: f64 = 0.99;

/// Items that an area must have: fewer can fail together.
const LEAST_ITEMS: usize = 3;

/// An area whose every item is lost in one year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Break {
    /// The area.
    pub area: usize,
    /// Position of the last year before.
    pub at: usize,
    /// Items that it possessed; each is an event.
    pub items: usize,
}

/// Areas whose every item is lost in one year, by area.
pub fn breaks(series: &Series, events: &[Event]) -> Vec<Break> {
    let dims = series.labels.dimensions();
    let of_area = |area: usize| -> Option<Break> {
        let mut own = events.iter().filter(|event| dims.area_of(event.sector) == area);
        let at = own.clone().next()?.at;
        let possessed =
            (0..dims.items).filter(|&i| series.amount(at, dims.sector(area, i)) > 0.0).count();
        let items = own.clone().count();
        let all_gone = own.all(|event| event.at == at && event.relative_loss > GONE);
        (all_gone && items >= LEAST_ITEMS && items == possessed).then_some(Break {
            area,
            at,
            items,
        })
    };
    (0..dims.areas).filter_map(of_area).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::dataset::synth::SynthOptions;
    use crate::learn::{Criteria, events};
    use crate::tables::Tables;
    use crate::tables::synth::SyntheticSeries;

    #[test]
    fn a_country_that_dissolves_is_a_break_and_can_be_left_out() {
        let options = SynthOptions { areas: 8, items: 8, seed: 3 };
        let synthetic = SyntheticSeries::new(&options, 1993..=2020).unwrap();
        let years = synthetic.years.clone().map(|year| (year, synthetic.year(year))).collect();
        let tables = Tables { labels: synthetic.labels, years };
        let mut series = Series::of_tables(tables, 0.0, Path::new("synthetic")).unwrap();
        let found = |series: &Series| {
            let all = events::candidates(series, 0..series.years.len(), &Criteria::default());
            let events = events::events(&all);
            (events.iter().filter(|e| e.sector / 8 == 2).count(), breaks(series, &events))
        };
        assert_eq!(found(&series).1, []);
        // Steady until 2008, then a residue.
        for year in &mut series.years {
            let amount = if year.year > 2008 { 1.0 } else { 1e4 };
            year.parameters.x0[16..24].fill(amount);
        }
        let (events, breaks) = found(&series);
        assert_eq!((events, breaks), (8, vec![Break { area: 2, at: 15, items: 8 }]));
        series.leave_out(&[2]);
        assert_eq!(found(&series), (0, vec![]));
    }
}

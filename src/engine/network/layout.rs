//! The network by place: item by item, column by column.
//!
//! Sectors are renumbered to *places*: all areas of one item lie side by side, and every item
//! starts at a multiple of 64. A trade tile (one item, area x area) then touches one short
//! stretch of memory, and the places of an item fill whole words of a bit mask.

use super::row_blocks::RowBlocks;
use crate::dataset::{Dataset, Dimensions};
use crate::model::combined;

/// Places per mask word.
pub const WORD: usize = 64;

/// Positions of the set bits of a word, ascending.
#[inline(always)]
pub fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        (word != 0).then(|| {
            let bit = word.trailing_zeros() as usize;
            word &= word - 1;
            bit
        })
    })
}

/// Weighted links grouped by one end; targets are places, or places within an item's tile.
#[derive(Debug, Clone)]
pub struct Links {
    starts: Vec<u32>,
    targets: Vec<u32>,
    weights: Vec<f64>,
}

impl Links {
    /// Groups `(from, to, weight)` links, given in ascending order of (from, to).
    fn new(places: usize, links: &[(u32, u32, f64)]) -> Self {
        let mut starts = vec![0u32; places + 1];
        for &(from, _, _) in links {
            starts[from as usize + 1] += 1;
        }
        for at in 0..places {
            starts[at + 1] += starts[at];
        }
        Links {
            starts,
            targets: links.iter().map(|l| l.1).collect(),
            weights: links.iter().map(|l| l.2).collect(),
        }
    }

    /// Targets and weights of the links of one place.
    #[inline(always)]
    pub fn of(&self, place: usize) -> (&[u32], &[f64]) {
        let range = self.starts[place] as usize..self.starts[place + 1] as usize;
        (&self.targets[range.clone()], &self.weights[range])
    }

    /// Mask of the places that have links.
    fn filled(&self, places: usize) -> Vec<u64> {
        let mut mask = vec![0; places / WORD];
        for place in (0..places).filter(|&place| self.degree(place) > 0) {
            mask[place / WORD] |= 1 << (place % WORD);
        }
        mask
    }

    /// Number of links of one place.
    #[inline(always)]
    pub fn degree(&self, place: usize) -> usize {
        (self.starts[place + 1] - self.starts[place]) as usize
    }
}

/// Production and trade as links between places, the reserved shares multiplied in.
#[derive(Debug, Clone)]
pub struct Network {
    /// Sizes of the dataset.
    pub dims: Dimensions,
    /// Places per item: the areas, rounded up to whole words.
    pub stride: usize,
    /// `alpha nu diag(eta_prod)` by column: from an input's place to its products' places.
    pub production: Links,
    /// `T diag(eta_exp)` by column: from an exporter's place to importers within the tile.
    pub trade_by_exporter: Links,
    /// The same by row: from an importer's place to exporters within the tile.
    pub trade_by_importer: Links,
    /// Per place, the importers its exports reach, as `stride / 64` words.
    pub importers: Vec<u64>,
    /// Places with links of production, one bit each.
    pub inputs: Vec<u64>,
    /// Places with links of trade to importers, one bit each.
    pub exporters: Vec<u64>,
    /// Per item, the number of its trade links.
    pub tile_links: Vec<usize>,
    /// Trade by importer in the order in which whole tiles are pulled.
    pub row_blocks: RowBlocks,
    pub(super) sector_of: Vec<u32>,
}

impl Network {
    /// Renumbers and multiplies out a dataset's parameters.
    pub fn new(dataset: &Dataset) -> Self {
        let dims = dataset.dimensions();
        let p = &dataset.parameters;
        let stride = dims.areas.div_ceil(WORD) * WORD;
        let places = stride * dims.items;
        let place = |sector: usize| (dims.item_of(sector) * stride + dims.area_of(sector)) as u32;

        let mut production: Vec<(u32, u32, f64)> =
            combined::production(&p.conversion_alpha, &p.allocation_nu, &p.share_eta_prod)
                .into_iter()
                .map(|(to, from, w)| (place(from), place(to), w))
                .collect();
        production.sort_unstable_by_key(|l| (l.0, l.1));

        let mut trade: Vec<(u32, u32, f64)> = p
            .trade_t
            .iter()
            .map(|(to, from, share)| (place(from), place(to), share * p.share_eta_exp[from]))
            .filter(|link| link.2 != 0.0)
            .collect();
        trade.sort_unstable_by_key(|l| (l.0, l.1));
        let mut tile_links = vec![0; dims.items];
        let mut importers = vec![0u64; places * stride / WORD];
        for link in &mut trade {
            tile_links[link.0 as usize / stride] += 1;
            link.1 %= stride as u32;
            let word = link.0 as usize * (stride / WORD) + link.1 as usize / WORD;
            importers[word] |= 1 << (link.1 as usize % WORD);
        }
        let mut by_importer: Vec<(u32, u32, f64)> = trade
            .iter()
            .map(|&(from, to, w)| {
                let tile = from / stride as u32 * stride as u32;
                (tile + to, from - tile, w)
            })
            .collect();
        by_importer.sort_unstable_by_key(|l| (l.0, l.1));

        let mut sector_of = vec![u32::MAX; places];
        for sector in 0..dims.sectors() {
            sector_of[place(sector) as usize] = sector as u32;
        }
        let trade_by_importer = Links::new(places, &by_importer);
        let mut row_blocks = RowBlocks::default();
        for item in 0..dims.items {
            let place = |row: &u32| item * stride + *row as usize;
            let degree = |row: &u32| trade_by_importer.degree(place(row));
            let mut rows: Vec<u32> = (0..dims.areas as u32).filter(|row| degree(row) > 0).collect();
            rows.sort_by_key(|row| std::cmp::Reverse(degree(row)));
            row_blocks.push(&rows, |row| trade_by_importer.of(place(&row)));
        }
        let production = Links::new(places, &production);
        let trade_by_exporter = Links::new(places, &trade);
        Network {
            inputs: production.filled(places),
            exporters: trade_by_exporter.filled(places),
            row_blocks,
            dims,
            stride,
            production,
            trade_by_exporter,
            trade_by_importer,
            importers,
            tile_links,
            sector_of,
        }
    }

    /// Number of places, padding included.
    pub fn places(&self) -> usize {
        self.sector_of.len()
    }

    /// Place of a sector.
    pub fn place(&self, sector: usize) -> usize {
        self.dims.item_of(sector) * self.stride + self.dims.area_of(sector)
    }

    /// Numbers by sector as numbers by place, 0 in the padding.
    pub fn by_place(&self, by_sector: &[f64]) -> Vec<f64> {
        let value = |&sector: &u32| by_sector.get(sector as usize).copied().unwrap_or(0.0);
        self.sector_of.iter().map(value).collect()
    }

    /// Sector of a place that is no padding.
    pub fn sector(&self, place: usize) -> u32 {
        self.sector_of[place]
    }

    /// `(importing area, weight)` of one exporter's column.
    pub fn column(&self, place: u32) -> Vec<(u32, f64)> {
        let (importers, weights) = self.trade_by_exporter.of(place as usize);
        importers.iter().copied().zip(weights.iter().copied()).collect()
    }

    /// Mask words per item.
    pub fn words(&self) -> usize {
        self.stride / WORD
    }
}

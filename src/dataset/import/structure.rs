//! Where entries may stand: the block structure of every matrix, in the order of the labels.

use crate::dataset::labels::Labels;

/// The labels, and for every row and column of the files' matrices its place in their order.
#[derive(Debug, Clone)]
pub struct Binding {
    /// Labels in alphabetical (byte) order.
    pub labels: Labels,
    /// Sector of every sector index of the files.
    pub sector_of: Vec<u32>,
    /// Process column of every process index of the files.
    pub process_column_of: Vec<u32>,
}

impl Binding {
    /// Size of an axis.
    pub fn len(&self, axis: Axis) -> usize {
        self.map(axis).len()
    }

    /// For every file index of an axis its place in the order of the labels.
    pub fn map(&self, axis: Axis) -> &[u32] {
        match axis {
            Axis::Sectors => &self.sector_of,
            Axis::ProcessColumns => &self.process_column_of,
        }
    }

    /// `Area / Item` or `Area / Process` of a bound index.
    pub fn name(&self, axis: Axis, at: usize) -> String {
        let dims = self.labels.dimensions();
        match axis {
            Axis::Sectors => self.labels.sector_name(at),
            Axis::ProcessColumns => {
                let area = &self.labels.areas[dims.area_of_process_column(at)].name;
                format!("{area} / {}", self.labels.processes[dims.process_of(at)].name)
            }
        }
    }
}

/// What the rows or columns of a matrix stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// (area, item).
    Sectors,
    /// (area, process).
    ProcessColumns,
}

/// Which positions of a matrix exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Structure {
    /// alpha and beta: sector x process column of the same area; a block per area.
    Output,
    /// nu: process column x sector of the same area; a block per area.
    Allocation,
    /// T: sector x sector of the same item in another area; a block per item.
    Trade,
    /// Substitutability: sector x sector of the same area; a block per area.
    Substitution,
}

impl Structure {
    /// What rows and columns stand for.
    pub fn axes(self) -> (Axis, Axis) {
        match self {
            Structure::Output => (Axis::Sectors, Axis::ProcessColumns),
            Structure::Allocation => (Axis::ProcessColumns, Axis::Sectors),
            Structure::Trade | Structure::Substitution => (Axis::Sectors, Axis::Sectors),
        }
    }

    /// Which entries exist, in words.
    pub fn rule(self) -> &'static str {
        match self {
            Structure::Output | Structure::Allocation => "both must lie in one area",
            Structure::Trade => "trade links one item in two different areas",
            Structure::Substitution => "items substitute each other within one area",
        }
    }

    /// Number of blocks.
    pub fn members(self, labels: &Labels) -> usize {
        match self {
            Structure::Trade => labels.items.len(),
            _ => labels.areas.len(),
        }
    }

    /// Rows and columns of a block.
    pub fn block_shape(self, labels: &Labels) -> (usize, usize) {
        let d = labels.dimensions();
        match self {
            Structure::Output => (d.items, d.processes),
            Structure::Allocation => (d.processes, d.items),
            Structure::Trade => (d.areas, d.areas),
            Structure::Substitution => (d.items, d.items),
        }
    }

    /// Block, row and column within it of a position given in the order of the labels; `None`
    /// where no entry can exist.
    pub fn locate(self, labels: &Labels, row: u32, col: u32) -> Option<(usize, u32, u32)> {
        let (items, processes) = (labels.items.len() as u32, labels.processes.len() as u32);
        let (a, b) = match self {
            Structure::Output => (items, processes),
            Structure::Allocation => (processes, items),
            Structure::Trade | Structure::Substitution => (items, items),
        };
        let (row_area, row_in) = (row / a, row % a);
        let (col_area, col_in) = (col / b, col % b);
        match self {
            Structure::Trade => (row_in == col_in && row_area != col_area).then_some((
                row_in as usize,
                row_area,
                col_area,
            )),
            _ => (row_area == col_area).then_some((row_area as usize, row_in, col_in)),
        }
    }
}

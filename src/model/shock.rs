//! What a shock is: which sector fails, how badly, when, and what fails.

/// One failing sector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shock {
    /// Index of the sector, `area * items + item`.
    pub sector: u32,
    /// Intensity phi in [0, 1]: the share of output lost, in the first step if it decays.
    pub phi: f64,
    /// In which steps.
    pub course: Course,
    /// What fails.
    pub kind: ShockKind,
}

/// What a shock takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ShockKind {
    /// The sector loses output.
    Production,
    /// The sector keeps what it would export.
    ExportBan,
    /// The sector imports nothing.
    ImportBan {
        /// Whether the exporters' other customers get it; else it is lost.
        reroute: bool,
    },
    /// The sector exports nothing to one area.
    Blockade {
        /// That area.
        importer: u32,
        /// Whether the exporter's other customers get it; else it is lost.
        reroute: bool,
    },
}

impl ShockKind {
    /// The words for the kinds in tables and jobs.
    pub const NAMES: [&str; 4] = ["production", "export-ban", "import-ban", "blockade"];

    /// The kind of a word; `importer` and `reroute` are for the kinds that have them.
    pub fn named(name: &str, importer: u32, reroute: bool) -> Option<Self> {
        match name {
            "production" => Some(ShockKind::Production),
            "export-ban" => Some(ShockKind::ExportBan),
            "import-ban" => Some(ShockKind::ImportBan { reroute }),
            "blockade" => Some(ShockKind::Blockade { importer, reroute }),
            _ => None,
        }
    }

    /// What the columns of a result say.
    pub fn recorded(name: &str, importer: Option<u32>, reroute: Option<bool>) -> Option<Self> {
        let kind = Self::named(name, importer.unwrap_or(0), reroute.unwrap_or(false))?;
        let fits =
            kind.to_area() == importer.map(|area| area as usize) && kind.reroute() == reroute;
        fits.then_some(kind)
    }

    /// Whether trade is held back ([`super::bans`]), not output lost.
    pub fn is_ban(self) -> bool {
        match self {
            ShockKind::Production => false,
            ShockKind::ExportBan | ShockKind::ImportBan { .. } | ShockKind::Blockade { .. } => true,
        }
    }

    /// Whether output is lost.
    pub fn is_of_output(self) -> bool {
        self == ShockKind::Production
    }

    /// The value in tables and jobs.
    pub fn name(self) -> &'static str {
        match self {
            ShockKind::Production => "production",
            ShockKind::ExportBan => "export-ban",
            ShockKind::ImportBan { .. } => "import-ban",
            ShockKind::Blockade { .. } => "blockade",
        }
    }

    /// Area that imports nothing from the sector, for a blockade.
    pub fn to_area(self) -> Option<usize> {
        match self {
            ShockKind::Blockade { importer, .. } => Some(importer as usize),
            ShockKind::Production | ShockKind::ExportBan | ShockKind::ImportBan { .. } => None,
        }
    }

    /// Whether the exporters' other customers get what is banned; `None` where that is no question.
    pub fn reroute(self) -> Option<bool> {
        match self {
            ShockKind::ImportBan { reroute } | ShockKind::Blockade { reroute, .. } => Some(reroute),
            ShockKind::Production | ShockKind::ExportBan => None,
        }
    }
}

/// When a shock acts, and how it fades: `phi(t) = phi exp(-decay (t - from))` for `from <= t <= to`,
/// 0 in other steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Course {
    /// First step, from 0.
    pub from: u32,
    /// Last step; [`u32::MAX`] for all that follow.
    pub to: u32,
    /// Rate per step, 0 for a constant intensity.
    pub decay: f64,
}

impl Course {
    /// The same in every step.
    pub const CONSTANT: Course = Course { from: 0, to: u32::MAX, decay: 0.0 };
}

impl Shock {
    /// A shock of the same intensity in every step.
    pub fn new(sector: u32, phi: f64) -> Self {
        Shock { sector, phi, course: Course::CONSTANT, kind: ShockKind::Production }
    }

    /// Intensity in step `t`.
    pub fn at(&self, t: usize) -> f64 {
        let Course { from, to, decay } = self.course;
        let Some(since) = (t as u64).checked_sub(u64::from(from)) else { return 0.0 };
        match () {
            () if t as u64 > u64::from(to) => 0.0,
            () if decay == 0.0 => self.phi,
            () => self.phi * libm::exp(-decay * since as f64),
        }
    }

    /// Whether it changes anything: bans may, output is lost only where something is produced.
    pub fn has_effect(&self, producers: &[bool]) -> bool {
        self.phi > 0.0 && (self.kind.is_ban() || producers[self.sector as usize])
    }

    /// Whether the intensity is the same in every step.
    pub fn is_constant(&self) -> bool {
        self.course == Course::CONSTANT
    }
}

/// The course of a shock in words: nothing for a constant one.
impl std::fmt::Display for Course {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Course { from, to, decay } = *self;
        match (from, to) {
            (0, u32::MAX) => {}
            (from, u32::MAX) => write!(f, "from step {from}")?,
            (from, to) if from == to => write!(f, "step {from}")?,
            (from, to) => write!(f, "steps {from} to {to}")?,
        }
        if decay != 0.0 {
            let space = if (from, to) == (0, u32::MAX) { "" } else { ", " };
            write!(f, "{space}decay {decay}")?;
        }
        Ok(())
    }
}

impl std::str::FromStr for Course {
    type Err = String;

    /// Reads what [`Course`] displays as.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is no course of a shock");
        let mut course = Course::CONSTANT;
        for clause in text.split(", ").filter(|clause| !clause.is_empty()) {
            let words: Vec<&str> = clause.split(' ').collect();
            let step = |word: &str| word.parse::<u32>().map_err(|_| wrong());
            match words[..] {
                ["from", "step", from] => course.from = step(from)?,
                ["step", at] => (course.from, course.to) = (step(at)?, step(at)?),
                ["steps", from, "to", to] => (course.from, course.to) = (step(from)?, step(to)?),
                ["decay", rate] => course.decay = rate.parse().map_err(|_| wrong())?,
                _ => return Err(wrong()),
            }
        }
        Ok(course)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_of_every_kind_lead_back_to_it() {
        for name in ShockKind::NAMES {
            for reroute in [false, true] {
                let kind = ShockKind::named(name, 3, reroute).unwrap();
                assert_eq!((kind.name(), kind.is_ban()), (name, name != "production"));
                let importer = kind.to_area().map(|area| area as u32);
                assert_eq!(ShockKind::recorded(name, importer, kind.reroute()), Some(kind));
                let other = if importer.is_some() { None } else { Some(3) };
                assert_eq!(ShockKind::recorded(name, other, kind.reroute()), None, "{name}");
            }
        }
        assert_eq!(ShockKind::recorded("import-ban", None, None), None);
        assert_eq!(ShockKind::named("", 0, false), None);
    }
}

//! Reserves: stocks that areas hold against losses; an option, none by default.

/// A reserve of one sector. How it is released: [`crate::model::reserves`].
#[derive(Debug, Clone, PartialEq)]
pub struct Reserve {
    /// The sector.
    pub sector: u32,
    /// Amount that it holds at the start, and at most, in the item's unit.
    pub size: f64,
    /// When it gives what.
    pub release: Release,
    /// Whether it is filled up again where more is available than in the baseline.
    pub refilled: bool,
}

/// When a reserve gives what.
#[derive(Debug, Clone, PartialEq)]
pub enum Release {
    /// This share of every loss, 0 to 1, as long as it lasts.
    Automatic {
        /// Share of the loss that it covers.
        cover: f64,
    },
    /// These amounts in the first steps, whatever is lost, as long as it lasts.
    Steps(Vec<f64>),
}

impl Reserve {
    /// Amounts by step as tables write them: `100;50;0`; `None` for an automatic release.
    pub fn steps_text(&self) -> Option<String> {
        match &self.release {
            Release::Automatic { .. } => None,
            Release::Steps(amounts) => {
                Some(amounts.iter().map(f64::to_string).collect::<Vec<_>>().join(";"))
            }
        }
    }

    /// Reads what [`Reserve::steps_text`] writes.
    pub fn parse_steps(text: &str) -> Option<Vec<f64>> {
        text.split(';').map(|amount| amount.trim().parse().ok()).collect()
    }

    /// What is wrong with its numbers.
    pub fn problem(&self) -> Option<String> {
        let is_amount = |amount: f64| amount.is_finite() && amount >= 0.0;
        let wrong = |what: &str, value: f64, expected: &str| {
            Some(format!("{what} of a reserve is {value}; expected {expected}"))
        };
        if !is_amount(self.size) {
            return wrong("the size", self.size, "an amount, 0 or more");
        }
        match &self.release {
            Release::Automatic { cover } if !(0.0..=1.0).contains(cover) => {
                wrong("the covered share", *cover, "0 to 1")
            }
            Release::Automatic { .. } => None,
            Release::Steps(amounts) => {
                let bad = amounts.iter().find(|amount| !is_amount(**amount))?;
                wrong("an amount released", *bad, "0 or more")
            }
        }
    }
}

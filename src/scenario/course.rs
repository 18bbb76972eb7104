//! Intensity over time as people write it: one number, with a window of steps or a decay; or a list.

use serde::{Deserialize, Serialize};

use super::{Course, ScenarioProblem, Shock, ShockKind, check_intensity};
use crate::model::constants::MAX_STEPS;

/// `phi` as written: one number, or one per step from the first; steps after the list are free.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Phi {
    /// The same number wherever the shock acts.
    One(f64),
    /// A number per step.
    Steps(Vec<f64>),
}

impl Default for Phi {
    fn default() -> Self {
        Phi::One(1.0)
    }
}

impl Phi {
    /// Reads a number, or numbers separated by semicolons; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        if !text.contains(';') {
            return text.trim().parse().ok().map(Phi::One);
        }
        let steps = text.split(';').map(|phi| phi.trim().parse().ok()).collect::<Option<_>>()?;
        Some(Phi::Steps(steps))
    }
}

/// An intensity over time as written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Written {
    /// Intensity.
    pub phi: Phi,
    /// First step.
    pub from: Option<u32>,
    /// Last step.
    pub to: Option<u32>,
    /// Rate of decay per step.
    pub decay: Option<f64>,
}

impl Written {
    /// `(phi, course)` of one or, for a list, several shocks in a row; equal neighbours are one.
    ///
    /// # Errors
    /// An intensity outside [0, 1], an empty window, a negative rate, or a list with any of these.
    pub fn courses(&self) -> Result<Vec<(f64, Course)>, ScenarioProblem> {
        let decay = self.decay.unwrap_or(0.0);
        if !(decay >= 0.0 && decay.is_finite()) {
            return Err(ScenarioProblem::Decay(decay));
        }
        let steps = match &self.phi {
            Phi::One(phi) => {
                let (from, to) = (self.from.unwrap_or(0), self.to.unwrap_or(u32::MAX));
                if from > to {
                    return Err(ScenarioProblem::Window { from, to });
                }
                return Ok(vec![(check_intensity(*phi)?, Course { from, to, decay })]);
            }
            Phi::Steps(steps) => steps,
        };
        let alone = self.from.is_none() && self.to.is_none() && self.decay.is_none();
        if !alone || steps.is_empty() {
            return Err(ScenarioProblem::Steps);
        }
        if steps.len() > MAX_STEPS {
            return Err(ScenarioProblem::LongList { found: steps.len(), limit: MAX_STEPS });
        }
        let mut courses: Vec<(f64, Course)> = Vec::new();
        for (t, &phi) in steps.iter().enumerate() {
            let (phi, t) = (check_intensity(phi)?, t as u32);
            match courses.last_mut() {
                Some((last, course)) if *last == phi => course.to = t,
                _ => courses.push((phi, Course { from: t, to: t, decay: 0.0 })),
            }
        }
        Ok(courses)
    }

    /// The shocks of this intensity and kind to some sectors.
    ///
    /// # Errors
    /// As [`Written::courses`].
    pub fn shocks(&self, sectors: &[u32], kind: ShockKind) -> Result<Vec<Shock>, ScenarioProblem> {
        let courses = self.courses()?;
        let of = |&sector: &u32| {
            courses.iter().map(move |&(phi, course)| Shock { sector, phi, course, kind })
        };
        Ok(sectors.iter().flat_map(of).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intensities(written: &Written) -> Vec<f64> {
        let shocks = written.shocks(&[7], ShockKind::Production).unwrap();
        (0..6).map(|t| shocks.iter().map(|shock| shock.at(t)).sum()).collect()
    }

    #[test]
    fn courses_as_written() {
        let constant = Written { phi: Phi::One(0.5), ..Written::default() };
        assert_eq!(intensities(&constant), [0.5; 6]);
        let window = Written { from: Some(2), to: Some(3), ..constant.clone() };
        assert_eq!(intensities(&window), [0.0, 0.0, 0.5, 0.5, 0.0, 0.0]);
        let list =
            Written { phi: Phi::Steps(vec![1.0, 0.25, 0.25, 0.0, 0.5]), ..Written::default() };
        assert_eq!(intensities(&list), [1.0, 0.25, 0.25, 0.0, 0.5, 0.0]);
        assert_eq!(list.courses().unwrap().len(), 4);
        let decay = Written { from: Some(1), decay: Some(std::f64::consts::LN_2), ..constant };
        for (phi, expected) in intensities(&decay).iter().zip([0.0, 0.5, 0.25, 0.125, 0.0625]) {
            assert!((phi - expected).abs() < 1e-15);
        }
    }

    #[test]
    fn slips_are_refused() {
        let message = |written: Written| written.courses().unwrap_err().to_string();
        let phi = |phi| Written { phi, ..Written::default() };
        assert!(message(phi(Phi::One(30.0))).contains("for 30 % write 0.3"));
        assert!(message(phi(Phi::Steps(vec![0.5, 1.5]))).contains("found 1.5"));
        assert!(message(phi(Phi::Steps(vec![]))).contains("at least one"));
        assert!(message(phi(Phi::Steps(vec![0.5; 1001]))).contains("has 1001 numbers"));
        let window = Written { from: Some(4), to: Some(2), ..Written::default() };
        assert!(message(window).contains("steps 4 to 2 is empty"));
        let decay = Written { decay: Some(-0.1), ..Written::default() };
        assert!(message(decay).contains("found -0.1"));
        let both = Written { decay: Some(0.1), ..phi(Phi::Steps(vec![1.0])) };
        assert!(message(both).contains("excludes"));
        assert_eq!(Phi::parse("0.5; 0.25"), Some(Phi::Steps(vec![0.5, 0.25])));
        assert_eq!(Phi::parse("half"), None);
    }
}

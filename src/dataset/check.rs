//! stub
use super::*;
/// stub
pub struct CheckReport;
impl CheckReport {
    /// s
    pub fn passed(&self) -> bool { true }
    /// s
    pub fn failed(&self) -> usize { 0 }
}
impl std::fmt::Display for CheckReport {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { Ok(()) }
}
/// stub
pub fn check(_d: &Dataset) -> CheckReport { CheckReport }

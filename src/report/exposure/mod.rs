//! Exposure as people read it: one area, all areas, and why something is lost.

pub mod profile;
pub mod rankings;
pub mod why;

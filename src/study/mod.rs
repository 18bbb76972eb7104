//! What engines are asked beside runs that are written down: why a pair is worse than its sum, whether
//! learned rules tell what happened, how fast the engines are, what a plan will cost.

pub mod answer;
pub mod backtest;
pub mod bench;
pub mod estimate;
pub mod explain;
pub mod learning;
pub mod shock;
pub mod traced;

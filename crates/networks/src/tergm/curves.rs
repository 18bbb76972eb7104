//! How well scores tell ties from non-ties: ROC and precision-recall.

/// A pair's score and whether it is a tie.
pub type Scored = (f64, bool);

/// A point of both curves: at each threshold false-positive rate, recall, precision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Share of the non-ties above the threshold.
    pub false_positives: f64,
    /// Share of the ties above the threshold.
    pub recall: f64,
    /// Share of ties among the pairs above the threshold.
    pub precision: f64,
}

/// Areas under the curves and their points.
#[derive(Debug, Clone, PartialEq)]
pub struct Curves {
    /// Area under the ROC curve, equal scores counting half.
    pub auc: f64,
    /// Average precision: sum over thresholds of (recall - recall before) times precision.
    pub average_precision: f64,
    /// Points from the highest threshold down.
    pub points: Vec<Point>,
}

/// Curves of scored pairs; `None` without ties or without non-ties.
pub fn curves(mut scored: Vec<Scored>) -> Option<Curves> {
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let ties = scored.iter().filter(|(_, tie)| *tie).count() as f64;
    let others = scored.len() as f64 - ties;
    if ties == 0.0 || others == 0.0 {
        return None;
    }
    let mut curves = Curves { auc: 0.0, average_precision: 0.0, points: Vec::new() };
    let (mut hits, mut misses) = (0.0, 0.0);
    for equal in scored.chunk_by(|a, b| a.0 == b.0) {
        let new_hits = equal.iter().filter(|(_, tie)| *tie).count() as f64;
        let new_misses = equal.len() as f64 - new_hits;
        curves.auc += new_misses * (hits + 0.5 * new_hits);
        hits += new_hits;
        misses += new_misses;
        let precision = hits / (hits + misses);
        curves.average_precision += new_hits / ties * precision;
        let (false_positives, recall) = (misses / others, hits / ties);
        curves.points.push(Point { false_positives, recall, precision });
    }
    curves.auc /= ties * others;
    Some(curves)
}

/// At most so many points, the first and the last among them.
pub fn thinned(points: &[Point], most: usize) -> Vec<Point> {
    if points.len() <= most {
        return points.to_vec();
    }
    (0..most).map(|at| points[at * (points.len() - 1) / (most - 1)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_by_hand() {
        // Order: tie, non-tie, tie; then two of equal score, one of each.
        let scored = vec![(0.9, true), (0.8, false), (0.7, true), (0.1, false), (0.1, true)];
        let found = curves(scored).unwrap();
        // Pairs (tie, non-tie) in order: 1st beats 2, 3rd beats 1, last ties 1: (2 + 1 + 0.5) / 6.
        assert!((found.auc - 3.5 / 6.0).abs() < 1e-15);
        assert!((found.average_precision - (1.0 + 2.0 / 3.0 + 3.0 / 5.0) / 3.0).abs() < 1e-15);
        assert!(curves(vec![(0.5, true)]).is_none());
    }
}

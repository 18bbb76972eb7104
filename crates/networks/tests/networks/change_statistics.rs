//! Change statistics against statistics counted from their definitions, with and without the tie.

use proptest::prelude::*;
use shocksweep_networks::network::Bits;
use shocksweep_networks::tergm::structure::{Prepared, Structure};
use shocksweep_networks::tergm::term::Structural;

/// All structural terms at some decays.
fn terms(decay: f64) -> Vec<Structural> {
    vec![
        Structural::Mutual,
        Structural::Gwideg(decay),
        Structural::Gwodeg(decay),
        Structural::Gwesp(decay),
        Structural::Gwdsp(decay),
        Structural::Ttriple,
        Structural::Ctriple,
        Structural::Triangle,
        Structural::Transitiveties,
        Structural::Istar2,
        Structural::Ostar2,
    ]
}

/// A statistic by its definition, on a matrix of yes and no.
fn by_definition(a: &[Vec<bool>], term: Structural) -> f64 {
    let n = a.len();
    let w = |decay: f64, k: usize| {
        let q: f64 = 1.0 - (-decay).exp();
        if k == 0 { 0.0 } else { decay.exp() * (1.0 - q.powi(k as i32)) }
    };
    let pairs = || (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).filter(|(i, j)| i != j);
    let partners =
        |i: usize, j: usize| (0..n).filter(|&k| k != i && k != j && a[i][k] && a[k][j]).count();
    let outdegree = |i: usize| (0..n).filter(|&j| a[i][j]).count();
    let indegree = |j: usize| (0..n).filter(|&i| a[i][j]).count();
    let two = |k: usize| (k * k.saturating_sub(1) / 2) as f64;
    let triples = || {
        pairs()
            .flat_map(|(i, j)| (0..n).map(move |k| (i, j, k)))
            .filter(|&(i, j, k)| k != i && k != j)
    };
    let transitive = || triples().filter(|&(i, j, k)| a[i][j] && a[j][k] && a[i][k]).count() as f64;
    let cyclic =
        || triples().filter(|&(i, j, k)| a[i][j] && a[j][k] && a[k][i]).count() as f64 / 3.0;
    match term {
        Structural::Mutual => pairs().filter(|&(i, j)| i < j && a[i][j] && a[j][i]).count() as f64,
        Structural::Gwideg(decay) => (0..n).map(|j| w(decay, indegree(j))).sum(),
        Structural::Gwodeg(decay) => (0..n).map(|i| w(decay, outdegree(i))).sum(),
        Structural::Gwesp(decay) => {
            pairs().filter(|&(i, j)| a[i][j]).map(|(i, j)| w(decay, partners(i, j))).sum()
        }
        Structural::Gwdsp(decay) => pairs().map(|(i, j)| w(decay, partners(i, j))).sum(),
        Structural::Ttriple => transitive(),
        Structural::Ctriple => cyclic(),
        Structural::Triangle => transitive() + cyclic(),
        Structural::Transitiveties => {
            pairs().filter(|&(i, j)| a[i][j] && partners(i, j) > 0).count() as f64
        }
        Structural::Istar2 => (0..n).map(|j| two(indegree(j))).sum(),
        Structural::Ostar2 => (0..n).map(|i| two(outdegree(i))).sum(),
    }
}

fn bits(a: &[Vec<bool>]) -> Bits {
    let mut bits = Bits::new(a.len());
    for (i, row) in a.iter().enumerate() {
        for (j, &tie) in row.iter().enumerate() {
            if tie {
                bits.set(i, j, true);
            }
        }
    }
    bits
}

/// Networks of 2 to 12 areas: empty, sparse, dense, complete; some areas without ties.
fn networks() -> impl Strategy<Value = Vec<Vec<bool>>> {
    (2usize..=12, prop_oneof![Just(0.0), 0.0..1.0f64, Just(1.0)], any::<u64>(), 0usize..3).prop_map(
        |(n, density, seed, isolates)| {
            let mut state = seed | 1;
            let mut next = || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 11) as f64 / (1u64 << 53) as f64
            };
            (0..n)
                .map(|i| {
                    (0..n)
                        .map(|j| {
                            let tie = next() < density;
                            tie && i != j && i >= isolates && j >= isolates
                        })
                        .collect()
                })
                .collect()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_change_statistic_is_the_difference_that_a_tie_makes(
        a in networks(),
        decay in prop_oneof![Just(0.0), Just(0.5), 0.0..3.0f64],
    ) {
        let n = a.len();
        let mut structure = Structure::new(bits(&a));
        let before = structure.clone();
        for term in terms(decay) {
            let prepared = Prepared::new(term, n);
            let own = structure.statistic(&prepared);
            let defined = by_definition(&a, term);
            prop_assert!((own - defined).abs() <= 1e-9 * defined.abs().max(1.0), "{term:?}");
            for i in 0..n {
                for j in (0..n).filter(|&j| j != i) {
                    let (mut with, mut without) = (a.clone(), a.clone());
                    with[i][j] = true;
                    without[i][j] = false;
                    let expected = by_definition(&with, term) - by_definition(&without, term);
                    let change = structure.change(&prepared, i, j);
                    let near = 1e-9 * by_definition(&with, term).abs().max(1.0);
                    prop_assert!((change - expected).abs() <= near, "{term:?} {i} {j}: {change} {expected}");
                    // The change does not depend on whether the tie is there.
                    structure.toggle(i, j);
                    let other = structure.change(&prepared, i, j);
                    prop_assert!((change - other).abs() <= near);
                    structure.toggle(i, j);
                }
            }
        }
        prop_assert_eq!(structure, before);
    }

    #[test]
    fn toggling_keeps_degrees_and_shared_partners(a in networks(), toggles in prop::collection::vec((0usize..12, 0usize..12), 1..40)) {
        let n = a.len();
        let mut a = a;
        let mut structure = Structure::new(bits(&a));
        for (i, j) in toggles {
            let (i, j) = (i % n, j % n);
            if i != j {
                structure.toggle(i, j);
                a[i][j] = !a[i][j];
            }
        }
        prop_assert_eq!(structure, Structure::new(bits(&a)));
    }
}

//! How far a failure is felt: from item to item a link a step, and what that costs a sweep.

use crate::balance::Balance;
use crate::parameters::Link;
use crate::risk::Risk;

/// Items that are made of each item, by links.
fn outputs(items: usize, links: &[Link]) -> Vec<Vec<usize>> {
    let mut outputs = vec![Vec::new(); items];
    for &(r, p) in links {
        outputs[r].push(p);
    }
    outputs
}

/// Items that are made of an item, directly or not, over at most so many links, each with the fewest links
/// that lead there; the item itself first, with 0.
fn reached(outputs: &[Vec<usize>], item: usize, most: usize) -> Vec<(usize, usize)> {
    let mut is_reached = vec![false; outputs.len()];
    is_reached[item] = true;
    let mut reached = vec![(item, 0)];
    let mut at = 0;
    // Nearest first: none that follows is nearer than one that has most.
    while let Some(&(r, links)) = reached.get(at).filter(|(_, links)| *links < most) {
        for &p in &outputs[r] {
            if !std::mem::replace(&mut is_reached[p], true) {
                reached.push((p, links + 1));
            }
        }
        at += 1;
    }
    reached
}

/// Which items are made of which, directly or not: `r * items + p`, an item never of itself.
pub fn reaches(items: usize, links: &[Link]) -> Vec<bool> {
    let outputs = outputs(items, links);
    let mut reaches = vec![false; items * items];
    for r in 0..items {
        for (p, _) in reached(&outputs, r, usize::MAX).into_iter().skip(1) {
            reaches[r * items + p] = true;
        }
    }
    reaches
}

/// Flows that all failures of a year pass on, in runs of so many steps; one that is passed on in every step
/// counts 1.
///
/// What fails in step 0 is felt d links away in step d, and passed on from then on:
///
/// ```text
/// sum over failures (r, c), sum over p of flows[p] (steps - 1 - d[r,p]) / (steps - 1)
/// ```
pub fn passed_on(balance: &Balance, links: &[Link], steps: usize) -> f64 {
    let passes = steps.saturating_sub(1);
    if passes == 0 {
        return 0.0;
    }
    let outputs = outputs(balance.items, links);
    let mut failing = vec![0.0; balance.items];
    Risk::failures(balance).iter().for_each(|&(item, _)| failing[item] += 1.0);
    let of_one = |r: usize| -> f64 {
        let part = |links: usize| (passes - links) as f64 / passes as f64;
        let reached = reached(&outputs, r, passes).into_iter();
        reached.map(|(p, links)| balance.flows[p].len() as f64 * part(links)).sum()
    };
    (0..balance.items).map(|r| failing[r] * of_one(r)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::balance::Trade;
    use crate::parameters::parameters;
    use crate::recursion;

    const AREAS: usize = 4;

    /// Everybody sells everything to everybody.
    fn traded(items: usize) -> Balance {
        let pairs = (0..AREAS * AREAS).map(|at| (at / AREAS, at % AREAS)).filter(|(d, c)| d != c);
        let of_item: Vec<Trade> =
            pairs.map(|(exporter, importer)| Trade { exporter, importer, amount: 1.0 }).collect();
        let all = |amount: usize| vec![amount as f64; items * AREAS];
        Balance {
            year: 2020,
            areas: AREAS,
            items,
            flows: vec![of_item; items],
            exports: all(AREAS - 1),
            imports: all(AREAS - 1),
            production: all(AREAS - 1),
            at_home: all(AREAS - 1),
            possessed: all(2 * (AREAS - 1)),
        }
    }

    #[test]
    fn reach_is_direct_or_not_and_never_of_itself() {
        // 0 -> 1 -> 2 -> 0, and 3 alone.
        let found = reaches(4, &[(0, 1), (1, 2), (2, 0)]);
        let expected = |r: usize, p: usize| r != p && r < 3 && p < 3;
        for at in 0..16 {
            assert_eq!(found[at], expected(at / 4, at % 4), "{at}");
        }
        let outputs = outputs(5, &[(0, 1), (1, 2), (2, 3), (0, 2)]);
        assert_eq!(reached(&outputs, 0, 1), [(0, 0), (1, 1), (2, 1)]);
        assert_eq!(reached(&outputs, 0, 9), [(0, 0), (1, 1), (2, 1), (3, 2)]);
    }

    #[test]
    fn a_long_chain_is_passed_on_as_far_as_the_steps_go() {
        let (items, steps) = (200, 10);
        let balance = traded(items);
        let chain: Vec<Link> = (1..items).map(|p| (p - 1, p)).collect();
        let flows = (AREAS * (AREAS - 1)) as f64;
        // The item itself in all nine, the next in eight: 45 of nine, if nine more items follow.
        let whole = 5.0 * (items - 9) as f64;
        let ends: f64 =
            (0..9).map(|after| (0..=after).map(|d| (9 - d) as f64 / 9.0).sum::<f64>()).sum();
        let found = passed_on(&balance, &chain, steps);
        let expected = AREAS as f64 * flows * (whole + ends);
        assert!((found - expected).abs() < 1e-9 * expected, "{found} instead of {expected}");
        assert_eq!(passed_on(&balance, &chain, 1), 0.0);
        // Counted: flows of exporters that have lost something. The failed item starts with one of them alone.
        let parameters = parameters(&balance, &chain);
        let mut counted = 0;
        for after in 1..steps {
            let lost = recursion::losses(&balance, &parameters, (50, 0), after);
            let exporters = balance
                .flows
                .iter()
                .enumerate()
                .flat_map(|(p, of_item)| of_item.iter().map(move |flow| (p, flow.exporter)));
            counted += exporters.filter(|&(p, d)| lost[balance.at(p, d)] > 0.0).count();
        }
        let counted = counted as f64 / (steps - 1) as f64;
        let of_one = 5.0 * flows;
        assert!(
            counted <= of_one && counted > 0.8 * of_one,
            "{counted} counted, {of_one} estimated"
        );
    }
}

// Put before the kernels that ask for changes: what is said of places that adapt.

// Per place and for the shares of exports, production and consumption: value, multiplier, rewiring, 1 if there is a
// rule; then 1 more than every substitute stands in for.
const SHARE: u32 = 4u;
const SHARES: u32 = 12u;

fn changed_share(place: u32, which: u32, order: u32, rl: real) -> real {
    let at_share = place * SHARES + which * SHARE;
    let p = amounts[at_share];
    if amounts[at_share + 3u] != real(0.0) {
        return (p * amounts[at_share + 1u] + amounts[at_share + 2u]) * rl;
    }
    if (order & KEEPS) != 0u {
        return p;
    }
    return real(0.0);
}

// Share of exports (0) or production (1) of a place that has adapted; its own where no rule leaves it any.
fn adapted_share(place: u32, which: u32, order: u32, rl: real) -> real {
    let own = place * SHARES;
    let rules = amounts[own + 3u] + amounts[own + 7u] + amounts[own + 11u];
    if rules == real(0.0) {
        return amounts[own + which * SHARE];
    }
    let exports = changed_share(place, 0u, order, rl);
    let production = changed_share(place, 1u, order, rl);
    let sum = exports + production + changed_share(place, 2u, order, rl);
    if sum > real(0.0) {
        if which == 0u {
            return exports / sum;
        }
        return production / sum;
    }
    return amounts[own + which * SHARE];
}

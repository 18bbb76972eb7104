// Bans on trade. `ship` comes before a step: the amounts that exporters under a ban send from. `embargo`
// comes after it: what importers do not get, or get instead. One workgroup per scenario with bans.

// Scenario, then the bounds of its columns and of its places.
const BAN: u32 = 4u;

@group(0) @binding(1) var<storage, read> bans: array<u32>;
// (place, first entry, end of its entries, 0); columns have no entries.
@group(0) @binding(2) var<storage, read> items: array<vec4<u32>>;
// (column's item, banned share, below 0 for a share received)
@group(0) @binding(3) var<storage, read> entry_at: array<u32>;
@group(0) @binding(4) var<storage, read> entry_weight: array<real>;
@group(0) @binding(5) var<storage, read_write> scratch: array<real>;
@group(0) @binding(6) var<storage, read_write> losses: array<real>;
@group(0) @binding(7) var<storage, read> active_in: array<u32>;
// Baseline amounts that are sent from.
@group(0) @binding(8) var<storage, read> before: array<real>;

@compute @workgroup_size(64)
fn ship(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let scenario = bans[workgroup.x * BAN];
    for (var k = bans[workgroup.x * BAN + 1u] + local.x; k < bans[workgroup.x * BAN + 2u]; k += 64u) {
        let place = items[k].x;
        var amount = before[place];
        if (active_in[word(scenario / LANES, place)] & bit(place)) != 0u {
            amount -= losses[at(scenario / LANES, place, scenario % LANES)];
        }
        scratch[k] = amount;
    }
}

@compute @workgroup_size(64)
fn embargo(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let scenario = bans[workgroup.x * BAN];
    for (var k = bans[workgroup.x * BAN + 2u] + local.x; k < bans[workgroup.x * BAN + 3u]; k += 64u) {
        let i = at(scenario / LANES, items[k].x, scenario % LANES);
        var loss = losses[i];
        for (var e = items[k].y; e < items[k].z; e += 1u) {
            loss -= entry_weight[e] * scratch[entry_at[e]];
        }
        losses[i] = loss;
    }
}

// Hits of all scenarios, one after the other, ascending by place: `count_hits` says how many there are,
// `list_hits` writes them behind those of earlier steps.

// Twice as many limits as scenarios, then what is infinite.
@group(0) @binding(1) var<storage, read> limits: array<real>;
@group(0) @binding(2) var<storage, read> orders: array<u32>;
@group(0) @binding(3) var<storage, read> marks: array<u32>;
@group(0) @binding(4) var<storage, read> ledger: array<u32>;
@group(0) @binding(5) var<storage, read> available: array<real>;
@group(0) @binding(6) var<storage, read> losses: array<real>;
@group(0) @binding(7) var<storage, read_write> needs: array<u32>;
// Per scenario: first hit at which it adapts, end of these, the same for substitution.
@group(0) @binding(8) var<storage, read_write> ranges: array<u32>;
@group(0) @binding(9) var<storage, read_write> hits: array<u32>;
// Loss and relative loss of every hit.
@group(0) @binding(10) var<storage, read_write> hit_losses: array<real>;

// Word of the hits of this step.
fn hit_word(scenario: u32, word: u32) -> u32 {
    let order = orders[scenario];
    if (order & ADAPTS) != 0u {
        return marks[mark_at(0u, scenario, word)];
    }
    if (order & SUBSTITUTES) != 0u {
        return marks[mark_at(1u, scenario, word)];
    }
    return 0u;
}

@compute @workgroup_size(64)
fn count_hits(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) index: u32) {
    let scenario = workgroup.x;
    var own = 0u;
    for (var word = index; word < sizes.words; word += ASKERS) {
        own += countOneBits(hit_word(scenario, word));
    }
    add_up(index, vec4<u32>(own, 0u, 0u, 0u));
    if index == 0u {
        needs[scenario * NEEDS + HITS] = counted.x;
    }
}

fn put_hit(scenario: u32, place: u32, hit: u32) {
    let loss = losses[at(scenario / LANES, place, scenario % LANES)];
    hits[hit] = place;
    hit_losses[2u * hit] = loss;
    if available[place] == real(0.0) {
        hit_losses[2u * hit + 1u] = limits[2u * sizes.groups * LANES];
    } else {
        hit_losses[2u * hit + 1u] = loss / available[place];
    }
}

@compute @workgroup_size(64)
fn list_hits(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) index: u32) {
    let scenario = workgroup.x;
    if ledger[LACKS] == 0u {
        let first = needs[scenario * NEEDS + HITS];
        var next = first;
        for (var base = 0u; base < sizes.words; base += ASKERS) {
            let word = base + index;
            var left = 0u;
            if word < sizes.words {
                left = hit_word(scenario, word);
            }
            var hit = next + add_up(index, vec4<u32>(countOneBits(left), 0u, 0u, 0u)).x;
            next += counted.x;
            while left != 0u {
                put_hit(scenario, word * 32u + firstTrailingBit(left), hit);
                left &= left - 1u;
                hit += 1u;
            }
        }
        if index == 0u {
            if (orders[scenario] & ADAPTS) != 0u {
                ranges[4u * scenario] = first;
                ranges[4u * scenario + 1u] = next;
            }
            if (orders[scenario] & SUBSTITUTES) != 0u {
                ranges[4u * scenario + 2u] = first;
                ranges[4u * scenario + 3u] = next;
            }
        }
    }
}

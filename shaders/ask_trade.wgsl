// What a scenario asks for of trade: a job for every item in which some area adapts or grows its imports. A growing
// area is one that substitutes something for what it has lost.

@group(0) @binding(1) var<storage, read> orders: array<u32>;
@group(0) @binding(2) var<storage, read> marks: array<u32>;
@group(0) @binding(3) var<storage, read> ledger: array<u32>;
@group(0) @binding(4) var<storage, read> ranges: array<u32>;
@group(0) @binding(5) var<storage, read> hit_losses: array<real>;
// Rows of trade: see `change_trade.wgsl`.
@group(0) @binding(6) var<storage, read> starts: array<u32>;
// Where the entries of every place begin: its substitutes, then what it is a substitute of; then items.
@group(0) @binding(7) var<storage, read> substitutes: array<u32>;
@group(0) @binding(8) var<storage, read> amounts: array<real>;
@group(0) @binding(9) var<storage, read_write> needs: array<u32>;
@group(0) @binding(10) var<storage, read_write> jobs: array<u32>;
@group(0) @binding(11) var<storage, read_write> member_at: array<u32>;
@group(0) @binding(12) var<storage, read_write> member_amounts: array<real>;

const JOB: u32 = 8u;

// Places whose imports grow: 256 items of 256 areas at most.
var<workgroup> grown: array<atomic<u32>, 2048>;

fn substitute_item(entry: u32) -> u32 {
    return substitutes[2u * sizes.places + 1u + entry];
}

fn find_grown(scenario: u32, index: u32) {
    for (var word = index; word < sizes.words; word += ASKERS) {
        atomicStore(&grown[word], 0u);
    }
    workgroupBarrier();
    for (var word = index; word < sizes.words; word += ASKERS) {
        var left = marks[mark_at(1u, scenario, word)];
        while left != 0u {
            let lost = word * 32u + firstTrailingBit(left);
            left &= left - 1u;
            for (var entry = substitutes[lost]; entry < substitutes[lost + 1u]; entry += 1u) {
                let place = substitute_item(entry) * sizes.stride + lost % sizes.stride;
                atomicOr(&grown[place / 32u], bit(place));
            }
        }
    }
    workgroupBarrier();
}

// Growth of what a place imports: of several lost items, in their order, the last counts, the largest, or all.
fn growth_of(scenario: u32, place: u32) -> real {
    let conflict = orders[scenario] / CONFLICT;
    let row = sizes.places + place;
    var growth = real(1.0);
    for (var entry = substitutes[row]; entry < substitutes[row + 1u]; entry += 1u) {
        let lost = substitute_item(entry) * sizes.stride + place % sizes.stride;
        if (marks[mark_at(1u, scenario, lost / 32u)] & bit(lost)) != 0u {
            let factor = amounts[sizes.places * SHARES + entry];
            if conflict == 0u {
                growth = factor;
            } else if conflict == 1u {
                growth = max(growth, factor);
            } else {
                growth *= factor;
            }
        }
    }
    return growth;
}

fn row_length(row: u32) -> u32 {
    return starts[row + 2u] - starts[row + 1u];
}

// What an item needs: jobs, members, items, entries; nothing if nothing changes.
fn needs_of(scenario: u32, item: u32) -> vec4<u32> {
    var adapting = 0u;
    var growing = 0u;
    var exports = 0u;
    var imports = 0u;
    var grown_imports = 0u;
    for (var word = item * sizes.stride / 32u; word < (item + 1u) * sizes.stride / 32u; word += 1u) {
        var left = marks[mark_at(0u, scenario, word)];
        adapting += countOneBits(left);
        while left != 0u {
            let place = word * 32u + firstTrailingBit(left);
            left &= left - 1u;
            exports += row_length(sizes.places + place);
            imports += row_length(place);
        }
        left = atomicLoad(&grown[word]);
        growing += countOneBits(left);
        while left != 0u {
            grown_imports += row_length(word * 32u + firstTrailingBit(left));
            left &= left - 1u;
        }
    }
    if adapting + growing == 0u {
        return vec4<u32>(0u);
    }
    // Columns may take what other adapting areas import, where importers' rules alone have made it.
    let columns = exports + adapting * adapting;
    let factors = min(sizes.areas, imports + grown_imports);
    let items = factors + 2u * adapting + min(sizes.areas, columns) + adapting + growing;
    return vec4<u32>(1u, adapting + growing, items, columns + imports + adapting * adapting);
}

@compute @workgroup_size(64)
fn count_trade(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) index: u32) {
    let scenario = workgroup.x;
    find_grown(scenario, index);
    var own = vec4<u32>(0u);
    for (var item = index; item < sizes.items; item += ASKERS) {
        own = plus(own, needs_of(scenario, item));
    }
    add_up(index, own);
    if index == 0u {
        let first = scenario * NEEDS + TRADE;
        for (var need = 0u; need < 4u; need += 1u) {
            needs[first + need] = counted[need];
        }
    }
}

fn put_member(member: u32, place: u32, first: real, second: real) {
    member_at[member] = place % sizes.stride;
    member_amounts[2u * member] = first;
    member_amounts[2u * member + 1u] = second;
}

// Writes the members of an item from `first` on: those that adapt, whose hits begin at `hits`, then those that grow.
// The end of those that adapt.
fn put_members(scenario: u32, item: u32, first: u32, hits: u32) -> u32 {
    var member = first;
    let word_end = (item + 1u) * sizes.stride / 32u;
    for (var word = item * sizes.stride / 32u; word < word_end; word += 1u) {
        var left = marks[mark_at(0u, scenario, word)];
        while left != 0u {
            let place = word * 32u + firstTrailingBit(left);
            left &= left - 1u;
            let rl = hit_losses[2u * (hits + member - first) + 1u];
            put_member(member, place, rl, adapted_share(place, 0u, orders[scenario], rl));
            member += 1u;
        }
    }
    let adapting_end = member;
    for (var word = item * sizes.stride / 32u; word < word_end; word += 1u) {
        var left = atomicLoad(&grown[word]);
        while left != 0u {
            let place = word * 32u + firstTrailingBit(left);
            left &= left - 1u;
            put_member(member, place, growth_of(scenario, place), real(0.0));
            member += 1u;
        }
    }
    return adapting_end;
}

fn adapting_of(scenario: u32, item: u32) -> u32 {
    var count = 0u;
    for (var word = item * sizes.stride / 32u; word < (item + 1u) * sizes.stride / 32u; word += 1u) {
        count += countOneBits(marks[mark_at(0u, scenario, word)]);
    }
    return count;
}

@compute @workgroup_size(64)
fn ask_trade(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) index: u32) {
    let scenario = workgroup.x;
    if scenario == 0u && index == 0u {
        jobs[0] = ledger[ASKED + 1u];
    }
    if ledger[LACKS] == 0u {
        find_grown(scenario, index);
        let begin = scenario * NEEDS + TRADE;
        var next = vec4<u32>(needs[begin], needs[begin + 1u], needs[begin + 2u], needs[begin + 3u]);
        var hits = ranges[4u * scenario];
        for (var base = 0u; base < sizes.items; base += ASKERS) {
            let item = base + index;
            var own = vec4<u32>(0u);
            var adapting = 0u;
            if item < sizes.items {
                own = needs_of(scenario, item);
                adapting = adapting_of(scenario, item);
            }
            let own_hits = hits + add_up(index, vec4<u32>(adapting, 0u, 0u, 0u)).x;
            hits += counted.x;
            let place = next + add_up(index, own);
            if own.x == 1u {
                let adapting_end = put_members(scenario, item, place.y, own_hits);
                let job = 1u + place.x * JOB;
                jobs[job] = scenario;
                jobs[job + 1u] = item;
                jobs[job + 2u] = place.y;
                jobs[job + 3u] = adapting_end;
                jobs[job + 4u] = place.y + own.y;
                jobs[job + 5u] = place.z;
                jobs[job + 6u] = place.w;
                jobs[job + 7u] = select(0u, 1u, (orders[scenario] & KEEPS) != 0u);
            }
            next += counted;
        }
    }
}

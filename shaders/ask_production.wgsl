// What a scenario that adapts in this step asks for of production: a job for every area in which some sector adapts.

@group(0) @binding(1) var<storage, read> orders: array<u32>;
@group(0) @binding(2) var<storage, read> marks: array<u32>;
@group(0) @binding(3) var<storage, read> ledger: array<u32>;
@group(0) @binding(4) var<storage, read> ranges: array<u32>;
@group(0) @binding(5) var<storage, read> hit_losses: array<real>;
// Number of processes, then how much room every sector and every area takes at most: outputs that it is made into,
// outputs of the columns that it changes, processes of these, inputs of these.
@group(0) @binding(6) var<storage, read> rooms: array<u32>;
@group(0) @binding(7) var<storage, read> amounts: array<real>;
@group(0) @binding(8) var<storage, read_write> needs: array<u32>;
@group(0) @binding(9) var<storage, read_write> jobs: array<u32>;
@group(0) @binding(10) var<storage, read_write> member_at: array<u32>;
@group(0) @binding(11) var<storage, read_write> member_amounts: array<real>;

const JOB: u32 = 8u;

// Places that adapt, and how many come before every word of them.
var<workgroup> adapting: array<u32, 2048>;
var<workgroup> before: array<u32, 2048>;
// Areas in which some sector adapts: few of them have to be looked at item by item.
var<workgroup> areas_adapting: array<atomic<u32>, 64>;

fn find_adapting(scenario: u32, index: u32) {
    atomicStore(&areas_adapting[index], 0u);
    workgroupBarrier();
    var next = 0u;
    for (var base = 0u; base < sizes.words; base += ASKERS) {
        let word = base + index;
        var own = 0u;
        if word < sizes.words && (orders[scenario] & ADAPTS) != 0u {
            own = marks[mark_at(0u, scenario, word)];
        }
        let of_others = add_up(index, vec4<u32>(countOneBits(own), 0u, 0u, 0u)).x;
        if word < sizes.words {
            adapting[word] = own;
            before[word] = next + of_others;
        }
        next += counted.x;
        for (var left = own; left != 0u; left &= left - 1u) {
            let area = (word * 32u + firstTrailingBit(left)) % sizes.stride;
            atomicOr(&areas_adapting[area / 32u], bit(area));
        }
    }
    workgroupBarrier();
}

fn adapts(place: u32) -> bool {
    return (adapting[place / 32u] & bit(place)) != 0u;
}

fn room(nth: u32) -> vec4<u32> {
    let first = 1u + 4u * nth;
    return vec4<u32>(rooms[first], rooms[first + 1u], rooms[first + 2u], rooms[first + 3u]);
}

// What an area needs: jobs, members, items, entries; nothing if nobody adapts.
fn needs_of(area: u32) -> vec4<u32> {
    var members = 0u;
    var wanted = vec4<u32>(0u);
    if (atomicLoad(&areas_adapting[area / 32u]) & bit(area)) == 0u {
        return wanted;
    }
    for (var item = 0u; item < sizes.items; item += 1u) {
        if adapts(item * sizes.stride + area) {
            members += 1u;
            wanted = plus(wanted, room(area * sizes.items + item));
        }
    }
    wanted = min(wanted, room(sizes.areas * sizes.items + area));
    let processes = min(wanted.z, rooms[0]);
    let items = members + min(wanted.x, sizes.items) + processes + min(wanted.y, sizes.items);
    let entries = plus_one(plus_one(wanted.x, wanted.w), plus_one(processes * members, wanted.z));
    return vec4<u32>(1u, members, items, entries);
}

@compute @workgroup_size(64)
fn count_production(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) index: u32) {
    let scenario = workgroup.x;
    find_adapting(scenario, index);
    var own = vec4<u32>(0u);
    for (var area = index; area < sizes.areas; area += ASKERS) {
        own = plus(own, needs_of(area));
    }
    add_up(index, own);
    if index == 0u {
        let first = scenario * NEEDS + PRODUCTION;
        for (var need = 0u; need < 4u; need += 1u) {
            needs[first + need] = counted[need];
        }
    }
}

// Writes the members of an area from `first` on, ascending by item.
fn put_members(scenario: u32, area: u32, first: u32) {
    var member = first;
    for (var item = 0u; item < sizes.items; item += 1u) {
        let place = item * sizes.stride + area;
        if adapts(place) {
            let earlier = adapting[place / 32u] & (bit(place) - 1u);
            let hit = ranges[4u * scenario] + before[place / 32u] + countOneBits(earlier);
            let rl = hit_losses[2u * hit + 1u];
            member_at[member] = item;
            member_amounts[2u * member] = rl;
            member_amounts[2u * member + 1u] = adapted_share(place, 1u, orders[scenario], rl);
            member += 1u;
        }
    }
}

@compute @workgroup_size(64)
fn ask_production(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) index: u32) {
    let scenario = workgroup.x;
    if scenario == 0u && index == 0u {
        jobs[0] = ledger[ASKED];
    }
    if ledger[LACKS] == 0u {
        find_adapting(scenario, index);
        let begin = scenario * NEEDS + PRODUCTION;
        var next = vec4<u32>(needs[begin], needs[begin + 1u], needs[begin + 2u], needs[begin + 3u]);
        for (var base = 0u; base < sizes.areas; base += ASKERS) {
            let area = base + index;
            var own = vec4<u32>(0u);
            if area < sizes.areas {
                own = needs_of(area);
            }
            let place = next + add_up(index, own);
            if own.x == 1u {
                put_members(scenario, area, place.y);
                let job = 1u + place.x * JOB;
                jobs[job] = scenario;
                jobs[job + 1u] = area;
                jobs[job + 2u] = place.y;
                jobs[job + 3u] = place.y + own.y;
                jobs[job + 4u] = place.y + own.y;
                jobs[job + 5u] = place.z;
                jobs[job + 6u] = place.w;
                jobs[job + 7u] = select(0u, 1u, (orders[scenario] & KEEPS) != 0u);
            }
            next += counted;
        }
    }
}

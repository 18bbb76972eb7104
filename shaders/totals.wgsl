// Sums, counts and the largest loss and gain of every area in every scenario: 32 lanes x 8 areas per
// workgroup. Losses of an area are added in the order of its items.

// Absolute loss above which a sector is listed, then the three marks of relative losses.
@group(0) @binding(1) var<storage, read> marks: array<real>;
@group(0) @binding(2) var<storage, read> available: array<real>;
@group(0) @binding(3) var<storage, read> populated: array<u32>;
@group(0) @binding(4) var<storage, read> losses: array<real>;
@group(0) @binding(5) var<storage, read> active_in: array<u32>;
// Places shocked in some lane, one bit each.
@group(0) @binding(6) var<storage, read> shocked: array<u32>;
@group(0) @binding(7) var<storage, read> shocks: array<vec2<u32>>;
// Per scenario its first shock, and the end of all.
@group(0) @binding(8) var<storage, read> shock_starts: array<u32>;
// Loss, loss of populated areas, largest loss, largest relative gain: four numbers per lane and area.
@group(0) @binding(9) var<storage, read_write> parts: array<real>;
// Listed sectors, three counts above the marks, sectors of the largest loss and gain.
@group(0) @binding(10) var<storage, read_write> part_counts: array<u32>;

fn is_shocked(scenario: u32, place: u32) -> bool {
    if (shocked[word(scenario / LANES, place)] & bit(place)) == 0u {
        return false;
    }
    for (var k = shock_starts[scenario]; k < shock_starts[scenario + 1u]; k += 1u) {
        if shocks[k].y == place {
            return true;
        }
    }
    return false;
}

@compute @workgroup_size(32, 8)
fn totals(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let area = workgroup.x * 8u + local.y;
    let group = workgroup.y;
    if area >= sizes.areas {
        return;
    }
    var loss_sum = real(0.0);
    var largest = real(0.0);
    var largest_gain = real(0.0);
    var largest_sector = 0xffffffffu;
    var gain_sector = 0xffffffffu;
    var rows = 0u;
    var above = vec3<u32>(0u);
    for (var item = 0u; item < sizes.items; item += 1u) {
        let place = item * sizes.stride + area;
        if (active_in[word(group, place)] & bit(place)) == 0u {
            continue;
        }
        let loss = losses[at(group, place, local.x)];
        if loss == real(0.0) {
            continue;
        }
        let sector = area * sizes.items + item;
        loss_sum += loss;
        above.x += u32(loss > marks[1] * available[place]);
        above.y += u32(loss > marks[2] * available[place]);
        above.z += u32(loss > marks[3] * available[place]);
        if loss > largest && !is_shocked(group * LANES + local.x, place) {
            largest = loss;
            largest_sector = sector;
        }
        if abs(loss) > marks[0] {
            rows += 1u;
            if loss < real(0.0) && available[place] > real(0.0) {
                let gain = -loss / available[place];
                if gain > largest_gain {
                    largest_gain = gain;
                    gain_sector = sector;
                }
            }
        }
    }
    let part = group * sizes.areas + area;
    parts[(part * 4u) * LANES + local.x] = loss_sum;
    parts[(part * 4u + 1u) * LANES + local.x] = select(real(0.0), loss_sum, populated[area] == 1u);
    parts[(part * 4u + 2u) * LANES + local.x] = largest;
    parts[(part * 4u + 3u) * LANES + local.x] = largest_gain;
    part_counts[(part * 6u) * LANES + local.x] = rows;
    part_counts[(part * 6u + 1u) * LANES + local.x] = above.x;
    part_counts[(part * 6u + 2u) * LANES + local.x] = above.y;
    part_counts[(part * 6u + 3u) * LANES + local.x] = above.z;
    part_counts[(part * 6u + 4u) * LANES + local.x] = largest_sector;
    part_counts[(part * 6u + 5u) * LANES + local.x] = gain_sector;
}

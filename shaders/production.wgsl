// Losses of output: every place gathers those of its inputs, `o = alpha nu diag(eta_prod) L`.
// One workgroup per mask word; inputs without a loss in any lane of the group are skipped, which
// changes no bit of a sum: they add 0.

@group(0) @binding(6) var<storage, read> forced: array<u32>;
@group(0) @binding(7) var<storage, read_write> losses_out: array<real>;
@group(0) @binding(8) var<storage, read_write> made: array<atomic<u32>>;

fn make(group: u32, place: u32, lane: u32, sum: real, is_stored: bool) {
    if is_stored {
        losses_out[at(group, place, lane)] = sum;
        if lane == 0u {
            atomicOr(&made[word(group, place)], bit(place));
        }
    }
}

@compute @workgroup_size(32, 8)
fn production(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    let group = workgroup.y;
    let lane = local.x;
    let place = workgroup.x * 32u + local.y;
    let forced_word = forced[group * sizes.words + workgroup.x] >> local.y;
    var sum_a = real(0.0);
    var sum_b = real(0.0);
    var sum_c = real(0.0);
    var sum_d = real(0.0);
    var is_a = (forced_word & 1u) == 1u;
    var is_b = (forced_word >> 8u & 1u) == 1u;
    var is_c = (forced_word >> 16u & 1u) == 1u;
    var is_d = (forced_word >> 24u & 1u) == 1u;
    let end = starts[workgroup.x * 32u + 32u];
    for (var first = starts[workgroup.x * 32u]; first < end; first += TESTED) {
        workgroupBarrier();
        if index < TESTED / 32u {
            atomicStore(&tested[index], 0u);
        }
        workgroupBarrier();
        test_links(group, first, end, index);
        workgroupBarrier();
        sum_a = gather(group, place, first, lane, sum_a, &is_a);
        sum_b = gather(group, place + 8u, first, lane, sum_b, &is_b);
        sum_c = gather(group, place + 16u, first, lane, sum_c, &is_c);
        sum_d = gather(group, place + 24u, first, lane, sum_d, &is_d);
    }
    make(group, place, lane, sum_a, is_a);
    make(group, place + 8u, lane, sum_b, is_b);
    make(group, place + 16u, lane, sum_c, is_c);
    make(group, place + 24u, lane, sum_d, is_d);
}

// Losses of imports, added to those of output: every place gathers those of its exporters of the same
// item, `h = T diag(eta_exp) L`. Otherwise as production.

@group(0) @binding(6) var<storage, read> made: array<u32>;
@group(0) @binding(7) var<storage, read_write> losses_out: array<real>;
@group(0) @binding(8) var<storage, read_write> active_out: array<atomic<u32>>;

// Losses of output of a place, which imports come to.
fn own(group: u32, place: u32, lane: u32, is_made: bool) -> real {
    if is_made {
        return losses_out[at(group, place, lane)];
    }
    return real(0.0);
}

fn take(group: u32, place: u32, lane: u32, sum: real, is_stored: bool) {
    if is_stored {
        losses_out[at(group, place, lane)] = sum;
        if lane == 0u {
            atomicOr(&active_out[word(group, place)], bit(place));
        }
    }
}

@compute @workgroup_size(32, 8)
fn trade(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    let group = workgroup.y;
    let lane = local.x;
    let place = workgroup.x * 32u + local.y;
    let at_word = group * sizes.words + workgroup.x;
    // Exporters of a place are places of its own item, which starts at a whole word.
    let item_word = group * sizes.words + workgroup.x / (sizes.stride / 32u) * (sizes.stride / 32u);
    var exporting = 0u;
    for (var w = 0u; w < sizes.stride / 32u; w += 1u) {
        exporting |= active_in[item_word + w];
    }
    if (exporting | made[at_word]) == 0u {
        return;
    }
    let made_word = made[at_word] >> local.y;
    var is_a = (made_word & 1u) == 1u;
    var is_b = (made_word >> 8u & 1u) == 1u;
    var is_c = (made_word >> 16u & 1u) == 1u;
    var is_d = (made_word >> 24u & 1u) == 1u;
    var sum_a = own(group, place, lane, is_a);
    var sum_b = own(group, place + 8u, lane, is_b);
    var sum_c = own(group, place + 16u, lane, is_c);
    var sum_d = own(group, place + 24u, lane, is_d);
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
    take(group, place, lane, sum_a, is_a);
    take(group, place + 8u, lane, sum_b, is_b);
    take(group, place + 16u, lane, sum_c, is_c);
    take(group, place + 24u, lane, sum_d, is_d);
}

// Losses of imports, added to those of output: every place gathers those of its exporters of the same
// item, `h = T diag(eta_exp) L`. Otherwise as production.

@group(0) @binding(6) var<storage, read> made: array<u32>;
@group(0) @binding(7) var<storage, read_write> losses_out: array<real>;
@group(0) @binding(8) var<storage, read_write> active_out: array<atomic<u32>>;

// A row with the losses of output of its place, which imports come to.
fn own(group: u32, place: u32, lane: u32, is_made: bool) -> Row {
    if is_made {
        return Row(losses_out[at(group, place, lane)], true);
    }
    return Row(real(0.0), false);
}

fn take(group: u32, place: u32, lane: u32, row: Row) {
    if row.is_stored {
        losses_out[at(group, place, lane)] = row.sum;
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
    var rows = array<Row, 4>(
        own(group, place, lane, (made_word & 1u) == 1u),
        own(group, place + 8u, lane, (made_word >> 8u & 1u) == 1u),
        own(group, place + 16u, lane, (made_word >> 16u & 1u) == 1u),
        own(group, place + 24u, lane, (made_word >> 24u & 1u) == 1u),
    );
    rows = gather_rows(workgroup, local, index, rows);
    take(group, place, lane, rows[0]);
    take(group, place + 8u, lane, rows[1]);
    take(group, place + 16u, lane, rows[2]);
    take(group, place + 24u, lane, rows[3]);
}

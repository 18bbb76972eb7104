// Losses of output: every place gathers those of its inputs, `o = alpha nu diag(eta_prod) L`.
// One workgroup per mask word; inputs without a loss in any lane of the group are skipped, which
// changes no bit of a sum: they add 0.

@group(0) @binding(6) var<storage, read> forced: array<u32>;
@group(0) @binding(7) var<storage, read_write> losses_out: array<real>;
@group(0) @binding(8) var<storage, read_write> made: array<atomic<u32>>;

// A row without losses yet.
fn empty(forced_word: u32, row: u32) -> Row {
    return Row(real(0.0), (forced_word >> row & 1u) == 1u);
}

fn make(group: u32, place: u32, lane: u32, row: Row) {
    if row.is_stored {
        losses_out[at(group, place, lane)] = row.sum;
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
    let place = workgroup.x * 32u + local.y;
    let forced_word = forced[group * sizes.words + workgroup.x] >> local.y;
    var rows = array<Row, 4>(
        empty(forced_word, 0u),
        empty(forced_word, 8u),
        empty(forced_word, 16u),
        empty(forced_word, 24u),
    );
    rows = gather_rows(workgroup, local, index, rows);
    make(group, place, local.x, rows[0]);
    make(group, place + 8u, local.x, rows[1]);
    make(group, place + 16u, local.x, rows[2]);
    make(group, place + 24u, local.x, rows[3]);
}

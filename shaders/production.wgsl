// Losses of output: every place gathers those of its inputs, `o = alpha nu diag(eta_prod) L`.
// One workgroup per mask word; inputs without a loss in any lane of the group are skipped, which
// changes no bit of a sum: they add 0.

@group(0) @binding(1) var<storage, read> starts: array<u32>;
@group(0) @binding(2) var<storage, read> sources: array<u32>;
@group(0) @binding(3) var<storage, read> weights: array<real>;
@group(0) @binding(4) var<storage, read> losses_in: array<real>;
@group(0) @binding(5) var<storage, read> active_in: array<u32>;
@group(0) @binding(6) var<storage, read> forced: array<u32>;
@group(0) @binding(7) var<storage, read_write> losses_out: array<real>;
@group(0) @binding(8) var<storage, read_write> made: array<atomic<u32>>;

@compute @workgroup_size(32, 8)
fn production(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let group = workgroup.y;
    let at_word = group * sizes.words + workgroup.x;
    let forced_word = forced[at_word];
    for (var row = local.y; row < 32u; row += 8u) {
        let place = workgroup.x * 32u + row;
        var sum = real(0.0);
        var is_stored = (forced_word >> row & 1u) == 1u;
        let end = starts[place + 1u];
        for (var k = starts[place]; k < end; k += 1u) {
            let source = sources[k];
            if (active_in[word(group, source)] & bit(source)) != 0u {
                is_stored = true;
                sum += weights[k] * losses_in[at(group, source, local.x)];
            }
        }
        if is_stored {
            losses_out[at(group, place, local.x)] = sum;
            if local.x == 0u {
                atomicOr(&made[at_word], bit(place));
            }
        }
    }
}

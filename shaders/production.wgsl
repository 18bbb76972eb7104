// Losses of output: every place gathers those of its inputs, `o = alpha nu diag(eta_prod) L`.
// One workgroup per mask word; inputs without a loss in any lane of the group are skipped, which
// changes no bit of a sum: they add 0. Links are taken four at a time, so that four losses are on
// their way at once, and added in their order.

@group(0) @binding(1) var<storage, read> starts: array<u32>;
@group(0) @binding(2) var<storage, read> sources: array<u32>;
@group(0) @binding(3) var<storage, read> weights: array<real>;
@group(0) @binding(4) var<storage, read> losses_in: array<real>;
@group(0) @binding(5) var<storage, read> active_in: array<u32>;
@group(0) @binding(6) var<storage, read> forced: array<u32>;
@group(0) @binding(7) var<storage, read_write> losses_out: array<real>;
@group(0) @binding(8) var<storage, read_write> made: array<atomic<u32>>;

fn is_active(group: u32, source: u32) -> bool {
    return (active_in[word(group, source)] & bit(source)) != 0u;
}

fn flow(group: u32, k: u32, source: u32, lane: u32, is_active: bool) -> real {
    if is_active {
        return weights[k] * losses_in[at(group, source, lane)];
    }
    return real(0.0);
}

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
        var k = starts[place];
        for (; k + 4u <= end; k += 4u) {
            let source = vec4<u32>(sources[k], sources[k + 1u], sources[k + 2u], sources[k + 3u]);
            let a = is_active(group, source.x);
            let b = is_active(group, source.y);
            let c = is_active(group, source.z);
            let d = is_active(group, source.w);
            let of_a = flow(group, k, source.x, local.x, a);
            let of_b = flow(group, k + 1u, source.y, local.x, b);
            let of_c = flow(group, k + 2u, source.z, local.x, c);
            let of_d = flow(group, k + 3u, source.w, local.x, d);
            sum = (((sum + of_a) + of_b) + of_c) + of_d;
            is_stored = is_stored || a || b || c || d;
        }
        for (; k < end; k += 1u) {
            let source = sources[k];
            let is_one = is_active(group, source);
            sum += flow(group, k, source, local.x, is_one);
            is_stored = is_stored || is_one;
        }
        if is_stored {
            losses_out[at(group, place, local.x)] = sum;
            if local.x == 0u {
                atomicOr(&made[at_word], bit(place));
            }
        }
    }
}

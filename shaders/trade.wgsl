// Losses of imports, added to those of output: every place gathers those of its exporters of the same
// item, `h = T diag(eta_exp) L`. Otherwise as production.

@group(0) @binding(1) var<storage, read> starts: array<u32>;
@group(0) @binding(2) var<storage, read> exporters: array<u32>;
@group(0) @binding(3) var<storage, read> weights: array<real>;
@group(0) @binding(4) var<storage, read> losses_in: array<real>;
@group(0) @binding(5) var<storage, read> active_in: array<u32>;
@group(0) @binding(6) var<storage, read> made: array<u32>;
@group(0) @binding(7) var<storage, read_write> losses_out: array<real>;
@group(0) @binding(8) var<storage, read_write> active_out: array<atomic<u32>>;

fn is_active(group: u32, exporter: u32) -> bool {
    return (active_in[word(group, exporter)] & bit(exporter)) != 0u;
}

fn flow(group: u32, k: u32, exporter: u32, lane: u32, is_active: bool) -> real {
    if is_active {
        return weights[k] * losses_in[at(group, exporter, lane)];
    }
    return real(0.0);
}

@compute @workgroup_size(32, 8)
fn trade(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let group = workgroup.y;
    let at_word = group * sizes.words + workgroup.x;
    let made_word = made[at_word];
    // Exporters of a place are places of its own item, which starts at a whole word.
    let item_word = group * sizes.words + workgroup.x / (sizes.stride / 32u) * (sizes.stride / 32u);
    var exporting = 0u;
    for (var w = 0u; w < sizes.stride / 32u; w += 1u) {
        exporting |= active_in[item_word + w];
    }
    if (exporting | made_word) == 0u {
        return;
    }
    for (var row = local.y; row < 32u; row += 8u) {
        let place = workgroup.x * 32u + row;
        var sum = real(0.0);
        var is_stored = (made_word >> row & 1u) == 1u;
        if is_stored {
            sum = losses_out[at(group, place, local.x)];
        }
        let end = starts[place + 1u];
        var k = starts[place];
        for (; k + 4u <= end; k += 4u) {
            let four = vec4<u32>(exporters[k], exporters[k + 1u], exporters[k + 2u], exporters[k + 3u]);
            let a = is_active(group, four.x);
            let b = is_active(group, four.y);
            let c = is_active(group, four.z);
            let d = is_active(group, four.w);
            let of_a = flow(group, k, four.x, local.x, a);
            let of_b = flow(group, k + 1u, four.y, local.x, b);
            let of_c = flow(group, k + 2u, four.z, local.x, c);
            let of_d = flow(group, k + 3u, four.w, local.x, d);
            sum = (((sum + of_a) + of_b) + of_c) + of_d;
            is_stored = is_stored || a || b || c || d;
        }
        for (; k < end; k += 1u) {
            let exporter = exporters[k];
            let is_one = is_active(group, exporter);
            sum += flow(group, k, exporter, local.x, is_one);
            is_stored = is_stored || is_one;
        }
        if is_stored {
            losses_out[at(group, place, local.x)] = sum;
            if local.x == 0u {
                atomicOr(&active_out[at_word], bit(place));
            }
        }
    }
}

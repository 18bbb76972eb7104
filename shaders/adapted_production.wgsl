// What adaptation changes of a step's production. `feed` comes before the shared production: adapting
// inputs have nothing for it. `produce` comes after: what they are made into now, and the outputs that
// are summed anew.

fn feed_patch(patch_at: u32, invocation: u32) {
    let scenario = patches[patch_at];
    for (var k = patches[patch_at + 1u + FED] + invocation; k < patches[patch_at + 2u + FED]; k += 64u) {
        let i = index(scenario, items[k].x);
        scratch[k] = losses_in[i];
        losses_in[i] = before[items[k].x];
    }
}

@compute @workgroup_size(64)
fn feed(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let nth = workgroup.y * ROW + workgroup.x;
    if nth < patches[0] {
        feed_patch(1u + nth * PATCH, local.x);
    }
}

fn produce_patch(patch_at: u32, invocation: u32) {
    let scenario = patches[patch_at];
    for (var k = patches[patch_at + 1u + FED] + invocation; k < patches[patch_at + 2u + FED]; k += 64u) {
        losses_in[index(scenario, items[k].x)] = scratch[k];
    }
    storageBarrier();
    for (var k = patches[patch_at + 1u + FED_OUTPUTS] + invocation; k < patches[patch_at + 2u + FED_OUTPUTS]; k += 64u) {
        let i = index(scenario, items[k].x);
        var loss = losses_out[i];
        for (var e = items[k].y; e < items[k].z; e += 1u) {
            let input = entry_at[e];
            loss -= entry_weight[e] * (before[items[input].x] - scratch[input]);
        }
        losses_out[i] = loss;
    }
    let processes_end = patches[patch_at + 2u + PROCESSES];
    for (var process = patches[patch_at + 1u + PROCESSES]; process < processes_end; process += PATCHERS) {
        let last = min(process + PATCHERS, processes_end) - 1u;
        let k = process + invocation;
        var own_entries = vec2<u32>(0u);
        if k <= last {
            own_entries = items[k].yz;
        }
        var sum = real(0.0);
        let end = items[last].z;
        for (var first = items[process].y; first < end; first += STAGED) {
            workgroupBarrier();
            stage(scenario, first, end, invocation);
            workgroupBarrier();
            sum = staged_sum(own_entries, first, sum);
        }
        if k <= last {
            scratch[k] = sum;
        }
    }
    storageBarrier();
    for (var k = patches[patch_at + 1u + OUTPUTS] + invocation; k < patches[patch_at + 2u + OUTPUTS]; k += 64u) {
        var made = real(0.0);
        for (var e = items[k].y; e < items[k].z; e += 1u) {
            made += entry_weight[e] * scratch[entry_at[e]];
        }
        let place = items[k].x;
        losses_out[index(scenario, place)] = output[place] - (made + values[k]);
    }
}

@compute @workgroup_size(64)
fn produce(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let nth = workgroup.y * ROW + workgroup.x;
    if nth < patches[0] {
        produce_patch(1u + nth * PATCH, local.x);
    }
}

// What adaptation and substitution change of a step's trade. `send` comes before the shared trade: it
// sums changed rows anew and scales what exporters send; `receive` comes after: replaced columns,
// grown imports, the rows.

fn send_patch(patch_at: u32, invocation: u32) {
    let scenario = patches[patch_at];
    for (var k = patches[patch_at + 1u + GROWTH] + invocation; k < patches[patch_at + 2u + GROWTH]; k += 64u) {
        scratch[k] = losses_out[index(scenario, items[k].x)];
    }
    let rows_end = patches[patch_at + 2u + ROWS];
    for (var row = patches[patch_at + 1u + ROWS]; row < rows_end; row += PATCHERS) {
        let last = min(row + PATCHERS, rows_end) - 1u;
        let k = row + invocation;
        var own_entries = vec2<u32>(0u);
        if k <= last {
            own_entries = items[k].yz;
        }
        var imports = real(0.0);
        let end = items[last].z;
        for (var first = items[row].y; first < end; first += STAGED) {
            workgroupBarrier();
            stage(scenario, first, end, invocation);
            workgroupBarrier();
            imports = staged_sum(own_entries, first, imports);
        }
        if k <= last {
            let place = items[k].x;
            let own = losses_out[index(scenario, place)];
            scratch[k] = own + ((available[place] - output[place]) - imports);
        }
    }
    for (var k = patches[patch_at + 1u + COLUMNS] + invocation; k < patches[patch_at + 2u + COLUMNS]; k += 64u) {
        scratch[k] = amount(scenario, items[k].x);
    }
    storageBarrier();
    for (var k = patches[patch_at + 1u + FACTORS] + invocation; k < patches[patch_at + 2u + FACTORS]; k += 64u) {
        let place = items[k].x;
        let sent = values[k] * amount(scenario, place);
        losses_in[index(scenario, place)] = before[place] - sent;
    }
}

@compute @workgroup_size(64)
fn send(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let nth = workgroup.y * ROW + workgroup.x;
    if nth < patches[0] {
        send_patch(1u + nth * PATCH, local.x);
    }
}

fn receive_patch(patch_at: u32, invocation: u32) {
    let scenario = patches[patch_at];
    for (var k = patches[patch_at + 1u + COLUMN_IMPORTERS] + invocation; k < patches[patch_at + 2u + COLUMN_IMPORTERS]; k += 64u) {
        let i = index(scenario, items[k].x);
        var loss = losses_out[i];
        for (var e = items[k].y; e < items[k].z; e += 1u) {
            loss -= entry_weight[e] * scratch[entry_at[e]];
        }
        losses_out[i] = loss;
    }
    storageBarrier();
    for (var k = patches[patch_at + 1u + GROWTH] + invocation; k < patches[patch_at + 2u + GROWTH]; k += 64u) {
        let place = items[k].x;
        let i = index(scenario, place);
        let own = scratch[k];
        let imports = available[place] - output[place];
        losses_out[i] = own + (imports - values[k] * (imports - (losses_out[i] - own)));
    }
    for (var k = patches[patch_at + 1u + ROWS] + invocation; k < patches[patch_at + 2u + ROWS]; k += 64u) {
        losses_out[index(scenario, items[k].x)] = scratch[k];
    }
}

@compute @workgroup_size(64)
fn receive(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let nth = workgroup.y * ROW + workgroup.x;
    if nth < patches[0] {
        receive_patch(1u + nth * PATCH, local.x);
    }
}

// What one area's production changes in one scenario: outputs of the process columns of alpha or beta that the
// adapting items change, which are summed anew; and what the adapting items are made into.
//
// Rows of entries: alpha, beta and nu of every sector by process, then alpha, beta and inputs of every process
// column by item. An entry of a column is marked if the dataset has it, and is not only made by rewiring.

// Columns of alpha and of beta that change, and processes that are summed, as bits.
const IN_ALPHA: u32 = 1u;
const IN_BETA: u32 = 2u;
const SUMMED: u32 = 4u;

// By process.
var<workgroup> state: array<atomic<u32>, 256>;
var<workgroup> alpha_factors: array<real, 256>;
var<workgroup> beta_factors: array<real, 256>;
// Items of the patch that processes have.
var<workgroup> numbers: array<u32, 256>;
// By adapting item, the factor of its column of nu.
var<workgroup> nu_factors: array<real, 256>;

var<private> area: u32;
var<private> processes: u32;

fn sectors() -> u32 {
    return sizes.areas * sizes.items;
}

fn alpha_row(item: u32) -> u32 {
    return area * sizes.items + item;
}

fn beta_row(item: u32) -> u32 {
    return sectors() + area * sizes.items + item;
}

fn nu_row(item: u32) -> u32 {
    return 2u * sectors() + area * sizes.items + item;
}

fn alpha_column(process: u32) -> u32 {
    return 3u * sectors() + area * processes + process;
}

fn beta_column(process: u32) -> u32 {
    return alpha_column(process) + sizes.areas * processes;
}

fn input_column(process: u32) -> u32 {
    return beta_column(process) + sizes.areas * processes;
}

fn place_of(item: u32) -> u32 {
    return item * sizes.stride + area;
}

fn is_touched(item: u32) -> bool {
    return atomicLoad(&touched[item]) == 1u;
}

fn is_in(process: u32, bits: u32) -> bool {
    return (atomicLoad(&state[process]) & bits) != 0u;
}

// An entry of an item, changed if the item adapts.
fn current(entry: u32, item: u32) -> real {
    if position[item] != NONE {
        return changed(entry, relative_loss(position[item]));
    }
    return value(entry);
}

fn alpha_value(entry: u32, item: u32) -> real {
    if is_in(other(entry), IN_ALPHA) {
        return current(entry, item) * alpha_factors[other(entry)];
    }
    return value(entry);
}

fn beta_value(entry: u32, item: u32) -> real {
    if is_in(other(entry), IN_BETA) {
        return current(entry, item) * beta_factors[other(entry)];
    }
    return value(entry);
}

// Weight that a process has as a use of an adapting item; `entry` is one of nu.
fn nu_weight(member: u32, entry: u32) -> real {
    return changed(entry, relative_loss(member)) * nu_factors[member_at[member]] * member_amounts[2u * member + 1u];
}

// Says which columns the entries of a row change.
fn edit(row: u32, member: u32, bits: u32, index: u32) {
    for (var entry = row_start(row) + index; entry < row_end(row); entry += BUILDERS) {
        if changed(entry, relative_loss(member)) != value(entry) {
            atomicOr(&state[other(entry)], bits);
        }
    }
}

// Factor of a changed column of alpha or beta; touches what it puts out.
fn column_factor(row: u32, wanted: real) -> real {
    var sum = real(0.0);
    for (var entry = row_start(row); entry < row_end(row); entry += 1u) {
        let item = other(entry);
        let now = current(entry, item);
        sum += now;
        // A column keeps its entries, be they 0 now.
        if (others[entry] & MARKED) != 0u || now != value(entry) {
            atomicStore(&touched[item], 1u);
        }
    }
    return rescaling(sum, wanted);
}

// Factor of an adapting item's column of nu.
fn nu_factor(member: u32) -> real {
    let row = nu_row(member_at[member]);
    var sum = real(0.0);
    var is_changed = false;
    for (var entry = row_start(row); entry < row_end(row); entry += 1u) {
        let share = changed(entry, relative_loss(member));
        sum += share;
        is_changed = is_changed || share != value(entry);
    }
    if is_changed {
        return rescaling(sum, real(1.0));
    }
    return real(1.0);
}

// Finds columns that change, their factors, and processes that turn over anything for what they put out.
fn find_columns(index: u32) {
    for (var m = hits; m < hits_end; m += 1u) {
        edit(alpha_row(member_at[m]), m, IN_ALPHA, index);
        edit(beta_row(member_at[m]), m, IN_BETA, index);
    }
    workgroupBarrier();
    let columns = sizes.areas * processes;
    for (var process = index; process < processes; process += BUILDERS) {
        let wanted = LIMITS + area * processes + process;
        if is_in(process, IN_ALPHA) {
            alpha_factors[process] = column_factor(alpha_column(process), amounts[wanted]);
        }
        if is_in(process, IN_BETA) {
            beta_factors[process] = column_factor(beta_column(process), amounts[wanted + columns]);
        }
    }
    for (var m = hits + index; m < hits_end; m += BUILDERS) {
        nu_factors[member_at[m]] = nu_factor(m);
    }
    workgroupBarrier();
    for (var item = index; item < sizes.items; item += BUILDERS) {
        if is_touched(item) {
            let row = alpha_row(item);
            for (var entry = row_start(row); entry < row_end(row); entry += 1u) {
                if alpha_value(entry, item) != real(0.0) {
                    atomicOr(&state[other(entry)], SUMMED);
                }
            }
        }
    }
    workgroupBarrier();
}

fn list_fed(index: u32, next: vec2<u32>) -> vec2<u32> {
    for (var m = hits + index; m < hits_end; m += BUILDERS) {
        put(next.x + (m - hits), place_of(member_at[m]), next.y, next.y, real(0.0));
    }
    return vec2<u32>(next.x + (hits_end - hits), next.y);
}

// What a process puts out of an item in the dataset.
fn made_of(item: u32, process: u32) -> real {
    let entry = find(alpha_row(item), process);
    if entry == NONE {
        return real(0.0);
    }
    return value(entry);
}

// What an output that is not summed anew is made of, from entry `first` on: adapting items, of which the list
// begins at `fed`. The number of entries; they are written only if asked for.
fn list_made(item: u32, fed: u32, first: u32, writes: bool) -> u32 {
    var count = 0u;
    for (var m = hits; m < hits_end; m += 1u) {
        let row = nu_row(member_at[m]);
        for (var entry = row_start(row); entry < row_end(row); entry += 1u) {
            let weight = made_of(item, other(entry)) * nu_weight(m, entry);
            if weight != real(0.0) {
                if writes {
                    put_entry(first + count, fed + (m - hits), weight);
                }
                count += 1u;
            }
        }
    }
    return count;
}

fn list_fed_outputs(index: u32, next: vec2<u32>, fed: u32) -> vec2<u32> {
    var at_next = next;
    for (var base = 0u; base < sizes.items; base += BUILDERS) {
        let item = base + index;
        var own = vec2<u32>(0u);
        if item < sizes.items && !is_touched(item) {
            own.y = list_made(item, fed, 0u, false);
            own.x = min(own.y, 1u);
        }
        let added = add_up(index, own);
        if own.x == 1u {
            let first = at_next.y + added.y;
            put(at_next.x + added.x, place_of(item), first, first + own.y, real(0.0));
            list_made(item, fed, first, true);
        }
        at_next += added.zw;
    }
    return at_next;
}

// Inputs of a process, from entry `first` on: those that do not adapt, then those that do. As `list_made`.
fn list_inputs(process: u32, first: u32, writes: bool) -> u32 {
    var count = 0u;
    let row = input_column(process);
    for (var entry = row_start(row); entry < row_end(row); entry += 1u) {
        if position[other(entry)] == NONE && value(entry) != real(0.0) {
            if writes {
                put_entry(first + count, place_of(other(entry)), value(entry));
            }
            count += 1u;
        }
    }
    for (var m = hits; m < hits_end; m += 1u) {
        let entry = find(nu_row(member_at[m]), process);
        if entry != NONE && nu_weight(m, entry) != real(0.0) {
            if writes {
                put_entry(first + count, place_of(member_at[m]), nu_weight(m, entry));
            }
            count += 1u;
        }
    }
    return count;
}

fn list_processes(index: u32, next: vec2<u32>) -> vec2<u32> {
    var at_next = next;
    for (var base = 0u; base < processes; base += BUILDERS) {
        let process = base + index;
        var own = vec2<u32>(0u);
        if process < processes && is_in(process, SUMMED) {
            own = vec2<u32>(1u, list_inputs(process, 0u, false));
        }
        let added = add_up(index, own);
        if own.x == 1u {
            let first = at_next.y + added.y;
            put(at_next.x + added.x, 0u, first, first + own.y, real(0.0));
            numbers[process] = at_next.x + added.x;
            list_inputs(process, first, true);
        }
        at_next += added.zw;
    }
    workgroupBarrier();
    return at_next;
}

// Shares of an output in what processes turn over, from entry `first` on. As `list_made`.
fn list_shares(item: u32, first: u32, writes: bool) -> u32 {
    var count = 0u;
    let row = alpha_row(item);
    for (var entry = row_start(row); entry < row_end(row); entry += 1u) {
        let share = alpha_value(entry, item);
        if share != real(0.0) {
            if writes {
                put_entry(first + count, numbers[other(entry)], share);
            }
            count += 1u;
        }
    }
    return count;
}

fn list_outputs(index: u32, next: vec2<u32>) -> vec2<u32> {
    var at_next = next;
    for (var base = 0u; base < sizes.items; base += BUILDERS) {
        let item = base + index;
        var own = vec2<u32>(0u);
        if item < sizes.items && is_touched(item) {
            own = vec2<u32>(1u, list_shares(item, 0u, false));
        }
        let added = add_up(index, own);
        if own.x == 1u {
            var without_input = real(0.0);
            let row = beta_row(item);
            for (var entry = row_start(row); entry < row_end(row); entry += 1u) {
                without_input += beta_value(entry, item);
            }
            let first = at_next.y + added.y;
            put(at_next.x + added.x, place_of(item), first, first + own.y, without_input);
            list_shares(item, first, true);
        }
        at_next += added.zw;
    }
    return at_next;
}

fn build(nth: u32, index: u32) {
    let job = 1u + nth * JOB;
    begin_job(nth);
    area = jobs[job + 1u];
    processes = starts[0];
    for (var process = index; process < WIDEST; process += BUILDERS) {
        atomicStore(&state[process], 0u);
    }
    place_members(index);
    find_columns(index);

    let first = vec2<u32>(jobs[job + 5u], jobs[job + 6u]);
    let fed_outputs = list_fed(index, first);
    let summed = list_fed_outputs(index, fed_outputs, first.x);
    let outputs = list_processes(index, summed);
    let end = list_outputs(index, outputs);
    if index == 0u {
        let patch_at = 1u + nth * PATCH;
        patches[patch_at] = jobs[job];
        patches[patch_at + 1u + FED] = first.x;
        patches[patch_at + 1u + FED_OUTPUTS] = fed_outputs.x;
        patches[patch_at + 1u + PROCESSES] = summed.x;
        patches[patch_at + 1u + OUTPUTS] = outputs.x;
        for (var list = FACTORS; list <= LISTS; list += 1u) {
            patches[patch_at + 1u + list] = end.x;
        }
    }
}

@compute @workgroup_size(64)
fn change_production(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) index: u32) {
    let nth = workgroup.y * ROW + workgroup.x;
    if nth == 0u && index == 0u {
        patches[0] = jobs[0];
    }
    if nth < jobs[0] {
        build(nth, index);
    }
}

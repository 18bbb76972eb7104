// What one item's trade changes in one scenario: rows and columns of the areas that adapt, factors of columns that
// are rescaled, growth by substitution. The current share of exporter d that importer c takes is
//
//     column of d that adapts     its shares     factors[d] growth[c]
//     row of c that adapts        its shares     factors[d] growth[c]
//     everything else             T[c][d]        factors[d] growth[c]
//
// Rows of entries: imports of every place by exporting area, then exports of every place by importing area. An
// import is marked if exports have no rule for it, and no entry.

var<workgroup> sums: array<real, 256>;
var<workgroup> factors: array<real, 256>;
var<workgroup> growth: array<real, 256>;
var<workgroup> staged: array<real, 256>;

// First place of the item.
var<private> tile: u32;

fn adapts(area: u32) -> bool {
    return position[area] != NONE;
}

// Share that an area sets aside for exports.
fn exported(area: u32) -> real {
    if adapts(area) {
        return member_amounts[2u * position[area] + 1u];
    }
    return amounts[LIMITS + sizes.places + tile + area];
}

// Entry of what an importer takes of an exporter, with the rules of importers.
fn import_entry(importer: u32, exporter: u32) -> u32 {
    return find(tile + importer, exporter);
}

// What an importer takes in the dataset of an exporter, by the exporter's column.
fn base_share(exporter: u32, importer: u32) -> real {
    let entry = find(sizes.places + tile + exporter, importer);
    if entry == NONE {
        return real(0.0);
    }
    return value(entry);
}

// What an importer takes of an adapting exporter, factor and growth not counted.
fn column_share(exporter: u32, importer: u32) -> real {
    let entry = find(sizes.places + tile + exporter, importer);
    if entry != NONE && ((others[entry] & LEARNED) != 0u || !keeps) {
        return changed(entry, relative_loss(position[exporter]));
    }
    // The export side leaves alone what the import side may have changed.
    if keeps && adapts(importer) {
        let imported = import_entry(importer, exporter);
        if imported != NONE && (entry != NONE || (others[imported] & MARKED) != 0u) {
            return changed(imported, relative_loss(position[importer]));
        }
    }
    if entry == NONE {
        return real(0.0);
    }
    return value(entry);
}

// Sum of a column as it is, over its importers in order.
fn summed_anew(exporter: u32) -> real {
    var sum = real(0.0);
    for (var importer = 0u; importer < sizes.areas; importer += 1u) {
        var share = real(0.0);
        if adapts(exporter) {
            share = column_share(exporter, importer);
        } else if adapts(importer) {
            let imported = import_entry(importer, exporter);
            if imported != NONE {
                share = changed(imported, relative_loss(position[importer]));
            }
        } else {
            share = base_share(exporter, importer);
        }
        sum += share * factors[exporter] * growth[importer];
    }
    return sum;
}

fn rescale(exporter: u32) {
    let factor = rescaling(sums[exporter], real(1.0));
    factors[exporter] *= factor;
    sums[exporter] *= factor;
}

// Share of an entry of an importer's row, growth not counted; 0 where the exporter adapts.
fn row_share(importer: u32, entry: u32) -> real {
    let exporter = other(entry);
    if adapts(exporter) {
        return real(0.0);
    }
    if adapts(importer) {
        return changed(entry, relative_loss(position[importer])) * factors[exporter];
    }
    // Nobody takes anything of an exporter that does not export.
    if exported(exporter) > real(0.0) {
        return value(entry) * factors[exporter];
    }
    return real(0.0);
}

// Lets the importing side of the adapting areas change.
fn adapt_rows(index: u32) {
    for (var m = hits; m < hits_end; m += 1u) {
        let row = tile + member_at[m];
        for (var entry = row_start(row) + index; entry < row_end(row); entry += BUILDERS) {
            let share = changed(entry, relative_loss(m));
            if share != value(entry) {
                sums[other(entry)] += share - value(entry);
                atomicStore(&touched[other(entry)], 1u);
            }
        }
        workgroupBarrier();
    }
}

// Lets the exporting side of the adapting areas change; their columns are summed in order.
fn adapt_columns(index: u32) {
    for (var m = hits; m < hits_end; m += 1u) {
        let exporter = member_at[m];
        if index == 0u {
            atomicStore(&touched[exporter], 0u);
        }
        workgroupBarrier();
        for (var importer = index; importer < sizes.areas; importer += BUILDERS) {
            let share = column_share(exporter, importer);
            staged[importer] = share;
            if share != base_share(exporter, importer) {
                atomicStore(&touched[exporter], 1u);
            }
        }
        workgroupBarrier();
        if index == 0u {
            var sum = real(0.0);
            for (var importer = 0u; importer < sizes.areas; importer += 1u) {
                sum += staged[importer];
            }
            sums[exporter] = sum;
        }
        workgroupBarrier();
    }
}

// Rescales the columns that adaptation has touched.
fn rescale_adapted(index: u32) {
    for (var exporter = index; exporter < sizes.areas; exporter += BUILDERS) {
        if atomicLoad(&touched[exporter]) == 1u {
            if is_doubtful(sums[exporter]) && !adapts(exporter) {
                sums[exporter] = summed_anew(exporter);
            }
            rescale(exporter);
        }
    }
    workgroupBarrier();
}

// Lets the imports of substituting areas grow, members from `first` on, and rescales the columns.
fn substitute(index: u32, first: u32, end: u32) {
    for (var exporter = index; exporter < sizes.areas; exporter += BUILDERS) {
        staged[exporter] = real(0.0);
    }
    workgroupBarrier();
    for (var m = first; m < end; m += 1u) {
        let importer = member_at[m];
        let more = member_amounts[2u * m] - real(1.0);
        if index == 0u {
            growth[importer] = member_amounts[2u * m];
        }
        let row = tile + importer;
        for (var entry = row_start(row) + index; entry < row_end(row); entry += BUILDERS) {
            staged[other(entry)] += more * row_share(importer, entry);
        }
        workgroupBarrier();
        for (var hit = hits + index; hit < hits_end; hit += BUILDERS) {
            let exporter = member_at[hit];
            staged[exporter] += more * (column_share(exporter, importer) * factors[exporter]);
        }
        workgroupBarrier();
    }
    for (var exporter = index; exporter < sizes.areas; exporter += BUILDERS) {
        if staged[exporter] != real(0.0) {
            sums[exporter] += staged[exporter];
            if is_doubtful(sums[exporter]) {
                sums[exporter] = summed_anew(exporter);
            }
            atomicStore(&touched[exporter], 1u);
            rescale(exporter);
        }
    }
    workgroupBarrier();
}

fn is_scaled(area: u32) -> bool {
    return atomicLoad(&touched[area]) == 1u
        && factors[area] != real(1.0)
        && !adapts(area)
        && exported(area) > real(0.0);
}

// Exporters whose column is scaled, then those whose column is replaced.
fn list_factors(index: u32, next: vec2<u32>) -> vec2<u32> {
    var item = next.x;
    for (var base = 0u; base < sizes.areas; base += BUILDERS) {
        let area = base + index;
        var has = 0u;
        if area < sizes.areas && is_scaled(area) {
            has = 1u;
        }
        let added = add_up(index, vec2<u32>(has, 0u));
        if has == 1u {
            put(item + added.x, tile + area, next.y, next.y, factors[area]);
        }
        item += added.z;
    }
    for (var m = hits + index; m < hits_end; m += BUILDERS) {
        put(item + (m - hits), tile + member_at[m], next.y, next.y, real(0.0));
    }
    return vec2<u32>(item + (hits_end - hits), next.y);
}

fn list_columns(index: u32, next: vec2<u32>) -> vec2<u32> {
    for (var m = hits + index; m < hits_end; m += BUILDERS) {
        put(next.x + (m - hits), tile + member_at[m], next.y, next.y, real(0.0));
    }
    return vec2<u32>(next.x + (hits_end - hits), next.y);
}

// Weight of an importer that does not adapt in a replaced column.
fn column_weight(member: u32, importer: u32) -> real {
    let exporter = member_at[member];
    return column_share(exporter, importer) * factors[exporter] * member_amounts[2u * member + 1u];
}

// Importers of replaced columns, whose items begin at `columns`.
fn list_importers(index: u32, next: vec2<u32>, columns: u32) -> vec2<u32> {
    var at_next = next;
    for (var base = 0u; base < sizes.areas; base += BUILDERS) {
        let area = base + index;
        var own = vec2<u32>(0u);
        if area < sizes.areas && !adapts(area) {
            for (var m = hits; m < hits_end; m += 1u) {
                if column_weight(m, area) != real(0.0) {
                    own = vec2<u32>(1u, own.y + 1u);
                }
            }
        }
        let added = add_up(index, own);
        if own.x == 1u {
            let first = at_next.y + added.y;
            put(at_next.x + added.x, tile + area, first, first + own.y, real(0.0));
            var entry = first;
            for (var m = hits; m < hits_end; m += 1u) {
                let weight = column_weight(m, area);
                if weight != real(0.0) {
                    put_entry(entry, columns + (m - hits), weight);
                    entry += 1u;
                }
            }
        }
        at_next += added.zw;
    }
    return at_next;
}

// Adds entries that are not 0 of a row, those of all invocations in order; the end of all.
fn list_entries(index: u32, first: u32, exporter: u32, weight: real) -> u32 {
    var has = 0u;
    if weight != real(0.0) {
        has = 1u;
    }
    let added = add_up(index, vec2<u32>(0u, has));
    if has == 1u {
        put_entry(first + added.y, tile + exporter, weight);
    }
    return first + added.w;
}

// Importers that adapt, with all that they take: of exporters that do not adapt, then of those that do.
fn list_rows(index: u32, next: vec2<u32>) -> vec2<u32> {
    var end = next.y;
    for (var m = hits; m < hits_end; m += 1u) {
        let importer = member_at[m];
        let row = tile + importer;
        let first = end;
        for (var base = row_start(row); base < row_end(row); base += BUILDERS) {
            let entry = base + index;
            var exporter = 0u;
            var weight = real(0.0);
            if entry < row_end(row) {
                exporter = other(entry);
                weight = row_share(importer, entry) * exported(exporter) * growth[importer];
            }
            end = list_entries(index, end, exporter, weight);
        }
        for (var base = hits; base < hits_end; base += BUILDERS) {
            var exporter = 0u;
            var weight = real(0.0);
            if base + index < hits_end {
                exporter = member_at[base + index];
                weight = column_share(exporter, importer) * factors[exporter] * exported(exporter) * growth[importer];
            }
            end = list_entries(index, end, exporter, weight);
        }
        if index == 0u {
            put(next.x + (m - hits), tile + importer, first, end, real(0.0));
        }
    }
    return vec2<u32>(next.x + (hits_end - hits), end);
}

fn list_growth(index: u32, next: vec2<u32>) -> vec2<u32> {
    var item = next.x;
    for (var base = 0u; base < sizes.areas; base += BUILDERS) {
        let area = base + index;
        var has = 0u;
        if area < sizes.areas && growth[area] != real(1.0) && !adapts(area) {
            has = 1u;
        }
        let added = add_up(index, vec2<u32>(has, 0u));
        if has == 1u {
            put(item + added.x, tile + area, next.y, next.y, growth[area]);
        }
        item += added.z;
    }
    return vec2<u32>(item, next.y);
}

fn build(nth: u32, index: u32) {
    let job = 1u + nth * JOB;
    begin_job(nth);
    tile = jobs[job + 1u] * sizes.stride;
    for (var area = index; area < sizes.areas; area += BUILDERS) {
        sums[area] = amounts[LIMITS + tile + area];
        factors[area] = real(1.0);
        growth[area] = real(1.0);
    }
    place_members(index);
    adapt_rows(index);
    adapt_columns(index);
    rescale_adapted(index);
    substitute(index, jobs[job + 3u], jobs[job + 4u]);

    let first = vec2<u32>(jobs[job + 5u], jobs[job + 6u]);
    let columns = list_factors(index, first);
    let importers = list_columns(index, columns);
    let rows = list_importers(index, importers, columns.x);
    let grown = list_rows(index, rows);
    let end = list_growth(index, grown);
    if index == 0u {
        let patch_at = 1u + nth * PATCH;
        patches[patch_at] = jobs[job];
        for (var list = 0u; list <= FACTORS; list += 1u) {
            patches[patch_at + 1u + list] = first.x;
        }
        patches[patch_at + 1u + COLUMNS] = columns.x;
        patches[patch_at + 1u + COLUMN_IMPORTERS] = importers.x;
        patches[patch_at + 1u + ROWS] = rows.x;
        patches[patch_at + 1u + GROWTH] = grown.x;
        patches[patch_at + 1u + LISTS] = end.x;
    }
}

@compute @workgroup_size(64)
fn change_trade(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) index: u32) {
    let nth = workgroup.y * ROW + workgroup.x;
    if nth == 0u && index == 0u {
        patches[0] = jobs[0];
    }
    if nth < jobs[0] {
        build(nth, index);
    }
}

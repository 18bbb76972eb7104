// Shocks of output: `L = phi ob + (1 - phi) L`. One invocation per shocked place of a scenario.

// (scenario, place)
@group(0) @binding(1) var<storage, read> shocks: array<vec2<u32>>;
@group(0) @binding(2) var<storage, read> phi: array<real>;
@group(0) @binding(3) var<storage, read> output: array<real>;
@group(0) @binding(4) var<storage, read_write> losses: array<real>;

@compute @workgroup_size(64)
fn shock(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= sizes.shocks {
        return;
    }
    let scenario = shocks[id.x].x;
    let place = shocks[id.x].y;
    let i = at(scenario / LANES, place, scenario % LANES);
    losses[i] = phi[id.x] * output[place] + (real(1.0) - phi[id.x]) * losses[i];
}

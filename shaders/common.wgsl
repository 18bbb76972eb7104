// Put before every kernel, after a line that says what `real` is: f64 or f32.
//
// Losses lie scenario-fastest: for every group of 32 scenarios, for every place, 32 numbers. A place
// is `item * stride + area`; a mask has one bit per place of a group, and the losses of a place whose
// bit is not set are 0 and not stored.

const LANES: u32 = 32u;

// Workgroups of a row, where their number is found on the device: none takes more than 65,535 in one direction.
const ROW: u32 = 32768u;

struct Sizes {
    // Places of a group: items * stride.
    places: u32,
    // Mask words of a group: places / 32.
    words: u32,
    // Places of an item, a multiple of 64.
    stride: u32,
    areas: u32,
    items: u32,
    groups: u32,
    // Shocks of all scenarios.
    shocks: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;

// Index of the loss of a place in one lane of a group.
fn at(group: u32, place: u32, lane: u32) -> u32 {
    return (group * sizes.places + place) * LANES + lane;
}

// Index of the mask word of a place.
fn word(group: u32, place: u32) -> u32 {
    return group * sizes.words + place / 32u;
}

// Bit of a place in its mask word.
fn bit(place: u32) -> u32 {
    return 1u << (place % 32u);
}

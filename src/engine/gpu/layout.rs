//! What host and shaders must agree on; a test reads the shaders' side with naga.

/// Scenarios of a group: `LANES` in the shaders.
pub const LANES: usize = 32;

/// Workgroups of a row where their number is found on the device: `ROW` in the shaders. None takes more than 65,535
/// in one direction.
pub const ROW: usize = 32_768;

/// The structure `Sizes` of `common.wgsl`.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable)]
pub struct Sizes {
    /// Places of a group.
    pub places: u32,
    /// Mask words of a group.
    pub words: u32,
    /// Places of an item.
    pub stride: u32,
    /// Areas.
    pub areas: u32,
    /// Items.
    pub items: u32,
    /// Groups of the batch.
    pub groups: u32,
    /// Shocks of all scenarios.
    pub shocks: u32,
}

impl Sizes {
    /// Names and offsets (bytes) of the members.
    pub const MEMBERS: [(&'static str, usize); 7] = [
        ("places", std::mem::offset_of!(Sizes, places)),
        ("words", std::mem::offset_of!(Sizes, words)),
        ("stride", std::mem::offset_of!(Sizes, stride)),
        ("areas", std::mem::offset_of!(Sizes, areas)),
        ("items", std::mem::offset_of!(Sizes, items)),
        ("groups", std::mem::offset_of!(Sizes, groups)),
        ("shocks", std::mem::offset_of!(Sizes, shocks)),
    ];

    /// As a buffer's words.
    pub fn words(&self) -> &[u32] {
        bytemuck::cast_slice(std::slice::from_ref(self))
    }

    /// From a buffer's words.
    pub fn from_words(words: &[u32]) -> Self {
        bytemuck::pod_read_unaligned(bytemuck::cast_slice(&words[..7]))
    }
}

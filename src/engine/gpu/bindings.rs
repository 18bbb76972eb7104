//! What kernels are bound to: how a binding is used, what its elements are, and the tables that several kernels share.

use ElementType::{Quad, Real, Whole};

/// How a kernel uses a binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Numbers of the batch: uniform.
    Sizes,
    /// Storage that is read.
    Read,
    /// Storage that is written, or read and written.
    Write,
}

/// What a binding's elements are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElementType {
    /// `u32`, or an atomic one.
    Whole,
    /// Two `u32`.
    Pair,
    /// Four `u32`.
    Quad,
    /// `real`.
    Real,
    /// The structure `Sizes`.
    Sizes,
}

/// One binding of a kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// Name in the shader.
    pub name: &'static str,
    /// What is done with it.
    pub access: Access,
    /// Its elements.
    pub element: ElementType,
}

pub(super) const fn sizes() -> Binding {
    Binding { name: "sizes", access: Access::Sizes, element: ElementType::Sizes }
}

pub(super) const fn read(name: &'static str, element: ElementType) -> Binding {
    Binding { name, access: Access::Read, element }
}

pub(super) const fn write(name: &'static str, element: ElementType) -> Binding {
    Binding { name, access: Access::Write, element }
}

pub(super) const OF_PATCH: &[Binding] = &[
    sizes(),
    read("patches", Whole),
    read("items", Quad),
    read("values", Real),
    read("entry_at", Whole),
    read("entry_weight", Real),
    write("scratch", Real),
    write("losses_in", Real),
    read("active_in", Whole),
    write("losses_out", Real),
    read("before", Real),
    read("available", Real),
    read("output", Real),
];

pub(super) const OF_CHANGES: &[Binding] = &[
    sizes(),
    read("jobs", Whole),
    read("member_at", Whole),
    read("member_amounts", Real),
    read("starts", Whole),
    read("others", Whole),
    read("rules", Real),
    read("amounts", Real),
    write("patches", Whole),
    write("items", Quad),
    write("values", Real),
    write("entry_at", Whole),
    write("entry_weight", Real),
];

pub(super) const OF_BAN: &[Binding] = &[
    sizes(),
    read("bans", Whole),
    read("items", Quad),
    read("entry_at", Whole),
    read("entry_weight", Real),
    write("scratch", Real),
    write("losses", Real),
    read("active_in", Whole),
    read("before", Real),
];

pub(super) const OF_PART_FLOWS: &[Binding] = &[
    sizes(),
    read("patches", Whole),
    read("items", Quad),
    read("entry_at", Whole),
    read("entry_weight", Real),
    read("sources", Real),
    write("losses", Real),
];

pub(super) const OF_SUMS: &[Binding] = &[
    sizes(),
    read("counted", Whole),
    read("populated", Whole),
    read("losses", Real),
    read("active_in", Whole),
    write("sums", Real),
];

pub(super) const OF_LIST: &[Binding] = &[
    sizes(),
    read("limits", Real),
    read("orders", Whole),
    read("marks", Whole),
    read("ledger", Whole),
    read("available", Real),
    read("losses", Real),
    write("needs", Whole),
    write("ranges", Whole),
    write("hits", Whole),
    write("hit_losses", Real),
];

pub(super) const OF_ASKING_TRADE: &[Binding] = &[
    sizes(),
    read("orders", Whole),
    read("marks", Whole),
    read("ledger", Whole),
    read("ranges", Whole),
    read("hit_losses", Real),
    read("starts", Whole),
    read("substitutes", Whole),
    read("amounts", Real),
    write("needs", Whole),
    write("jobs", Whole),
    write("member_at", Whole),
    write("member_amounts", Real),
];

pub(super) const OF_ASKING_PRODUCTION: &[Binding] = &[
    sizes(),
    read("orders", Whole),
    read("marks", Whole),
    read("ledger", Whole),
    read("ranges", Whole),
    read("hit_losses", Real),
    read("rooms", Whole),
    read("amounts", Real),
    write("needs", Whole),
    write("jobs", Whole),
    write("member_at", Whole),
    write("member_amounts", Real),
];

//! What `shocksweep devices` says.

use super::{table, whole};
use crate::engine::gpu::adapter::Adapter;

/// The adapters as a table.
pub fn text(adapters: &[Adapter]) -> String {
    if adapters.is_empty() {
        return "No graphics adapter (Vulkan, Metal or DirectX 12). On Debian and Ubuntu the package \
                mesa-vulkan-drivers adds a software one.\n"
            .to_string();
    }
    let mib = |bytes: u64| whole((bytes >> 20) as usize);
    let yes = |is: bool| if is { "yes" } else { "no" }.to_string();
    let rows = adapters.iter().map(|a| {
        vec![
            a.index.to_string(),
            a.name.clone(),
            a.kind.to_string(),
            a.backend.clone(),
            a.driver.clone(),
            yes(a.has_double),
            mib(a.max_buffer),
            mib(a.max_binding),
            a.storage_buffers.to_string(),
            (a.workgroup_memory >> 10).to_string(),
        ]
    });
    let header = [
        "",
        "name",
        "kind",
        "backend",
        "driver",
        "f64",
        "buffer MiB",
        "binding MiB",
        "bindings",
        "workgroup KiB",
    ];
    format!("{}\n", table(&header, rows.collect(), 6))
}

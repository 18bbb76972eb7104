//! One shock, answered at once: who loses most when Indian rice fails?
//!
//! `cargo run --example one_shock`

use shocksweep::low_level::engine::gpu::adapter::DeviceChoice;
use shocksweep::low_level::scenario::{Scenario, spec};
use shocksweep::low_level::study::shock::{shock, ways};
use shocksweep::{EngineKind, make_engine, open};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let world = open("synthetic")?;
    let scenario =
        Scenario::new(0, spec::parse("India/Rice and products", &world)?, &world.labels)?;
    let engine = make_engine(EngineKind::Cpu, &DeviceChoice::default(), &world, 10)?;
    let ways = ways(&world);
    let answer = shock(engine.as_ref(), &world, &scenario, ways, Default::default())?;
    for (way, outcome) in [("static", &answer.without), ("adapting", &answer.with)] {
        let Some(outcome) = outcome else { continue };
        let Some(largest) = outcome.totals.largest else { continue };
        let name = world.labels.sector_name(largest.sector as usize);
        println!("{way}: {:.0} t in all, most of it {name}", outcome.totals.loss);
    }
    Ok(())
}

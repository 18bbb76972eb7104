//! A plan computed part by part: what a worker of a cluster does with the parts that it claims.
//!
//! `cargo run --example parts`

use std::ops::ControlFlow;

use shocksweep::low_level::sweep::scenarios::Scenarios;
use shocksweep::low_level::sweep::work::Work;
use shocksweep::{Job, Plan, ScenarioSet, Silent, make_engine};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let plan = Plan::new(&Job::new(ScenarioSet::AllSingle))?;
    let engine = make_engine(plan.engine, &plan.device, &plan.dataset, plan.steps)?;
    let work = Scenarios::new(&plan, engine.as_ref());
    // Any iterator over numbers of parts will do: a list, or claims on a shared folder.
    let mut claims = [3, 1].into_iter().filter(|&part| part < work.parts());
    work.compute(&mut claims, &|| false, &Silent, &mut |computed| {
        for part in &computed.parts {
            let made = work.tables(part)?;
            println!("part {}: {} rows of losses", made.part, made.counts.loss_rows);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(())
}

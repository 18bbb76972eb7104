//! Invariants of synthetic worlds of several sizes and seeds.

use super::*;

#[test]
fn look() {
    for options in [SynthOptions::default(), SynthOptions { areas: 768, items: 492, seed: 1 }] {
        for _ in 0..2 {
            let t = std::time::Instant::now();
            let d = synthesize(&options).unwrap();
            println!("{options:?} {:?}", t.elapsed());
            let p = &d.parameters;
            let nz = |v: &[f64]| v.iter().filter(|&&x| x > 0.0).count();
            println!(
                "producers {} exporters {} x0 {} prod {} stock {} alpha {} beta {} nu {} trade {}",
                p.producers().iter().filter(|&&x| x).count(),
                nz(&p.share_eta_exp), nz(&p.x0), nz(&p.share_eta_prod), nz(&p.start_stock),
                p.conversion_alpha.nnz(), p.output_beta.nnz(), p.allocation_nu.nnz(), p.trade_t.nnz()
            );
        }
    }
}

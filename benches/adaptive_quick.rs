use shocksweep::dataset::store;
use shocksweep::engine::{Engine, cpu::CpuEngine};
use shocksweep::model::adaptation::AdaptationSettings;
use shocksweep::scenario::{Scenario, Shock};
use std::time::Instant;
fn main() {
    let d = store::read(std::path::Path::new("/tmp/w/food")).unwrap();
    let t = Instant::now();
    let e = CpuEngine::new(&d, 10);
    println!("make {:.1} ms", 1e3 * t.elapsed().as_secs_f64());
    let p = d.parameters.producers();
    let on: Vec<Scenario> = (0..p.len() as u32)
        .filter(|&s| p[s as usize])
        .map(|s| Scenario {
            id: s,
            shocks: vec![Shock { sector: s, phi: 1.0 }],
            adaptation: Some(AdaptationSettings::default()),
        })
        .collect();
    let off: Vec<Scenario> = on.iter().map(|s| s.clone().with_adaptation(None)).collect();
    let n: usize = std::env::var("N").map_or(7, |v| v.parse().unwrap());
    for threads in std::env::var("T").map_or(vec![1, 2], |v| vec![v.parse().unwrap()]) {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        for (name, set) in [("off", &off), ("on", &on)]
            .into_iter()
            .filter(|m| std::env::var("M").map_or(true, |v| v == m.0))
        {
            let mut times: Vec<f64> = (0..n)
                .map(|_| {
                    let t = Instant::now();
                    let o = pool.install(|| e.run(set, 0.001, &|_| {}));
                    let s = t.elapsed().as_secs_f64();
                    assert!(o.len() == set.len());
                    s
                })
                .collect();
            times.sort_by(f64::total_cmp);
            println!(
                "{threads} threads {name}: min {:.0} median {:.0} ms",
                1e3 * times[0],
                1e3 * times[n / 2]
            );
        }
    }
}

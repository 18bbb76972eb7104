//! Invariants of synthetic worlds of several sizes and seeds.

use super::*;

fn quant(name: &str, v: impl Iterator<Item = f64>) {
    let mut v: Vec<f64> = v.collect();
    v.sort_by(f64::total_cmp);
    let q: Vec<String> = [0., 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0]
        .iter()
        .map(|q| format!("{:.3e}", v[(q * (v.len() - 1) as f64) as usize]))
        .collect();
    println!("{name:12} n={} {}", v.len(), q.join(" "));
}

fn step(p: &crate::dataset::Parameters, x: &[f64], t: usize, shock: Option<usize>, b1: &[f64]) -> Vec<f64> {
    let prod: Vec<f64> = x.iter().zip(&p.share_eta_prod).map(|(a, b)| a * b).collect();
    let exp: Vec<f64> = x.iter().zip(&p.share_eta_exp).map(|(a, b)| a * b).collect();
    let mut o = p.conversion_alpha.times(&p.allocation_nu.times(&prod));
    for s in 0..o.len() {
        o[s] += b1[s];
        if t == 0 { o[s] += p.start_stock[s]; }
    }
    if let Some(s) = shock { o[s] = 0.0; }
    let h = p.trade_t.times(&exp);
    o.iter().zip(&h).map(|(a, b)| a + b).collect()
}

#[test]
fn look() {
    for options in [SynthOptions::default(), SynthOptions { areas: 768, items: 492, seed: 1 },  SynthOptions { areas: 96, items: 62, seed: 1 }] {
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
            let r = d.rules.as_ref().unwrap();
            println!("rules {} {} {} {} {} subst {}", r.alpha.blocks[0].nnz(), r.beta.blocks[0].nnz(), r.nu.blocks[0].nnz(), r.import.blocks[0].nnz(), r.export.blocks[0].nnz(), d.substitutability.as_ref().unwrap().blocks[0].nnz());
        }
    }
    let d = synthesize(&SynthOptions::default()).unwrap();
    let p = &d.parameters;
    let pos = |v: &[f64]| v.iter().copied().filter(|&x| x > 0.0).collect::<Vec<_>>().into_iter();
    quant("x0", pos(&p.x0));
    quant("eta_prod", pos(&p.share_eta_prod));
    quant("eta_exp", pos(&p.share_eta_exp));
    quant("start/x0", p.start_stock.iter().zip(&p.x0).filter(|(a, _)| **a > 0.0).map(|(a, b)| a / b));
    quant("alpha", p.conversion_alpha.iter().map(|e| *e.2));
    quant("beta", p.output_beta.iter().map(|e| *e.2));
    quant("nu", p.allocation_nu.iter().map(|e| *e.2));
    quant("T", p.trade_t.iter().map(|e| *e.2));
    let tt = p.trade_t.transposed();
    quant("outdeg", (0..tt.rows()).map(|r| tt.row_indices(r).len() as f64).filter(|&n| n > 0.));
    quant("maxshare", (0..tt.rows()).filter(|&r| !tt.row_values(r).is_empty()).map(|r| tt.row_values(r).iter().copied().fold(0., f64::max)));
    quant("indeg", (0..tt.rows()).map(|r| p.trade_t.row_indices(r).len() as f64).filter(|&n| n > 0.));
    let dims = d.dimensions();
    let (mut top1, mut top5) = (vec![], vec![]);
    for i in 0..dims.items {
        let mut e: Vec<f64> = (0..dims.areas).map(|c| { let s = dims.sector(c, i); p.x0[s] * p.share_eta_exp[s] }).collect();
        let tot: f64 = e.iter().sum();
        if tot == 0. { continue; }
        e.sort_by(|a, b| b.total_cmp(a));
        top1.push(e[0] / tot);
        top5.push(e[..5].iter().sum::<f64>() / tot);
    }
    quant("top1", top1.into_iter());
    quant("top5", top5.into_iter());
    let b1 = p.output_beta.times(&vec![1.0; p.output_beta.cols()]);
    for name in ["Rice and products", "Wheat and products", "Soyabeans", "Cattle", "Bovine Meat", "Milk - Excluding Butter", "Grazing", "Palm Oil", "Coffee and products", "Poultry Meat", "Sugar (Raw Equivalent)"] {
        let i = d.labels.items.iter().position(|x| x.name == name).unwrap();
        let mut v: Vec<(f64, f64, &str)> = (0..dims.areas).map(|c| { let s = dims.sector(c, i); (p.x0[s], p.x0[s] * p.share_eta_exp[s], d.labels.areas[c].name.as_str()) }).collect();
        let tot: f64 = v.iter().map(|x| x.0).sum();
        v.sort_by(|a, b| b.0.total_cmp(&a.0));
        println!("{name} total {tot:.2e} by amount {:?}", v[..7].iter().map(|x| format!("{} {:.1e}", x.2, x.0)).collect::<Vec<_>>());
        v.sort_by(|a, b| b.1.total_cmp(&a.1));
        println!("     exports {:?}", v[..5].iter().map(|x| format!("{} {:.1e}", x.2, x.1)).collect::<Vec<_>>());
    }
    let mut base = vec![p.x0.clone()];
    for t in 0..10 {
        base.push(step(p, &base[t], t, None, &b1));
        let dev = base[t + 1].iter().zip(&p.x0).filter(|(_, b)| **b > 0.).map(|(a, b)| (a / b - 1.).abs()).fold(0., f64::max);
        print!("{dev:.4} ");
    }
    println!();
    let producers: Vec<usize> = p.producers().iter().enumerate().filter(|(_, x)| **x).map(|x| x.0).collect();
    let mut counts = vec![];
    let mut sig = vec![];
    let mut any = vec![];
    for s in producers.iter().copied().step_by(37) {
        let mut x = p.x0.clone();
        let mut l = vec![0.0; x.len()];
        let zero = vec![0.0; x.len()];
        for t in 0..10 {
            x = step(p, &x, t, Some(s), &b1);
            l = step(p, &l, 1, None, &zero);
            l[s] += base[t + 1][s];
        }
        any.push(l.iter().filter(|&&v| v > 0.0).count() as f64);
        counts.push(x.iter().zip(&base[10]).filter(|(a, b)| **b - **a > 1e-9 * **b).count() as f64);
        sig.push(x.iter().zip(&base[10]).filter(|(a, b)| **b - **a > 0.26 * **b && **b - **a > 1000.).count() as f64);
    }
    println!("mean {}", counts.iter().sum::<f64>() / counts.len() as f64);
    quant("losses", counts.into_iter());
    quant("any", any.into_iter());
    quant("big", sig.into_iter());
}

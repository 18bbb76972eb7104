//! One step of the model, one function per equation. Shapes: see the table in [`crate::model`].

use crate::dataset::Parameters;

/// Output of every sector, tonnes.
///
/// `o = alpha (nu (eta_prod * x)) + beta 1`, plus `start` when t = 0.
///
/// Source: Laber et al. 2023, eqs. 1-3 and 5; Baum et al. 2024, Methods 2.
pub fn output(p: &Parameters, x: &[f64], t: usize) -> Vec<f64> {
    let for_production: Vec<f64> = times_elementwise(&p.share_eta_prod, x);
    let process_inputs = p.allocation_nu.times(&for_production);
    let from_inputs = p.conversion_alpha.times(&process_inputs);
    let without_inputs = p.output_beta.times(&vec![1.0; p.output_beta.cols()]);
    (0..x.len())
        .map(|s| {
            let o = from_inputs[s] + without_inputs[s];
            if t == 0 { o + p.start_stock[s] } else { o }
        })
        .collect()
}

/// Removes the share `phi` of a sector's output.
///
/// `o[s] *= 1 - phi`.
///
/// Source: Laber et al. 2023, Methods (shocks); Baum et al. 2024, Results 1 (phi = 1).
pub fn shock(output: &mut [f64], sector: usize, phi: f64) {
    output[sector] *= 1.0 - phi;
}

/// Keeps every output at `cap` times that of the baseline or below.
///
/// `o = min(o, cap ob)`.
///
/// Source: shocksweep's own option, off by default; see
/// [`AdaptationSettings::output_cap`](super::adaptation::AdaptationSettings::output_cap).
pub fn cap(output: &mut [f64], baseline: &[f64], cap: f64) {
    assert_eq!(output.len(), baseline.len(), "one element per sector");
    for (o, ob) in output.iter_mut().zip(baseline) {
        *o = o.min(cap * ob);
    }
}

/// Imports of every sector, tonnes.
///
/// `h = T (eta_exp * x)`.
///
/// Source: Laber et al. 2023, eqs. 4 and 6; Baum et al. 2024, Methods 2.
pub fn imports(p: &Parameters, x: &[f64]) -> Vec<f64> {
    p.trade_t.times(&times_elementwise(&p.share_eta_exp, x))
}

/// Available amount of every sector, tonnes.
///
/// `x = o + h`.
///
/// Source: Laber et al. 2023, Methods (allocation, before eq. 5).
pub fn available(output: &[f64], imports: &[f64]) -> Vec<f64> {
    output.iter().zip(imports).map(|(o, h)| o + h).collect()
}

fn times_elementwise(a: &[f64], b: &[f64]) -> Vec<f64> {
    assert_eq!(a.len(), b.len(), "one element per sector");
    a.iter().zip(b).map(|(a, b)| a * b).collect()
}

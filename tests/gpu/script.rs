//! `benches/device.sh`, end to end on whatever device tests run on.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::gpu;

fn script(program: &Path, dataset: &Path, out: &Path, device: &str) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/device.sh");
    Command::new("bash")
        .arg(script)
        .args([dataset, out])
        .arg("24")
        .env("SHOCKSWEEP", program)
        .env("SHOCKSWEEP_DEVICE", device)
        .env("SHOCKSWEEP_SCREENED", "6")
        .output()
        .expect("bash")
}

/// All tables are there and every bound holds; with a program whose validation fails, it stops there
/// with its exit code and measures nothing.
#[test]
fn the_device_script_measures_or_stops_at_a_broken_bound() {
    let Some(device) = gpu::device() else { return };
    let index = device.adapter().index.to_string();
    let folder = tempfile::tempdir().unwrap();
    let (world, out) = (folder.path().join("world"), folder.path().join("out"));
    let program = Path::new(env!("CARGO_BIN_EXE_shocksweep"));
    let synth = ["--areas", "12", "--items", "10", "--seed", "7"];
    let made = Command::new(program).args(["dataset", "synth"]).arg(&world).args(synth).status();
    assert!(made.unwrap().success());
    let output = script(program, &world, &out, &index);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{text}");
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap_or_default();
    assert!(read("devices.txt").contains(&device.adapter().name));
    assert!(read("validate.txt").contains("one sector, static"), "{}", read("validate.txt"));
    for (name, precision) in [("bench.json", "f64"), ("single.json", "f32")] {
        let bench: serde_json::Value = serde_json::from_str(&read(name)).expect(name);
        assert_eq!(bench["precision"], precision);
        assert_eq!(bench["engines"].as_array().unwrap().len(), 9, "three engines, three sets");
        assert!(bench["copy_rate"].as_f64().unwrap() > 0.0);
    }
    let bench: serde_json::Value = serde_json::from_str(&read("bench.json")).unwrap();
    assert_eq!(bench["batches"].as_array().unwrap().len(), 9, "three sizes, three sets");
    let screening = read("screening.txt");
    assert!(screening.contains("screening, cpu:") && screening.contains("screening, gpu:"));

    let broken = folder.path().join("broken");
    let fails =
        format!("#!/bin/sh\n[ \"$1\" = validate ] && exit 3\nexec {} \"$@\"\n", program.display());
    std::fs::write(&broken, fails).unwrap();
    std::fs::set_permissions(&broken, std::fs::Permissions::from_mode(0o755)).unwrap();
    let stopped = folder.path().join("stopped");
    let output = script(&broken, &world, &stopped, &index);
    assert_eq!(output.status.code(), Some(3));
    assert!(stopped.join("validate.txt").exists() && !stopped.join("bench.txt").exists());
}

//! A build without the feature `objects` knows addresses, and says who reads them.

use crate::common::result::shocksweep;

#[test]
fn addresses_are_refused_with_a_sentence() {
    for args in [
        &["verify", "s3://bucket/run"][..],
        &["status", "https://host/run"],
        &["shock", "India/Rice and products", "--dataset", "s3://bucket/world"],
        &["run", "--all-single", "--out", "s3://bucket/run"],
        &["dataset", "synth", "s3://bucket/world"],
    ] {
        let output = shocksweep(args);
        let said = String::from_utf8_lossy(&output.stderr).to_string();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        let words = "this build of shocksweep (without the feature `objects`); expected a folder";
        assert!(said.contains(words) && said.lines().count() == 1, "{args:?}: {said}");
    }
}

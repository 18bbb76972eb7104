#!/usr/bin/env bash
# Sets up what the tests need and runs them all.
#
# Needs the Rust toolchain and Python 3 with venv: the README's queries are run with DuckDB and
# Polars, pages are opened with Playwright, results go into moto's S3 server, which come from PyPI into
# target/test-env; and Chromium,
# which is installed with apt-get where there is none (SHOCKSWEEP_BROWSER names another browser,
# SHOCKSWEEP_NO_BROWSER=1 does without and says so). SHOCKSWEEP_SHARED names the folder of shared
# data (default ../shared); without it the tests that need it say that they are skipped.
#
# The Python package is built with maturin into target/package-env, and tested as it is installed there
# (SHOCKSWEEP_NO_PACKAGE=1 does without and says so).
#
# With arguments: what `cargo test --release` is given. Without: every test of the workspace, and the
# examples in its documentation. The last line counts them; skipped ones are named before it.
#
# Tests of the gpu engine need a graphics adapter. On Linux without any Vulkan driver Mesa's software
# one is installed (Debian and Ubuntu, as root or with sudo); SHOCKSWEEP_NO_GPU=1 switches them off.
set -euo pipefail
cd "$(dirname "$0")/.."

has_vulkan() {
    [ -n "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ] && return
    { ldconfig -p 2>/dev/null || /sbin/ldconfig -p; } | grep 'libvulkan\.so\.1' >/dev/null || return
    local driver
    for driver in /usr/share/vulkan/icd.d/*.json /usr/local/share/vulkan/icd.d/*.json \
        /etc/vulkan/icd.d/*.json; do
        [ -e "$driver" ] && return
    done
    return 1
}

if [ "$(uname)" = Linux ] && [ "${SHOCKSWEEP_NO_GPU:-}" != 1 ] && ! has_vulkan; then
    as_root=""
    if [ "$(id -u)" != 0 ]; then as_root="sudo -n"; fi
    if ! command -v apt-get >/dev/null || ! {
        $as_root apt-get update -qq &&
            $as_root apt-get install -y -qq --no-install-recommends mesa-vulkan-drivers
    }; then
        echo "tests/run.sh: no Vulkan driver, and mesa-vulkan-drivers could not be installed here." >&2
        echo "Install a driver, or switch the tests of the gpu engine off: SHOCKSWEEP_NO_GPU=1." >&2
        exit 1
    fi
fi

environment=target/test-env
if [ -z "${SHOCKSWEEP_PYTHON:-}" ]; then
    if ! "$environment/bin/python" -c 'import duckdb, moto.server, playwright, polars' 2>/dev/null; then
        mkdir -p target
        python3 -m venv "$environment"
        "$environment/bin/python" -m pip install --quiet --disable-pip-version-check \
            -r tests/requirements.txt
    fi
    SHOCKSWEEP_PYTHON="$PWD/$environment/bin/python"
fi
export SHOCKSWEEP_PYTHON

if [ "${SHOCKSWEEP_NO_BROWSER:-}" != 1 ] && [ -z "${SHOCKSWEEP_BROWSER:-}" ] &&
    ! command -v chromium chromium-browser google-chrome >/dev/null; then
    as_root=$([ "$(id -u)" = 0 ] || echo sudo)
    $as_root apt-get update && $as_root apt-get install --yes --no-install-recommends chromium ||
        echo "Chromium could not be installed: the test of pages in a browser will fail" >&2
fi

# Chance is seeded, so that a run repeats; another number tries other inputs, PROPTEST_CASES more.
export PROPTEST_RNG_SEED="${PROPTEST_RNG_SEED:-2026}"

# Tables are compared as they are where nobody's terminal makes them narrow.
unset COLUMNS

# A snapshot that differs fails; none is written.
export INSTA_UPDATE=no

mkdir -p target
log=target/tests.log
if [ $# -gt 0 ]; then
    run() { cargo test --release "$@"; }
else
    run() {
        local status=0
        cargo test --release --workspace --lib --bins --tests --no-fail-fast || status=1
        cargo test --release --workspace --doc --no-fail-fast || status=1
        return $status
    }
fi
# The Python package as people install it, in an environment of its own; counted like the others.
package() {
    local env=target/package-env counts status=0
    if [ "${SHOCKSWEEP_NO_PACKAGE:-}" = 1 ]; then
        printf 'SKIPPED the Python package: SHOCKSWEEP_NO_PACKAGE=1\ntest result: 1 passed\n'
        return 0
    fi
    echo "     Running the tests of the Python package"
    python3 -m venv "$env" &&
        "$env/bin/python" -m pip install --quiet --disable-pip-version-check "./python[test]" || return 1
    "$env/bin/python" -m pytest -q --rootdir python python/tests >target/package.log 2>&1 || status=1
    "$env/bin/python" -m mypy.stubtest shocksweep._native \
        >>target/package.log 2>&1 || status=1
    [ $status = 0 ] || cat target/package.log
    count() { grep -oE "[0-9]+ $1" target/package.log | head -n 1 | grep -oE '[0-9]+' || echo 0; }
    echo "test result: $(count passed) passed; $(count failed) failed; $(count skipped) ignored"
    return $status
}

status=0
run "$@" 2>&1 | tee "$log" || status=1
if [ $# = 0 ]; then package 2>&1 | tee -a "$log" || status=1; fi

# The programs' own closing lines, added up. A program that did not compile or did not live to count
# its tests is a failure too.
awk -v status="$status" '
    /SKIPPED / { skipped++; line[skipped] = substr($0, index($0, "SKIPPED ") + 8) }
    /^test result: / {
        for (i = 1; i < NF; i++) {
            if ($(i + 1) ~ /^passed/) passed += $i
            if ($(i + 1) ~ /^failed/) failed += $i
            if ($(i + 1) ~ /^ignored/) ignored += $i
        }
    }
    END {
        if (status && !failed) failed = 1
        if (skipped) print "\nSkipped:"
        for (i = 1; i <= skipped; i++) print "    " line[i]
        printf "\n%d passed, %d failed, %d skipped\n", passed - skipped, failed, skipped + ignored
    }' "$log"
exit "$status"

#!/usr/bin/env bash
# Sets up what the tests need and runs them all.
#
# Needs the Rust toolchain and Python 3 with venv: the README's queries are run with DuckDB and
# Polars, pages are opened with Playwright, which come from PyPI into target/test-env; and Chromium,
# which is installed with apt-get where there is none (SHOCKSWEEP_BROWSER names another browser,
# SHOCKSWEEP_NO_BROWSER=1 does without and says so). SHOCKSWEEP_SHARED names the folder of shared
# data (default ../shared); without it the tests that need it say that they are skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

environment=target/test-env
if [ -z "${SHOCKSWEEP_PYTHON:-}" ]; then
    if ! "$environment/bin/python" -c 'import duckdb, playwright, polars' 2>/dev/null; then
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

# Documentation holds no tests; leaving them out makes the last line of the run a count of tests.
cargo test --release --lib --tests "$@"

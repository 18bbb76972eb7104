#!/usr/bin/env bash
# Sets up what the tests need and runs them all.
#
# Needs the Rust toolchain and Python 3 with venv: the README's queries are run with DuckDB and
# Polars, which come from PyPI into target/test-env. SHOCKSWEEP_SHARED names the folder of shared
# data (default ../shared); without it the tests that need it say that they are skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

environment=target/test-env
if [ -z "${SHOCKSWEEP_PYTHON:-}" ]; then
    if ! "$environment/bin/python" -c 'import duckdb, polars' 2>/dev/null; then
        mkdir -p target
        python3 -m venv "$environment"
        "$environment/bin/python" -m pip install --quiet --disable-pip-version-check \
            -r tests/requirements.txt
    fi
    SHOCKSWEEP_PYTHON="$PWD/$environment/bin/python"
fi
export SHOCKSWEEP_PYTHON

# Documentation holds no tests; leaving them out makes the last line of the run a count of tests.
cargo test --release --lib --tests "$@"

#!/usr/bin/env bash
# Checks that every feature can be left out, and be the only one, and that the one which is no default can be
# added: without warnings, tests of the library included. FEATURES_PROFILE names a cargo profile (default release).
set -euo pipefail
cd "$(dirname "$0")/.."

profile=${FEATURES_PROFILE:-release}
features=$(sed -n 's/^default = \[\(.*\)\]$/\1/p' Cargo.toml | tr -d '",')
[ -n "$features" ] || { echo "tests/features.sh: no default features in Cargo.toml" >&2; exit 1; }

check() {
    echo "features: ${1:-none}"
    cargo clippy --quiet --profile "$profile" -p shocksweep --no-default-features --features "$1" \
        "${@:2}" -- -D warnings
}

check "" --lib --test core
check objects --lib
check "$(tr ' ' ',' <<<"$features"),objects" --lib --bins
for one in $features; do
    check "$one" --lib
    check "$(tr ' ' '\n' <<<"$features" | grep -vx "$one" | paste -sd,)" --lib --bins
done

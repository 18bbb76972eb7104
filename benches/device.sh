#!/usr/bin/env bash
# Measures the gpu engine on the machine it runs on, in one command.
#
#     benches/device.sh DATASET OUT [SCENARIOS]
#
# Needs a built binary and nothing else: SHOCKSWEEP names it (default target/release/shocksweep, then
# the one on the path). SHOCKSWEEP_DEVICE names the adapter, a software one too; without it the best GPU.
# SCENARIOS limits every set, for small worlds and slow devices.
#
# Leaves in OUT: devices.txt, validate.txt, bench.txt and bench.json (f64, or what the device has), and
# single.txt and single.json (f32), screening.txt. Stops with the exit code of the first step that fails: 3 where a
# bound is broken. On a real device it takes less than 4 minutes.
set -euo pipefail

[ $# -ge 2 ] || { sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 2; }
dataset=$1 out=$2 scenarios=${3:-}
here=$(cd "$(dirname "$0")/.." && pwd)
program=${SHOCKSWEEP:-$here/target/release/shocksweep}
[ -x "$program" ] || program=$(command -v shocksweep) ||
    { echo "device.sh: no binary: build one (cargo build --release) or name it with SHOCKSWEEP" >&2; exit 2; }
mkdir -p "$out"

device=()
if [ -n "${SHOCKSWEEP_DEVICE:-}" ]; then device=(--device "$SHOCKSWEEP_DEVICE"); fi
some=()
if [ -n "$scenarios" ]; then some=(--scenarios "$scenarios"); fi
kinds=${scenarios:-240}
few=${scenarios:-2048}

step() { # NAME COMMAND...: its output is shown and kept
    local name=$1
    shift
    echo "== $name: $*" >&2
    "$@" | tee "$out/$name.txt"
}

{
    date -u +%Y-%m-%d
    nproc 2>/dev/null || sysctl -n hw.ncpu
    { lscpu 2>/dev/null || sysctl -a 2>/dev/null; } | grep -m 1 -E 'Model name|brand_string' || true
} | tee "$out/machine.txt"
step devices "$program" devices
step validate "$program" validate "$dataset" --scenarios "$kinds" "${device[@]}"
step bench "$program" bench "$dataset" "${some[@]}" "${device[@]}" \
    --batches 256,704,2816 --out "$out/bench.json"
step single "$program" bench "$dataset" --scenarios "$few" "${device[@]}" \
    --precision f32 --out "$out/single.json"

# A share of a screening: pairs of the largest producers, by their sums, on either engine.
cat >"$out/screening.toml" <<TOML
adaptation = "on"
[scenarios]
set = "pairs"
select = { largest = ${SHOCKSWEEP_SCREENED:-64}, largest_by = "production" }
[superposition]
keep = "top"
tolerance = 1.0
TOML
{
    for engine in cpu gpu; do
        rm -rf "$out/screening"
        own=()
        if [ $engine = gpu ]; then own=("${device[@]}"); fi
        began=$(date +%s.%N)
        "$program" run "$out/screening.toml" --dataset "$dataset" --engine $engine "${own[@]}" \
            --out "$out/screening" --quiet >/dev/null
        echo "$engine $began $(date +%s.%N)" | awk '{ printf "screening, %s: %.2f s\n", $1, $3 - $2 }'
    done
    rm -rf "$out/screening"
} | tee "$out/screening.txt"
echo "device.sh: every bound holds; tables in $out"

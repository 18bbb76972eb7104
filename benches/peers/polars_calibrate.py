"""Peer of the calibration of a year, in Polars.

usage: polars_calibrate.py FOLDER    (a folder of long tables in Parquet)

Reads requests from standard input, one per line, and answers each with one line of JSON:

  calibrate YEAR     reads the year's tables and computes what is possessed, the shares for production
                     and export, allocation, trade, and output per input (Laber et al. 2023, eqs. 13-27)

Answers hold `seconds`, `rows` (entries of allocation, trade and output) and `loss` (the sum of what
is possessed, tonnes).
"""

import json
import sys
import time

import polars as pl

SECTOR = ["area", "item"]


def calibrate(folder, year):
    def read(table):
        rows = pl.scan_parquet(f"{folder}/{table}.parquet").filter(pl.col("year") == year)
        return rows.with_columns(pl.col(pl.Categorical).cast(pl.String)).collect()

    supply, use, demand = read("supply"), read("use"), read("demand")
    taken = demand.filter(pl.col("value") > 0)
    moved = pl.concat(
        [
            use.select("from_area", "from_item", "to_area", "value"),
            taken.select("from_area", "from_item", "to_area", "value"),
        ]
    ).rename({"from_item": "item"})

    def total(rows, area, name):
        return rows.group_by(area, "item").agg(pl.col("value").sum().alias(name)).rename({area: "area"})

    abroad = moved.filter(pl.col("from_area") != pl.col("to_area"))
    exports = total(abroad, "from_area", "exports")
    here = total(moved, "to_area", "here")
    used = total(use.rename({"from_item": "item"}), "to_area", "prod_use")
    uses_of = total(moved, "from_area", "uses_of")
    made = total(supply.rename({"to_item": "item"}), "to_area", "made")
    sectors = here
    for part in [exports, used, uses_of, made]:
        sectors = sectors.join(part, on=SECTOR, how="full", coalesce=True)
    sectors = sectors.fill_null(0.0).with_columns(
        possessed=pl.col("here")
        + pl.col("exports")
        + (pl.col("made") - pl.col("uses_of")).clip(lower_bound=0.0)
    )
    sectors = sectors.with_columns(
        eta_prod=pl.col("prod_use") / pl.col("possessed"),
        eta_exp=pl.col("exports") / pl.col("possessed"),
    )
    nu = (
        use.group_by("to_area", "to_process", "from_item")
        .agg(pl.col("value").sum())
        .join(used, left_on=["to_area", "from_item"], right_on=SECTOR)
        .with_columns(share=pl.col("value") / pl.col("prod_use"))
    )
    trade = (
        abroad.group_by("from_area", "item", "to_area")
        .agg(pl.col("value").sum())
        .join(exports, left_on=["from_area", "item"], right_on=SECTOR)
        .with_columns(share=pl.col("value") / pl.col("exports"))
    )
    inputs = use.group_by("to_area", "to_process").agg(pl.col("value").sum().alias("inputs"))
    output = supply.join(
        inputs,
        left_on=["from_area", "from_process"],
        right_on=["to_area", "to_process"],
        how="left",
    ).with_columns(value=pl.col("value") / pl.col("inputs").fill_null(1.0))
    return nu.height + trade.height + output.height, sectors["possessed"].sum()


def main():
    folder = sys.argv[1]
    print(json.dumps({"block": 1}), flush=True)
    for line in sys.stdin:
        year = int(line.split()[1])
        started = time.perf_counter()
        rows, possessed = calibrate(folder, year)
        seconds = time.perf_counter() - started
        print(json.dumps({"seconds": seconds, "rows": rows, "loss": possessed}), flush=True)


main()

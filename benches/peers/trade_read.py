"""Peers of reading: the same filter and sums of a BACI year with Polars and DuckDB."""

import sys
import time

import duckdb
import polars as pl

path, items = sys.argv[1:3]


def median(run):
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        found = run()
        times.append(time.perf_counter() - begun)
    return sorted(times)[2], found


wanted = pl.read_csv(items, schema_overrides={"code": pl.String})["code"].cast(pl.Int64)


def polars():
    rows = pl.scan_csv(path, schema_overrides={"k": pl.Int64, "v": pl.Float64, "q": pl.Float64})
    flows = rows.filter(pl.col("k").is_in(wanted.implode())).group_by("t", "i", "j", "k").agg(pl.col("v").sum(), pl.col("q").sum())
    totals = rows.group_by("t", "i").agg(pl.col("v").sum())
    kept, all_ = pl.collect_all([flows, totals])
    return len(kept), kept["v"].sum(), all_["v"].sum()


def duck():
    con = duckdb.connect()
    con.execute(
        f"create view rows as select * from read_csv('{path}', header=true, columns={{'t':'INTEGER','i':'INTEGER','j':'INTEGER','k':'INTEGER','v':'DOUBLE','q':'DOUBLE'}})"
    )
    con.execute("create table wanted as select unnest(?::integer[]) as code", [wanted.to_list()])
    kept = con.execute(
        "select count(*), sum(v) from (select t,i,j,k,sum(v) v,sum(q) q from rows where k in (select code from wanted) group by all)"
    ).fetchone()
    total = con.execute("select sum(v) from (select t,i,sum(v) v from rows group by all)").fetchone()
    return kept[0], kept[1], total[0]


for name, run in (("polars", polars), ("duckdb", duck)):
    took, (count, value, total) = median(run)
    print(f"  {name}: {took:.2f} s; {count} kept, {value:.3f} of {total:.3f} kUSD")

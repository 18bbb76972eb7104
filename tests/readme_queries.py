"""Runs the README's queries in the current folder: each SQL block with DuckDB, each Python block
that defines `answer` with Polars, and compares them pair by pair.

usage: readme_queries.py README.md
"""

import math
import re
import sys

import duckdb
import polars as pl


def same(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-12)
    return a == b


def main():
    text = open(sys.argv[1], encoding="utf-8").read()
    sql = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    # Blocks that need the Python package are run by its own tests.
    python = [
        b for b in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "import shocksweep" not in b
    ]
    scope = {}
    answers = []
    for block in python:
        scope.pop("answer", None)
        exec(block, scope)
        if "answer" in scope:
            answers.append(scope["answer"])
    assert len(sql) == len(answers) == 3, f"{len(sql)} SQL blocks, {len(answers)} answers"
    for query, answer in zip(sql, answers):
        assert isinstance(answer, pl.DataFrame)
        expected = duckdb.sql(query).fetchall()
        found = answer.rows()
        print(query, answer)
        assert expected, "the query finds nothing"
        assert len(expected) == len(found), f"{len(expected)} rows and {len(found)}"
        for left, right in zip(expected, found):
            assert len(left) == len(right), f"{left} and {right}"
            assert all(same(a, b) for a, b in zip(left, right)), f"{left} and {right}"
    print(f"{len(sql)} queries agree")


main()

"""The notebooks run from the first cell to the last; pages for other tools say what works."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import shocksweep as ss

pytest.importorskip("polars")
ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "python" / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, tmp_path):
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    notebook = nbformat.read(path, as_version=4)
    written = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert len(written) >= 6
    nbclient.NotebookClient(
        notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    kinds = {kind for cell in notebook.cells for out in cell.get("outputs", []) for kind in out.get("data", {})}
    assert "text/plain" in kinds and "text/html" in kinds


def test_there_are_three_notebooks():
    assert len(NOTEBOOKS) == 3
    # Pictures are not kept in them: a notebook stays small, and differences of it readable.
    assert all(path.stat().st_size < 60_000 for path in NOTEBOOKS)


def test_the_page_for_r(tmp_path, monkeypatch):
    duckdb = pytest.importorskip("duckdb")
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "r.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```r\n(.*?)```", page, re.DOTALL)
    queries = [q for block in blocks for q in re.findall(r'dbGetQuery\(con, "(.*?)"\)', block, re.DOTALL)]
    assert len(blocks) == 3 and len(queries) == 2
    world = ss.synthetic()
    rice = [f"{area}/rice" for area in world.areas]
    wheat = [f"{area}/wheat" for area in world.areas]
    world.sweep(rice + wheat, adaptation="both", out="results/adaptive", progress=False)
    answers = [duckdb.sql(query).fetchall() for query in queries]
    for query, rows in zip(queries, answers, strict=True):
        assert len(rows) == 10
        ranked = [row[-1] if "per_capita" in query else row[1] for row in rows]
        assert ranked == sorted(ranked, reverse=True)
    if shutil.which("Rscript") is None:
        pytest.skip("its SQL ran; there is no Rscript to read its R")
    for n, block in enumerate(blocks):
        (tmp_path / f"{n}.R").write_text(block)
        rscript(f'invisible(parse("{n}.R"))')
    if not is_installed("dplyr"):
        pytest.skip("its SQL ran, its R was read; there is no dplyr to run it")
    # Where arrow is not installed either, the tables come to the same verbs as CSV.
    prelude = ""
    if not is_installed("arrow"):
        prelude = WITHOUT_ARROW
        for name in ["losses/*.parquet", "scenarios.parquet"]:
            copy = f"results/adaptive/{name.removesuffix('.parquet').removesuffix('/*')}.csv"
            duckdb.sql(f"COPY (FROM 'results/adaptive/{name}') TO '{copy}'")
    which = next(n for n, block in enumerate(blocks) if "library(arrow)" in block)
    rscript(f'{prelude}\nwrite.csv(source("{which}.R")$value, "answer.csv", row.names = FALSE)')
    found = duckdb.sql("FROM 'answer.csv'").fetchall()
    assert [row[0] for row in found] == [row[0] for row in answers[0]]
    for mine, other in zip(found, answers[0], strict=True):
        assert mine[1:] == pytest.approx(other[1:], rel=1e-12)


WITHOUT_ARROW = """
library <- function(package) {
  name <- as.character(substitute(package))
  if (name != "arrow") base::library(name, character.only = TRUE)
}
read_parquet <- open_dataset <- function(path) {
  table <- read.csv(paste0(sub("\\\\.parquet$", "", path), ".csv"))
  table$adaptation <- as.logical(table$adaptation)
  table
}
"""


def rscript(code):
    subprocess.run(["Rscript", "-e", code], check=True)


def is_installed(package):
    code = f'quit(status = if (requireNamespace("{package}", quietly = TRUE)) 0 else 1)'
    return subprocess.run(["Rscript", "-e", code], check=False).returncode == 0

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
    for query in queries:
        rows = duckdb.sql(query).fetchall()
        assert len(rows) == 10
        ranked = [row[-1] if "per_capita" in query else row[1] for row in rows]
        assert ranked == sorted(ranked, reverse=True)
    if shutil.which("Rscript") is None:
        pytest.skip("its SQL ran; there is no Rscript to read its R")
    for n, block in enumerate(blocks):
        (tmp_path / f"{n}.R").write_text(block)
        subprocess.run(["Rscript", "-e", f'invisible(parse("{n}.R"))'], check=True, cwd=tmp_path)

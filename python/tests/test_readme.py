"""What the READMEs show of the package works as it stands there."""

import re
from pathlib import Path

import pytest

pytest.importorskip("polars")
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("readme", ["README.md", "python/README.md"])
def test_the_readme_works(readme, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "jobs").symlink_to(ROOT / "jobs")
    text = (ROOT / readme).read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    blocks = [block for block in blocks if "import shocksweep" in block]
    assert len(blocks) == 1
    exec(blocks[0], {})
    assert (tmp_path / "results" / "all" / "manifest.json").exists()

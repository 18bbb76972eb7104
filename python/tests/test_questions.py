"""Everything the command line answers, asked in process: the same words, the same bytes."""

import doctest
import gc
import importlib
import pickle
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import shocksweep as ss

pl = pytest.importorskip("polars")
pytest.importorskip("pyarrow")


@pytest.fixture(scope="session")
def world():
    return ss.synthetic()


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world") / "small"
    ss.command("dataset", "synth", folder, "--areas", "30", "--items", "20", "--seed", "7")
    return ss.load(folder)


def program(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "shocksweep", *map(str, arguments)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def same_files(ours, theirs, at_least):
    names = sorted(p.relative_to(theirs) for p in Path(theirs).rglob("*.parquet"))
    assert len(names) >= at_least
    for name in names:
        assert (Path(ours) / name).read_bytes() == (Path(theirs) / name).read_bytes(), name


def a_change(world, area, item, path):
    suppliers = world.suppliers(area, item).to_polars().filter(~pl.col("is_own"))
    largest = suppliers["area"].cast(pl.String)[0]
    path.write_text(
        f'[[change]]\nkind = "diversify"\narea = "{area}"\nitem = "{world.item(item)}"\n'
        f'away_from = ["{largest}"]\nshare = 0.5\n'
    )
    return largest


def test_the_lines_of_a_notebook_run_as_they_are_written(world, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    world.save("food2020")
    a_change(world, "Egypt", "wheat", Path("plan.toml"))
    ss.command("dataset", "synth", "tables", "--areas", "20", "--items", "16", "--years", "1996-2020")
    ss.trade.synthetic().save("panel")
    w = ss.load("food2020")
    assert "areas" in repr(w) and "items" in repr(w) and w.warning in repr(w)
    assert {"amount", "share"} <= set(w.suppliers("Egypt", "wheat").columns)
    r = w.shock({"Russia/wheat": 1, "IND/rice": 0.5}, adaptation="both")
    head = r.by_area(measure="kcal", others=True).head(5)
    assert head.to_polars().height == 5 == len(head.to_pandas())
    assert r.map("wheat")._repr_html_().startswith("<svg")
    assert len(r.why("Egypt", "wheat")) > 2
    s = w.sweep([f"{area}/wheat" for area in w.areas[:40]], adaptation="both", out="run/")
    assert s.losses.collect().height > 0
    p = w.pairs([("India/rice", "Thailand/rice"), ("USA/maize", "Brazil/soy")] * 9, adaptation="off")
    assert len(p.top(10)) == 10 and ss.explain(p, 17)
    d = ss.calibrate("tables/", year=2020)
    assert d.told and not d.has_rules
    assert ss.learn("tables/").has_rules
    assert ss.report(s, "page.html").stat().st_size > 100_000
    changed = w.what_if("plan.toml")
    assert changed.told
    b = changed.sweep([f"{area}/wheat" for area in w.areas[:40]], adaptation="both", out="changed/")
    assert len(ss.compare(s, b).area_differences) > 0
    assert len(ss.trade.load("panel/").risk(2018).losses) > 0
    fits = ss.network.tergm(bootstrap=0)
    assert len(fits.table("fits")) > 0


def test_two_results_are_told_as_the_command_line_tells_them(small, tmp_path):
    scenarios = [f"{area}/{small.items[0]}" for area in small.areas]
    area = small.areas[0]
    a_change(small, area, small.items[0], tmp_path / "plan.toml")
    small.sweep(scenarios, out=tmp_path / "a", adaptation="both")
    small.what_if(tmp_path / "plan.toml").sweep(scenarios, out=tmp_path / "b", adaptation="both")
    found = ss.compare(tmp_path / "a", tmp_path / "b")
    assert found.text == program("compare", tmp_path / "a", tmp_path / "b")
    program("compare", tmp_path / "a", tmp_path / "b", "--out", tmp_path / "d", "--page", tmp_path / "d.html")
    for name in found.names:
        theirs = pl.read_parquet(tmp_path / "d" / f"{name}.parquet")
        assert found.table(name).to_polars().equals(theirs) and theirs.height > 0, name
    assert found.page(tmp_path / "e.html").stat().st_size > 1_000
    assert found.picture is None or found.picture.svg.startswith("<svg")
    with pytest.raises(AttributeError, match="area_differences"):
        found.losses


def test_exposure_is_that_of_the_command_line(small, tmp_path):
    small.save(tmp_path / "world")
    everyone = small.exposure()
    worst = everyone.exposures.to_polars().sort("share", descending=True)
    area, item = str(worst["area"].cast(pl.String)[0]), str(worst["item"].drop_nulls().cast(pl.String)[0])
    arguments = ["--dataset", tmp_path / "world", "--pairs", "4"]
    found = small.exposure(area, item, pairs=4)
    assert found.text == program("exposure", area, item, *arguments)
    rows = found.exposures.to_polars()
    assert rows.height > 0 and set(rows["area"].cast(pl.String)) == {area}
    assert set(rows["item"].cast(pl.String)) == {item}
    food = small.exposure(area, pairs=4)
    assert food.text == program("exposure", area, *arguments)
    pairs = food.exposure_pairs.to_polars().drop_nulls()
    assert pairs.height > 0
    assert (pairs["beyond"] - (pairs["joint"] - pairs["alone_a"] - pairs["alone_b"])).abs().max() <= 1e-6
    assert everyone.text == program("exposure", "--dataset", tmp_path / "world")
    assert len(everyone.vulnerability) == 2 * len(small.areas) and len(everyone.influence) > 0
    swept = small.sweep(adaptation="both", out=tmp_path / "all")
    told = program("exposure", area, "--dataset", tmp_path / "world", "--result", tmp_path / "all")
    assert swept.exposure(area).text == told
    with pytest.raises(ss.InputError, match="unknown area"):
        small.exposure("Nowhereland")
    with pytest.raises(ss.InputError, match="measure"):
        small.exposure(area, item, measure="mass")
    with pytest.raises(ss.InputError, match="level"):
        small.exposure(area, item, level=1.0)


def test_changes_are_ranked_as_the_command_line_ranks_them(small, tmp_path):
    small.save(tmp_path / "world")
    vulnerable = small.exposure().exposures.to_polars()
    area, item = str(vulnerable["area"].cast(pl.String)[0]), str(vulnerable["source_item"].cast(pl.String)[0])
    options = ["--budget", "1000", "--failures", "3", "--suppliers", "2", "--dataset", tmp_path / "world"]
    found = small.mitigate(area, item, 1000, failures=3, suppliers=2)
    theirs = program("mitigate", area, item, *options, "--out", tmp_path / "m").split("All single failures took")[0]
    assert found.text == theirs
    table = pl.read_parquet(tmp_path / "m" / "mitigations.parquet")
    assert found.mitigations.to_polars().equals(table) and table.height > 2
    with pytest.raises(ss.InputError, match="expected, worst"):
        small.mitigate(area, item, 1000, by="luck")
    with pytest.raises(ss.InputError, match="budget"):
        small.mitigate(area, item, 0)


def test_datasets_from_tables_are_the_command_lines(tmp_path):
    ss.command("dataset", "synth", tmp_path / "tables", "--areas", "20", "--items", "16", "--years", "1996-2020")
    program("calibrate", tmp_path / "tables", tmp_path / "theirs", "--year", "2018")
    ours = ss.calibrate(tmp_path / "tables", tmp_path / "ours", year=2018, name="theirs")
    assert ours.content_hash == ss.load(tmp_path / "theirs").content_hash
    same_files(tmp_path / "ours", tmp_path / "theirs", 5)
    program("learn", tmp_path / "tables", tmp_path / "learned")
    learned = ss.learn(tmp_path / "tables", name="learned")
    assert learned.has_rules and learned.content_hash == ss.load(tmp_path / "learned").content_hash
    with pytest.raises(ss.InputError, match="1850"):
        ss.calibrate(tmp_path / "tables", year=1850)


def test_trade_is_that_of_the_command_line(tmp_path):
    panel = ss.trade.synthetic()
    last = panel.years[-1]
    assert panel.links().text == program("trade", "links")
    risk = panel.risk(last)
    assert risk.text == program("trade", "risk", "--year", str(last))
    assert set(risk.indicators.to_polars()["year"]) == {last}
    study = panel.run(tmp_path / "ours")
    program("trade", "run", "--panel", "synthetic", "--out", tmp_path / "theirs", "--quiet")
    same_files(tmp_path / "ours", tmp_path / "theirs", 15)
    assert study.table("regressions").to_polars().height > 0 and study.plot("links").svg.startswith("<svg")
    assert panel.tiers().text == program("trade", "tiers")
    assert study.report(tmp_path / "page.html").stat().st_size > 100_000
    with pytest.raises(ss.ResultError, match="force=True"):
        panel.run(tmp_path / "ours")
    with pytest.raises(ss.InputError, match="no year 1800"):
        panel.risk(1800)
    with pytest.raises(ss.InputError, match="tested"):
        ss.trade.load("synthetic", links="any")
    magnets = panel.world(last)
    sector = magnets.area_table().to_polars()["area"].cast(pl.String)[0], magnets.items[0]
    assert len(magnets.shock({"/".join(sector): 1}, adaptation="off").by_sector()) >= 0


def test_networks_are_those_of_the_command_line(tmp_path):
    found = ss.network.indicators(out=tmp_path / "ours")
    program("network", "indicators", "--sample", "synthetic", "--out", tmp_path / "theirs", "--quiet")
    same_files(tmp_path / "ours", tmp_path / "theirs", 4)
    assert "node_indicators" in found.names and found.plot("evolution").svg.startswith("<svg")
    assert len(ss.network.bans(top=3).names) == 1
    passing = ss.network.flows()
    folder = passing.path
    assert len(passing.table("flows")) > 0 and folder.exists()
    del passing
    gc.collect()
    assert not folder.exists()
    with pytest.raises(ss.ResultError, match="resume=True"):
        ss.network.indicators(out=tmp_path / "ours")
    with pytest.raises(TypeError, match="unknown options"):
        ss.network.flows(sed=1)
    with pytest.raises(ss.InputError, match="no table"):
        found.table("losses")


def test_losses_are_networks(small, tmp_path):
    result = small.sweep(out=tmp_path / "all", adaptation="off")
    found = ss.network.losses(result, threshold=0.01)
    program("network", "losses", tmp_path / "all", "--threshold", "0.01", "--out", tmp_path / "theirs")
    for name in found.names:
        assert found.table(name).to_polars().equals(pl.read_parquet(tmp_path / "theirs" / f"{name}.parquet"))
    assert len(found.loss_dependency) > 0


def test_jobs_are_files_or_dictionaries(small, tmp_path):
    small.save(tmp_path / "world")
    job = tmp_path / "job.toml"
    job.write_text(
        f'dataset = "{tmp_path}/world"\nadaptation = "on"\n[scenarios]\nset = "single"\n'
        f'[scenarios.select]\nitems = ["{small.items[0]}"]\n[adaptive]\nsubstitution = false\n'
    )
    words = {
        "dataset": str(tmp_path / "world"),
        "adaptation": "on",
        "scenarios": {"set": "single", "select": {"items": [small.items[0]]}},
        "adaptive": {"substitution": False},
    }
    ours, theirs = ss.run(words), ss.run(job)
    assert ours.losses.to_polars().equals(theirs.losses.to_polars()) and len(ours.losses) > 0
    assert ours.manifest["job"] == theirs.manifest["job"]
    switched = small.sweep(
        [f"{area}/{small.items[0]}" for area in small.areas], adaptation="on", switches={"substitution": False}
    )
    assert switched.manifest["job"]["adaptive"]["substitution"] is False
    with pytest.raises(ss.InputError, match="unknown variant `nothing`"):
        ss.run({"scenarios": {"set": "nothing"}})


def test_names_and_options_of_sweeps(small):
    area, item = small.areas[0], small.items[0]
    named = small.sweep({"first": f"{area}/{item}", "half": f"{area}/{item}=0.5"}, losses=False)
    names = set(named.scenarios.to_polars()["name"].cast(pl.String))
    assert names == {"first", "half"} and len(named.losses) == 0 if "losses" in named.names else True
    with pytest.raises(AttributeError, match="out="):
        named.report
    assert "scenarios" in small.plan([f"{area}/{item}"])


def test_parts_make_the_whole(small, tmp_path):
    whole = small.sweep(adaptation="both", out=tmp_path / "whole")
    for n, parts in enumerate(["0,2,5-9", "1,3-4"]):
        with pytest.raises(ss.ShockSweepError):
            small.sweep(adaptation="both", out=tmp_path / f"p{n}", parts="99")
        assert small.sweep(adaptation="both", out=tmp_path / f"p{n}", parts=parts) == tmp_path / f"p{n}"
    joined = ss.merge(tmp_path / "joined", [tmp_path / "p0", tmp_path / "p1"], world=small)
    same_files(joined.path, whole.path, 5)


def test_changed_worlds_travel_with_their_data(small, tmp_path):
    area = small.areas[0]
    a_change(small, area, small.items[0], tmp_path / "plan.toml")
    changed = small.what_if(tmp_path / "plan.toml")
    again = pickle.loads(pickle.dumps(changed))
    assert again.content_hash == changed.content_hash != small.content_hash
    assert pickle.loads(pickle.dumps(again)).content_hash == changed.content_hash


def test_examples_in_the_documentation():
    modules = [ss, *(importlib.import_module(f"shocksweep.{m.name}") for m in pkgutil.iter_modules(ss.__path__)
                     if m.name not in ("__main__", "_native"))]
    found = [doctest.testmod(module) for module in modules]
    assert sum(of.attempted for of in found) > 20 and sum(of.failed for of in found) == 0

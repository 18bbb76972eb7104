"""The package as it is installed, on the built-in world and small ones."""

import json
import pickle
import signal
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import shocksweep as ss

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

RICE = "India/Rice and products"


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


def test_a_world_says_what_it_is(world):
    assert world.is_synthetic and "synthetic" in repr(world).lower() and world.warning
    assert len(world.areas) > 100 and len(world.items) > 100
    assert world.area("UK") == "United Kingdom" and world.item("wheat") == "Wheat and products"


def test_one_shock_equals_a_run_of_it(world):
    answer = world.shock({RICE: 1}, adaptation="both")
    sectors = answer.by_sector().to_polars()
    assert sectors.height > 100
    run = world.sweep([{RICE: 1}], adaptation="both", min_loss=0)
    losses = run.losses.to_polars()
    keys = ["area", "item", "adaptation"]
    text = [pl.col("area").cast(pl.String), pl.col("item").cast(pl.String)]
    joined = (
        sectors.with_columns(text)
        .filter(pl.col("al") != 0)
        .join(losses.with_columns(text), on=keys, how="full", suffix="_run")
    )
    assert joined.height == losses.height
    assert joined.filter(pl.col("al") != pl.col("al_run")).height == 0
    assert joined.filter(pl.col("baseline") != pl.col("baseline_run")).height == 0


def test_sums_by_area_are_those_of_the_sectors(world):
    answer = world.shock({RICE: 0.7, "Ukraine/wheat": 1}, adaptation="on")
    sectors = answer.by_sector("mass").to_polars().filter(~pl.col("runs_away"))
    areas = answer.by_area("mass").to_polars()
    sums = sectors.group_by(pl.col("area").cast(pl.String)).agg(pl.col("loss").sum())
    found = areas.with_columns(pl.col("area").cast(pl.String)).join(sums, on="area", suffix="_sum")
    assert found.height == areas.height > 10
    assert ((found["loss"] - found["loss_sum"]).abs() <= 1e-9 * (1 + found["loss"].abs())).all()
    others = answer.by_area("mass", others=True).to_polars()["area"].cast(pl.String).to_list()
    assert "India" not in others and "Ukraine" not in others and len(others) == areas.height - 2
    ranked = areas["loss_per_person"].drop_nulls().to_list()
    assert len(ranked) > 10 and ranked == sorted(ranked, reverse=True)


def test_frames_take_tables_as_they_are(world):
    table = world.shock(RICE).by_area()
    arrow = pa.table(table)
    assert arrow.num_rows == len(table) and arrow.column_names == table.columns
    assert table.to_polars().height == len(table) == len(table.to_pandas())
    assert table.head(3).to_arrow().num_rows == 3
    assert table.provenance["synthetic"] == "true" and table.descriptions["area"]
    duckdb = pytest.importorskip("duckdb")
    assert duckdb.sql("SELECT count(*) FROM arrow").fetchall()[0][0] == len(table)


def test_a_folder_equals_the_command_line_to_the_byte(small, tmp_path):
    table = tmp_path / "shocks.csv"
    areas, items = small.areas, small.items
    rows = [(n, areas[n % len(areas)], items[n % len(items)], 0.5 + n % 2 / 2) for n in range(40)]
    lines = [f'{n},"{area}","{item}",{phi}' for n, area, item, phi in rows]
    table.write_text("scenario,area,item,phi\n" + "\n".join(lines) + "\n")
    small.save(tmp_path / "world")
    program("run", "--dataset", tmp_path / "world", "--scenarios", table, "--adaptation", "both",
            "--out", tmp_path / "theirs", "--quiet")
    ours = small.sweep([{f"{area}/{item}": phi} for _, area, item, phi in rows],
                       adaptation="both", out=tmp_path / "ours")
    assert len(ours.loss_files) > 0
    for path in ours.loss_files:
        name = Path(path).relative_to(ours.path)
        assert Path(path).read_bytes() == (tmp_path / "theirs" / name).read_bytes(), name


def test_a_sweep_is_aggregated_reported_drawn_and_verified(small, tmp_path):
    result = small.sweep(adaptation="both", out=tmp_path / "all")
    assert result.scenarios.to_arrow().num_rows >= 2 * 20
    assert result.losses.collect().height == result.manifest["counts"]["loss_rows"] > 0
    sums = result.aggregate("region,item", adaptation=True)
    assert {"region", "item", "al"} <= set(sums.columns) and len(sums) > 0
    page = result.report(tmp_path / "page.html")
    assert page.stat().st_size > 100_000
    assert result.plot("ranking").svg.startswith("<svg")
    assert all(holds is not False for _, holds, _ in result.verify())


def test_pairs_are_compared_with_their_sum(small, tmp_path):
    area = small.areas[0]
    sectors = [f"{area}/{item}" for item in small.items[:4]]
    result = small.pairs([(sectors[0], s) for s in sectors[1:]], out=tmp_path / "pairs")
    table = result.table("superposition").to_polars()
    assert table.height >= 1 and "s" in table.columns
    assert result.explain()


def test_memory_and_folder_hold_the_same(small, tmp_path):
    scenarios = [{f"{area}/{small.items[0]}": 1} for area in small.areas[:8]]
    memory = small.sweep(scenarios, adaptation="both")
    folder = small.sweep(scenarios, adaptation="both", out=tmp_path / "out")
    assert memory.losses.to_polars().equals(folder.losses.collect())


def test_errors_are_of_one_family_and_speak_python(small, tmp_path):
    with pytest.raises(ss.InputError, match="did you mean"):
        ss.synthetic().shock("Indai/rice")
    with pytest.raises(ss.InputError, match="phi|intensity|0 to 1"):
        small.shock({f"{small.areas[0]}/{small.items[0]}": 1.5})
    with pytest.raises(ss.ShockSweepError):
        ss.load(tmp_path / "nowhere")
    with pytest.raises(ss.InputError, match="on, off, both"):
        small.sweep(adaptation="perhaps")
    with pytest.raises(TypeError, match="unknown options"):
        small.sweep(adaption="on")
    small.sweep([{f"{small.areas[0]}/{small.items[0]}": 1}], out=tmp_path / "twice")
    with pytest.raises(ss.ResultError, match="force=True"):
        small.sweep([{f"{small.areas[1]}/{small.items[0]}": 1}], out=tmp_path / "twice")


def test_addresses_are_read_like_folders(small, tmp_path, monkeypatch):
    made = small.sweep(out=tmp_path / "result")
    small.save(tmp_path / "world")
    handler = partial(SimpleHTTPRequestHandler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        there = f"http://127.0.0.1:{server.server_address[1]}"
        with pytest.raises(ss.InputError, match="expected https, or AWS_ALLOW_HTTP=true"):
            ss.load(f"{there}/world")
        monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
        assert ss.load(f"{there}/world").content_hash == small.content_hash
        result = ss.Result(f"{there}/result")
        assert result.manifest == made.manifest
        for file in made.manifest["files"]:
            assert (result.path / file["path"]).read_bytes() == (made.path / file["path"]).read_bytes()
        copy = result.path
        del result
        assert not copy.exists()
        with pytest.raises(ss.ResultError, match="not found; expected a shocksweep result there"):
            ss.Result(f"{there}/world")
        server.shutdown()
    with pytest.raises(ss.InputError, match="is no address; expected s3://BUCKET/PREFIX"):
        ss.load("s3://")


def test_several_threads_ask_at_once(world):
    shocks = [RICE, "Ukraine/wheat", "Brazil/soy", "USA/maize"]
    alone = [world.shock(s).by_area().to_arrow() for s in shocks]
    found = [None] * len(shocks)

    def ask(n):
        found[n] = world.shock(shocks[n]).by_area().to_arrow()

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(len(shocks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(a.equals(b) for a, b in zip(alone, found))


def test_vectors_and_names_ask_the_same(world):
    items = world.items
    phi = [0.0] * (len(world.areas) * len(items))
    area, item = RICE.split("/")
    phi[world.areas.index(area) * len(items) + items.index(item)] = 0.5
    assert world.shock_vector(phi).by_area().to_arrow().equals(world.shock({RICE: 0.5}).by_area().to_arrow())
    with pytest.raises(ss.InputError, match="intensities for"):
        world.shock_vector(phi[:-1])


def test_ctrl_c_keeps_what_is_done(tmp_path):
    script = """
import os, signal, sys, threading
import shocksweep as ss
world = ss.synthetic()
def soon(done, total):
    if done > 0:
        os.kill(os.getpid(), signal.SIGINT)
try:
    world.sweep(adaptation="both", out=sys.argv[1], progress=soon)
except KeyboardInterrupt:
    sys.exit(42)
"""
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "out")], capture_output=True)
    assert done.returncode == 42, done.stderr
    assert not (tmp_path / "out" / "manifest.json").exists()
    result = ss.synthetic().sweep(adaptation="both", out=tmp_path / "out", resume=True, progress=False)
    assert result.manifest["counts"]["loss_rows"] > 0


def test_ctrl_c_stops_models_of_networks(tmp_path):
    script = """
import os, signal, sys
from shocksweep import network
asked = False
def soon(what, share):
    global asked
    if what.startswith("model") and not asked:
        asked = True
        os.kill(os.getpid(), signal.SIGINT)
try:
    network.run(out=sys.argv[1], bootstrap=50000, gof=0, progress=soon)
except KeyboardInterrupt:
    sys.exit(42)
"""
    out = tmp_path / "out"
    done = subprocess.run([sys.executable, "-c", script, str(out)], capture_output=True, timeout=300)
    assert done.returncode == 42, done.stderr
    assert json.loads((out / "networks.json").read_text())["complete"] is False
    assert not (out / "mple.parquet").exists()


def test_worlds_travel_by_their_source(small):
    again = pickle.loads(pickle.dumps(small))
    assert again.content_hash == small.content_hash


def test_the_program_is_in_the_package():
    assert "shocksweep" in program("--version")
    wrong = subprocess.run([sys.executable, "-m", "shocksweep", "shock", "Indai/rice"], capture_output=True)
    assert wrong.returncode == 2 and b"did you mean" in wrong.stderr


def test_provenance_is_in_the_manifest(small):
    manifest = small.sweep([{f"{small.areas[0]}/{small.items[0]}": 1}]).manifest
    assert manifest["dataset"]["synthetic"] is True and json.dumps(manifest)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_suppliers_share_out_what_there_is(world):
    rows = world.suppliers("Egypt", "wheat").to_polars()
    assert rows.height > 1 and abs(rows["share"].sum() - 1) < 1e-9
    assert rows["is_own"].sum() <= 1


def test_the_ways_of_a_loss_sum_to_it(world):
    answer = world.shock({RICE: 1}, adaptation="both")
    losses = answer.by_sector("mass").to_polars().filter(pl.col("al") > 1)
    area = losses.filter(pl.col("area").cast(pl.String) != "India").sort("al")["area"].cast(pl.String)[-1]
    item = losses.filter(pl.col("area").cast(pl.String) == area).sort("al")["item"].cast(pl.String)[-1]
    ways = answer.why(area, item).to_polars()
    for adaptation in (False, True):
        told = ways.filter(pl.col("adaptation") == adaptation)["loss"].sum()
        is_it = (
            (pl.col("area").cast(pl.String) == area)
            & (pl.col("item").cast(pl.String) == item)
            & (pl.col("adaptation") == adaptation)
        )
        found = answer.by_sector("mass").to_polars().filter(is_it)["al"].sum()
        assert found != 0 and abs(told - found) <= 1e-9 * abs(found)
    assert ways["route"][0].endswith(f"{area} / {item}")

"""Compares the numbers of a page, and of aggregated tables, with DuckDB queries on the Parquet files of
the result.

usage: report_numbers.py RESULT PAGE REGIONS.parquet CLASSES.csv
REGIONS: aggregate --by scenario,region,item --others --scenario ID of the page's story of India's rice
CLASSES: aggregate --by hdi_class,commodity_group
"""

import json
import math
import re
import sys

import duckdb

RESULT, PAGE, REGIONS, CLASSES = sys.argv[1:5]
checked = 0


def same(what, found, expected, tolerance=2e-6):
    """Pages hold seven digits; sums in another order differ in the last of f64."""
    global checked
    if found is None or expected is None:
        assert found is None and expected is None, f"{what}: {found} and {expected}"
    elif isinstance(expected, (int, float)) and not isinstance(expected, bool):
        ok = math.isclose(found, expected, rel_tol=tolerance, abs_tol=1e-9)
        assert ok, f"{what}: the page says {found}, DuckDB {expected}"
    else:
        assert found == expected, f"{what}: the page says {found}, DuckDB {expected}"
    checked += 1


text = open(PAGE, encoding="utf-8").read()
data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S).group(1))
db = duckdb.connect()
for name in ["scenarios", "areas", "items", "baseline"]:
    db.execute(f"CREATE VIEW {name} AS SELECT * FROM '{RESULT}/{name}.parquet'")
db.execute(f"CREATE VIEW losses AS SELECT * REPLACE (area::VARCHAR AS area, item::VARCHAR AS item) FROM '{RESULT}/losses/*.parquet'")
db.execute("CREATE VIEW base AS SELECT area::VARCHAR AS area, item::VARCHAR AS item, baseline FROM baseline WHERE step = (SELECT max(step) FROM baseline)")
db.execute("CREATE TABLE shocked AS SELECT DISTINCT scenario, shock.area AS area FROM (SELECT scenario, unnest(shocks) AS shock FROM scenarios)")
left_out = data["left_out"]
assert left_out == [] and data["unit"] == "kcal per person and day", (left_out, data["unit"])
# Sectors above twice their baseline have run away and count nowhere; food is counted where it is eaten.
STEADY = "(l.baseline <= 0 OR 1 - l.al / l.baseline <= 2)"
db.execute(f"CREATE TABLE food AS SELECT scenario, adaptation, area, kcal_per_person_day AS kcal, population FROM losses l JOIN areas USING (area) WHERE kcal_per_person_day IS NOT NULL AND {STEADY}")


def one(query, *values):
    return db.execute(query, list(values)).fetchone()


# Counts.
same("scenarios run", data["scenarios"], one("SELECT count(DISTINCT scenario) FROM scenarios WHERE status = 'run'")[0])
same("rows", data["manifest"]["counts"]["loss_rows"], one("SELECT count(*) FROM losses")[0])

# Ranking: the worst three, and one in the middle.
population = one("SELECT sum(population) FROM areas")[0]
for at in [0, 1, 2, len(data["ranked"]) // 2]:
    ranked = data["ranked"][at]
    for way, outcome in enumerate(ranked["ways"]):
        kcal, = one("SELECT coalesce(sum(kcal * population), 0) FROM food WHERE scenario = ? AND adaptation = ?", ranked["id"], way == 1)
        same(f"{ranked['name']}, thousands of kcal", outcome[1], kcal / 1000, 1e-5)
        same(f"{ranked['name']}, kcal", outcome[0], kcal / population, 1e-5)
        own, = one("SELECT kcal_per_person_day FROM scenarios WHERE scenario = ? AND adaptation = ?", ranked["id"], way == 1)
        same(f"{ranked['name']}, scenario table", outcome[0], own, 1e-5)
        total, above = one("SELECT total_loss, sectors_above_26pct FROM scenarios WHERE scenario = ? AND adaptation = ?", ranked["id"], way == 1)
        same("total", outcome[2], total)
        same("above", outcome[3], above)
best = one(
    "SELECT max(lost) FROM (SELECT scenario, adaptation, sum(kcal * population) / ? AS lost FROM food GROUP BY ALL)", population)[0]
same("the worst", max(o[0] for o in data["ranked"][0]["ways"] if o), best)

# Exposure of the first area: losses of scenarios that do not shock it.
for exposure in data["exposure"][:2]:
    area = data["areas"][exposure["area"]]["name"]
    for way in (0, 1):
        kg = (
            "SELECT scenario, sum(kcal) AS kg FROM food "
            "WHERE area = ? AND adaptation = ? AND scenario NOT IN (SELECT scenario FROM shocked WHERE area = ?) "
            "GROUP BY scenario")
        values = [area, way == 1, area]
        worst, above, total = one(f"SELECT max(kg), count(*) FILTER (kg > 10), sum(kg) FROM ({kg})", *values)
        elsewhere = one("SELECT count(*) FROM scenarios WHERE status = 'run' AND adaptation = ? AND scenario NOT IN (SELECT scenario FROM shocked WHERE area = ?)", way == 1, area)[0]
        same(f"{area}, worst", exposure["worst"][way]["per_capita"], worst)
        same(f"{area}, above 10 kcal", exposure["above_mark"][way], above)
        same(f"{area}, mean", exposure["mean"][way], total / elsewhere, 1e-5)
# Areas whose supply nobody could eat are not ranked: more than twice the world's mean, as the page holds it.
listed = [data["areas"][e["area"]]["name"] for e in data["exposure"]]
assert 0 < len(listed) and len(set(listed)) == len(listed)
most = one(
    "SELECT max(lost) FROM (SELECT scenario, adaptation, area, sum(kcal) AS lost FROM food "
    "ANTI JOIN shocked USING (scenario, area) WHERE list_contains(?, area) GROUP BY ALL)", listed)[0]
same("the most exposed", max(w["per_capita"] for w in data["exposure"][0]["worst"] if w), most)

# The first story is never one that has run away; from here on India's rice.
runaway = {row[0] for row in db.execute("SELECT scenario FROM scenarios WHERE overshoot").fetchall()}
assert data["stories"][0]["id"] not in runaway or all(s["id"] in runaway for s in data["stories"])
story = next(s for s in data["stories"] if [tuple(x) for x in s["shocks"]] == [("India", "Rice and products", 1.0)])
(shocked, item, phi), = story["shocks"]
assert (shocked, item, phi) == ("India", "Rice and products", 1.0), story["shocks"]
# All that is asked from here on is of this scenario and of the shocked area's other items.
db.execute("CREATE TABLE told AS SELECT * FROM losses WHERE scenario IN (SELECT scenario FROM scenarios WHERE name LIKE ?)", [f"{shocked} / %"])
layer = next(l for l in story["layers"] if l["item"] == data["items"].index(item))
rows = db.execute("SELECT area, adaptation, al FROM told WHERE scenario = ? AND item = ? ORDER BY al DESC", [story["id"], item]).fetchall()
assert {data["areas"][a]["name"] for a in layer["areas"]} == {r[0] for r in rows}
for area, way, al in rows[:40]:
    at = layer["areas"].index(next(n for n, a in enumerate(data["areas"]) if a["name"] == area))
    same(f"rice in {area}", layer["al"][int(way)][at], al)

# Regions by items, and the failure of each item itself.
relative = (
    "SELECT greatest(-1, coalesce(sum(al), 0) / sum(baseline)) FROM base JOIN areas USING (area) LEFT JOIN "
    "(SELECT * FROM told WHERE scenario = ? AND adaptation = ?) l USING (area, item) WHERE region = ? AND item = ? AND area <> ?")
for region in range(0, len(data["regions"]), 3):
    for column in (0, 1, 5):
        name = data["items"][story["heat"]["items"][column]]
        for way in (0, 1):
            found = story["heat"]["rl"][way][region][column]
            fixed = relative.replace("l USING", "AS l USING").replace("sum(baseline)", "sum(base.baseline)")
            expected = one(fixed, story["id"], way == 1, data["regions"][region], name, shocked)[0]
            same(f"{name} in {data['regions'][region]}", found, None if expected is None or math.isnan(expected) else expected, 1e-5)
            own = one("SELECT scenario FROM scenarios WHERE status = 'run' AND name = ?", f"{shocked} / {name}")
            if own and story["heat"]["own"][way]:
                expected = one(fixed, own[0], way == 1, data["regions"][region], name, shocked)[0]
                found = story["heat"]["own"][way][region][column]
                same(f"{name} itself", found, None if expected is None or math.isnan(expected) else expected, 1e-5)

# Classes of development.
classes = ["low", "medium", "high", "very high"]
for n, name in enumerate(classes):
    for way in (0, 1):
        expected = one(
            "SELECT 1000 * (SELECT sum(al) FROM told JOIN areas USING (area) WHERE scenario = ? AND adaptation = ? AND item = ? AND hdi_class = ? AND area <> ? AND population IS NOT NULL) / "
            "(SELECT sum(population) FROM areas WHERE hdi_class = ? AND area <> ?)", story["id"], way == 1, item, name, shocked, name, shocked)[0]
        same(f"class {name}", story["classes"]["per_capita"][way][n], expected)
    changes = (
        "SELECT hdi_class, w, v FROM (SELECT area, sum(al_per_capita) FILTER (NOT adaptation) AS w, coalesce(sum(al_per_capita) FILTER (adaptation), 0) AS v FROM told "
        "WHERE scenario = ? AND item = ? AND area <> ? GROUP BY area) JOIN areas USING (area) WHERE w > 0 AND hdi_class IS NOT NULL ORDER BY w DESC LIMIT 50")
    expected = one(f"SELECT avg((v - w) / w), count(*) FROM ({changes}) WHERE hdi_class = ?", story["id"], item, shocked, name)
    found = story["classes"]["most_affected"][n]
    same(f"change of {name}", found and found["change"], expected[0])
    same(f"areas of {name}", found["areas"] if found else 0, expected[1])

# Aggregated tables, whole.
for region, name, way, baseline, al, rl, kg, persons, unit in db.execute(
        f"SELECT region, item, adaptation, baseline, al, rl, al_per_capita, population, unit FROM '{REGIONS}'").fetchall():
    where = "region IS NOT DISTINCT FROM ? AND area <> ?"
    expected = one(f"SELECT sum(baseline) FROM base JOIN areas USING (area) WHERE {where} AND item = ?", region, shocked, name)[0]
    lost, populated = one(
        f"SELECT sum(al), sum(al) FILTER (population IS NOT NULL) FROM told l JOIN areas USING (area) WHERE {where} AND item = ? AND scenario = ? AND adaptation = ? AND {STEADY}",
        region, shocked, name, story["id"], way)
    people = one(f"SELECT sum(population) FROM areas WHERE {where}", region, shocked)[0]
    size = max(abs(lost), 1e-6 * expected)
    same("baseline", baseline, expected, 1e-12)
    assert abs(al - lost) <= 1e-9 * size, (region, name, al, lost)
    if expected > 0:
        assert abs(rl - max(-1, lost / expected)) <= 1e-9 * max(1, abs(lost / expected)), (region, name)
    same("people", persons, people or 0, 1e-12)
    if people:
        same("kg", kg, 1000 * (populated or 0) / people if unit == "tonne" else None, 1e-6)
rows = db.execute(f"SELECT * FROM read_csv('{CLASSES}', header = true)").fetchall()
names = [d[0] for d in db.description]
runs = dict(db.execute("SELECT adaptation, count(*) FROM scenarios WHERE status = 'run' GROUP BY 1").fetchall())
sums = {}
for name, group, way, lost, size in db.execute(
        "SELECT hdi_class, commodity_group, adaptation, sum(al), sum(abs(al)) FROM losses l JOIN areas USING (area) JOIN items USING (item) "
        f"WHERE l.unit = 'tonne' AND {STEADY} GROUP BY ALL").fetchall():
    sums[name, group, way] = (lost, size)
for row in (dict(zip(names, r)) for r in rows):
    values = [row["hdi_class"], row["commodity_group"]]
    where = "hdi_class IS NOT DISTINCT FROM ? AND commodity_group = ?"
    expected = one(f"SELECT sum(baseline) FROM base JOIN areas USING (area) JOIN items USING (item) WHERE {where} AND unit = 'tonne'", *values)[0]
    assert row["unit"] == "tonne", row
    same("baseline of a class", row["baseline"], expected, 1e-12)
    lost, size = sums.get((*values, row["adaptation"]), (0, 0))
    n = runs[row["adaptation"]]
    same("scenarios", row["scenarios"], n)
    assert abs(row["al"] - lost / n) <= 1e-10 * size / n + 1e-9, row
    unknown = one("SELECT count(*) FROM areas WHERE hdi_class IS NOT DISTINCT FROM ? AND population IS NULL", row["hdi_class"])[0]
    same("areas without population", row["areas_without_population"], unknown)
    checked += 1
assert len(rows) > 20, len(rows)
print(f"{checked} numbers agree")

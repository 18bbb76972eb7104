"""Measures the live page: from a click, as the browser times it, until the map of its answer is drawn.

usage: explore.py BROWSER LINK [CLICKS]     LINK as `shocksweep explore DATASET --no-open` prints it

Three kinds of clicks, in turn: a country of the ranking is made to fail, its share is changed, another is clicked.
Needs Playwright. Every answer is looked at first: a map without losses counts for nothing.
"""

import random
import sys
import tempfile

from playwright.sync_api import sync_playwright

BROWSER, LINK = sys.argv[1], sys.argv[2]
CLICKS = int(sys.argv[3]) if len(sys.argv) > 3 else 200
SWITCHES = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
IDLE = "() => asking.size === 0 && !isAsking && panelLater === null"


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
    context = playwright.chromium.launch_persistent_context(
        profile, executable_path=BROWSER, args=SWITCHES, viewport={"width": 1300, "height": 900})
    page = context.new_page()
    page.goto(LINK)
    page.wait_for_selector("html[data-ready]", state="attached")
    opened = page.evaluate("performance.now()")
    chance = random.Random(1)
    times = {"another fails": [], "share": [], "country": []}
    for click in range(CLICKS):
        page.wait_for_function(IDLE)
        page.evaluate("performance.clearMeasures()")
        kind = list(times)[click % 3]
        if kind == "country":
            buttons = page.locator("#ranked .ranking button")
            buttons.nth(chance.randrange(buttons.count())).click()
        elif kind == "another fails" and page.locator("#panel-fail button").count():
            buttons = page.locator("#panel-fail button")
            buttons.nth(chance.randrange(buttons.count())).click()
        else:
            page.locator(".failure input[type=range]").first.focus()
            page.keyboard.press("ArrowLeft")
        page.wait_for_function("() => performance.getEntriesByName('click to map').length > 0")
        page.wait_for_function(IDLE)
        if page.locator("#ranked .ranking li").count() == 0:
            page.goto(LINK)
            page.wait_for_selector("html[data-ready]", state="attached")
            continue
        times[kind] += [page.evaluate("performance.getEntriesByName('click to map')[0].duration")]
    context.close()

print(f"first answer on the screen {opened:.0f} ms after the page was opened")
for kind, values in times.items():
    print(f"{kind}: {len(values)} clicks, median {percentile(values, 0.5):.0f} ms, 95th percentile {percentile(values, 0.95):.0f} ms")
every = sum(times.values(), [])
print(f"all: {len(every)} clicks, median {percentile(every, 0.5):.0f} ms, 95th percentile {percentile(every, 0.95):.0f} ms")

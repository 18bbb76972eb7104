"""Uses the live page in headless Chromium as people do: every control, then random walks of clicks. What is
shown after each is printed as JSON, one line each, for the caller to compare with an engine asked directly.

usage: explore_browser.py BROWSER LINK WALKS CLICKS
"""

import json
import os
import random
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

BROWSER, LINK, WALKS, CLICKS = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
SWITCHES = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]
# What the page shows: the state that it was asked for, and the numbers as they are written.
SHOWN = """() => ({
  case: theCase(), changed: view.changes, tell: tell(), told: view.told, year: view.year, area: view.area,
  finding: byId('finding').textContent,
  ranking: [...document.querySelectorAll('#ranked .ranking li')].map((li) => [li.querySelector('button').dataset.area, li.querySelector('.value').textContent]),
  captions: [...document.querySelectorAll('#maps figcaption')].map((c) => c.textContent),
  panel: byId('panel-parts').hidden || !view.area ? [] : [...document.querySelectorAll('#panel-items tbody tr')].map((tr) => [...tr.cells].map((td) => td.textContent)),
  panelItems: byId('panel-parts').hidden || !view.area ? [] : panelReply.items.map((r) => theItem(r.item)),
  problem: byId('problem').hidden ? null : byId('problem').textContent,
})"""
IDLE = "() => asking.size === 0 && !isAsking && panelLater === null"


class Page:
    """The page, and everything it says or asks for."""

    def __init__(self, context):
        self.page = context.new_page()
        self.said, self.asked = [], []
        self.page.on("console", lambda m: self.said.append(f"{m.type}: {m.text}"))
        self.page.on("pageerror", lambda e: self.said.append(f"error: {e}"))
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.goto(LINK)
        self.page.wait_for_selector("html[data-ready]", state="attached")
        self.idle()

    def idle(self):
        self.page.wait_for_function(IDLE)
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        self.page.wait_for_function(IDLE)

    def show(self, after):
        self.idle()
        print(json.dumps({"after": after, **self.page.evaluate(SHOWN)}), flush=True)

    def check(self, holds, what):
        assert holds, f"{what}; the page says {self.said}"

    def quiet(self):
        self.check(self.said == [], "nothing is written to the console")
        origin = LINK.split("#")[0]
        others = [url for url in self.asked if not url.startswith((origin, "blob:", "data:"))]
        self.check(others == [], f"nothing is asked of others: {others}")


def drag(page, locator, value):
    locator.evaluate("(input, value) => { input.value = value; input.dispatchEvent(new Event('input', { bubbles: true })); }", value)


def every_control(it):
    page = it.page
    it.show("opening")
    it.check("token" not in page.url, "the token leaves the address")
    page.locator("#finder input").fill("wheat ukr")
    it.check("Ukraine" in page.locator("#list-finder li").first.inner_text(), "found by words in any order")
    page.keyboard.press("Enter")
    it.show("a second failure, by keyboard")
    it.check(page.locator(".failure").count() == 2, "two failures")
    drag(page, page.locator(".failure input[type=range]").nth(1), 40)
    it.show("40 % of it")
    page.locator(".failure select").nth(2).select_option("2")
    page.locator(".failure select").nth(3).select_option("6")
    it.show("years 2 to 6")
    for group in ["Adaptation", "Measure", "Told as", "Map"]:
        buttons = page.locator(f"#controls [aria-label='{group}'] button")
        for at in range(buttons.count()):
            buttons.nth(at).click()
            it.show(f"{group} {at}")
    page.locator("#controls [aria-label='Map'] button").first.click()
    page.locator("#controls [aria-label='Adaptation'] button").last.click()
    it.show("both ways")
    it.check(page.locator("#maps svg").count() == 2, "two maps")
    page.locator("#item").select_option(index=3)
    it.show("one product")
    page.locator("#item").select_option("")
    for region in ["Africa", "Europe", "World"]:
        page.locator("#region").select_option(region)
    drag(page, page.locator("#year"), 4)
    it.show("year 4")
    page.locator("#ranked .ranking button").first.click()
    it.show("a country")
    it.check(page.locator("#panel-items tbody tr").count() > 0, "its losses")
    it.check(page.locator("#courses svg").count() > 0, "its years")
    page.wait_for_selector("#fears .ranking li, #fears-ask")
    if page.locator("#fears-ask").count():
        page.locator("#fears-ask").click()
    page.wait_for_selector("#fears .ranking li", timeout=300000)
    page.locator("#together-ask").click()
    page.wait_for_selector("#together-table tbody tr", timeout=300000)
    it.check(page.locator("#together-heat svg rect, #together-heat svg path").count() > 5, "a heatmap")
    page.locator("#change-form button[type=submit]").click()
    page.wait_for_selector("#changes li")
    it.show("a reserve")
    it.check(page.locator("#before-after tbody tr").count() >= 1, "before and after")
    page.locator("#changes button").first.click()
    page.wait_for_selector("#changes li", state="detached")
    for words, ending in [("SVG", ".svg"), ("PNG", ".png"), ("CSV", ".csv")]:
        with page.expect_download() as download:
            page.locator(f"#map-take button:has-text('{words}')").click()
        it.check(download.value.suggested_filename.endswith(ending), words)
        content = Path(download.value.path()).read_bytes()
        if words == "PNG":
            it.check(content.startswith(b"\x89PNG") and len(content) > 20000, "a picture")
        else:
            text = content.decode()
            for needed in ["SYNTHETIC", "Baum et al. 2024", "content hash"]:
                it.check(needed in text, f"{needed} in {words}")
    with page.expect_download() as download:
        page.locator("#take-all").click()
    it.check(Path(download.value.path()).read_bytes().startswith(b"ARROW1"), "all losses")
    link = page.url
    before = page.locator("#finding").inner_text()
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_selector("html[data-ready]", state="attached")
    it.idle()
    it.check(page.locator("#finding").inner_text() == before, "the link shows the same")
    for width in (360, 900, 1500):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(200)
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        it.check(over <= 0, f"{over} pixels too wide at {width}")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("#theme").click()
    it.check(page.evaluate("getComputedStyle(document.body).backgroundColor") != light, "dark")
    page.locator("#theme").click()
    for img in page.locator("[role=img]").all():
        it.check(len(img.get_attribute("aria-label") or "") > 20, "a picture without words")
    it.quiet()


def gains_alone(it):
    """Where everybody has more than before, circles have a size, too."""
    page = it.page
    page.goto("about:blank")
    words = "fail=Norway|Oats&adaptation=on&item=Maize Germ Oil&told=sum&map=circles"
    page.goto(f"{LINK.split('#')[0]}#{words.replace(' ', '%20')}")
    page.wait_for_selector("html[data-ready]", state="attached")
    it.idle()
    it.check("more of" in page.locator("#finding").inner_text(), "the world gains")
    radii = [float(circle.get_attribute("r")) for circle in page.locator("#maps svg circle").all()]
    it.check(len(radii) > 20 and max(radii) < 60, f"circles of a size: {radii[:5]}")
    it.show("everybody gains")
    it.quiet()


def country(it, chance):
    shapes = it.page.locator("#maps svg").first.locator("path[data-area]")
    it.check(shapes.count() > 150, "a map of countries, whether or not something fails")
    shapes.nth(chance.randrange(shapes.count())).dispatch_event("click")


def one_of(selector, act=lambda locator: locator.click()):
    def step(it, chance):
        found = it.page.locator(f"{selector}:visible")
        if found.count():
            act(found.nth(chance.randrange(found.count())))

    return step


def search(it, chance):
    words = chance.sample(["rice", "wheat", "maize", "soy", "milk", "india", "china", "brazil", "usa", "france"], 2)
    it.page.locator("#finder input").fill(" ".join(words))
    if it.page.locator("#list-finder li[role=option]").count() and it.page.locator(".failure").count() < 4:
        it.page.keyboard.press("Enter")
    else:
        it.page.keyboard.press("Escape")


def choose(selector):
    def step(it, chance):
        select = it.page.locator(selector)
        select.select_option(index=chance.randrange(select.locator("option").count()))

    return step


STEPS = [
    (6, country), (4, one_of("#ranked .ranking button")), (4, one_of("#panel-fail button")), (4, search),
    (4, one_of("#controls .segments button")), (2, choose("#item")), (1, choose("#region")),
    (2, one_of(".failure button")), (2, one_of("#panel-items tbody button")),
]


def walks(context):
    first = int(os.environ.get("SHOCKSWEEP_FIRST_WALK", "0"))
    for seed in range(first, first + WALKS):
        chance = random.Random(seed)
        it = Page(context)
        for click in range(CLICKS):
            step = chance.choices([s for _, s in STEPS], [w for w, _ in STEPS])[0]
            step(it, chance)
            if chance.random() < 0.15:
                drag(it.page, it.page.locator("#year"), chance.randint(1, 10))
            if chance.random() < 0.15 and it.page.locator(".failure").count():
                drag(it.page, it.page.locator(".failure input[type=range]").first, chance.randint(1, 100))
            it.show(f"walk {seed}, click {click}")
        it.quiet()
        it.page.close()


with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
    context = playwright.chromium.launch_persistent_context(
        profile, executable_path=BROWSER, args=SWITCHES, viewport={"width": 1300, "height": 900}, accept_downloads=True)
    context.set_default_timeout(60000)
    it = Page(context)
    every_control(it)
    gains_alone(it)
    it.page.close()
    walks(context)
    context.close()

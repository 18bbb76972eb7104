"""Opens pages in headless Chromium and uses them: every section draws, hover, sort, search, keyboard and
theme work, nothing is written to the console, nothing is asked of the network, no name is run.

usage: report_browser.py BROWSER singles.html pairs.html screening.html hostile.html
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

BROWSER = sys.argv[1]
SINGLES, PAIRS, SCREENING, HOSTILE = (Path(p).resolve() for p in sys.argv[2:6])
SWITCHES = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]
done = 0


def check(holds, what):
    global done
    assert holds, what
    done += 1


class Opened:
    """A page, and everything it says or asks for."""

    def __init__(self, context, path):
        self.path = path
        self.page = context.new_page()
        self.said, self.asked = [], []
        self.page.on("console", lambda m: self.said.append(f"{m.type}: {m.text}"))
        self.page.on("pageerror", lambda e: self.said.append(f"error: {e}"))
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("html[data-ready][data-drawn]", state="attached")

    def text(self, selector):
        return self.page.locator(selector).first.inner_text()

    def close(self):
        check(self.said == [], f"{self.path.name} says {self.said}")
        others = [url for url in self.asked if url != self.path.as_uri() and not url.startswith(("data:", "blob:"))]
        check(others == [], f"{self.path.name} asks for {others}")
        width = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        check(width <= 0, f"{self.path.name} is {width} pixels too wide")
        for img in self.page.locator("[role=img]").all():
            check(len(img.get_attribute("aria-label") or "") > 20, "a picture without words")
        self.page.close()


def has_drawing(page, selector):
    shapes = page.locator(f"{selector} svg :is(path, rect, circle, polyline)").count()
    check(shapes > 5, f"{selector} holds {shapes} shapes")


def singles(context):
    opened = Opened(context, SINGLES)
    page = opened.page
    check("Synthetic" in opened.text("#warning"), "the warning")
    check(page.locator("#takeaways li").count() == 3, "three sentences")
    for selector in ["#map-0", "#map-1", "#hardest", "#heat-chart", "#class-loss", "#class-change", "#trace-panels", "#rank-chart"]:
        has_drawing(page, selector)
    check(page.locator("#pairs").is_hidden(), "no empty card where there are no pairs")
    check(page.locator("#checks .ok").count() >= 5 and page.locator("#checks .failed").count() == 0, "checks")

    # Hover: the largest circle says its numbers.
    box = page.evaluate("""() => {
      const host = document.querySelector('#map-0');
      host.scrollIntoView({ block: 'center', behavior: 'instant' });
      const colour = colours().loss;
      const spots = [...host.querySelectorAll('svg path')].filter((p) => p.getAttribute('fill') === colour);
      const sized = spots.map((p) => p.getBoundingClientRect()).sort((a, b) => b.width - a.width)[0];
      return [sized.x + sized.width / 2, sized.y + sized.height / 2, sized.width];
    }""")
    check(box[2] > 10, "a large circle")
    page.mouse.move(box[0] - 60, box[1] + 60)
    page.mouse.move(box[0], box[1], steps=4)
    page.wait_for_selector(".tip", state="visible")
    check("per person" in opened.text(".tip"), opened.text(".tip"))
    page.mouse.move(2, 2)

    # Sorting, searching, showing more.
    first = lambda column: page.locator("#rank-table tbody tr").first.locator("td").nth(column).inner_text()
    value = lambda text: float(text.replace(",", "").replace("–", "nan"))
    head = page.locator("#rank-table thead th").nth(1)
    head.locator("button").click()
    check(head.get_attribute("aria-sort") == "descending", "sorted down")
    high = value(first(1))
    head.locator("button").click()
    check(head.get_attribute("aria-sort") == "ascending", "sorted up")
    check(value(first(1)) < high, "the order turned")
    wanted = page.evaluate("DATA.ranked[DATA.ranked.length - 1].name")
    page.locator("#rank-table input").fill(wanted)
    check(page.locator("#rank-table tbody tr").count() >= 1 and first(0) == wanted, "found")
    page.locator("#rank-table input").fill("no such thing")
    check(page.locator("#rank-table tbody tr").count() == 0, "nothing found")
    page.locator("#rank-table input").fill("")
    page.locator("#rank-table .more").click()
    check(page.locator("#rank-table tbody tr").count() == min(115, page.evaluate("DATA.ranked.length")), "more rows")
    with page.expect_download() as download:
        page.locator("#rank-table").get_by_text("Download CSV").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    check(len(lines) == 1 + page.evaluate("DATA.ranked.length"), "all rows in the CSV")
    check(lines[0].startswith("Scenario,"), lines[0])

    # Another failure, by keyboard alone.
    before = opened.text("#map-lead")
    page.locator("#next").focus()
    page.keyboard.press("Enter")
    check(opened.text("#map-lead") != before, "another failure is shown")
    check(page.locator("#story").input_value() == page.evaluate("DATA.stories[1].name"), "its name")
    page.locator("#story").fill(page.evaluate("DATA.stories[2].name"))
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    check(page.evaluate("state.story") == 2, "chosen by name")
    page.locator("#story").fill("nothing like it")
    page.keyboard.press("Tab")
    check("not among" in opened.text("#story-note"), "an unknown name is said to be unknown")
    page.locator("[role=tab]").first.focus()
    page.keyboard.press("ArrowRight")
    check("Area" in opened.text("#rank-table thead"), "the other ranking")
    page.evaluate("chooseStory(0)")
    if page.locator("#heat-split").is_visible():
        page.locator("#heat-split").check()
        has_drawing(page, "#heat-chart")
    else:
        check(False, "a sweep of all single shocks has a split view")
    page.locator("#heat-ways button").first.click()
    check(page.locator("#heat-ways button").first.get_attribute("aria-pressed") == "true", "the other way")
    for select, option in [("#map-measure", "t"), ("#map-zoom", "Africa"), ("#map-item", "0")]:
        page.locator(select).select_option(option)
        has_drawing(page, "#map-0")
    page.locator("#map-numbers summary").click()
    page.wait_for_selector("#map-numbers tbody tr")
    check(page.locator("#map-numbers tbody tr").count() > 3, "the numbers of the map")

    # Themes and paper.
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("#theme").click()
    check(page.evaluate("getComputedStyle(document.body).backgroundColor") != light, "dark")
    has_drawing(page, "#map-0")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    check(page.evaluate("document.documentElement.dataset.theme") == "light", "paper is white")
    pdf = page.pdf(landscape=True)
    check(pdf.startswith(b"%PDF") and len(pdf) > 20000, "a PDF")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    for width in (400, 900, 1500):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(200)
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        check(over <= 0, f"{over} pixels too wide at {width}")
    opened.close()


def pairs(context):
    opened = Opened(context, PAIRS)
    for selector in ["#pairs-0", "#pairs-1"]:
        has_drawing(opened.page, selector)
    check(opened.page.locator("#pairs-table tbody tr").count() > 3, "pairs")
    check("than the sum" in opened.text("#pairs-table tbody"), "why")
    check(opened.page.locator("#pairs ol li").count() >= 2, "outliers by name")
    opened.close()
    opened = Opened(context, SCREENING)
    for selector in ["#pairs-0", "#pairs-1"]:
        has_drawing(opened.page, selector)
    check("0 diverged" in opened.text("#quality"), "pairs accounted for")
    check("screening" in opened.text("#map"), "why there is no map")
    opened.close()


def hostile(context):
    opened = Opened(context, HOSTILE)
    page = opened.page
    check(page.evaluate("window.owned === undefined"), "a name was run")
    names = page.evaluate("[...DATA.areas.map((a) => a.name), ...DATA.items]")
    evil = [n for n in names if "<" in n]
    check(len(evil) >= 2, f"hostile names in {names}")
    body = page.locator("body").inner_text()
    check(any(n in body for n in evil), "the names are shown as they are")
    check(page.locator("img, iframe, object, embed, link, base").count() == 0, "an element from a name")
    check(page.locator("script").count() == 3, "scripts are the page's own")
    page.locator("#map-numbers summary").click()
    page.wait_for_selector("#map-numbers tbody tr")
    check(page.evaluate("window.owned === undefined"), "a name was run")
    for element in ["#map-0 svg", "#hardest svg"]:
        page.locator(element).hover()
    check(page.evaluate("window.owned === undefined"), "a name was run by hovering")
    check(page.locator("img, iframe").count() == 0, "an element from a name, by hovering")
    opened.close()


with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
    context = playwright.chromium.launch_persistent_context(
        profile, executable_path=BROWSER, args=SWITCHES, viewport={"width": 1300, "height": 900}, accept_downloads=True)
    context.set_default_timeout(60000)
    singles(context)
    pairs(context)
    hostile(context)
    context.close()
print(f"{done} things hold in the browser")

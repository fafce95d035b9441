"""Pictures of every page of the sample's analysis: `python -m tests.browser.screenshots OUT`.

With a one-time sign-in link after OUT, and perhaps a project's name, of a running installation.
"""

import sys
import tempfile
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, CHROMIUM
from tests.journeys.installation import Installation

PAGES = (
    ("overview", "overview/"),
    ("graph", "graph/"),
    ("services", "services/"),
    ("modules", "modules/"),
    ("entry-points", "entry-points/"),
    ("tables", "tables/"),
    ("foreign-keys", "foreign-keys/"),
    ("transactions", "transactions/"),
    ("queries", "queries/"),
    ("locks", "locks/"),
    ("roadmap", "roadmap/"),
    ("review", "review/"),
    ("exports", "exports/"),
    ("diagnostics", "diagnostics/"),
)
TALLEST = 1700  # pixels: the rest of a long page is more of the same
CORNER = {"x": 0, "y": 0, "width": 1360}
# The first link of a kind on a page leads to the page of one thing.
DETAILS = (
    ("service", "services/", "main .cards .chip"),
    ("boundary", "services/", "main td.number a"),
    ("table", "tables/", "main tr:has(a.chip) td a[href*='/tables/']"),
    ("transaction", "transactions/", "main td a[href*='/transactions/']"),
    ("source", "tables/", "main a.evidence"),
)


def main(out: Path, link: str, project: str = "") -> None:
    """Sign in, open the newest project (or the one whose name has `project`) and take pictures."""
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS])
        page = browser.new_page(viewport={"width": 1360, "height": 900})
        page.on("console", lambda m: print(m.type, m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: print("page error:", error))
        page.goto(link)
        _shoot(page, out / "projects.png")
        page.locator(".project h2 a").filter(has_text=project).first.click()
        page.wait_for_url("**/overview/", timeout=300_000)
        base = page.url.removesuffix("overview/")
        for name, address in PAGES:
            page.goto(urljoin(base, address))
            _shoot(page, out / f"{name}.png")
        for name, address, link_to in DETAILS:
            page.goto(urljoin(base, address))
            if page.locator(link_to).count():
                page.locator(link_to).first.click()
                _shoot(page, out / f"{name}.png")
        page.goto(urljoin(base, "overview/"))
        page.locator("[data-theme-toggle]").click()
        _shoot(page, out / "overview-dark.png")
        page.goto(urljoin(base, "/projects/new/"))
        _shoot(page, out / "new-analysis.png")
        browser.close()


def _shoot(page: Page, path: Path) -> None:
    page.wait_for_load_state("networkidle")
    for chart in page.locator("[data-chart]").all():
        chart.scroll_into_view_if_needed()
        chart.locator(".main-svg").first.wait_for()
    if not page.locator(".source").count():
        page.evaluate("scrollTo(0, 0)")
    if page.locator(".graph, .source").count():
        page.screenshot(path=path)
        return
    height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
    page.screenshot(path=path, full_page=True, clip={**CORNER, "height": height})


def of_the_sample(out: Path) -> None:
    """Start an installation, wait for the sample's analysis, take the pictures."""
    with tempfile.TemporaryDirectory(prefix="seamline-screenshots-") as folder:
        settings = {"SEAMLINE_SOLVER_SECONDS": "20"}
        installation = Installation(Path(folder) / "data", environment=settings)
        installation.start("--port", "19165")
        try:
            main(out, installation.link or "")
        finally:
            installation.stop()


if __name__ == "__main__":
    if len(sys.argv) == 2:
        of_the_sample(Path(sys.argv[1]))
    else:
        main(Path(sys.argv[1]), *sys.argv[2:4])

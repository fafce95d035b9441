"""What a person does on the first day, in a real browser."""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.chromium import ARGUMENTS, CHROMIUM
from tests.fakes import small_shop
from tests.journeys.installation import Installation

pytestmark = pytest.mark.skipif(
    not Path(CHROMIUM).exists() and not os.environ.get("CI"), reason="there is no Chromium here"
)
ANALYSIS_TIMEOUT = 180_000
expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installed = Installation(tmp_path_factory.mktemp("browser") / "data")
    installed.start("--no-sample", "--port", "19065")
    yield installed
    installed.stop()
    logs = (installed.data / "logs").iterdir()
    assert "Traceback" not in "".join(log.read_text() for log in logs)


@pytest.fixture
def page(installation: Installation) -> Iterator[Page]:
    """A page whose scripts must not complain."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS])
        opened = browser.new_page(viewport={"width": 1280, "height": 860})
        opened.set_default_timeout(60_000)
        complaints: list[str] = []
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        yield opened
        browser.close()
    expected = [text for text in complaints if "400 (Bad Request)" in text]
    assert complaints == expected


def test_first_visit(installation: Installation, page: Page, tmp_path: Path) -> None:
    # Sign in by the one-time link.
    assert installation.link
    page.goto(installation.link)
    expect(page.get_by_role("heading", name="Projects", exact=True)).to_be_visible()

    # A file that is no archive is refused in words, and the page stays.
    notes = tmp_path / "notes.txt"
    notes.write_text("hello")
    page.get_by_role("link", name="New analysis").first.click()
    page.get_by_label("Choose an archive").set_input_files(notes)
    page.get_by_role("button", name="Analyse").click()
    expect(page.get_by_role("alert")).to_contain_text("not an archive")

    # Upload a project and watch how it gets on.
    archive = tmp_path / "shop.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path, text in {**small_shop.FILES, **small_shop.large(40)}.items():
            packed.writestr(path, text)
    page.get_by_label("Choose an archive").set_input_files(archive)
    page.get_by_role("button", name="Analyse").click()
    expect(page.locator(".stage").first).to_be_visible()
    page.wait_for_url("**/overview/", timeout=ANALYSIS_TIMEOUT)
    page.locator("[data-chart] .main-svg").first.wait_for()

    # The graph: find a table, see what ties it.
    page.get_by_role("link", name="Graph").click()
    page.locator("[data-drawn]").wait_for()
    page.locator("[data-find]").fill("orders_order")
    page.locator("[data-find]").press("Enter")
    expect(page.locator("[data-panel] h2")).to_have_text("orders_order")
    page.locator("[data-panel]").get_by_role("link", name="Table").click()
    expect(page.get_by_role("heading", name="orders_order")).to_be_visible()

    # Evidence opens the source at its line.
    page.locator("a.evidence", has_text="orders/views.py:14").first.click()
    expect(page.locator("tr.marked").first).to_be_in_viewport()
    expect(page.locator("tr.marked").first).to_contain_text("Order")

    # Ask for a price, decide, and cut again.
    page.get_by_role("link", name="Change the cut").click()
    page.get_by_label("Class, function or table").fill("stock_article")
    page.get_by_label("Belongs to").fill("storage")
    page.get_by_role("button", name="What would it cost?").click()
    expect(page.locator("[data-price]")).to_be_visible()
    page.locator("[data-price]").get_by_role("button", name="Decide so").click()
    expect(page.get_by_text("stock_article belongs to")).to_be_visible()
    page.get_by_role("button", name="Cut again").click()
    page.wait_for_url("**/overview/", timeout=ANALYSIS_TIMEOUT)

    # Take the report away.
    page.get_by_role("link", name="Export").first.click()
    with page.expect_download() as download:
        page.locator("a[href$='/exports/json/']").click()
    assert Path(download.value.path()).read_bytes().startswith(b"{")


def test_pages_work_by_keyboard_and_in_a_narrow_window(
    installation: Installation, page: Page
) -> None:
    page.goto(installation.url + installation.manage("sign_in_link"))
    page.set_viewport_size({"width": 390, "height": 800})
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.get_by_role("link", name="New analysis").first.click()
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide

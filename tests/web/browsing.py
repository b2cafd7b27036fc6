"""Pages in a real browser, and what every page must pass there.

`page = served.page("program_officer", programmes=("pi",), width=390, language="ko")` is a tab of someone signed in;
`page.goto(served.address + "/programmes")` opens a page and `check_page(page)` checks it.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Locator, Page, Request, Response

from tests.web.site import Site

PROGRAM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
OPTIONS = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update")
WIDTHS = (320, 390, 1280)
HEIGHT = 800
# What a page may weigh at its first visit, letters and styles included: two seconds on a slow telephone (1 Mbit/s), not more.
MOST_BYTES = 200_000
MOST_STEPS = 40  # of the Tab key: long lists repeat themselves
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = Axe()


def launch_options() -> dict[str, object]:
    """Return how the browser is started; a container's root user has no sandbox."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": PROGRAM, "args": [*OPTIONS, *sandbox]}


def follow(locator: Locator, key: str | None = None) -> None:
    """Press what leads to another page, with the mouse or a key, and wait until that page is there."""
    with locator.page.expect_navigation():
        locator.press(key) if key else locator.click()


@dataclass
class Traffic:
    """What one tab has been sent since it last went somewhere, and what it complained of."""

    responses: list[Response] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("request", self._start)
        page.on("response", lambda response: self.responses.append(response))  # noqa: PLW0108 - Playwright marks the function it is given
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def bytes_sent(self) -> int:
        """Return the size of all bodies but figures, as they were sent."""
        return sum(body_size(r) for r in self.responses if r.ok and "image/" not in r.headers.get("content-type", ""))

    def _start(self, request: Request) -> None:
        if request.is_navigation_request() and request.redirected_from is None:
            self.responses.clear()
            self.complaints.clear()

    def _hear(self, message: ConsoleMessage) -> None:
        # The page itself may be a refusal: the browser then complains of the address that was asked for.
        is_the_page = any(r.request.is_navigation_request() and r.url == message.location["url"] for r in self.responses)
        if message.type in ("error", "warning") and not (is_the_page and "status of 4" in message.text):
            self.complaints.append(message.text)


TRAFFIC: dict[Page, Traffic] = {}


class Served:
    """A site that listens, and tabs of people who look at it."""

    def __init__(self, site: Site, address: str, browser: Browser) -> None:
        self.site = site
        self.address = address
        self.browser = browser
        self.contexts: list[BrowserContext] = []

    def page(
        self,
        *roles: str,
        programmes: tuple[str, ...] = (),
        width: int = 1280,
        language: str = "en",
        theme: str = "",
        javascript: bool = True,
    ) -> Page:
        """Open a tab with an empty cache; without roles it is a visitor's. `theme` is light, dark or "" for the device's."""
        context = self.browser.new_context(
            viewport={"width": width, "height": HEIGHT}, locale=language, java_script_enabled=javascript, reduced_motion="reduce"
        )
        cookies = {"language": language}
        if theme:
            cookies["theme"] = theme
        if roles:
            client = self.site.app.test_client()
            cookies["sign-in"] = self.site.sign_in(client, self.site.account(*roles, programmes=programmes))
        context.add_cookies([{"name": name, "value": value, "url": self.address} for name, value in cookies.items()])
        self.contexts.append(context)
        page = context.new_page()
        TRAFFIC[page] = Traffic()
        TRAFFIC[page].watch(page)
        return page

    def close(self) -> None:
        """Close every tab."""
        for context in self.contexts:
            for page in context.pages:
                TRAFFIC.pop(page, None)
            context.close()


def check_page(page: Page) -> None:
    """Check the page that a tab shows: headings, widths, accessibility in light and dark, weight, keyboard, complaints."""
    page.wait_for_load_state("networkidle")
    traffic = TRAFFIC[page]
    weight = traffic.bytes_sent()
    assert weight <= MOST_BYTES, f"{weight} bytes: {sizes(traffic)}"
    assert page.locator("h1").count() == 1
    assert page.title().split(" · ")[0] == page.locator("h1").inner_text()
    check_widths(page)
    check_accessibility(page)
    check_keyboard(page)
    assert traffic.complaints == []


def sizes(traffic: Traffic) -> dict[str, int]:
    """Return what each file of a page weighs."""
    return {r.url.rsplit("/", 1)[-1]: body_size(r) for r in traffic.responses if r.ok}


def body_size(response: Response) -> int:
    """Return the size of a body as it was sent; letters that the tab has from an earlier page are not sent again."""
    try:
        return int(response.request.sizes()["responseBodySize"])
    except Error:
        return 0


def check_widths(page: Page) -> None:
    """Check that nothing sticks out at the side, on a small phone, a phone and a laptop."""
    before = page.viewport_size
    assert before
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        wide = page.evaluate(STICKING_OUT)
        assert wide == [], f"wider than {width} px: {wide}"
    page.set_viewport_size(before)


def check_accessibility(page: Page) -> None:
    """Check the page by axe's rules, and its colours once more in the dark."""
    page.emulate_media(color_scheme="light")
    found = axe_faults(page, {"runOnly": {"type": "tag", "values": RULES}})
    page.emulate_media(color_scheme="dark")
    found += axe_faults(page, {"runOnly": {"type": "rule", "values": ["color-contrast"]}})
    page.emulate_media(color_scheme=None)
    assert found == [], "\n".join(found)


def axe_faults(page: Page, options: dict[str, object]) -> list[str]:
    """Return what axe finds, one line for each element."""
    return [
        f"{fault['id']}: {node['target']} {node['html'][:160]} {json.dumps(node['any'][:1])[:300]}"
        for fault in AXE.run(page, options=options).response["violations"]
        for node in fault["nodes"]
    ]


def check_keyboard(page: Page) -> None:
    """Walk through the page by the Tab key: whatever has the focus shows it, and the focus is never trapped."""
    page.evaluate("document.activeElement?.blur()")
    seen = []
    for _step in range(MOST_STEPS):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None:
            break
        assert focused["shown"], f"the focus is not visible on {focused['html']}"
        seen.append(focused["html"])
    assert len(seen) < 2 or len(set(seen)) > 1, f"the focus is trapped in {seen[:1]}"


STICKING_OUT = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")]
    .filter((e) => e.getBoundingClientRect().right > width + 1 && !e.closest(".table-wrap"))
    .map((e) => e.outerHTML.slice(0, 120)).slice(0, 5).concat(["the page"]);
}"""
FOCUSED = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const style = getComputedStyle(element);
  const shown = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
  return { html: element.outerHTML.slice(0, 120), shown };
}"""

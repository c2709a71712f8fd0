# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's chromium through Playwright, for the tests of reports and for their pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",  # root has no other way to run it
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def launched() -> Iterator[Browser]:
    """Start the browser with a profile of its own, and stop it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class Opened:
    """A report in a window of its own. `complaints` are messages of the console and errors of the script."""

    def __init__(
        self,
        browser: Browser,
        path: Path,
        *,
        scheme: Any = "light",
        width: int = 1200,
        height: int = 900,
        script: bool = True,
        before: str = "",
    ) -> None:
        self.path = path
        self.complaints: list[str] = []
        self._requests: list[str] = []
        self._context = browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": height}, java_script_enabled=script, reduced_motion="reduce"
        )
        self.page: Page = self._context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", self._failed)
        self.page.on("request", lambda request: self._requests.append(request.url))
        self.page.on("requestfailed", self._refused)
        if before:
            self.page.add_init_script(before)
        self.page.goto(path.as_uri())
        if script and not before:
            self.page.wait_for_selector("#table tbody tr", state="attached")

    def _heard(self, message: ConsoleMessage) -> None:
        self.complaints.append(message.text)

    def _failed(self, error: Error) -> None:
        self.complaints.append(str(error))

    def _refused(self, request: Request) -> None:
        """Forget a request that the policy of the page refused before it was sent."""
        if request.failure == "csp":
            self._requests.remove(request.url)

    def foreign_requests(self) -> list[str]:
        """Return the requests to anything but the file itself and the texts that its script made."""
        return [address for address in self._requests if not address.startswith((self.path.as_uri(), "blob:"))]

    def names(self) -> list[str]:
        """Return the machines of the table in their order, only those of the page of the table."""
        return self.page.locator("#table tbody th").all_inner_texts()

    def state(self) -> str:
        """Return the line above the table."""
        return self.page.locator("#table-state").inner_text()

    def column(self, name: str) -> list[str]:
        """Return the texts of a column, only those of the page of the table."""
        headings = self.page.locator("#table thead th").evaluate_all("all => all.map(each => each.dataset.column)")
        return self.page.locator(f"#table tbody tr > :nth-child({headings.index(name) + 1})").all_inner_texts()

    def sort(self, name: str) -> None:
        """Click the heading of a column."""
        self.page.click(f"#table th[data-column={name}] button")

    def close(self) -> None:
        """Close the window."""
        self._context.close()

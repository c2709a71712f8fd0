# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports in a real browser: Debian's chromium, without a window and without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from sample_fleet import sample_report
from sample_ledger import MAK, sample_ledger

from ansible_collections.winops.volume_activation.plugins.plugin_utils._report.html.page import render
from browser import CHROMIUM, Opened, launched

Write = Callable[..., Path]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser, or a skip with the command that installs it."""
    if not CHROMIUM.exists():
        pytest.skip("needs chromium (Debian: apt-get install --no-install-recommends chromium)")
    with launched() as found:
        yield found


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Write:
    """A function that writes the report of a fleet once, and returns the path of the file."""
    folder = tmp_path_factory.mktemp("report")

    def write(count: int, language: str = "en") -> Path:
        path = folder / f"{count}-{language}.html"
        if not path.exists():
            options: dict[str, Any] = {"stale_after_days": 14, "mak_budgets": {MAK: 60}, "sections": ["02A", "ledger_keys", "ledger"]}
            report = sample_report(count, sample_ledger(3 * count), language=language, **options)
            path.write_text(render(report), encoding="utf-8")
        return path

    return write


@pytest.fixture
def opened(browser: Browser, written: Write) -> Iterator[Callable[..., Opened]]:
    """A function that opens a report. Afterwards, the browser must not have had a complaint, or have sent a request."""
    pages: list[Opened] = []

    def load(count: int = 120, language: str = "en", **settings: object) -> Opened:
        pages.append(Opened(browser, written(count, language), **settings))
        return pages[-1]

    yield load
    for page in pages:
        page.close()
    assert [complaint for page in pages for complaint in page.complaints] == []
    assert [address for page in pages for address in page.foreign_requests()] == []

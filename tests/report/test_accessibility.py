# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of axe, contrast included: in light, in dark, on a phone, on the page of a machine, and in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from browser import Opened

VIEWS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"scheme": "dark"},
    "phone": {"width": 390, "height": 844},
    "dark phone": {"scheme": "dark", "width": 390, "height": 844},
    "Japanese": {"language": "ja"},
}
PLACES = {"machine": "#machine/overdue-0017", "unread machine": "#machine/failed-0027", "not in the report": "#machine/none"}


def violations(shown: Opened) -> list[str]:
    """Return what axe found, with the elements."""
    found = Axe().run(shown.page).response["violations"]
    return [f"{each['id']}: {[node['target'] for node in each['nodes']][:5]} {each['help']}" for each in found]


@pytest.mark.parametrize("view", VIEWS)
def test_report_breaks_no_rule(opened: Callable[..., Opened], view: str) -> None:
    assert violations(opened(40, **VIEWS[view])) == []


@pytest.mark.parametrize("view", ["light", "dark"])
@pytest.mark.parametrize("place", PLACES)
def test_page_of_a_machine_breaks_no_rule(opened: Callable[..., Opened], view: str, place: str) -> None:
    shown = opened(40, **VIEWS[view])
    shown.page.evaluate(f"location.hash = {PLACES[place]!r}")
    shown.page.wait_for_selector("#machine h1")
    assert violations(shown) == []


def test_axe_sees_what_is_wrong(opened: Callable[..., Opened]) -> None:
    shown = opened(40)
    shown.page.evaluate("document.querySelector('.figure dt').style.color = '#eeeeee'")
    shown.page.evaluate(
        "const field = document.querySelector('#filters input'); field.placeholder = ''; field.parentElement.replaceWith(field)"
    )
    found = " ".join(violations(shown))
    assert "color-contrast" in found
    assert "label" in found


@pytest.mark.parametrize("width", [320, 390, 768])
def test_narrow_screen_does_not_scroll_sideways(opened: Callable[..., Opened], width: int) -> None:
    shown = opened(40, width=width, height=800)
    for place in ("", *PLACES.values()):
        shown.page.evaluate(f"location.hash = {place!r}")
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= width

# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The second part of `make picture`: pictures of the report of the last `make demo`, in light, in dark, and as wide as a phone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from browser import CHROMIUM, Opened, launched
from demo import REPORT
from project import ROOT, ToolError

FOLDER = ROOT / "docs" / "images"


@dataclass(frozen=True)
class Shot:
    """One picture: its color scheme, its size in pixels, and the place in the report that is at its top."""

    name: str
    scheme: Literal["light", "dark"]
    width: int
    height: int
    place: str = ""

    @property
    def path(self) -> Path:
        """Return the path of the picture."""
        return FOLDER / f"report-{self.name}.png"


SHOTS = (
    Shot("light", "light", 1100, 700),
    Shot("dark", "dark", 1100, 700, "#charts"),
    Shot("phone", "light", 390, 800),
)


def take() -> list[Path]:
    """Take the pictures, and return their paths. Raises ToolError without a report or a browser."""
    if not REPORT.exists():
        raise ToolError(f"{REPORT.relative_to(ROOT)} is missing: run `make demo` first")
    if not CHROMIUM.exists():
        raise ToolError(f"{CHROMIUM} is missing. As root: apt-get install --no-install-recommends chromium fonts-noto-cjk")
    with launched() as browser:
        for shot in SHOTS:
            opened = Opened(browser, REPORT, scheme=shot.scheme, width=shot.width, height=shot.height)
            if shot.place:
                opened.page.locator(shot.place).evaluate("each => each.scrollIntoView()")
            opened.page.screenshot(path=shot.path)
            opened.close()
    return [shot.path for shot in SHOTS]

# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables on the terminal."""

from __future__ import annotations

from rich.console import Console

WIDTH_OF_A_FILE = 170


def wide_console() -> Console:
    """Return a console with the width of the terminal, or wide enough for the tables if there is no terminal."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH_OF_A_FILE)

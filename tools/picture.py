# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make picture`: draw a picture of the README, a terminal with the result of the last `make demo`, and take those of its report.

Reads the records of `make demo` in build/demo and writes two files: tools/picture.json with the rows of the tables, and the picture, which
depends only on these rows. A test draws the picture again and compares the two. The pictures of the report are taken in a browser.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.terminal_theme import TerminalTheme

import demo
import screenshots
from playbook import Run, read_record
from project import ROOT, ToolError

RECORD = ROOT / "tools" / "picture.json"
PICTURE = ROOT / "docs" / "images" / "demo.svg"
WIDTH = 124
TITLE = "make demo"

# The window has its own background, so it suits a light and a dark page.
_ANSI = [(75, 78, 85), (204, 85, 90), (152, 195, 121), (229, 192, 123), (97, 175, 239), (198, 120, 221), (86, 182, 194), (220, 223, 228)]
THEME = TerminalTheme((30, 34, 42), (220, 223, 228), _ANSI, _ANSI)

# Without the web fonts of rich, because a picture on a page cannot load them.
FORMAT = """<svg role="img" aria-label="Output of make demo" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<!--
Copyright (c) 2026 winops contributors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
Made by tools/picture.py
-->
<style>
.{unique_id}-matrix {{
  font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px;
  line-height: {line_height}px;
}}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: arial, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def recorded(name: str) -> Run:
    """Return a run of the last demo with its tasks, without times."""
    path = demo.WORK / name
    if not path.exists():
        raise ToolError(f"{path.relative_to(ROOT)} is missing: run `make demo` first")
    return Run(0, 0.0, 0.0, 0.0, tuple(read_record(path)[0]))


def record() -> dict[str, Any]:
    """Return the content of the picture as texts, without times and paths."""
    converted = recorded("convert-1.json")
    results = converted.results(demo.CLIENT)
    left = demo.not_converted(results)
    failed = demo.failure_rows(demo.report_of(converted), left)
    return {
        "after": [row[:4] for row in demo.state_rows(recorded("read-2.json"))],
        "not_converted": [(number, names, code.split()[0], meaning) for number, names, code, meaning, _step in failed],
        "machines": len(results),
        "converted": len(results) - len(left),
        "second_run_changed": recorded("convert-2.json").changed_hosts(),
    }


def failures(shown: Mapping[str, Any]) -> Table:
    """Return the table of the machines that could not be converted."""
    table = Table("machines", "which", "code", "why", title="Not converted, and why", title_justify="left")
    table.columns[0].justify = "right"
    for row in shown["not_converted"]:
        table.add_row(*row)
    return table


def states(title: str, rows: Any) -> Table:
    """Return the table of the demo without the names of the machines, which are too wide for a picture."""
    table = demo.state_table(title, [(*row, "") for row in rows])
    table.columns.pop()
    return table


def drawn(shown: Mapping[str, Any]) -> str:
    """Return the picture of a record as SVG."""
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), highlight=False, force_terminal=True, color_system="standard", no_color=False
    )
    console.print("[bold]$ make demo[/]")
    console.print(states("After", shown["after"]))
    console.print(failures(shown))
    console.print()
    console.print(f"[green]{shown['converted']} of {shown['machines']} machines are licensed KMS clients.[/]")
    console.print(f"[green]The second run changed {shown['second_run_changed']} machines.[/]")
    return console.export_svg(title=TITLE, theme=THEME, code_format=FORMAT, unique_id="demo")


def main() -> int:
    try:
        shown = record()
    except ToolError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    RECORD.write_text(json.dumps(shown, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(drawn(json.loads(RECORD.read_text(encoding="utf-8"))), encoding="utf-8")
    print(f"Written: {RECORD.relative_to(ROOT)}, {PICTURE.relative_to(ROOT)}")
    try:
        print(f"Written: {', '.join(str(path.relative_to(ROOT)) for path in screenshots.take())}")
    except ToolError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

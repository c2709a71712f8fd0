# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the table of assumptions into the guide to known limitations, or check that it is current.

python tools/assumptions.py            write
python tools/assumptions.py --check    exit code 1 if the guide differs
"""

from __future__ import annotations

import argparse
import sys
from itertools import groupby

from ansible_collections.winops.volume_activation.plugins.plugin_utils._conformance.assumptions import ASSUMPTIONS
from inverted import INVERTED
from project import ROOT
from sent_result import evidence

GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_known_limitations.rst"
BEGIN, END = ".. begin assumptions (tools/assumptions.py)\n", ".. end assumptions\n"


def table() -> str:
    """Return the assumptions as a table of reStructuredText for each area."""
    lines: list[str] = []
    seen = evidence()
    for area, members in groupby(ASSUMPTIONS, key=lambda each: each.area):
        lines += ["", f".. list-table:: {area}", "   :header-rows: 1", "   :widths: 8 30 26 24 12", ""]
        lines += ["   * - ID", "     - Assumption", "     - If it does not hold", "     - The opposite in the lab", "     - Seen"]
        for each in members:
            text = f"{each.text} {each.how}".strip()
            lines += [f"   * - {each.id}", f"     - {text}", f"     - {each.if_wrong}", f"     - {INVERTED[each.id].text}"]
            lines += [f"     - {'; '.join(seen.get(each.id, ['on no machine yet']))}"]
    return "\n".join(lines) + "\n\n"


def main(arguments: list[str] | None = None) -> int:
    """Write or check the guide."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args(arguments)
    text = GUIDE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    wanted = f"{before}{BEGIN}{table()}{END}{rest.split(END)[1]}"
    if options.check and wanted != text:
        print(f"{GUIDE.relative_to(ROOT)} differs from the assumptions: run python tools/assumptions.py", file=sys.stderr)
        return 1
    if not options.check:
        GUIDE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

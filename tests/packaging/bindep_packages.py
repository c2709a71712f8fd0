# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print, as JSON, the packages of bindep files for profiles and platforms that need not be this one.

The standard input is a list of `[file, [profile, platform:NAME, ...]]`. Runs with the Python of build/packaging.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bindep.depends import Depends

wanted = json.load(sys.stdin)
rules = [Depends(Path(path).read_text(encoding="utf-8")).active_rules(profiles) for path, profiles in wanted]
json.dump([[name for name, *_ in found] for found in rules], sys.stdout)

# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages of Ansible about unknown options name the similar options, as the messages of the Windows modules do."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._module import with_similar_names

SUPPORTED = "Supported parameters include: host, port, priority, weight."


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (f"Unsupported parameters for (a.b.c) module: records.prio. {SUPPORTED}", "unknown option records.prio; did you mean priority?"),
        (f"Unsupported parameters for (c) module: hots, zzz. {SUPPORTED}", "unknown option hots, zzz; did you mean host?"),
        (f"Unsupported parameters for (c) module: zzz. {SUPPORTED}", "unknown option zzz; the options are host, port, priority, weight"),
        ("missing required arguments: domains", "missing required arguments: domains"),
    ],
)
def test_an_unknown_option_names_similar_options(message: str, expected: str) -> None:
    assert with_similar_names(message) == expected

# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A full product key is found in every spelling, and an ID is not taken for one."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.keys import holds_key

from .records import identity

IID = identity(1)


@pytest.mark.parametrize("separator", ["-", " ", "\u2013", "", "."])
@pytest.mark.parametrize("key", ["MMMMM KKKKK MMMMM 66666 77777", "66666 77777 22222 33333 MMMMM", "MMMMM 66666 KKKKK 77777 MMMMM"])
@pytest.mark.parametrize("around", ["{}", "x {} y", "1,{},2"])
def test_key_with_groups_of_digits_is_found(key: str, separator: str, around: str) -> None:
    assert holds_key(around.format(key.replace(" ", separator)))


@pytest.mark.parametrize("size", [5, 6, 7, 54])
@pytest.mark.parametrize("separator", ["-", " ", " - "])
def test_id_is_not_a_key(size: int, separator: str) -> None:
    text = separator.join(IID[start : start + size] for start in range(0, len(IID), size))
    assert not holds_key(f"PC-01,{text},TTWX3")

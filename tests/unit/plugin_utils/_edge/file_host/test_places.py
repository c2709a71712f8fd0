# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A path of a file host has one copy on the controller, and people see the path on the file host."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.file_host.places import copy_of, named, place, root
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.kept_path import UnsafePathError


@pytest.mark.parametrize(
    ("path", "normal"),
    [
        ("/srv//a/../report.html", "/srv/report.html"),
        ("//srv/report.html", "/srv/report.html"),
        ("report.html", "~/report.html"),
        ("~/a/report.html", "~/a/report.html"),
        (" /srv/report.html ", "/srv/report.html"),
    ],
)
def test_path_has_a_normal_form(path: str, normal: str) -> None:
    assert place(path) == normal


@pytest.mark.parametrize("path", ["", " ", None, 1, "~other/report.html", "../report.html", "~/../report.html", "a\0b"])
def test_path_that_is_not_one_is_refused(path: Any) -> None:
    with pytest.raises(UnsafePathError):
        place(path)


@pytest.mark.parametrize("host", ["files01", "files 01", "../files", "a/b"])
def test_copy_is_below_the_temporary_directory_and_is_shown_as_the_file(host: str) -> None:
    for path in ("/srv/report.html", "~/report.html"):
        copy = copy_of(host, path)
        assert copy.startswith(f"{root()}/")
        assert "/../" not in copy
        assert named({"msg": [f"Written to {copy}."], "size": 3}) == {"msg": [f"Written to {host}:{path}."], "size": 3}


def test_other_texts_are_not_changed() -> None:
    value = {"path": "/srv/report.html", "none": None, "list": [1, "x"]}
    assert named(value) == value

# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""XML that is not trusted."""

from __future__ import annotations

from typing import NoReturn

import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._strict_xml import parse, strict_parser


def _refuse(*_: object) -> NoReturn:
    raise ValueError("refused")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_only_utf_8_is_taken_whatever_the_document_says_of_itself(encoding: str) -> None:
    assert parse(strict_parser(_refuse), "<a>text</a>".encode(encoding)) == "it is not UTF-8"
    assert parse(strict_parser(_refuse), f'<?xml version="1.0" encoding="{encoding}"?><a/>'.encode()) is None
    assert parse(strict_parser(_refuse), "<a>\u00e4</a>".encode("latin-1"))


def test_a_document_type_is_refused_before_anything_of_it_is_used() -> None:
    with pytest.raises(ValueError, match="refused"):
        parse(strict_parser(_refuse), b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>')


def test_what_is_no_xml_is_said() -> None:
    assert "mismatched tag" in str(parse(strict_parser(_refuse), b"<a><b></a>"))

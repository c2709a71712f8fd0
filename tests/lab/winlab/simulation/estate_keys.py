# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of an estate file."""

from __future__ import annotations

from . import addons
from .catalog import HOST_KEYS
from .editions import parse_os
from .estate_file import Node
from .keys import FORM, LabKey
from .office_catalog import HOST_KEYS as OFFICE_HOST_KEYS
from .office_catalog import find_product

KEY_ENTRIES = ("key", "channel", "fits", "activations", "used", "blocked", "extension_exceeded")


def read_keys(node: Node) -> list[LabKey]:
    """The keys an estate lists under microsoft.keys."""
    found = []
    for item in node.items():
        item.mapping(KEY_ENTRIES)
        key = item.child("key").text()
        if FORM.fullmatch(key) is None or key[:5] not in ("MMMMM", "CCCCC", "RRRRR"):
            raise item.child("key").fail("a lab key looks like MMMMM-KKKKK-MMMMM-xxxxx-yyyyy (see keys.py); real keys do not belong here")
        channel = item.child("channel").one_of("mak", "csvlk", "retail", "oem_dm", "oem_slp")
        fits = tuple(_checked(item.child("fits"), channel, product) for product in item.child("fits").texts())
        if len(fits) > 1 and any(product.startswith(addons.TITLE) for product in fits):
            raise item.child("fits").fail("a key of Extended Security Updates fits one programme and nothing else")
        blocked = item.child("blocked", "no").one_of("no", "install", "activate")
        extension = item.child("extension_exceeded", False)
        if extension.flag() and channel != "mak":
            raise extension.fail("only a MAK has a limit that Microsoft extends")
        found.append(LabKey(key, channel, fits, item.child("activations", 1_000_000).integer(), "" if blocked == "no" else blocked,
                            item.child("used", 0).integer(), extension.flag()))  # fmt: skip
    return found


def _checked(node: Node, channel: str, product: str) -> str:
    """The product as the lab names it; raises EstateError unless a key of this channel can be for it."""
    if channel == "csvlk":
        names = [key.name for key in HOST_KEYS] + list(OFFICE_HOST_KEYS)
        if product not in names:
            raise node.fail(f"{product!r} is none of the host keys {', '.join(names)}")
    elif product.startswith(addons.TITLE):
        _check_programme(node, channel, product)
    else:
        try:
            if product.startswith(("Server ", "Windows ")):
                parse_os(product)
            else:
                return find_product(product).title
        except ValueError as error:
            raise node.fail(str(error)) from error
    return product


def _check_programme(node: Node, channel: str, product: str) -> None:
    if product not in addons.titles():
        raise node.fail(f"{product!r} is none of {', '.join(addons.titles())}")
    if channel != "mak":
        raise node.fail(f"the key of {product} is a MAK")

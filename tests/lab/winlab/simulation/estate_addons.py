# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries `esu` and `ubr` of an estate file: add-on keys a machine begins with, and the revision of its build."""

from __future__ import annotations

from collections.abc import Iterable

from . import addons, build_revisions, spp
from .catalog import MAK
from .computer import Computer
from .editions import Os
from .estate_file import Node
from .state import REASON_NO_LICENSE, UNLICENSED

_ENTRIES = ("programme", "state", "key")


def read_revision(node: Node, os: Os, updates: Iterable[str]) -> int:
    """The revision of a machine's build: the one given, or that of its media and updates; raises EstateError."""
    if node.value is None:
        return build_revisions.with_updates(os, updates)
    if not build_revisions.shows_revision(os):
        raise node.fail(f"{os.release.name} shows no build revision")
    given = node.integer(0, 65535)
    for update in updates:
        brought = build_revisions.brought_by(os, [update])
        if given < brought:
            raise node.fail(f"{given} is too low: {update} of the entry updates brings {os.build}.{brought}")
    return given


def begin_addons(node: Node, computer: Computer) -> None:
    """Install the add-on keys an entry lists, and activate those that are licensed; raises EstateError."""
    for item in node.items():
        item.mapping(_ENTRIES)
        _begin(item, computer)


def _begin(item: Node, computer: Computer) -> None:
    programme = addons.programmes()[item.child("programme").one_of(*addons.programmes())]
    sku = computer.skus().get(programme.activation_id)
    if sku is None:
        raise item.child("programme").fail(_reason(programme, computer.os))
    text = item.child("key").text() if item.child("key").value is not None else computer.context.keys.for_product(MAK, programme.title).key
    key = computer.context.keys.of(text)
    if key is None or programme.title not in key.fits:
        raise item.child("key").fail(f"no key of microsoft.keys that fits {programme.title} ends in {text[-5:]}")
    product = spp.put_key(computer, sku, text)
    product.status, product.reason = UNLICENSED, REASON_NO_LICENSE
    if item.child("state", "licensed").one_of("licensed", "installed") == "licensed":
        product.license_forever()
        key.count(computer.name)


def _reason(programme: addons.Programme, os: Os) -> str:
    if not programme.covers(os):
        return f"{programme.name} is not for {os.release.name} {os.edition.name}"
    return f"{programme.name} needs {programme.preparations[os.release.name]} (entries updates and ubr)"

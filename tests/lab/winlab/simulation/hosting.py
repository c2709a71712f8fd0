# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host keys on a computer: which of them it takes, and how it becomes an activated KMS host."""

from __future__ import annotations

from . import host_matrix, kms_host, spp
from .catalog import CSVLK, HOST_KEYS, Sku
from .computer import Computer
from .office_catalog import HOST_KEYS as OFFICE_HOST_KEYS
from .office_catalog import host_sku


def product_name(computer: Computer) -> str:
    """What an estate file calls the Windows of a computer."""
    return f"{computer.os.release.name} {computer.os.edition.name}"


def host_key_sku(computer: Computer, name: str) -> Sku:
    """The license of a host key, the one of the computer's own generation without a name; a needed update is installed."""
    need = host_matrix.need_of(computer.os, name)
    if need is not None and not need.is_met(computer.updates, computer.ubr):
        computer.add_update(need.updates[0])
    for sku in computer.skus().values():
        if sku.host_key is not None and (sku.host_key.name == name or (not name and sku.host_key.level == computer.os.release.kms_level)):
            return sku
    known = ", ".join(key.name for key in HOST_KEYS)
    raise ValueError(f"{product_name(computer)} takes no host key {name!r} (known host keys: {known})")


def _office_sku(computer: Computer, family: str) -> Sku:
    """The license of an Office host key, which comes with its license pack."""
    add_office_pack(computer, family)
    return host_sku(family)


def add_office_pack(computer: Computer, family: str) -> None:
    """Install the volume license pack of an Office generation; raises ValueError when it does not install on this Windows."""
    if family not in OFFICE_HOST_KEYS:
        raise ValueError(f"{family!r} is none of the Office host keys {', '.join(OFFICE_HOST_KEYS)}")
    if not host_matrix.takes_pack(computer.os, family):
        raise ValueError(f"the volume license pack of {family} does not install on {product_name(computer)}")
    if family not in computer.office_packs:
        computer.office_packs += (family,)


def install_host_key(computer: Computer, name: str) -> None:
    """Make the computer an activated KMS host for a host key ("Server 2022", "Office LTSC 2021")."""
    sku = _office_sku(computer, name) if name.startswith("Office ") else host_key_sku(computer, name)
    assert sku.host_key is not None
    key = computer.context.keys.for_product(CSVLK, sku.host_key.name)
    key.count(computer.name)
    product = spp.put_key(computer, sku, key.key)
    product.license_forever()
    computer.service.hosts[sku.id] = kms_host.new_role(sku, computer.outside_clients)

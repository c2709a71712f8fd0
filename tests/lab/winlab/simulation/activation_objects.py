# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an activation object is made of, in the lab.

The KMS IDs of real products are not in the facts: the lab has one for each generation of clients, of servers, and of Office
(UUID version 5), and the object of a host key has those of all that the key activates as a KMS host.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from functools import cache

from . import kms_host
from .catalog import GVLK, HostKey, Sku, activation_id
from .facts import WINDOWS

Attributes = Mapping[str, Sequence[bytes] | bytes | str]


def _kms_id(application: str, level: int, server: bool) -> str:
    side = "" if application != WINDOWS else "server" if server else "client"
    return activation_id("kms id", application, level, side)


def kms_id(sku: Sku, server: bool) -> str:
    """The KMS ID of a KMS client license."""
    return _kms_id(sku.application_id, sku.kms_level, server)


@cache
def kms_ids(key: HostKey, application: str) -> tuple[str, ...]:
    """The KMS IDs in the object of a host key: its generation and older ones."""
    sides = (False, True) if application == WINDOWS else (False,)
    return tuple(
        _kms_id(application, level, server)
        for level in range(key.oldest, max(key.level, key.client_level) + 1)
        for server in sides
        if kms_host.covers(key, Sku("", "", "", application, "ServerDatacenter", GVLK, "", kms_level=level), server)
    )


def _blob(*parts: str) -> bytes:
    """A license of an object: made up, and it licenses nothing."""
    return b"winlab: no license\0" + b"".join(uuid.uuid5(uuid.NAMESPACE_OID, "/".join((*parts, str(number)))).bytes for number in range(64))


def attributes(sku: Sku, key: str, extended_pid: str) -> dict[str, Sequence[bytes] | bytes | str]:
    """The attributes of the object of a host key that was activated online."""
    assert sku.host_key is not None
    return {
        "msSPP-KMSIds": [uuid.UUID(each).bytes_le for each in kms_ids(sku.host_key, sku.application_id)],
        "msSPP-CSVLKSkuId": uuid.UUID(sku.id).bytes_le, "msSPP-CSVLKPid": extended_pid, "msSPP-CSVLKPartialProductKey": key[-5:],
        "msSPP-OnlineLicense": _blob("online", sku.id, key[-5:]), "msSPP-IssuanceLicense": _blob("issuance", sku.id),
    }  # fmt: skip


def by_telephone(made: Mapping[str, Sequence[bytes] | bytes | str], iid: str, cid: str) -> dict[str, Sequence[bytes] | bytes | str]:
    """The same of one that was activated by telephone."""
    kept = {name: value for name, value in made.items() if name != "msSPP-OnlineLicense"}
    return {**kept, "msSPP-InstallationId": iid, "msSPP-ConfirmationId": cid, "msSPP-PhoneLicense": _blob("phone", iid)}

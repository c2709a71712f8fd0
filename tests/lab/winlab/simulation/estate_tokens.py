# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry `token_licenses` of a machine in an estate file."""

from __future__ import annotations

from datetime import datetime, timezone

from .catalog import activation_id
from .computer import Computer
from .estate_file import Node
from .facts import WINDOWS
from .token_licenses import TokenLicense, is_guid

TOKEN_ENTRIES = ("activation_id", "ilid", "ilvid", "expires", "additional_info", "authorization_status")
_CODES = 0xFFFFFFFF


def own_client_license(computer: Computer) -> str:
    """The activation ID of the KMS client license of the machine's own Windows, empty when it has none."""
    edition = computer.os.edition.edition_id
    return next((sku.id for sku in computer.skus().values()
                 if sku.volume_client and sku.application_id == WINDOWS and sku.family == edition), "")  # fmt: skip


def made_up_ilid(identity: str) -> str:
    """The ID of an issuance license that the lab makes up for a product."""
    return activation_id("token issuance license", identity)


def begin_tokens(node: Node, computer: Computer) -> None:
    """Give a machine the issuance licenses of its entry; raises EstateError."""
    for item in node.items():
        issued = _read(item, computer)
        sku = computer.ospp_skus().get(issued.activation_id)
        licenses = computer.licenses if sku is None or computer.office_licenses is None else computer.office_licenses
        if issued.license_id in licenses.tokens:
            raise item.fail(f"there are two issuance licenses {issued.ilid} of version {issued.ilvid}")
        licenses.tokens[issued.license_id] = issued


def _read(node: Node, computer: Computer) -> TokenLicense:
    node.mapping(TOKEN_ENTRIES)
    identity = _guid(node.child("activation_id", own_client_license(computer)))
    status = node.child("authorization_status")
    info = node.child("additional_info")
    return TokenLicense(
        identity,
        _guid(node.child("ilid", made_up_ilid(identity))),
        node.child("ilvid", 1).integer(0, _CODES - 1),
        _moment(node.child("expires")),
        "" if info.value is None else info.text(),
        None if status.value is None else status.integer(0, _CODES),
    )


def _guid(node: Node) -> str:
    if not isinstance(node.value, str) or not is_guid(node.value):
        raise node.fail(f"must be a GUID, not {node.value!r}" if node.value else "this Windows has no KMS client license: name one")
    return node.value.casefold()


def _moment(node: Node) -> datetime | None:
    if node.value is None:
        return None
    if not isinstance(node.value, datetime):
        raise node.fail("must be a time such as 2027-11-20T09:00:00Z")
    return node.value if node.value.tzinfo else node.value.replace(tzinfo=timezone.utc)

# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the Computer Information List (CIL) of VAMT, and write the form that VAMT calls "Installation ID and Product ID only".

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Not tried with VAMT. docs/adr/0037-lists-of-vamt.md has the sources, what is assumed, and what is not known. Names of computers, domains,
and MAC addresses are not required, and are never written. A record finds its machine by the installation ID.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from ..._licensing.state.model import Application
from ..model import ProxyRecord, Row
from ..problems import FullProductKeyError, ProxyError
from .cil_reader import GUID, ROOT, CilReader, Product

COMPUTER_ID = "vamt_computer_id"
"""Extra column with the ID that VAMT gave the computer, by which VAMT finds it again."""

VERSION = "2.0"
_UNNAMED = "vamt-"
_OURS = uuid.UUID("c0d7a0a2-5d0e-5f0b-9a53-7e1f1a2f3c37")
_NOTE = (
    "Written by winops.volume_activation in the form of VAMT for installation IDs and product IDs only. The form follows the help of VAMT"
    " 2.0, and was never tried with VAMT. Confirmation IDs that Microsoft already created are included."
)
_BY_ID = {guid: application.value for application in Application for guid in application.ids}
_EXTENDED_PID = re.compile("[0-9]+(?:[.-][0-9]+)+")
_LAST_FIVE = re.compile(r"(?:(?:[X*]{5}-){4})?([A-Za-z0-9]{5})")


def is_cil(text: str) -> bool:
    """Return whether a text begins as a list of VAMT. Raises ProxyError for a document type before the first element."""
    return CilReader.root_of(text) == ROOT


def refuse_keys(text: str) -> None:
    """Raise FullProductKeyError for a list of VAMT with a full product key; the message contains the element."""
    try:
        if is_cil(text):
            CilReader().read(text)
    except FullProductKeyError:
        raise
    except ProxyError:
        return


def rows(text: str) -> Iterator[Row]:
    """Yield the products that have an installation ID, before validation. Raises ProxyError."""
    for product in CilReader().read(text):
        if _is_used(product):
            yield _row(product)


def warnings(text: str) -> tuple[str, ...]:
    """Return warnings about products that are not used although they have one of the two IDs."""
    skipped = sum(1 for product in CilReader().read(text) if not _is_used(product) and product.has_id)
    if not skipped:
        return ()
    return (
        f"{skipped} products of the list of VAMT are not used, because they have no installation ID, or are neither Windows nor Office.",
    )


def _is_used(product: Product) -> bool:
    return bool(product.get("installation_id")) and _application(product) is not None


def _application(product: Product) -> str | None:
    """Return the application of a product, or None for another one than Windows and Office. Without an ID, it is Windows."""
    found = product.get("application_id").strip().strip("{}").lower()
    return _BY_ID.get(found) if found else Application.WINDOWS.value


def _row(product: Product) -> Row:
    guid = product.computer_id.strip().strip("{}").lower()
    computer_id = guid if GUID.fullmatch(guid) else ""
    values = {
        "machine": product.computer_name.strip() or _unnamed(computer_id, product),
        "application": _application(product),
        "product_name": product.get("product_name"),
        "activation_id": _fitting(GUID, product.get("activation_id").strip().strip("{}").lower()),
        "extended_pid": _fitting(_EXTENDED_PID, product.get("extended_pid").strip()),
        "partial_product_key": _last_five(product.get("partial_product_key") or product.get("product_key")),
        "installation_id": product.get("installation_id"),
        "confirmation_id": product.get("confirmation_id"),
    }
    return Row(product.where, values, {COMPUTER_ID: computer_id} if computer_id else {})


def _unnamed(computer_id: str, product: Product) -> str:
    """Return a name for a computer without one. It is not a name in any inventory, and the same for all products of the computer."""
    return _UNNAMED + (computer_id or re.sub(r"\D", "", product.get("installation_id"))[-12:] or "unknown")


def _fitting(shape: re.Pattern[str], text: str) -> str:
    return text if shape.fullmatch(text) else ""


def _last_five(text: str) -> str:
    found = _LAST_FIVE.fullmatch(text.strip())
    return found.group(1).upper() if found else ""


def write(records: Sequence[ProxyRecord]) -> str:
    """Return a list of VAMT with the products of the records, without names, notes, and extra columns."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f"<!-- {_NOTE} -->", f'<{ROOT} Version="{VERSION}">', "  <Computers>"]
    for computer_id, products in _computers(records).items():
        lines += [f'    <Computer NetworkType="None" Id="{computer_id}">', "      <Products>"]
        lines += [line for record in products for line in _product(record)]
        lines += ["      </Products>", "    </Computer>"]
    return "\n".join([*lines, "  </Computers>", f"</{ROOT}>", ""])


def _computers(records: Sequence[ProxyRecord]) -> dict[str, list[ProxyRecord]]:
    """Return the products by the ID of their computer, each installation ID once. Copies of a virtual machine can share one."""
    machines: dict[str, list[ProxyRecord]] = {}
    for record in records:
        machines.setdefault(_own_id(record) or record.machine.casefold(), []).append(record)
    computers: dict[str, dict[tuple[str, str], ProxyRecord]] = {}
    for several in machines.values():
        products = computers.setdefault(_id_of(several), {})
        for record in several:
            if record.identity not in products or not _answer(products[record.identity]):
                products[record.identity] = record
    return {computer_id: list(products.values()) for computer_id, products in computers.items()}


def _own_id(record: ProxyRecord) -> str:
    return _fitting(GUID, dict(record.extra).get(COMPUTER_ID, "").lower())


def _id_of(records: Sequence[ProxyRecord]) -> str:
    """Return the ID of VAMT, or one of the installation IDs. An ID made of the name could be used to guess the name."""
    return _own_id(records[0]) or str(uuid.uuid5(_OURS, min(record.installation_id for record in records)))


def _answer(record: ProxyRecord) -> str:
    """Return the confirmation ID; empty for a text that is not one."""
    return record.confirmation_id if record.confirmation_id.isascii() and record.confirmation_id.isdigit() else ""


def _product(record: ProxyRecord) -> Iterator[str]:
    texts = {
        "ProductId": record.extended_pid,
        "InstallationId": record.installation_id,
        "ConfirmationId": _answer(record),
    }
    sku = {"Id": record.activation_id, "Name": record.product_name, "ApplicationId": Application(record.application).ids[0]}
    yield "        <Product>"
    yield f"          <Sku {' '.join(f'{name}={quoteattr(value)}' for name, value in sku.items() if value)} />"
    yield from (f"          <{name}>{escape(text)}</{name}>" for name, text in texts.items() if text)
    yield "        </Product>"

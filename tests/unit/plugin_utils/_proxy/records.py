# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records and machines for the tests of proxy activation; all IDs are invented."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils import _phone as phone
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.model import ProxyRecord, record_of

SKU = "2de67392-b7a7-462a-b1ca-108dd189f588"
OTHER_SKU = "73111121-5638-40f6-bc11-f1d7b0d64300"


def identity(number: int, groups: int = 9) -> str:
    """An ID with check digits that fit: an installation ID, or with 8 groups a confirmation ID."""
    bodies = [f"{(number * 7919 + place * 104729) % 100000:05d}" for place in range(groups)]
    return "".join(body + phone.check_digit(body) for body in bodies)


def confirmation(number: int) -> str:
    return identity(number, 8)


def mistyped(digits: str, group: int) -> str:
    """An ID with one digit of a group, counted from 0, that is another; no digit is changed into one the rule cannot tell from it."""
    place = group * 6
    other = (int(digits[place]) + 1) % 7
    return digits[:place] + str(other if other != int(digits[place]) % 7 else other + 1) + digits[place + 1 :]


def record(machine: str = "PC-01", iid: int = 1, cid: int | None = None, **changes: Any) -> ProxyRecord:
    """A record with an installation ID of that number, and a confirmation ID of that number."""
    values = {
        "machine": machine,
        "computer_name": machine,
        "application": "windows",
        "product_name": "Windows(R), Enterprise edition",
        "activation_id": SKU,
        "partial_product_key": "TTWX3",
        "extended_pid": "55041-00140-015-871562-03-1033-7078.0000-0992009",
        "installation_id": identity(iid),
        "confirmation_id": "" if cid is None else confirmation(cid),
        "collected_time": f"2026-11-{iid % 28 + 1:02d}T09:00:00Z",
        "note": "",
    }
    return record_of({**values, **changes}, "a record")


def product(iid: int | None = 1, **changes: Any) -> dict[str, Any]:
    """A product of a machine, in the fields that count."""
    shown = {"application": "windows", "channel": "mak", "is_addon": False, "status": "initial_grace", "activation_id": SKU}
    more = {
        "partial_product_key": "TTWX3",
        "extended_pid": "55041-00140-015-871562-03-1033-7078.0000-0992009",
        "name": "Windows(R), Enterprise edition",
        "installation_id": None if iid is None else identity(iid),
    }
    return {**shown, **more, **changes}


def reading(*products: dict[str, Any], name: str = "PC-01", version: str = "10.0.19045") -> dict[str, Any]:
    """What activation_info says of a machine."""
    return {"machine": {"computer_name": name, "version": version}, "products": list(products)}


GVLK = {"channel": "gvlk", "partial_product_key": "T83GX"}

# Texts as people and machines write them, and those that do harm.
_RISKY = st.sampled_from(
    ["=1+1", "+49", "-", "@SUM(A1)", "\t=x", "'=x", "''", "＝1", "{{ 1 / 0 }}", "<a>&amp;", '"', "a\r\nb", "sep=;", "]]>"]
)
texts = st.text(max_size=12) | _RISKY | st.builds(str.__add__, _RISKY, st.text(max_size=4))
digits = st.text("0123456789", min_size=1, max_size=70)
ids = st.integers(0, 10**6).map(identity)
answers = st.just("") | st.integers(0, 10**6).map(confirmation) | digits | texts
titles = st.text("abcXYZ =-@;,'\"<&\n", min_size=1, max_size=6).filter(lambda title: title.strip() != "")
values = st.fixed_dictionaries(
    {
        "machine": st.text("PC-0123 日本=@", min_size=1).filter(lambda text: text.strip() != ""),
        "installation_id": ids,
        "confirmation_id": answers,
    },
    optional={
        "computer_name": texts,
        "application": st.sampled_from(["windows", "office", ""]),
        "product_name": texts,
        "activation_id": st.sampled_from([SKU, OTHER_SKU, ""]),
        "partial_product_key": st.sampled_from(["TTWX3", "3V66T", ""]),
        "extended_pid": st.sampled_from(["55041-00140-015-871562-03-1033-7078.0000-0992009", ""]),
        "collected_time": st.sampled_from(["2026-11-20T09:38:10Z", "2026-11-21T00:00:00Z", "yesterday", ""]),
        "note": texts,
    },
)
records = st.builds(record_of, values, st.just("a record"), st.dictionaries(titles, texts, max_size=2))

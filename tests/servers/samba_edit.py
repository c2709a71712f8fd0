# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and changes the database of a domain controller of the tests, without its server and without permissions.

Run by the Python of the distribution, which has the modules of Samba:

    python3 samba_edit.py smb.conf sam.ldb < request.json

The request has `modify`, a list of LDIF texts; or `search`, with base, filter, and attributes, whose answer is JSON with values in base64.
The placeholders {config}, {schema}, and {domain} in bases and texts are those partitions.
"""

from __future__ import annotations

import base64
import json
import sys
from typing import Any


def main(config: str, database: str) -> None:
    """Do what the request on standard input says."""
    from samba.auth import system_session  # noqa: PLC0415
    from samba.param import LoadParm  # noqa: PLC0415
    from samba.samdb import SamDB  # noqa: PLC0415

    settings = LoadParm()
    settings.load(config)
    settings.set("dsdb:schema update allowed", "yes")
    samdb: Any = SamDB(url=database, session_info=system_session(settings), lp=settings)
    names = {"{config}": samdb.get_config_basedn(), "{schema}": samdb.get_schema_basedn(), "{domain}": samdb.domain_dn()}

    def filled(text: str) -> str:
        for placeholder, name in names.items():
            text = text.replace(placeholder, str(name))
        return text

    request = json.load(sys.stdin)
    for text in request.get("modify", []):
        samdb.modify_ldif(filled(text))
    for name in request.get("delete", []):
        samdb.delete(filled(name))
    if "search" in request:
        wanted = request["search"]
        found = samdb.search(base=filled(wanted["base"]), expression=wanted["filter"], attrs=wanted["attributes"])
        json.dump([_plain(entry) for entry in found], sys.stdout)


def _plain(entry: Any) -> dict[str, Any]:
    values = {name: [base64.b64encode(bytes(value)).decode() for value in entry[name]] for name in entry if name != "dn"}
    return {"dn": str(entry.dn), "values": values}


if __name__ == "__main__":
    main(*sys.argv[1:])

# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client in a process of its own, for a clock or libraries of its own. Prints what became of it as JSON.

The argument is JSON with `target` and `logon`, the fields of both types.
"""

from __future__ import annotations

import json
import sys
import time

from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.errors import DirectoryError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.opening import open_directory
from ansible_collections.winops.volume_activation.plugins.plugin_utils._ldap.options import DirectoryTarget, Logon


def main(argument: str) -> None:
    """Open a session and list the names of all activation objects."""
    about = json.loads(argument)
    begin = time.monotonic()
    try:
        with open_directory(DirectoryTarget(**about["target"]), Logon(**about["logon"])) as directory:
            base = f"CN=Activation Objects,CN=Microsoft SPP,CN=Services,{directory.root.configuration_naming_context}"
            names = [entry.text("cn") for entry in directory.search(base, "one", "(objectClass=*)", ["cn"])]
            result = {"names": names, "difference": directory.facts.clock_difference}
    except DirectoryError as error:
        result = {"code": error.error_code, "subcode": error.subcode, "message": error.message}
    print(json.dumps({**result, "seconds": time.monotonic() - begin}))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])

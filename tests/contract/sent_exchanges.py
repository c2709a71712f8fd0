# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replays the exchanges that windows_conformance wrote: the client meets the machine of the sender again, without the machine."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.limits import Room
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.transport import ResponseLostError

_ACTION = re.compile(rb"Action[^>]*>([^<]*)<")
_MESSAGE_ID = re.compile(rb"MessageID[^>]*>([^<]*)<")
_RELATES_TO = re.compile(rb"(RelatesTo[^>]*>)[^<]*(<)")


class SentExchanges:
    """A transport that answers each request with the recorded response of the request in its place.

    Requests of changes are left out: a replay does not change anything.
    """

    endpoint = "http://sent.example:5985/wsman"

    def __init__(self, folder: Path, *, encrypted: bool) -> None:
        self.encrypted = encrypted
        self._requests = sorted(path for path in folder.glob("*-request.xml") if "-change_" not in path.name)
        self.left = list(self._requests)

    def send(self, message: bytes, timeout: float) -> bytes:
        """Return the next response, as one to this message."""
        assert timeout > 0
        assert self.left, "the client sends more requests than the one that recorded them"
        request = self.left.pop(0)
        response = request.with_name(request.name.replace("-request", "-response")).read_bytes()
        recorded, sent = _ACTION.search(request.read_bytes()), _ACTION.search(message)
        assert recorded is not None
        assert sent is not None
        assert recorded[1] == sent[1], f"{request.name}: another request is sent"
        if not response:
            raise ResponseLostError("no response was recorded", again=False)
        found = _MESSAGE_ID.search(message)
        assert found is not None
        return _RELATES_TO.sub(rb"\g<1>" + found[1] + rb"\g<2>", response)

    def share(self, room: Room) -> None:
        """Nothing is limited here."""

    def reset(self) -> None:
        """There is no connection."""

# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A question to a server of the tests, over its own socket."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._batch.errors import ServiceError
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.message import Question
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.options import service
from ansible_collections.winops.volume_activation.plugins.module_utils._batch.protocol import SERVICE_URL
from ansible_collections.winops.volume_activation.plugins.module_utils._deadline import Deadline

from .servers import ADDRESS, Server, http, soap

QUESTION = Question("55041-00140-015-871562-03-1033-7078.0000-0992009")
LEFT = http(soap("<ActivationRemaining>7</ActivationRemaining>"))
DEFAULTS: dict[str, Any] = {
    "service_url": SERVICE_URL,
    "http_proxy": None,
    "http_proxy_username": None,
    "http_proxy_password": None,
    "use_proxy": True,
    "ca_path": None,
    "timeout": 5,
    "deadline": 60,
    "parallel_requests": 1,
}


def ask(server: Server, pem: Path, environment: Mapping[str, str] | None = None, **options: Any) -> int | None:
    url = f"https://{ADDRESS}:{server.port}/BatchActivation.asmx"
    asked = service({**DEFAULTS, "service_url": url, "ca_path": str(pem), **options}, environment or {})
    return asked.ask(QUESTION, Deadline.after(20)).remaining


def error_of(server: Server, pem: Path, **options: Any) -> ServiceError:
    with pytest.raises(ServiceError) as raised:
        ask(server, pem, **options)
    return raised.value

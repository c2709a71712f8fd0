# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validate the options about the service, before anything is sent. A test compares them with the documentation.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import InvalidOptionsError
from .._extended_pid import PATTERN
from .protocol import SERVICE_URL
from .service import BatchService
from .settings import HttpProxy, ServiceSettings, environment_proxy, has_credentials, proxy_of, service_of

SERVICE: dict[str, Any] = {
    "service_url": {"type": "str", "default": SERVICE_URL},
    "http_proxy": {"type": "str"},
    "http_proxy_username": {"type": "str"},
    "http_proxy_password": {"type": "str", "no_log": True},
    "use_proxy": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "int", "default": 60},
    "deadline": {"type": "int", "default": 1800},
    "parallel_requests": {"type": "int", "default": 4},
}
"""Options of all modules that ask the service."""

ACTIVATIONS_INFO: dict[str, Any] = {
    "extended_pids": {"type": "list", "elements": "str", "required": True},
    "use_cache": {"type": "bool", "default": True},
    **SERVICE,
}

CONFIRMATION_ID: dict[str, Any] = {
    "records": {"type": "list", "elements": "dict", "required": True},
    "journal_path": {"type": "path", "required": True},
    "ask_again": {"type": "bool", "default": False},
    "check_remaining": {"type": "bool", "default": True},
    "max_activations": {"type": "int"},
    **SERVICE,
}

LONGEST_TIMEOUT, LONGEST_DEADLINE, MOST_AT_ONCE = 600, 24 * 3600, 16

_KEY = re.compile(r"[A-Za-z0-9]{5}(?:[\W_]{0,3}[A-Za-z0-9]{5}){4,}")
_LETTER = re.compile("[A-Za-z]")


def resembles_key(text: str) -> bool:
    """Whether a text contains five groups of five letters or digits. An ID of digits only is not a key."""
    return any(_LETTER.search(found) for found in _KEY.findall(text))


def extended_pid_of(text: str) -> str:
    """Return an extended product ID. Raises ValueError with a readable message, which does not contain a product key."""
    bare = text.strip()
    if resembles_key(bare):
        raise ValueError("the value looks like a product key, which is never sent. Specify the extended product ID")
    if not PATTERN.fullmatch(bare):
        raise ValueError(f"{bare[:60]!r} is not an extended product ID such as 55041-00140-015-871562-03-1033-7078.0000-0992009")
    return bare


def extended_pids_of(texts: Sequence[str]) -> list[str]:
    """Return extended product IDs without duplicates. Raises InvalidOptionsError that names all that are wrong."""
    refuse([complaint for complaint in map(_complaint_about, texts) if complaint])
    return list(dict.fromkeys(map(extended_pid_of, texts)))


def _complaint_about(text: str) -> str:
    """Return what is wrong with an extended product ID; an empty text for nothing."""
    try:
        extended_pid_of(text)
    except ValueError as error:
        return f"extended_pids: {error}"
    return ""


def refuse(problems: Sequence[str]) -> None:
    """Raise InvalidOptionsError if there are problems with the options."""
    if problems:
        raise InvalidOptionsError(f"Nothing was sent: {'; '.join(problems)}.")


def service_settings(options: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> ServiceSettings:
    """Return how to reach the service. Raises InvalidOptionsError that names everything that is wrong."""
    problems = _out_of_limits(options)
    environment = os.environ if environment is None else environment
    try:
        endpoint, path = service_of(options["service_url"])
    except ValueError as error:
        refuse([f"service_url: {error}", *problems])
        raise
    proxy = _proxy(options, endpoint.host, environment, problems)
    refuse(problems)
    return ServiceSettings(endpoint, path, proxy, options["ca_path"], options["timeout"])


def service(options: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> BatchService:
    """Return the service. Raises InvalidOptionsError."""
    settings = service_settings(options, environment)
    try:
        return BatchService(settings)
    except OSError as error:
        path = os.path.abspath(options["ca_path"])  # noqa: PTH100 - it is shown, and can be anything
        problem = f"ca_path: {path} cannot be used as a file of certificates in PEM format: {error.strerror or error}"
        raise InvalidOptionsError(f"Nothing was sent: {problem}.") from None


def secrets_in(options: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> list[str]:
    """Return texts with a password that no option for secrets contains: URLs of proxies."""
    names = ("https_proxy", "HTTPS_PROXY")
    environment = os.environ if environment is None else environment
    urls = (options.get("http_proxy"), options.get("service_url"), *(environment.get(name) for name in names))
    found = [url.rpartition("@")[0].rpartition("//")[2] for url in urls if url and has_credentials(url)]
    return [text for one in found for text in (one, one.partition(":")[2]) if text]


def _proxy(options: Mapping[str, Any], host: str, environment: Mapping[str, str], problems: list[str]) -> HttpProxy | None:
    url, username, password = (options[name] for name in ("http_proxy", "http_proxy_username", "http_proxy_password"))
    if url and has_credentials(url):
        problems.append("http_proxy: must not contain a user name or a password: set http_proxy_username and http_proxy_password")
        return None
    if url and not options["use_proxy"]:
        problems.append("http_proxy: requires use_proxy=true")
    if password and not username:
        problems.append("http_proxy_password: requires http_proxy_username")
    if username and ":" in username:
        problems.append("http_proxy_username: must not contain a colon")
    from_environment = environment_proxy(host, environment) if options["use_proxy"] and not url else ""
    used = url or from_environment
    if not used:
        if username:
            problems.append("http_proxy_username: requires http_proxy, or the variable https_proxy in the environment of the task")
        return None
    name = "http_proxy" if url else "https_proxy in the environment of the task"
    try:
        return proxy_of(used, username or "", password or "")
    except ValueError as error:
        problems.append(f"{name}: {error}")
        return None


def _out_of_limits(options: Mapping[str, Any]) -> list[str]:
    problems = ["max_activations: must be 0 or greater"] if (options.get("max_activations") or 0) < 0 else []
    limits = {"timeout": LONGEST_TIMEOUT, "deadline": LONGEST_DEADLINE, "parallel_requests": MOST_AT_ONCE}
    return problems + [
        f"{name}: invalid value {options[name]}: must be between 1 and {highest}"
        for name, highest in limits.items()
        if not 1 <= options[name] <= highest
    ]

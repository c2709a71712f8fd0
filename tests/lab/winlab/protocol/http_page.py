# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What HTTP.sys, or a proxy on the way, answers by itself: a status and a page, and no WS-Management.

HTTP.sys writes such an answer without the service behind it, in clear, in English whatever the display language, and closes the
connection after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

_PAGE = (
    '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN""http://www.w3.org/TR/html4/strict.dtd">\r\n'
    '<HTML><HEAD><TITLE>{title}</TITLE>\r\n<META HTTP-EQUIV="Content-Type" Content="text/html; charset=us-ascii"></HEAD>\r\n'
    "<BODY><h2>{title}</h2>\r\n<hr><p>HTTP Error {status}. {title}.</p>\r\n</BODY></HTML>\r\n"
)


@dataclass(frozen=True)
class HttpPage:
    """A status with its page, and the headers besides those of every answer."""

    status: int
    body: bytes
    headers: Mapping[str, str]


def page_of(options: Mapping[str, Any]) -> HttpPage:
    """The page for the options of the fault http_status: `status`, and `retry_after` for that header."""
    status = int(options["status"])
    headers = {"Content-Type": "text/html; charset=us-ascii", "Connection": "close"}
    if options.get("retry_after") is not None:
        headers["Retry-After"] = str(options["retry_after"])
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        headers["Proxy-Authenticate"] = 'Basic realm="proxy"'
    return HttpPage(status, _PAGE.format(title=HTTPStatus(status).phrase, status=status).encode(), headers)

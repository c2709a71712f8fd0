# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read TSIG keys from options, or from a key file in the format of BIND.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

No message here repeats a secret or a line of a key file.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from pathlib import Path

from .errors import DnsError, InvalidInputError
from .model import parse_name

DEFAULT_ALGORITHM = "hmac-sha256"
ALGORITHMS = ("hmac-sha256", "hmac-sha384", "hmac-sha512", "hmac-sha224", "hmac-sha1", "hmac-md5")
"""RFC 8945, section 6. MD5 is used only if the task specifies it."""

_KEY = re.compile(r'\bkey\s+(?:"([^"]+)"|([^\s"{;]+))\s*\{(.*?)\}\s*;', re.DOTALL)
_CLAUSE = re.compile(r'\b(algorithm|secret)\s+(?:"([^"]*)"|([^\s";]+))\s*;')
_COMMENT = re.compile(r'("[^"]*")|/\*.*?\*/|(?://|#)[^\n]*', re.DOTALL)


@dataclass(frozen=True)
class TsigKey:
    """A shared key. Its secret is not part of the repr."""

    name: str
    algorithm: str
    secret: bytes = field(repr=False)


def key_from_options(name: str, secret: str, algorithm: str | None) -> TsigKey:
    """Return the key of the options. Raises InvalidInputError if the name is invalid, or the secret is not base64."""
    return TsigKey(_checked_name(name), algorithm or DEFAULT_ALGORITHM, decode(secret))


def decode(secret: str) -> bytes:
    """Return the octets of a secret in base64. Raises InvalidInputError without the secret in its message."""
    try:
        octets = base64.b64decode("".join(secret.split()), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInputError(
            "key_secret is no base64 text; it is what stands in quotes after 'secret' in the server's key file"
        ) from None
    if not octets:
        raise InvalidInputError("key_secret is empty")
    return octets


def key_from_file(path: str, name: str | None, algorithm: str | None) -> TsigKey:
    """Return the key with this name in the file, or its only key. Raises DnsError `invalid_key_file` and InvalidInputError."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DnsError("invalid_key_file", f"{path}: {getattr(error, 'strerror', None) or 'it is no text'}.") from None
    keys = parse_key_file(text)
    wanted = None if name is None else _checked_name(name).casefold()
    fitting = [found for found in keys if wanted in (None, found.name.casefold())]
    if len(fitting) != 1:
        told = f"{len(keys)} keys" + (f", {len(fitting)} of them named {name}" if name else ", so say which with 'key_name'")
        raise DnsError("invalid_key_file", f"{path} holds {told}.")
    return _agreed(fitting[0], algorithm)


def _agreed(key: TsigKey, algorithm: str | None) -> TsigKey:
    """Return the key if its algorithm is supported, and is the algorithm of the task. Raises DnsError and InvalidInputError."""
    if key.algorithm not in ALGORITHMS:
        raise DnsError("invalid_key_file", f"Its algorithm {key.algorithm} is none of {', '.join(ALGORITHMS)}.")
    if algorithm is not None and algorithm != key.algorithm:
        raise InvalidInputError(f"key_algorithm is {algorithm}, and the key in key_file has {key.algorithm}: leave key_algorithm out")
    if key.algorithm == "hmac-md5" and algorithm is None:
        raise InvalidInputError("the key in key_file has hmac-md5, which is broken: make a new key, or insist with key_algorithm=hmac-md5")
    return key


def parse_key_file(text: str) -> list[TsigKey]:
    """Return all `key "name" { algorithm ...; secret "..."; };` statements of a file. Raises DnsError for an incomplete one."""
    keys = []
    for quoted, bare, body in _KEY.findall(_COMMENT.sub(lambda found: found[1] or " ", text)):
        clauses = {kind: quoted_value or value for kind, quoted_value, value in _CLAUSE.findall(body)}
        name = quoted or bare
        if set(clauses) != {"algorithm", "secret"}:
            raise DnsError("invalid_key_file", f"The key {name} has no algorithm or no secret.")
        keys.append(TsigKey(name.removesuffix("."), _algorithm(clauses["algorithm"]), _decoded(name, clauses["secret"])))
    if not keys:
        raise DnsError("invalid_key_file", "There is no 'key' statement in it.")
    return keys


def _algorithm(text: str) -> str:
    """Return the short form of a name of RFC 8945; hmac-md5 also has a long form."""
    name = text.casefold().rstrip(".")
    return name.removesuffix(".sig-alg.reg.int")


def _decoded(name: str, secret: str) -> bytes:
    try:
        return decode(secret)
    except InvalidInputError:
        raise DnsError("invalid_key_file", f"The secret of the key {name} is no base64 text.") from None


def _checked_name(name: str) -> str:
    try:
        return parse_name(name)
    except ValueError:
        # The text stays out: people write algorithm:name:secret here, as for nsupdate -y.
        raise InvalidInputError(
            "key_name is no name: give the bare name of the key, and the rest in key_secret and key_algorithm"
        ) from None

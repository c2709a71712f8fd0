# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""netsh advfirewall firewall add rule, delete rule, and show rule, the way to a firewall rule that every Windows has.

Nothing else of netsh; of show rule only the name, or name=all. Exit code 0 and "Ok.", or 1 and a sentence; the Japanese texts are
the lab's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..interfaces import CommandOutcome
from .firewall import ALLOW, ANY, BLOCK, DOMAIN, INBOUND, KMS_GROUP, OUTBOUND, PRIVATE, PUBLIC, Rule, valid_port
from .identity import machine_uuid

if TYPE_CHECKING:
    from .machine import Machine

NEWLINE = "\r\n"
_TEXTS = {
    "en": {"ok": "Ok.", "deleted": "Deleted {0} rule(s).", "none": "No rules match the specified criteria.",
           "wrong": "A specified value is not valid.", "unknown": "The following command was not found: {0}."},
    "ja": {"ok": "OK", "deleted": "{0} 規則を削除しました。", "none": "指定された条件に一致する規則はありません。",
           "wrong": "指定された値は無効です。", "unknown": "次のコマンドは見つかりませんでした: {0}"},
}  # fmt: skip
_SHOWN = {
    "en": ("Rule Name", "Enabled", "Direction", "Profiles", "Grouping", "LocalIP", "RemoteIP", "Protocol", "LocalPort", "RemotePort",
           "Edge traversal", "Action"),
    "ja": ("規則名", "有効", "方向", "プロファイル", "グループ", "ローカル IP", "リモート IP", "プロトコル", "ローカル ポート",
           "リモート ポート", "エッジ トラバーサル", "操作"),
}  # fmt: skip
_WORDS = {
    "en": {"yes": "Yes", "no": "No", "in": "In", "out": "Out", "any": "Any", "allow": "Allow", "block": "Block",
           DOMAIN: "Domain", PRIVATE: "Private", PUBLIC: "Public"},
    "ja": {"yes": "はい", "no": "いいえ", "in": "入力", "out": "出力", "any": "任意", "allow": "許可", "block": "ブロック",
           DOMAIN: "ドメイン", PRIVATE: "プライベート", PUBLIC: "パブリック"},
}  # fmt: skip
_GROUPS = {
    KMS_GROUP: ("Key Management Service", "キー管理サービス"),
    "@FirewallAPI.dll,-30267": ("Windows Remote Management", "Windows リモート管理"),
    "@FirewallAPI.dll,-28752": ("Remote Desktop", "リモート デスクトップ"),
    "@FirewallAPI.dll,-25000": ("Core Networking", "コア ネットワーク"),
}
_LABEL_WIDTH, _LINE_WIDTH = 38, 70
_PROFILES = {"domain": DOMAIN, "private": PRIVATE, "public": PUBLIC, "any": 0}
_OPTIONS = ("name", "dir", "action", "protocol", "localport", "program", "service", "profile", "enable", "description")


class _Wrong(Exception):
    """The rule makes no sense to netsh."""


def _options(words: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not value or name.casefold() not in _OPTIONS or name.casefold() in found:
            raise _Wrong
        found[name.casefold()] = value
    if "name" not in found:
        raise _Wrong
    return found


def _chosen(given: Mapping[str, str], option: str, choices: Mapping[str, int], usual: str | None = None) -> int:
    value = given.get(option, usual)
    if value is None or value.casefold() not in choices:
        raise _Wrong
    return choices[value.casefold()]


def _rule(machine: Machine, given: Mapping[str, str]) -> Rule:
    """The rule of an add rule command; needs name, dir and action, and TCP or UDP for a port."""
    protocol = given.get("protocol", ANY)
    ports = tuple(port.strip() for port in given.get("localport", ANY).split(","))
    if not all(valid_port(port) for port in ports) or ("localport" in given and protocol.upper() not in ("TCP", "UDP")):
        raise _Wrong
    profiles = 0
    for name in given.get("profile", "any").split(","):
        profiles |= _chosen({"profile": name.strip()}, "profile", _PROFILES)
    number = sum(1 for _rule in machine.firewall.rules())
    name = given["name"]
    return Rule(
        f"{{{machine_uuid('rule', machine.name, name, number).upper()}}}", name, name, name,
        enabled=bool(_chosen(given, "enable", {"yes": 1, "no": 0}, "yes")),
        direction=_chosen(given, "dir", {"in": INBOUND, "out": OUTBOUND}),
        action=_chosen(given, "action", {"allow": ALLOW, "block": BLOCK}),
        profiles=profiles, protocol=protocol, ports=ports, program=given.get("program", ""), service=given.get("service", ""),
    )  # fmt: skip


def _delete(machine: Machine, given: Mapping[str, str]) -> int:
    """Remove the rules of this display name; how many there were."""
    wanted = given["name"].casefold()
    found = [rule.name for rule in machine.firewall.rules() if wanted in _names(rule)]
    for name in found:
        machine.firewall.remove(name)
    return len(found)


def _names(rule: Rule) -> tuple[str, str]:
    return rule.english.casefold(), rule.japanese.casefold()


def _shown(machine: Machine, rule: Rule) -> str:
    """One rule as show rule prints it. Addresses and edge traversal are not simulated."""
    words, is_japanese = _WORDS[machine.language], machine.language == "ja"
    profiles = [words[bit] for bit in (DOMAIN, PRIVATE, PUBLIC) if not rule.profiles or rule.profiles & bit]
    has_ports = rule.protocol.upper() in ("TCP", "UDP")
    ports = ",".join(words["any"] if port == ANY else port for port in rule.ports)
    values: Sequence[str | None] = (
        rule.japanese if is_japanese else rule.english,
        words["yes" if rule.enabled else "no"],
        words["in" if rule.direction == INBOUND else "out"],
        ",".join(profiles),
        _GROUPS[rule.group][is_japanese] if rule.group in _GROUPS else rule.group,
        words["any"],
        words["any"],
        words["any"] if rule.protocol == ANY else rule.protocol.upper(),
        ports if has_ports else None,
        words["any"] if has_ports else None,
        words["no"],
        words["allow" if rule.action == ALLOW else "block"],
    )
    labels = _SHOWN[machine.language]
    lines = [f"{label + ':':{_LABEL_WIDTH}}{value}" for label, value in zip(labels, values, strict=True) if value is not None]
    return NEWLINE.join(["", lines[0], "-" * _LINE_WIDTH, *lines[1:], ""])


def _show(machine: Machine, given: Mapping[str, str]) -> str:
    """The rules of this display name, or all of them; "" when there is none."""
    if set(given) != {"name"}:
        raise _Wrong
    wanted = given["name"].casefold()
    return "".join(_shown(machine, rule) for rule in machine.firewall.rules() if wanted == "all" or wanted in _names(rule))


async def run(machine: Machine, words: Sequence[str]) -> CommandOutcome:
    """netsh advfirewall firewall add|delete|show rule name=... ..."""
    say = _TEXTS[machine.language]
    command = [word.casefold() for word in words[:4]]
    unknown = command[:2] != ["advfirewall", "firewall"] or "advfirewall" in machine.MISSING
    if unknown or command[2:] not in (["add", "rule"], ["delete", "rule"], ["show", "rule"]):
        return CommandOutcome(say["unknown"].format(" ".join(words)) + NEWLINE, "", 1)
    try:
        given = _options(words[4:])
        if command[2] == "add":
            machine.firewall.add(_rule(machine, given))
            return CommandOutcome(say["ok"] + NEWLINE * 2, "", 0)
        if command[2] == "show" and (shown := _show(machine, given)):
            return CommandOutcome(shown + say["ok"] + NEWLINE * 2, "", 0)
        count = _delete(machine, given) if command[2] == "delete" else 0
    except _Wrong:
        return CommandOutcome(NEWLINE + say["wrong"] + NEWLINE, "", 1)
    if not count:
        return CommandOutcome(NEWLINE + say["none"] + NEWLINE * 2, "", 1)
    return CommandOutcome(NEWLINE + say["deleted"].format(count) + NEWLINE + say["ok"] + NEWLINE * 2, "", 0)

# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Setting up: links that hold only what ships, an environment free of a person's own Ansible settings, quiet packages."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import apt
import sanity
from project import BIN, LINKED, NAME, NAMESPACE, ROOT, ToolError, environment, link_collection


def test_only_what_a_collection_may_use_is_linked(tmp_path: Path) -> None:
    link_collection(tmp_path)
    collection = tmp_path / "ansible_collections" / NAMESPACE / NAME
    assert {path.name for path in collection.iterdir()} == set(LINKED)
    assert all((collection / name).resolve() == ROOT / name for name in LINKED)


def test_a_link_to_another_place_is_put_right_and_a_right_one_left(tmp_path: Path) -> None:
    link_collection(tmp_path)
    collection = tmp_path / "ansible_collections" / NAMESPACE / NAME
    (collection / "meta").unlink()
    (collection / "meta").symlink_to("elsewhere")
    before = (collection / "plugins").lstat().st_mtime_ns
    link_collection(tmp_path)
    assert (collection / "meta").resolve() == ROOT / "meta"
    assert (collection / "plugins").lstat().st_mtime_ns == before


def test_ansible_settings_of_the_person_do_not_reach_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_STRATEGY", "free")
    monkeypatch.setenv("ANSIBLE_COLLECTIONS_PATH", "/elsewhere")
    env = environment()
    assert "ANSIBLE_STRATEGY" not in env
    assert "ANSIBLE_COLLECTIONS_PATH" not in env
    assert env["ANSIBLE_HOME"] == str(ROOT / ".ansible")
    assert env["PATH"].split(os.pathsep)[0] == str(ROOT / ".venv" / "bin")


def test_modules_on_localhost_leave_nothing_in_the_home_of_the_person(tmp_path: Path) -> None:
    place = tmp_path / "with a blank (1)"
    command = [str(BIN / "ansible"), "localhost", "--connection", "local", "--module-name", "ansible.builtin.ping", "-vvv"]
    done = subprocess.run(command, check=True, capture_output=True, env=environment(ANSIBLE_HOME=str(place)), text=True)
    # Its home is that of the account, whatever HOME says: only what Ansible tells of its work shows where it was done.
    assert f"{place}/tmp/ansible-tmp-" in done.stdout
    assert ".ansible/tmp" not in done.stdout


def test_services_stay_down_while_packages_are_installed_and_the_guard_goes_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apt, "POLICY", tmp_path / "policy-rc.d")
    with pytest.raises(RuntimeError), apt.services_kept_down():  # noqa: PT012
        assert os.access(apt.POLICY, os.X_OK)
        assert "exit 101" in apt.POLICY.read_text(encoding="utf-8")
        raise RuntimeError
    assert not apt.POLICY.exists()


def test_a_guard_somebody_else_put_there_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apt, "POLICY", tmp_path / "policy-rc.d")
    apt.POLICY.write_text("theirs", encoding="utf-8")
    with apt.services_kept_down():
        assert apt.POLICY.read_text(encoding="utf-8") == "theirs"
    assert apt.POLICY.read_text(encoding="utf-8") == "theirs"


def test_who_may_not_install_packages_is_told_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(ToolError, match="As root: apt-get install --no-install-recommends bind9"):
        apt.install("bind9", needed_for="the lab's name server")


@pytest.fixture
def brought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which smbd starts, and apt-get brings named and a socket that start too; `calls` is what was run, /etc is `etc`."""
    programs, calls, etc = tmp_path / "bin", tmp_path / "calls", tmp_path / "etc"
    for link in ("rc3.d/S01smbd", "systemd/system/multi-user.target.wants/smbd.service"):
        (etc / link).parent.mkdir(parents=True)
        (etc / link).touch()
    sockets = etc / "systemd/system/sockets.target.wants"
    brings = f"mkdir -p {sockets}; : >{sockets}/uuidd.socket; : >{etc}/rc3.d/S01named"
    programs.mkdir()
    for name, does in (
        ("apt-get", f'[ "$3" = update ] || {{ {brings}; }}'),
        ("update-rc.d", f"/bin/rm {etc}/rc3.d/S01$1"),
        ("systemctl", ""),
    ):
        (programs / name).write_text(f'#!/bin/sh\nPATH=/bin:/usr/bin\necho {name} "$@" >>{calls}\n{does}\n', encoding="utf-8")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setattr(apt, "ETC", etc)
    monkeypatch.setattr(apt, "POLICY", tmp_path / "policy-rc.d")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return tmp_path


def test_services_that_came_with_packages_do_not_start_with_the_machine_and_those_from_before_still_do(brought: Path) -> None:
    apt.install("bind9", needed_for="the lab's name server")
    calls = (brought / "calls").read_text(encoding="utf-8").splitlines()
    assert calls[2:] == ["update-rc.d named disable", "systemctl disable uuidd.socket"]


def test_the_same_holds_in_a_container_without_systemd(brought: Path) -> None:
    (brought / "bin" / "systemctl").unlink()
    apt.install("bind9", needed_for="the lab's name server")
    assert not list((brought / "etc").rglob("uuidd.socket"))
    assert (brought / "etc/systemd/system/multi-user.target.wants/smbd.service").exists()


def test_what_apt_said_is_shown_when_it_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "apt-get").write_text("#!/bin/sh\necho unable to locate package\nexit 100\n", encoding="utf-8")
    (tmp_path / "apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(apt, "POLICY", tmp_path / "policy-rc.d")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(ToolError, match=r"(?s)unable to locate package.*exit code 100 from: apt-get install"):
        apt.install("wsl", needed_for="a client")


def test_only_the_packages_that_are_missing_are_asked_for(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(apt, "CLIENT", {"sh": "dash", "no-such-program": "wsl"})
    apt.install_client()
    assert "As root: apt-get install --no-install-recommends wsl\n" in capsys.readouterr().out


def test_what_is_set_for_pip_reaches_the_environments_of_ansible_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example/simple")
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    sanity.write_pip_settings(tmp_path)
    written = tmp_path / ".config" / "pip" / "pip.conf"
    text = written.read_text(encoding="utf-8")
    assert "index-url = https://index.example/simple" in text
    assert "proxy = http://proxy.example:3128" in text
    assert written.stat().st_mode & 0o077 == 0

"""Ansible's community.general.xenserver_guest_info, unmodified: it reads a VM with all that belongs to it."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from simulator.running import Simulation, running
from simulator.scenes.loader import parse

REQUIREMENTS = Path(__file__).with_name("ansible-requirements.txt")
CACHE = Path(__file__).parents[3] / "var" / "test-cache"
INSTALL_TIMEOUT = 240
SCENE = """
name: guests
hosts:
  - name: xs-01
    vms:
      - name: web
        power_state: Running
        memory_mib: 1024
        vcpus: 2
        disks: [{name: web root, size_gib: 10}]
        networks: [Pool-wide network 0]
      - {name: resting}
"""


def run(*command: str | Path, timeout: float, **more: str) -> subprocess.CompletedProcess[str]:
    known = os.environ | more
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, env=known)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Several runs of the tests may want to install at the same time."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def ansible() -> Path:
    """The `ansible` command of an environment of its own, installed once for each list of versions."""
    folder = CACHE / f"ansible-{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]}"
    made = folder / "complete"
    with alone(folder):
        if not made.is_file():
            install(folder)
            made.touch()
    return folder / "bin" / "ansible"


def install(folder: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    if not uv.is_file():
        pytest.skip("uv is not installed: Ansible's xenserver modules were not tried")
    shutil.rmtree(folder, ignore_errors=True)
    python = folder / "bin" / "python"
    exactly = ("--no-cache", "--system-certs", "--require-hashes", "-r", REQUIREMENTS)
    packages = (uv, "pip", "install", *exactly, "--python", python)
    try:
        for each in ((uv, "venv", "--python", sys.executable, folder), packages):
            done = run(*each, timeout=INSTALL_TIMEOUT)
            if done.returncode:
                pytest.skip(f"Ansible's xenserver modules cannot be installed: {done.stderr.strip()[-200:]}")
    except subprocess.TimeoutExpired:
        pytest.skip("PyPI does not answer: Ansible's xenserver modules were not tried")


@pytest.fixture
def sim() -> Iterator[Simulation]:
    with running(parse(SCENE, "guests.yaml")) as found:
        yield found


def ask(ansible: Path, sim: Simulation, home: Path, **arguments: object) -> dict[str, object]:
    """What the module answers; over http, as it would do by itself, there is nobody."""
    host = sim.hosts[0]
    login = {
        "hostname": f"https://{host.address}:{host.port}",
        "username": host.username,
        "password": host.password,
        "validate_certs": False,
    }
    done = run(
        ansible, "localhost", "-i", "localhost,", "-c", "local", "-m", "community.general.xenserver_guest_info",
        "-e", f"ansible_python_interpreter={ansible.with_name('python')}", "-a", json.dumps(login | arguments),
        timeout=60, ANSIBLE_HOME=str(home), ANSIBLE_NOCOLOR="1", ANSIBLE_LOCALHOST_WARNING="0",
    )  # fmt: skip
    assert "=>" in done.stdout, done.stdout + done.stderr
    answer = json.loads(done.stdout.partition("=>")[2])
    assert isinstance(answer, dict)
    return answer


def test_ansible_reads_a_vm_with_its_disks_and_interfaces(ansible: Path, sim: Simulation, tmp_path: Path) -> None:
    host = sim.hosts[0]
    found = ask(ansible, sim, tmp_path, name="web")["instance"]
    assert isinstance(found, dict)
    assert found["uuid"] == host.database.field("VM", host.database.find("VM", name_label="web")[0], "uuid")
    assert (found["state"], found["home_server"], found["is_template"]) == ("poweredon", host.name, False)
    assert (found["hardware"]["num_cpus"], found["hardware"]["memory_mb"]) == (2, 1024)
    [disk] = found["disks"]
    assert (disk["name"], disk["size"], disk["sr"]) == ("web root", 10 * 1024**3, "Local storage")
    [interface] = found["networks"]
    assert interface["name"] == "Pool-wide network 0"
    assert {call.transport for call in sim.calls()} == {"xmlrpc"}
    assert {call.outcome for call in sim.calls()} == {"ok"}


def test_ansible_says_that_there_is_no_such_vm(ansible: Path, sim: Simulation, tmp_path: Path) -> None:
    answer = ask(ansible, sim, tmp_path, uuid="00000000-0000-0000-0000-000000000000")
    assert answer["msg"] == "VM search: VM with UUID '00000000-0000-0000-0000-000000000000' not found!"

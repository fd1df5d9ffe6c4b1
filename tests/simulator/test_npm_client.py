"""npm's xen-api (Xen Orchestra's client): the strictest reader of the wire there is."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from simulator.world.host import HostMachine

PACKAGE = "xen-api@4.7.6"
SCRIPT = Path(__file__).with_name("npm_client.mjs")
CACHE = Path(__file__).parents[2] / "var" / "test-cache"
STORE = Path("/etc/ssl/certs/ca-certificates.crt")
INSTALL_TIMEOUT = 180


def run(*command: str, timeout: float) -> subprocess.CompletedProcess[str]:
    """Trust whom this machine trusts: node brings certificates of its own."""
    trusted = os.environ | ({"NODE_EXTRA_CA_CERTS": str(STORE)} if STORE.is_file() else {})
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, env=trusted)


@pytest.fixture(scope="session")
def node() -> str:
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not installed: npm's xen-api was not tried")
    return found


@pytest.fixture(scope="session")
def entry(node: str) -> Path:
    """The package's entry module, installed once for all runs."""
    folder = CACHE / PACKAGE.replace("@", "-")
    module = folder / "node_modules" / "xen-api" / "index.mjs"
    if module.is_file():
        return module
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed: npm's xen-api was not tried")
    folder.mkdir(parents=True, exist_ok=True)
    install = (npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE)
    try:
        done = run(*install, timeout=INSTALL_TIMEOUT)
    except subprocess.TimeoutExpired:
        pytest.skip("npm's registry does not answer: npm's xen-api was not tried")
    if done.returncode:
        pytest.skip(f"npm cannot install {PACKAGE}: {done.stderr.strip()[-200:]}")
    return module


@pytest.mark.parametrize(("transport", "spoken"), [("auto", "jsonrpc"), ("xml-rpc", "xmlrpc")])
def test_npm_xen_api_logs_in_reads_watches_and_passes_a_barrier(
    node: str, entry: Path, member: HostMachine, transport: str, spoken: str
) -> None:
    """Left to itself it speaks JSON; one wrong content type and it falls back without a word.

    A member sends it to the coordinator, at the port of the member's URL (protocol.md 6.1).
    """
    host = member.world.machines[0]
    asked = member if transport == "auto" else host
    url = f"https://{asked.address}:{asked.port}"
    done = run(node, str(SCRIPT), str(entry), transport, url, host.username, host.password, timeout=60)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert told == {
        "pool": "pool",
        "hosts": [host.address, member.address],
        "behind": "changed before the barrier",
        "refusal": ["UUID_INVALID", "host", "none"],
    }
    assert done.stderr == ""
    assert {call.transport for call in host.world.calllog.calls(host=host.name)} == {spoken}

"""The listener of tests/fixtures/codes.py really fails a session, with and without xdist."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MEETS = """
from pools.xapi.errors import failure

def test_that_meets_an_error():
    assert failure(["{code}", "a"]).code == "{code}"
"""


def session(folder: Path, code: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run one test that meets this code."""
    test = folder / "test_meets.py"
    test.write_text(MEETS.format(code=code), "utf-8")
    plain = ("-q", "-p", "no:django", "-p", "no:cacheprovider", "-c", "/dev/null", f"--rootdir={folder}")
    command = [sys.executable, "-m", "pytest", *plain, "-p", "tests.fixtures.codes", *options, str(test)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("options", [(), ("-n1",)], ids=["alone", "with a worker"])
def test_a_session_that_met_an_unexplained_code_fails_and_names_it(tmp_path: Path, options: tuple[str, ...]) -> None:
    ended = session(tmp_path, "CODE_OF_THE_NEXT_RELEASE", *options)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "1 passed" in ended.stdout
    assert "CODE_OF_THE_NEXT_RELEASE" in ended.stdout


def test_a_session_that_met_explained_codes_passes(tmp_path: Path) -> None:
    ended = session(tmp_path, "HOST_IS_SLAVE")
    assert ended.returncode == 0, ended.stdout + ended.stderr

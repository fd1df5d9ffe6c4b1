import pytest

from launcher.ports import bind, free_port, listening_socket


def test_a_busy_port_is_replaced_by_a_free_one_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    with listening_socket(free_port()) as first:
        busy = first.getsockname()[1]
        capsys.readouterr()
        with listening_socket(busy) as second:
            taken = second.getsockname()[1]
            assert taken != busy
            assert capsys.readouterr().out == f"Port {busy} is busy; taking {taken}.\n"


def test_a_listening_port_is_not_taken_twice() -> None:
    with listening_socket(free_port()) as first:
        assert bind(first.getsockname()[1]) is None

"""Garbage over both transports: every request gets an answer or the door, and the host lives on."""

import json
import random

import pytest

from simulator.world.host import HostMachine
from tests.simulator.rpc import Rpc, send_raw, xml_call

ROUNDS = 60
METHODS = ("pool.get_all", "host.get_record", "event.from", "VM.create", "network.create", "task.cancel", "x.y")


def anything(dice: random.Random, depth: int = 0) -> object:
    leaves: list[object] = [None, True, -1, 2**70, 1.5, "", "x\x00", "\ud800", "OpaqueRef:NULL", float("nan")]
    if depth > 3 or dice.random() < 0.6:
        return dice.choice(leaves)
    if dice.random() < 0.5:
        return [anything(dice, depth + 1) for _ in range(dice.randrange(4))]
    return {str(anything(dice, 9)): anything(dice, depth + 1) for _ in range(dice.randrange(4))}


def spoiled(dice: random.Random, data: bytes) -> bytes:
    """Some bytes changed, cut or doubled."""
    place = dice.randrange(len(data))
    return dice.choice(
        [
            data[:place],
            data[:place] + bytes([dice.randrange(256)]) + data[place + 1 :],
            data[:place] + data[place // 2 :],
        ]
    )


def request(path: str, body: bytes) -> bytes:
    return f"POST {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize("seed", range(3))
def test_spoiled_bodies_never_stop_a_host(host: HostMachine, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - the same dice at every run
    session = Rpc(host).session
    for _ in range(ROUNDS):
        method = dice.choice(METHODS)
        params = [session, anything(dice), anything(dice)][: dice.randrange(4)]
        as_json = json.dumps({"method": method, "params": params, "id": anything(dice)}).encode()
        path, body = dice.choice([("/jsonrpc", as_json), ("/", xml_call(method, session, "<i4>5</i4>"))])
        if dice.random() < 0.5:
            body = spoiled(dice, body)
        assert send_raw(host, request(path, body)).startswith(b"HTTP/1.1 ")
    assert Rpc(host).call("pool.get_all")


def test_spoiled_heads_never_stop_a_host(host: HostMachine) -> None:
    dice = random.Random(7)  # noqa: S311 - the same dice at every run
    whole = request("/", xml_call("pool.get_all", "x"))
    for _ in range(ROUNDS):
        noise = dice.randbytes(dice.randrange(1, 400)) + b"\r\n\r\n"
        send_raw(host, dice.choice([noise, whole[: dice.randrange(10)] + noise]))
    assert Rpc(host).call("pool.get_all")

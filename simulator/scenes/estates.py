"""Many equal pools in a few lines: `{pool}` is the number of a pool, `{n}` that of a server or VM in it."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from simulator.scenes.model import EstateSpec, HostSpec, PoolSpec, Scene, VmSpec
from simulator.scenes.validate import SceneError

Spec = TypeVar("Spec")


def spell_out(scene: Scene, file: str) -> Scene:
    """The scene with the servers and pools of its estates."""
    hosts, pools = list(scene.hosts), list(scene.pools)
    for place, estate in enumerate(scene.estates):
        _check(estate, file, f"scene.estates[{place}]")
        for number in range(1, estate.pools + 1):
            named = [replace(host, count=1) for host in _hosts(estate, number)]
            hosts += named
            pools.append(_pool(estate, number, named))
    return replace(scene, hosts=tuple(hosts), pools=tuple(pools), estates=())


def _check(estate: EstateSpec, file: str, path: str) -> None:
    for name in ("pools", "hosts"):
        if getattr(estate, name) < 1:
            raise SceneError(file, f"{path}.{name}", "a number from 1", getattr(estate, name))
    for name, text, marks in (
        ("name", estate.name, ("{pool",)),
        ("host.name", estate.host.name, ("{pool", "{n")),
        ("vm.name", estate.vm.name, ("{pool", "{n")),
    ):
        if not all(mark in text for mark in marks):
            raise SceneError(file, f"{path}.{name}", " and ".join(f"{mark}}}" for mark in marks) + " in it", text)
    try:
        list(_hosts(estate, 1)), _vm(estate, 1, 1), estate.name.format(pool=1)
    except (LookupError, ValueError) as error:
        raise SceneError(file, path, "no names but {pool} and {n} in braces", str(error)) from error


def _hosts(estate: EstateSpec, pool: int) -> Iterator[HostSpec]:
    """The storage is the first one's: it leads the pool, and the others plug what is shared."""
    for n in range(1, estate.hosts + 1):
        srs = estate.host.srs + (estate.storage if n == 1 else ())
        yield _filled(replace(estate.host, srs=srs), pool=pool, n=n)


def _pool(estate: EstateSpec, number: int, hosts: list[HostSpec]) -> PoolSpec:
    share, more = divmod(estate.vms, estate.pools)
    count = share + (number <= more)
    return PoolSpec(
        name=estate.name.format(pool=number),
        master=hosts[0].name,
        members=tuple(host.name for host in hosts[1:]),
        vms=tuple(_vm(estate, number, n) for n in range(1, count + 1)),
    )


def _vm(estate: EstateSpec, pool: int, n: int) -> VmSpec:
    return _filled(estate.vm, pool=pool, n=n)


def _filled(spec: Spec, **numbers: int) -> Spec:
    """All texts of a specification and of those in its lists, with the numbers put in."""
    if isinstance(spec, str):
        return spec.format(**numbers) if "{" in spec else spec  # type: ignore[return-value]
    if isinstance(spec, tuple):
        return tuple(_filled(item, **numbers) for item in spec)  # type: ignore[return-value]
    if not is_dataclass(spec):
        return spec
    old = {item.name: getattr(spec, item.name) for item in fields(spec) if item.init}
    new = {name: _filled(value, **numbers) for name, value in old.items()}
    changed = {name: value for name, value in new.items() if value is not old[name] and value != old[name]}
    return replace(spec, **changed) if changed else spec  # type: ignore[type-var]

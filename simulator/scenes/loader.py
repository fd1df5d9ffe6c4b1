"""Scenes are YAML files, beside this module or anywhere else."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import yaml

from simulator.scenes.damages import DAMAGES
from simulator.scenes.estates import spell_out
from simulator.scenes.model import HostSpec, Scene
from simulator.scenes.obstacles import OBSTACLES
from simulator.scenes.rules import SPOILERS
from simulator.scenes.validate import SceneError, build
from simulator.world.hardware import CPUS

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """The scenes that come with the simulator."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def load(name_or_path: str) -> Scene:
    """A scene by its name, or by the path of a file of one's own."""
    path = Path(name_or_path)
    if path.suffix not in {".yaml", ".yml"}:
        path = FOLDER / f"{name_or_path}.yaml"
    if not path.is_file():
        raise SceneError(name_or_path, "scene", f"a file, or one of {', '.join(names())}", name_or_path)
    return parse(path.read_text(), path.name)


def parse(text: str, file: str) -> Scene:
    """Check the text of a scene file and spell out hosts that are counted."""
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise SceneError(file, "scene", f"YAML ({error})") from error
    if isinstance(data, dict):
        data = {key: value for key, value in data.items() if not str(key).startswith("x-")}
    scene = build(Scene, data, file=file)
    scene = spell_out(replace(scene, hosts=tuple(_spelled_out(scene.hosts, file))), file)
    _check(scene, file)
    return scene


def _spelled_out(hosts: tuple[HostSpec, ...], file: str) -> Iterator[HostSpec]:
    for place, host in enumerate(hosts):
        if host.count > 1 and "{n" not in host.name:
            raise SceneError(file, f"scene.hosts[{place}].name", "{n} in the name of a counted host", host.name)
        for n in range(1, host.count + 1):
            yield replace(host, name=host.name.format(n=n), count=1) if "{n" in host.name else host


def _check(scene: Scene, file: str) -> None:
    if not scene.hosts:
        raise SceneError(file, "scene.hosts", "at least one host")
    for name, times in Counter(host.name for host in scene.hosts).items():
        if times > 1:
            raise SceneError(file, "scene.hosts", "names that differ", name)
    for host in scene.hosts:
        if host.cpu.model not in CPUS:
            raise SceneError(file, f"{host.name}.cpu.model", f"one of {', '.join(CPUS)}", host.cpu.model)
        for rule in host.spoil:
            if rule not in SPOILERS:
                raise SceneError(file, f"{host.name}.spoil", f"one of {', '.join(SPOILERS)}", rule)
    _check_pools(scene, file)
    _check_guests(scene, file)
    _check_cables(scene, file)
    _check_damage(scene, file)


def _check_damage(scene: Scene, file: str) -> None:
    for place, each in enumerate(scene.damage):
        if each.name not in DAMAGES:
            raise SceneError(file, f"damage[{place}].name", f"one of {', '.join(DAMAGES)}", each.name)
        if each.host not in {host.name for host in scene.hosts}:
            raise SceneError(file, f"damage[{place}].host", "a host of this scene", each.host)


def _check_cables(scene: Scene, file: str) -> None:
    ports = {f"{switch.name}/{port.name}" for switch in scene.switches for port in switch.ports}
    taken: set[str] = set()
    for host in scene.hosts:
        for device, port in host.cables.items():
            if not port:
                continue
            if port not in ports:
                raise SceneError(file, f"{host.name}.cables.{device}", "a port as switch/port", port)
            if port in taken:
                raise SceneError(file, f"{host.name}.cables.{device}", "a port without a cable", port)
            taken.add(port)


def _check_guests(scene: Scene, file: str) -> None:
    pools = [(pool.name, pool.vms, (pool.master, *pool.members)) for pool in scene.pools]
    for owner, vms, places in (*((host.name, host.vms, (host.name,)) for host in scene.hosts), *pools):
        for vm in vms:
            if vm.host and vm.host not in places:
                raise SceneError(file, f"{owner}.{vm.name}.host", "a host of this pool", vm.host)
            if vm.obstacle and vm.obstacle not in OBSTACLES:
                wanted = f"one of {', '.join(OBSTACLES)}"
                raise SceneError(file, f"{owner}.{vm.name}.obstacle", wanted, vm.obstacle)


def _check_pools(scene: Scene, file: str) -> None:
    free = {host.name for host in scene.hosts}
    for pool in scene.pools:
        for name in (pool.master, *pool.members):
            if name not in free:
                raise SceneError(file, f"pools.{pool.name}", "hosts of this scene, each in one pool only", name)
            free.remove(name)

"""Messages, faults and control routes are declared where they are written: importing the module is enough."""

import importlib
import pkgutil
from functools import cache

PACKAGE = "simulator"


@cache
def load_everything() -> None:
    """Import every module of the simulator but the one that starts it from a shell."""
    package = importlib.import_module(PACKAGE)
    for found in pkgutil.walk_packages(package.__path__, f"{PACKAGE}."):
        if not found.name.endswith(".__main__"):
            importlib.import_module(found.name)

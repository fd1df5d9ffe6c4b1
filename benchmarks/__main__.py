"""``./bench NAME``: runs ``main(argv)`` of the module of that name."""

import importlib
import pkgutil
import sys

import benchmarks


def names() -> dict[str, str]:
    """Return each benchmark with the first line of its docstring."""
    found = (module.name for module in pkgutil.iter_modules(benchmarks.__path__) if not module.name.startswith("_"))
    described = {name: importlib.import_module(f"benchmarks.{name}") for name in found}
    return {
        name: (module.__doc__ or "").strip().partition("\n")[0]
        for name, module in described.items()
        if hasattr(module, "main")
    }


def main(argv: list[str]) -> int:
    known = names()
    if not argv or argv[0] not in known:
        sys.stdout.writelines(["usage: ./bench NAME [options]\n", *(f"  {name:14} {known[name]}\n" for name in known)])
        return 0 if not argv else 2
    return int(importlib.import_module(f"benchmarks.{argv[0]}").main(argv[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

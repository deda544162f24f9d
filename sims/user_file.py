"""A file of anybody's as a module."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType


def imported(path: Path, name: str) -> ModuleType:
    """The module of a file under a name, the modules beside it importable; whatever it raises is passed on."""
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look themselves up there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module

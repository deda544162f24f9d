"""A file of anybody's as a module, and an object in it."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

from sims.user_file import imported


def module(path: Path) -> ModuleType:
    """The module of a file, with the modules beside it importable; read anew each time.

    Raises:
        ValueError: if it cannot be imported, with the reason.
    """
    path = path.resolve()
    try:
        return imported(path, f"statement_{path.stem}")
    except (Exception, SystemExit) as error:  # anybody's code may raise anything
        raise ValueError(f"{path.name} cannot be imported: {type(error).__name__}: {error}") from error


def named(text: str) -> Any:
    """What `module:Name` or `path/to/file.py:Name` means; a class is called without arguments.

    Raises:
        ValueError: if it means nothing, or the class wants arguments.
    """
    source, colon, name = text.rpartition(":")
    if not colon or not name:
        raise ValueError(f"--estimator must be module:Class or file.py:Class, got {text!r}")
    try:
        holder = module(Path(source)) if source.endswith(".py") else importlib.import_module(source)
        found = getattr(holder, name)
        return found() if isinstance(found, type) else found
    except (Exception, SystemExit) as error:  # anybody's code may raise anything
        raise ValueError(
            f"--estimator {text!r} cannot be made: {type(error).__name__}: {error}; if the class needs arguments, "
            "make the object in a file of your own and give file.py:object"
        ) from error

"""The folder is the registry: a figure is a file here that names the CLAIMS it reads."""

import ast
import difflib
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parent


def claims() -> dict[str, tuple[str, ...]]:
    """Each figure with the claims it reads, the one in whose section it belongs first; nothing is imported."""
    return {path.stem: names for path in sorted(HERE.glob("*.py")) if (names := _claims(path))}


def captions() -> dict[str, str]:
    """Each figure with its caption, the first string of its file; nothing is imported."""
    return {name: ast.get_docstring(ast.parse((HERE / f"{name}.py").read_bytes())) or name for name in claims()}


def _claims(path: Path) -> tuple[str, ...]:
    """The constant CLAIMS of a file, empty if it has none."""
    for node in ast.parse(path.read_bytes()).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if value is not None and any(getattr(target, "id", "") == "CLAIMS" for target in targets):
            return tuple(ast.literal_eval(value))
    return ()


def find(names: Iterable[str] = ()) -> tuple[str, ...]:
    """The figures of these names, all if none is given.

    Raises:
        ValueError: if a name is no figure, with the names near it.
    """
    known, chosen = claims(), tuple(dict.fromkeys(names))
    for name in chosen:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
            hint = f"near it: {', '.join(near)}" if near else f"there are {', '.join(known)}"
            raise ValueError(f"no figure is called {name!r}; {hint}")
    return chosen or tuple(known)

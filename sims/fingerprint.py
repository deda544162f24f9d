"""What code a claim stands on: a hash of syntax trees, so that comments and docstrings do not count."""

import ast
import functools
import hashlib
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
OURS = ("theory", "sims", "figures")
SKIPPED = frozenset({"ctx", "kind", "type_comment"})  # say nothing that the tree does not say already
UNSEEN = ("theory/", "sims/judge.py")  # what no `simulate` of ours touches, which the tests make sure of


def fingerprint(path: Path) -> str:
    """SHA-256 of a claim's file and of every first-party module that its imports reach.

    First-party are `theory`, `sims`, `figures`, and for a file outside the project the modules beside it.
    A file that does not parse counts with its bytes. The value does not depend on where the project
    lies, nor on the version of Python.
    """
    return _hashed(path.resolve(), ())


def witness(path: Path) -> str:
    """SHA-256 of what a claim's observations stand on: as `fingerprint`, without the theory and the judges.

    For a file outside the project it is the fingerprint: nobody has made sure that its `simulate` uses no theory.
    """
    path = path.resolve()
    return _hashed(path, UNSEEN if _ours(path) else ())


def _hashed(path: Path, without: tuple[str, ...]) -> str:
    """SHA-256 of the trees that the imports reach, but for modules whose name begins like one of `without`."""
    trees: dict[str, str] = {}
    seen: set[Path] = set()
    todo = [path, *_packages(path)]
    while todo:
        file = todo.pop()
        if file in seen:
            continue
        seen.add(file)
        name = _name(file, path.parent)
        if name.startswith(without):
            continue
        stat = file.stat()
        trees[name], imports = _read(file, stat.st_mtime_ns, stat.st_size)
        for level, dotted in imports:
            todo += _resolve(file, path.parent, level, dotted)
    text = "\n".join(f"{name} {trees[name]}" for name in sorted(trees))
    return hashlib.sha256(text.encode()).hexdigest()


def _name(file: Path, beside: Path) -> str:
    """The file's name in the hash: relative, so that a clone elsewhere agrees."""
    return file.relative_to(PROJECT if _ours(file) else beside).as_posix()


def _ours(file: Path) -> bool:
    return file.is_relative_to(PROJECT) and file.relative_to(PROJECT).parts[0] in OURS


def _packages(file: Path) -> list[Path]:
    """The `__init__` files that run when a file of ours is imported."""
    if not _ours(file):
        return []
    folders = [parent for parent in file.parents if parent != PROJECT and parent.is_relative_to(PROJECT)]
    return [init for folder in folders if (init := folder / "__init__.py").exists()]


@functools.cache
def _read(file: Path, modified: int, size: int) -> tuple[str, tuple[tuple[int, str], ...]]:
    """The hash of one file's tree, and what it imports as (level, dotted name)."""
    source = file.read_bytes()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return hashlib.sha256(source).hexdigest(), ()
    imports: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports += [(0, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            imports.append((node.level, base))
            imports += [(node.level, f"{base}.{alias.name}".lstrip(".")) for alias in node.names]
        _drop_docstring(node)
    return hashlib.sha256(_text(tree).encode()).hexdigest(), tuple(imports)


def _drop_docstring(node: ast.AST) -> None:
    if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and node.body:
        first = node.body[0]
        if (
            isinstance(first, ast.Expr)
            and isinstance(first.value, ast.Constant)
            and isinstance(first.value.value, str)
        ):
            node.body = node.body[1:]


def _text(node: object) -> str:
    """A tree as text, without what differs between versions of Python: empty fields and positions."""
    if isinstance(node, ast.AST):
        fields = (
            f"{name}={_text(value)}"
            for name, value in ast.iter_fields(node)
            if value is not None and value != [] and name not in SKIPPED
        )
        return f"{type(node).__name__}({','.join(fields)})"
    if isinstance(node, list):
        return f"[{','.join(_text(item) for item in node)}]"
    return ascii(node)


def _resolve(file: Path, beside: Path, level: int, dotted: str) -> list[Path]:
    """The first-party files behind one import; none for the standard library and other packages."""
    return [path.resolve() for path in _candidates(file, beside, level, dotted) if path.is_file()]


@functools.cache
def _candidates(file: Path, beside: Path, level: int, dotted: str) -> tuple[Path, ...]:
    """Where the files behind an import would lie."""
    parts = [part for part in dotted.split(".") if part]
    if level:
        root = file.parents[level - 1]
        if not (root.is_relative_to(PROJECT) or root.is_relative_to(beside)):
            return ()
    elif parts and parts[0] in OURS:
        root = PROJECT
    elif _ours(file):
        return ()
    else:
        root = beside
    modules = [root.joinpath(*parts[:depth]) for depth in range(1, len(parts) + 1)]
    return tuple(path for m in modules for path in (m / "__init__.py", m.with_name(f"{m.name}.py")))

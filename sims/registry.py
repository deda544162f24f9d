"""The folder of claims is the registry: which claims there are, and how one is loaded."""

import ast
import difflib
import hashlib
import importlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sims.user_file import imported

if TYPE_CHECKING:
    from sims.claim import Claim

CLAIMS = Path(__file__).resolve().parent / "claims"
PAPERS = (
    "price_of_implicit_bias",
    "benign_overfitting",
    "clean_generalization",
    "regularization",
    "flat_minima",
    "classics",
)


class Unusable(ValueError):  # noqa: N818 (reads as a sentence)
    """A claim's file that cannot be used, with the reason."""


@dataclass(frozen=True)
class Entry:
    """One claim: the folder and the name it goes by, and its file. Nothing is imported yet."""

    paper: str
    name: str
    path: Path

    @property
    def id(self) -> str:
        """What rows and records are kept under."""
        return f"{self.paper}/{self.name}"

    @property
    def ours(self) -> bool:
        """Whether the claim is one of the package's own."""
        return self.path.parent.parent == CLAIMS

    @property
    def label(self) -> str:
        """What to type in a command to mean this claim."""
        return self.id if self.ours else str(self.path)


def papers() -> tuple[str, ...]:
    """The folders that exist: ours in a fixed order, then any other."""
    there = {path.name for path in CLAIMS.iterdir() if path.is_dir() and path.name[0] not in "_."}
    return tuple(p for p in PAPERS if p in there) + tuple(sorted(there - set(PAPERS)))


def find(names: Iterable[str] = ()) -> tuple[Entry, ...]:
    """The claims meant by names: a paper, a claim, `paper/claim`, a file or folder of one's own; all if none.

    Raises:
        ValueError: if a name means nothing, with the names near it.
    """
    every = tuple(entry for paper in papers() for entry in _inside(CLAIMS / paper))
    found = [entry for name in names for entry in _meant(name, every)]
    return tuple(dict.fromkeys(found)) if found else every


def _inside(folder: Path) -> list[Entry]:
    return [
        Entry(folder.name, path.stem, path) for path in sorted(folder.glob("*.py")) if path.name[0] not in "_."
    ]


def _meant(name: str, every: tuple[Entry, ...]) -> list[Entry]:
    """The claims behind one name."""
    chosen = [entry for entry in every if name in (entry.paper, entry.name, entry.id)]
    if chosen:
        return chosen
    path = Path(name).resolve()
    if path.is_file() and path.suffix == ".py":
        return [Entry(path.parent.name, path.stem, path)]
    if path.is_dir() and (inside := _inside(path)):
        return inside
    if name.endswith(".py"):
        raise ValueError(f"no file {name!r} here ({Path.cwd()}); give the path of a file that defines CLAIM")
    known = {word for entry in every for word in (entry.paper, entry.name, entry.id)} | set(papers())
    near = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.5)
    hint = f"near it: {', '.join(near)}" if near else "`lemmata list` shows them all"
    raise ValueError(f"no claim, paper or file is called {name!r}; {hint}")


def load(entry: Entry) -> "Claim[Any]":
    """The claim itself, by importing its file.

    Raises:
        Unusable: if the file cannot be imported, or has no CLAIM, or CLAIM is no Claim.
    """
    from sims.claim import Claim

    try:
        module = (
            importlib.import_module(f"sims.claims.{entry.id.replace('/', '.')}")
            if entry.ours
            else _file(entry.path)
        )
    except (Exception, SystemExit) as error:  # a claim's file is anybody's code: it may raise anything
        hint = "; pip install 'lemmata[all]' has what our claims need" if isinstance(error, ImportError) else ""
        raise Unusable(f"{entry.path.name} cannot be imported: {type(error).__name__}: {error}{hint}") from error
    claim = getattr(module, "CLAIM", None)
    if claim is None:
        raise Unusable(f"{entry.path.name} defines no CLAIM; end it with CLAIM = Claim(…)")
    if not isinstance(claim, Claim):
        raise Unusable(f"CLAIM in {entry.path.name} must be a sims.claim.Claim, got {type(claim).__name__}")
    return claim


def _file(path: Path) -> Any:
    """A user's file as a module, with the modules beside it importable."""
    name = f"claim_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}_{path.stem}"
    return sys.modules.get(name) or imported(path, name)


def glance(entry: Entry) -> tuple[str, str]:
    """Statement and source as they stand in the file, read without running it; empty where they are computed."""
    try:
        tree = ast.parse(entry.path.read_bytes())
    except (SyntaxError, ValueError, OSError):
        return "", ""
    statement, source = ast.get_docstring(tree) or "", ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Claim":
            for word in node.keywords:
                if isinstance(word.value, ast.Constant) and isinstance(word.value.value, str):
                    statement = word.value.value if word.arg == "statement" else statement
                    source = word.value.value if word.arg == "source" else source
    return statement.strip(), source

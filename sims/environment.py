"""What numbers may depend on beside the code: versions and the device."""

import contextlib
import hashlib
import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping

PACKAGES = ("numpy", "scipy", "torch", "numba", "scikit-learn", "clarabel")


def versions() -> dict[str, str]:
    """What numbers may depend on beside the code: Python, packages, device."""
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return found | {"device": os.environ.get("LEMMATA_DEVICE", "auto")}


def code_of(print_: str, seen: str, environment: Mapping[str, str]) -> str:
    """Under what rows are kept: rows made under other versions or on another device are not mixed in.

    It is the fingerprint of the claim, then what its observations depend on.
    """
    where = hashlib.sha256(json.dumps(environment, sort_keys=True).encode()).hexdigest()
    return f"{print_}-{seen[:16]}-{where[:16]}"


def observes(code: str) -> str:
    """The part of a code that observations depend on."""
    return code.partition("-")[2]

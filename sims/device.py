"""Where large networks are trained: on a GPU where there is one, unless told otherwise."""

import os

import torch


def chosen() -> str:
    """The device that `--device` names; "auto" is a GPU where there is one and the CPU where there is none.

    Raises:
        ValueError: if a GPU is asked for and PyTorch finds none.
    """
    device = os.environ.get("LEMMATA_DEVICE", "auto")
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("--device cuda: PyTorch finds no GPU here; leave it out, or say --device cpu")
    return device


def name(device: str) -> str:
    """What a record calls it: the model of a GPU, or cpu."""
    return torch.cuda.get_device_name() if device == "cuda" else device

"""Where large networks are trained: on a GPU where there is one, unless told otherwise."""

import os

import torch


def chosen() -> str:
    """The device that `--device` names; "auto" is a GPU where there is one and the CPU where there is none.

    On a GPU, convolutions of float32 then keep all their bits; PyTorch would round to ten.

    Raises:
        ValueError: if a GPU is asked for and PyTorch finds none.
    """
    device, found = os.environ.get("LEMMATA_DEVICE", "auto"), torch.cuda.is_available()
    if device == "auto":
        device = "cuda" if found else "cpu"
    if device.startswith("cuda"):
        if not found:
            raise ValueError("--device cuda: PyTorch finds no GPU here; leave it out, or say --device cpu")
        torch.backends.cudnn.allow_tf32 = False
    return device


def name(device: str) -> str:
    """What a record calls it: the model of a GPU, or cpu."""
    return torch.cuda.get_device_name(device) if device.startswith("cuda") else device

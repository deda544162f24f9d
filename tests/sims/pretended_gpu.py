"""A GPU that is only pretended: tensors are computed on the CPU, and treated as if they were on "cuda".

Under `with PretendedGPU():` memory carries a mark, "on the GPU", which views share and results inherit. What
PyTorch refuses where a GPU and a CPU meet is refused here in its words, so that a tensor forgotten on the CPU
shows without a GPU. Not seen: CPU tensors without axes where an operation is not entrywise, and what backward
passes do inside.
"""

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

CUDA, CPU = torch.device("cuda", 0), torch.device("cpu")
MADE = ("tensor", "as_tensor", "asarray")  # on the CPU, of lists and arrays
MOVED = (*MADE, "to", "type_as", "cuda", "cpu")  # may return their argument, which then must not be marked
ANYWHERE = ("copy_", "expand_as", "view_as", "reshape_as")  # whose arguments may lie on both devices
ASKED = {
    "device": lambda there: CUDA if there else CPU,
    "is_cuda": lambda there: there,
    "is_cpu": lambda there: not there,
}


class PretendedGPU(TorchFunctionMode):
    """What PyTorch does with tensors on a GPU and a CPU, as far as devices go."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        name, kwargs = getattr(func, "__name__", ""), kwargs or {}
        if func is torch.device:
            return func(*args, **kwargs)
        if name == "__get__" and func.__self__.__name__ in ASKED:
            return ASKED[func.__self__.__name__](marked(args[0]))
        if name in ("numpy", "__array__") and marked(args[0]):
            raise TypeError(
                "can't convert cuda:0 device type tensor to numpy. "
                "Use Tensor.cpu() to copy the tensor to host memory first."
            )
        goal = named(name, args, kwargs)
        if goal is None:
            there = {marked(t) for t in tensors((args, kwargs))}
            if len(there) > 1:
                refuse_mixtures(name, args, kwargs)
            goal = True in there
        elif name == "cuda":
            func, args, kwargs = Tensor.cpu, args[:1], {}
        else:
            args, kwargs = [on_cpu(part) for part in args], {key: on_cpu(part) for key, part in kwargs.items()}
        result = func(*args, **kwargs)
        if name in MOVED:
            return moved(result, goal)
        for t in tensors(result) if goal and name not in ANYWHERE else ():
            memory(t).pretended = True
        return result


def named(name: str, args: tuple, kwargs: dict) -> bool | None:
    """Whether the call names the GPU for its result; None if it names no device."""
    if name in ("cuda", "cpu"):
        return name == "cuda"
    if kwargs.get("device") is not None:
        return is_gpu(kwargs["device"])
    if name in ("to", "type_as"):
        for part in (*args[1:], *kwargs.values()):
            if isinstance(part, Tensor):
                return marked(part)
            if isinstance(part, str | torch.device):
                return is_gpu(part)
    return False if name in MADE and not isinstance(next(iter(args), None), Tensor) else None


def refuse_mixtures(name: str, args: tuple, kwargs: dict) -> None:
    """Raise where tensors of both devices meet that may not."""
    if name in ANYWHERE:
        return
    if name in ("__getitem__", "__setitem__"):
        there, indices = marked(args[0]), tensors(args[1])
        fits = there or not any(map(marked, indices))  # indices may lie on the CPU
        if indices:  # else a value is copied from anywhere
            fits &= all(t.ndim == 0 or marked(t) == there for t in tensors(args[2:]))
    else:
        cpu = [t for t in tensors((args, kwargs)) if not marked(t)]
        alone = [id(t) for t in (*args, *kwargs.values()) if isinstance(t, Tensor)]  # in no list
        changed = [kwargs.get("out"), args[:1] if name.endswith("_") and not name.endswith("__") else ()]
        fits = all(t.ndim == 0 and id(t) in alone for t in cpu) and all(map(marked, tensors(changed)))
    if not fits:
        raise RuntimeError(
            "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu! "
            f"(in {name})"
        )


def tensors(values: object) -> list[Tensor]:
    """All tensors in arguments or results."""
    if isinstance(values, Tensor):
        return [values]
    if isinstance(values, dict):
        values = tuple(values.values())
    return [t for part in values for t in tensors(part)] if isinstance(values, list | tuple) else []


def is_gpu(device: str | int | torch.device) -> bool:
    """Whether a device argument means the GPU."""
    return isinstance(device, int) or torch.device(device).type == "cuda"


def on_cpu(part: object) -> object:
    """The argument, the CPU in place of a GPU."""
    device = isinstance(part, torch.device) or (isinstance(part, str) and part.partition(":")[0] == "cuda")
    return CPU if device else part


def memory(t: Tensor) -> torch.UntypedStorage:
    """What the views of a tensor share; of the tensor within, where a transform of `torch.func` wraps it."""
    while torch._C._functorch.is_functorch_wrapped_tensor(t):
        t = torch._C._functorch.get_unwrapped(t)
    return t.untyped_storage()


def marked(t: Tensor) -> bool:
    """Whether a tensor is on the pretended GPU."""
    return getattr(memory(t), "pretended", False)


def moved(t: Tensor, there: bool) -> Tensor:
    """The tensor on that device: itself if it is there, else a copy."""
    if marked(t) != there:
        t = t.clone()
        memory(t).pretended = there
    return t

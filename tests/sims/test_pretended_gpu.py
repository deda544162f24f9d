"""The pretended GPU refuses what PyTorch refuses on a real one, and allows what it allows."""

import numpy as np
import pytest
import torch
from pretended_gpu import PretendedGPU

MIXED = {
    "a sum": lambda gpu, cpu: gpu + cpu,
    "a product with an array": lambda gpu, cpu: gpu @ torch.from_numpy(np.eye(3)),
    "a sum in place": lambda gpu, cpu: gpu.add_(cpu),
    "a number in place": lambda gpu, cpu: cpu.sum().add_(gpu.sum()),
    "a GPU number in a CPU tensor": lambda gpu, cpu: cpu * gpu.sum(),
    "out=": lambda gpu, cpu: torch.mul(gpu, 2.0, out=cpu),
    "a comparison": lambda gpu, cpu: torch.equal(gpu, cpu),
    "where": lambda gpu, cpu: torch.where(cpu > 0, gpu, 0.0),
    "gather": lambda gpu, cpu: gpu.gather(1, torch.zeros((3, 1), dtype=torch.int64)),
    "a factory that forgets": lambda gpu, cpu: gpu + torch.zeros(3),
    "a range that forgets": lambda gpu, cpu: gpu.index_select(0, torch.arange(2)),
    "numbers joined": lambda gpu, cpu: torch.stack([gpu.sum(), cpu.sum()]),
    "GPU indices of a CPU tensor": lambda gpu, cpu: cpu[gpu.argmax(0)],
    "GPU indices where a CPU tensor is set": lambda gpu, cpu: cpu.__setitem__(gpu > 0, 0.0),
    "CPU values at indices": lambda gpu, cpu: gpu.__setitem__(torch.tensor([0]), cpu[:1]),
    "an operation of ATen": lambda gpu, cpu: torch.ops.aten.threshold_backward(gpu, cpu, 0),
    "an operation of ATen in place": lambda gpu, cpu: torch.ops.aten.tanh_backward.grad_input(
        gpu, gpu, grad_input=cpu
    ),
    "a gradient": lambda gpu, cpu: torch.autograd.grad(gpu.requires_grad_().exp(), gpu, cpu),
    "a transform": lambda gpu, cpu: torch.func.vmap(lambda x: x @ cpu)(gpu),
    "a transform's other argument": lambda gpu, cpu: torch.func.vmap(torch.dot)(gpu, cpu),
    "a Jacobian": lambda gpu, cpu: torch.func.jacrev(lambda x: cpu * x)(gpu),
}


@pytest.mark.parametrize("mistake", MIXED.values(), ids=MIXED)
def test_tensors_of_both_devices_do_not_mix(mistake):
    with PretendedGPU():
        with pytest.raises(RuntimeError, match="all tensors to be on the same device"):
            mistake(torch.eye(3, dtype=torch.float64, device="cuda"), torch.eye(3, dtype=torch.float64))
        mistake(torch.eye(3, dtype=torch.float64), torch.eye(3, dtype=torch.float64))  # on one device all are fine


@pytest.mark.parametrize("read", [lambda t: t.numpy(), np.asarray, lambda t: np.array([t.sum()])])
def test_arrays_are_read_from_the_cpu_alone(read):
    with PretendedGPU():
        t = torch.ones(3, device="cuda")
        with pytest.raises(TypeError, match=r"Use Tensor\.cpu"):
            read(t)
        read(t.cpu())


ALLOWED = {
    "numbers": lambda gpu, cpu: 2 * gpu + torch.tensor(1.0) + cpu.sum() + np.float64(1.0),
    "a number in where": lambda gpu, cpu: torch.where(gpu > 0, gpu, torch.tensor(0.0, dtype=gpu.dtype)),
    "a number added in place": lambda gpu, cpu: gpu.add_(cpu.sum()),
    "CPU indices": lambda gpu, cpu: gpu[torch.tensor([0, 2])],
    "a CPU mask": lambda gpu, cpu: gpu[cpu > 0],
    "a number set at indices": lambda gpu, cpu: set_(gpu, gpu > 1, cpu.sum()),
    "CPU values copied": lambda gpu, cpu: set_(gpu, slice(0, 2), cpu[:2]),
    "copy_": lambda gpu, cpu: gpu.copy_(cpu),
    "a CPU tensor's shape": lambda gpu, cpu: gpu[:1].expand_as(cpu),
    "to another": lambda gpu, cpu: cpu.to(gpu),
    "to a device": lambda gpu, cpu: cpu.to(gpu.device, torch.float32),
    "to cuda": lambda gpu, cpu: cpu.to("cuda"),
    "cuda()": lambda gpu, cpu: cpu.cuda(),
    "type_as": lambda gpu, cpu: cpu.type_as(gpu),
    "to another type": lambda gpu, cpu: gpu.float(),
    "a factory": lambda gpu, cpu: torch.zeros(3, device="cuda:0"),
    "a range": lambda gpu, cpu: torch.arange(3, device=gpu.device),
    "like": lambda gpu, cpu: torch.ones_like(gpu),
    "like a CPU tensor": lambda gpu, cpu: torch.ones_like(cpu, device="cuda"),
    "new": lambda gpu, cpu: gpu.new_tensor([1.0, 2.0]),
    "new from a CPU tensor": lambda gpu, cpu: cpu.new_zeros(3, device=gpu.device),
    "an array": lambda gpu, cpu: torch.as_tensor(np.ones(3), device="cuda"),
    "a list": lambda gpu, cpu: torch.tensor([1.0, 2.0], device=torch.device("cuda")),
    "a view": lambda gpu, cpu: gpu.mT[1:].diagonal(),
    "a part of what is sorted": lambda gpu, cpu: gpu.sort(0).indices,
    "one of the rows": lambda gpu, cpu: next(iter(gpu)),
    "a sum in place": lambda gpu, cpu: plus_(gpu[0], gpu[1]),
    "out=": lambda gpu, cpu: torch.mul(gpu, 2.0, out=gpu),
    "an operation of ATen": lambda gpu, cpu: torch.ops.aten.threshold_backward(gpu, gpu, 0),
    "a function": lambda gpu, cpu: torch.nn.functional.max_pool2d(gpu[None], 2, return_indices=True)[1],
    "a gradient": lambda gpu, cpu: torch.autograd.grad(gpu.requires_grad_().exp().sum(), gpu)[0],
    "a map": lambda gpu, cpu: torch.func.vmap(lambda x: x.exp())(gpu),
    "a Jacobian of each": lambda gpu, cpu: torch.func.vmap(torch.func.jacrev(lambda x: x**2))(gpu),
}


def set_(t, where, value):
    t[where] = value
    return t


def plus_(t, more):
    t += more
    return t


@pytest.mark.parametrize("call", ALLOWED.values(), ids=ALLOWED)
def test_results_are_where_pytorch_has_them(call):
    """On the GPU, with the numbers of the CPU; and CPU tensors that took part stay where they are."""
    X = torch.arange(9.0, dtype=torch.float64).reshape(3, 3) + 1
    with PretendedGPU():
        cpu = X.clone()
        seen = call(X.to("cuda"), cpu)
        assert seen.is_cuda and not seen.is_cpu and seen.device.type == "cuda" and seen.device.index == 0
        assert not cpu.is_cuda and cpu.device == torch.device("cpu")
        back = seen.cpu()
        assert not back.is_cuda and not (back.sum() + cpu).is_cuda
        assert torch.equal(back, call(X.clone(), X.clone()).cpu())


def test_devices_do_not_share_memory():
    with PretendedGPU():
        cpu = torch.zeros(3)
        gpu = cpu.cuda()
        assert gpu.to("cuda") is gpu and cpu.to("cpu") is cpu
        gpu += 1
        back = gpu.cpu()
        back += 1
        assert (cpu.tolist(), gpu.tolist(), back.tolist()) == ([0] * 3, [1] * 3, [2] * 3)
        assert (gpu.sum().item(), float(gpu[0]), int(gpu[1]), bool(gpu[2] > 0)) == (3, 1, 1, True)

"""A residual network of the usual kind, as a module, with the weights of one member of a stack."""

from dataclasses import replace

import torch
from torch import nn

from sims import stack


class Block(nn.Module):
    def __init__(self, fan, out, stride, act):
        super().__init__()
        self.a, self.na = nn.Conv2d(fan, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out)
        self.b, self.nb = nn.Conv2d(out, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out)
        self.short = nn.Conv2d(fan, out, 1, stride, bias=False) if stride > 1 else None
        self.ns = nn.BatchNorm2d(out) if stride > 1 else None
        self.act = act

    def forward(self, h):
        inner = self.nb(self.b(self.act(self.na(self.a(h)))))
        return self.act(inner + (h if self.short is None else self.ns(self.short(h))))


class Usual(nn.Module):
    """Two blocks at each number of channels; a new one halves height and width."""

    def __init__(self, image, channels, classes, activation):
        super().__init__()
        self.image, self.act = image, getattr(nn.functional, activation)
        self.stem, self.norm = nn.Conv2d(image[0], channels[0], 3, 1, 1, bias=False), nn.BatchNorm2d(channels[0])
        blocks, fan = [], channels[0]
        for i, out in enumerate(channels):
            blocks += [Block(fan, out, 1 if i == 0 else 2, self.act), Block(out, out, 1, self.act)]
            fan = out
        self.blocks = nn.Sequential(*blocks)
        self.last = nn.Linear(fan, classes)

    def forward(self, x):
        return self.head(self.blocks(self.begin(x)))

    def begin(self, x):
        return self.act(self.norm(self.stem(x.reshape(-1, *self.image))))

    def head(self, h):
        return self.last(h.mean((2, 3)))


def usual(net, member):
    """The module with the weights of one member, its convolutions and its normalisations."""
    strided = [V.shape[1] for V in net.weights[:-1] if V.shape[-1] == 1]  # the shortcuts, one at each new width
    channels = (net.weights[0].shape[1], *strided)
    module = Usual(net.image, channels, net.weights[-1].shape[1], net.activation).double()
    convolutions = [m for m in module.modules() if isinstance(m, nn.Conv2d)]
    norms = [m for m in module.modules() if isinstance(m, nn.BatchNorm2d)]
    assert len(convolutions) == len(net.weights) - 1
    # modules lists a shortcut after both convolutions of its block, as the stack does
    with torch.no_grad():
        for i, (layer, norm) in enumerate(zip(convolutions, norms, strict=True)):
            layer.weight.copy_(net.weights[i][member])
            norm.weight.copy_(1 + net.scales[i][member])
            norm.bias.copy_(net.shifts[i][member])
            norm.running_mean.copy_(net.means[i][member])
            norm.running_var.copy_(net.variances[i][member])
        module.last.weight.copy_(net.weights[-1][member])
        module.last.bias.copy_(net.biases[0][member])
    return module, convolutions, norms


def stirred(net):
    """Scales, shifts and running means away from where they start."""
    g = torch.Generator().manual_seed(0)
    moved = [v + 0.3 * torch.rand(v.shape, generator=g, dtype=v.dtype) for v in (*net.parameters, *net.running)]
    k = len(net.parameters)
    there = stack.with_parameters(net, moved[:k])
    half = len(net.means)
    return replace(there, means=tuple(moved[k : k + half]), variances=tuple(moved[k + half :]))

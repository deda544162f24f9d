"""How far is adversarial training of 32 networks from the matrix products that it cannot avoid?

One core; CPU seconds for all members, so that other processes cost little. The floor is the products alone, each
by the faster of NumPy and PyTorch at its shape. Beside it the usual loop: a module, automatic differentiation and
an optimiser, one member after the other. Both train on the same points, attack by PGD-10 from uniform starts and
descend by the same steps.

Run: OMP_NUM_THREADS=1 python benchmarks/adversarial_training.py
"""

import itertools
import statistics
import time

import numpy as np
import torch

from sims import classifier, images, losses, sample
from sims.network_attack import Attack
from sims.train import Recipe, train

MEMBERS, STEPS, EPS, RATE, REPEATS = 32, 10, 0.1, 0.1, 5


def clock(run):
    """CPU seconds."""
    start = time.process_time()
    run()
    return time.process_time() - start


def best_product(rows, inner, columns, dtype):
    """The product (rows × inner)(inner × columns) by the faster of two libraries, ready to run."""
    A, B = torch.rand(rows, inner, dtype=dtype), torch.rand(inner, columns, dtype=dtype)
    C = torch.empty(rows, columns, dtype=dtype)
    a, b, c = A.numpy(), B.numpy(), C.numpy()

    def by_torch():
        torch.mm(A, B, out=C)

    def by_numpy():
        np.matmul(a, b, out=c)

    times = {
        run: min(clock(lambda run=run: [run() for _ in range(50)]) for _ in range(3))
        for run in (by_torch, by_numpy)
    }
    return min(times, key=times.get)


def floor(widths, n, batch, epochs, dtype):
    """The products of all members, ready to run: forward, backward and in the weights, and nothing else."""
    layers = list(itertools.pairwise(widths))
    ahead = [best_product(batch, d, m, dtype) for d, m in layers]
    back = [best_product(batch, m, d, dtype) for d, m in layers]
    weights = [best_product(m, batch, d, dtype) for d, m in layers]
    step = STEPS * (ahead + back) + ahead + back[1:] + weights

    def run():
        for _ in range(MEMBERS * epochs * (n // batch)):
            for product in step:
                product()

    return run


def eager(X, y, widths, batch, epochs, box, dtype):
    """The usual loop."""
    for member in range(MEMBERS):
        generator = torch.Generator().manual_seed(member)
        layers = []
        for d, m in itertools.pairwise(widths):
            layers += [torch.nn.Linear(d, m, bias=False, dtype=dtype), torch.nn.ReLU()]
        model = torch.nn.Sequential(*layers[:-1])
        optimiser = torch.optim.SGD(model.parameters(), lr=RATE)
        for _ in range(epochs):
            for rows in torch.randperm(len(X), generator=generator).split(batch):
                x, labels = X[rows], y[rows]
                z = x + EPS * (2 * torch.rand(x.shape, generator=generator, dtype=dtype) - 1)
                for _ in range(STEPS):
                    z = z.detach().requires_grad_()
                    (g,) = torch.autograd.grad(error(model(z), labels), z)
                    z = z.detach() + EPS / 4 * g.sign()
                    z = x + (z - x).clamp(-EPS, EPS)
                    z = z if box is None else z.clamp(*box)
                optimiser.zero_grad()
                error(model(z.detach()), labels).backward()
                optimiser.step()


def error(outputs, labels):
    if outputs.shape[1] == 1:
        return torch.nn.functional.softplus(-labels * outputs[:, 0]).mean()
    return torch.nn.functional.cross_entropy(outputs, labels)


def ours(X, y, widths, batch, epochs, box, dtype):
    rngs = np.random.default_rng(0).spawn(MEMBERS)
    net = classifier.fully_connected(rngs, widths, bias=False, dtype=dtype)
    attack = Attack(EPS, steps=STEPS, best=False, box=box, loss=losses.cross_entropy)
    return train(net, X, y, Recipe(epochs, RATE, batch=batch, attack=attack), rngs)


def main():
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    X, y, _ = sample.planted(rng, 500, 50)
    digits = images.digits(rng, range(10))
    D, c = digits.X_train[:200], digits.y_train[:200].astype(np.int64)
    print(f"{MEMBERS} networks, PGD-{STEPS}; CPU seconds for all, medians of {REPEATS} rounds")
    print(f"{'':46}{'floor':>8}{'ours':>8}{'x floor':>9}{'eager':>8}{'x floor':>9}{'x ours':>8}")
    for name, points, labels, widths, batch, epochs, box in (
        ("Gaussian, 50-256-1, all 500 per step", X, y, (50, 256, 1), 500, 4, None),
        ("digits, 64-64-10, all 200 per step", D, c, (64, 64, 10), 200, 5, (0, 1)),
        ("digits, 64-64-10, 50 of 200 per step", D, c, (64, 64, 10), 50, 2, (0, 1)),
        ("digits, 64-64-64-10, 50 of 200 per step", D, c, (64, 64, 64, 10), 50, 2, (0, 1)),
    ):
        for dtype in (torch.float32, torch.float64):
            P = torch.from_numpy(points).to(dtype)
            t = torch.from_numpy(labels) if labels.dtype == np.int64 else torch.from_numpy(labels).to(dtype)
            run = (P, t, widths, batch, epochs, box, dtype)
            least = floor(widths, len(P), batch, epochs, dtype)
            rounds = [
                [clock(least), clock(lambda r=run: ours(*r)), clock(lambda r=run: eager(*r))]
                for _ in range(REPEATS)
            ]
            base, spent, usual = (statistics.median(times) for times in zip(*rounds, strict=True))
            kind = f"{name}, {str(dtype).removeprefix('torch.')}"
            print(f"{kind:52}{base:8.3f}{spent:8.3f}{spent / base:9.2f}", end="")
            print(f"{usual:8.3f}{usual / base:9.2f}{usual / spent:8.2f}", flush=True)


if __name__ == "__main__":
    main()

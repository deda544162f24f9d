"""Residual networks read part by part, against a module of the usual kind."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from residual_module import stirred, usual

from sims import (
    classifier,
    convolution_operator,
    features,
    instance_margin,
    jacobians,
    normalisation,
    residual,
    spectra,
)

IMAGES = {"odd": (2, 5, 7), "even": (1, 6, 4), "thin": (2, 3, 1)}
ROUNDING = 1e-12  # of the largest singular value
MEMBERS = 2


def rngs(k, seed=0):
    return np.random.default_rng(seed).spawn(k)


def start(image=IMAGES["odd"], **more):
    return stirred(residual.residual(rngs(MEMBERS), image, (3, 4, 2), 3, blocks=2, dtype=torch.float64, **more))


def points(net, n=4, seed=3):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((n, math.prod(net.image))))


def modules(net):
    found = [usual(net, member) for member in range(net.members)]
    for module, *_ in found:
        module.eval()
    return found


def by_unit_images(module, convolutions, norms, X):
    """Each convolution with its normalisation as a matrix, columns the images of single pixels that reach it."""
    reached = []
    hooks = [c.register_forward_pre_hook(lambda _, args: reached.append(args[0].shape[1:])) for c in convolutions]
    module(X)
    for hook in hooks:
        hook.remove()
    found = []
    for shape, conv, norm in zip(reached, convolutions, norms, strict=True):
        pixels = torch.eye(math.prod(shape), dtype=X.dtype).reshape(-1, *shape)
        moved = norm(conv(pixels)) - norm(conv(torch.zeros_like(pixels[:1])))
        found.append(moved.flatten(1).T.detach().numpy())
    return found


@pytest.mark.parametrize("name", IMAGES)
def test_singular_values_are_those_of_the_normalised_convolutions_on_the_images_that_reach_them(name):
    net = start(IMAGES[name])
    found = spectra.singular_values(net)
    assert len(found) == len(net.weights)
    for member, (module, convolutions, norms) in enumerate(modules(net)):
        matrices = by_unit_images(module, convolutions, norms, points(net))
        for s, M in zip(found, [*matrices, net.weights[-1][member].numpy()], strict=True):
            expected = np.linalg.svd(M, compute_uv=False)
            np.testing.assert_allclose(s[member], expected, rtol=0, atol=ROUNDING * expected[0])


def test_the_leading_values_of_the_operators_of_a_network_are_found_without_matrices():
    net = start()
    operators = residual.operators(net)
    for s, (W, shape, stride) in zip(spectra.singular_values(net)[:-1], operators, strict=True):
        for member in range(MEMBERS):
            k = min(3, len(s[member]) - 1)
            seen = convolution_operator.leading(W[member], shape, k, np.random.default_rng(1), stride=stride)
            np.testing.assert_allclose(seen, s[member, :k], rtol=1e-9)
    assert [stride for *_, stride in operators] == [1] + [1, 1] * 2 + [2, 1, 2, 1, 1] * 2


@pytest.mark.parametrize("name", IMAGES)
def test_units_are_the_numbers_that_leave_the_layers_of_the_module(name):
    net = start(IMAGES[name])
    module, convolutions, _ = modules(net)[0]
    sizes = []
    hooks = [
        m.register_forward_hook(lambda *args: sizes.append(args[-1].numel())) for m in (*convolutions, module.last)
    ]
    module(points(net, 1))
    assert len(hooks) == len(sizes) and net.units == sum(sizes)


def scaled(net, c, variances):
    """Convolutions and running means c times as large, with other running variances."""
    weights = (*(c * W for W in net.weights[:-1]), net.weights[-1])
    return replace(net, weights=weights, means=tuple(c * v for v in net.means), variances=tuple(variances))


def test_singular_values_do_not_see_the_scale_that_a_normalisation_divides_out():
    """With W → c W, μ → c μ and v + guard → c² (v + guard) they stay.

    With v → c² v a channel grows by √((v + guard)/(v + guard/c²)), and values by factors between these.
    """
    net, c, guard = start(), 50.0, normalisation.GUARD
    net = replace(net, variances=tuple(1e-3 * v for v in net.variances))  # small, so that the guard shows
    before = spectra.singular_values(net)
    exactly = scaled(net, c, [c**2 * (v + guard) - guard for v in net.variances])
    for s, seen in zip(before, spectra.singular_values(exactly), strict=True):
        np.testing.assert_allclose(seen, s, rtol=0, atol=ROUNDING * float(s.max()))
    nearly = spectra.singular_values(scaled(net, c, [c**2 * v for v in net.variances]))
    for s, seen, v in zip(before, nearly, net.variances, strict=False):
        growth = ((v + guard) / (v + guard / c**2)).sqrt()
        ratio = (seen / s)[s > 1e-6 * s.max()]
        assert (ratio >= float(growth.min()) * (1 - 1e-8)).all()
        assert (ratio <= float(growth.max()) * (1 + 1e-8)).all()
        assert float(growth.min()) > 1.001 and ratio.min() > 1.001


def test_spectra_are_by_running_variances_where_the_batch_normalises_too():
    net = start()
    for s, seen in zip(spectra.singular_values(net), spectra.singular_values(net.learning()), strict=True):
        assert torch.equal(s, seen)


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_features_are_what_hooks_see_leave_the_stem_and_the_blocks(activation):
    net = start(activation=activation)
    X, Z = points(net), points(net, seed=4)
    found, changes = features.of(net, X), features.changes(net, X, Z)
    for member, (module, *_) in enumerate(modules(net)):
        seen = []
        hooks = [module.blocks[0].register_forward_pre_hook(lambda _, args, to=seen: to.append(args[0]))]
        hooks += [b.register_forward_hook(lambda *args, to=seen: to.append(args[-1])) for b in module.blocks]
        hooks += [module.last.register_forward_hook(lambda *args, to=seen: to.append(args[-1]))]
        passes = []
        for at in (X, Z):
            module(at)
            passes.append([h.detach().flatten(1) for h in seen])
            seen.clear()
        assert len(hooks) == len(module.blocks) + 2 == len(found)
        for i, (h, there, moved) in enumerate(zip(found, *passes, strict=True)):
            torch.testing.assert_close(h[member], there)
            ratio = (moved - there).norm(dim=1).mean() / there.norm(dim=1).mean()
            torch.testing.assert_close(changes[member, i], ratio)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_jacobians_are_those_of_the_module_whole_and_part_by_part(activation):
    net = start(activation=activation)
    X = points(net, 3)
    whole = jacobians.of_network(net, X)
    maps = [jacobians.of_layer(net, X, i) for i in range(len(net.strides) + 2)]
    entering = [classifier.stacked(net, X), *features.of(net, X)]
    for member, (module, *_) in enumerate(modules(net)):
        parts = [module.begin, *module.blocks, module.head]
        for n in range(len(X)):
            expected = torch.autograd.functional.jacobian(lambda x, m=module: m(x)[0], X[n])
            torch.testing.assert_close(whole[member, n], expected)
            h = X[n].reshape(1, *net.image)
            for i, part in enumerate(parts):
                torch.testing.assert_close(entering[i][member, n], h.flatten())
                expected = torch.autograd.functional.jacobian(part, h)
                torch.testing.assert_close(maps[i][member, n], expected.reshape(-1, h.numel()))
                h = part(h).detach()


def test_the_jacobian_of_the_network_is_that_of_its_forward_pass_and_the_product_of_those_of_its_parts():
    net = start()
    own = torch.stack([points(net, 3, seed) for seed in (5, 6)])
    J = jacobians.of_network(net, own)
    through = torch.func.jacrev(lambda Z: residual.forward(net, Z).sum(1))(
        own
    )  # a point moves no outputs but its own
    for member in range(MEMBERS):
        torch.testing.assert_close(J[member], through[member, :, member].transpose(0, 1))
    product = jacobians.of_layer(net, own, 0)
    for i in range(1, len(net.strides) + 2):
        product = jacobians.of_layer(net, own, i) @ product
    torch.testing.assert_close(product, J, rtol=0, atol=1e-12 * float(J.abs().max()))


@pytest.mark.parametrize("p", [2, math.inf])
def test_a_distance_to_the_boundary_is_that_of_a_point_where_the_module_decides_otherwise(p):
    net = start()
    X = points(net, 6)
    net.biases[0].sub_(classifier.outputs(net, X).mean(1).detach())  # decisions differ
    found = instance_margin.boundary(net, X, p)
    estimate = instance_margin.linearised(net, X, p)
    assert found.distances.isfinite().sum() > 6
    for member, (module, *_) in enumerate(modules(net)):
        for n in range(len(X)):
            F = module(X[n])[0].detach()
            J = torch.autograd.functional.jacobian(lambda x, m=module: m(x)[0], X[n])
            c, others = int(F.argmax()), [j for j in range(3) if j != int(F.argmax())]
            q = 2 if p == 2 else 1
            least = min(float((F[c] - F[j]) / (J[c] - J[j]).norm(q)) for j in others)
            assert float(estimate[member, n]) == pytest.approx(least, rel=1e-9)
            if found.distances[member, n].isfinite():
                there = found.points[member, n]
                assert int(module(there)[0].argmax()) != c
                assert float((there - X[n]).norm(p)) == pytest.approx(float(found.distances[member, n]), rel=1e-9)


def test_a_network_that_nothing_changes_is_infinitely_far_from_its_boundary():
    net = start()
    net.weights[-1].zero_()
    net.biases[0].copy_(torch.tensor([0.0, 1.0, 0.5]))
    X = points(net)
    found = instance_margin.boundary(net, X)
    assert found.distances.isposinf().all() and instance_margin.linearised(net, X).isposinf().all()
    assert torch.equal(found.points, classifier.stacked(net, X))


def test_what_cannot_be_read_is_refused_and_moves_no_running_mean():
    net = start()
    X, before = points(net), [v.clone() for v in net.running]
    seen = net.learning()
    for read in (
        lambda: features.of(seen, X),
        lambda: features.changes(seen, X, X),
        lambda: jacobians.of_network(seen, X),
        lambda: jacobians.of_layer(seen, X, 0),
        lambda: instance_margin.linearised(seen, X),
        lambda: instance_margin.boundary(seen, X),
    ):
        with pytest.raises(ValueError, match=r"replace\(net, by_batch=False\)"):
            read()
    assert all(torch.equal(v, kept) for v, kept in zip(net.running, before, strict=True))
    for i in (-1, len(net.strides) + 2):
        with pytest.raises(ValueError, match=rf"layers are 0 … 7, got {i}"):
            jacobians.of_layer(net, X, i)
    with pytest.raises(ValueError, match="variances must be ≥ 0, got -1"):
        spectra.singular_values(replace(net, variances=tuple(-torch.ones_like(v) for v in net.variances)))
    with pytest.raises(ValueError, match=r"convolution_operator\.leading"):
        spectra.singular_values(residual.residual(rngs(1), (1, 32, 32), (8,), 2))
    with pytest.raises(ValueError, match="do not have 15 convolutions"):
        replace(net, strides=net.strides[:-1])

import numpy as np
import pytest
import torch

from sims import classifier, curvature, hessian, losses, weight_ball
from sims.network_attack import Attack, pgd


def rngs(k, seed=0):
    return np.random.default_rng(seed).spawn(k)


def small(k=2, activation="tanh", widths=(5, 6, 4, 3), n=30):
    net = classifier.fully_connected(rngs(k), widths, scale=2.0, activation=activation)
    X = torch.from_numpy(np.random.default_rng(1).random((n, widths[0])))
    return net, X, torch.arange(n) % widths[-1]


def written_out(net, i, X, y):
    """The Hessian of the mean cross-entropy of member i by torch.func, from a forward pass of its own."""
    tensors = [W[i] for W in net.parameters]
    k = len(net.weights)
    sizes = [W.numel() for W in tensors]

    def loss(flat):
        parts = [p.reshape(W.shape) for p, W in zip(torch.split(flat, sizes), tensors, strict=True)]
        h = X
        for j in range(k):
            h = h @ parts[j].T + parts[k + j]
            if j < k - 1:
                h = getattr(torch.nn.functional, net.activation)(h)
        return torch.nn.functional.cross_entropy(h, y)

    return torch.func.jacrev(torch.func.jacrev(loss))(torch.cat([W.flatten() for W in tensors]))


@pytest.mark.parametrize("activation", ["relu", "tanh", "silu"])
def test_products_are_those_of_the_hessian_written_out(activation):
    net, X, y = small(activation=activation)
    H = hessian.of_loss(net, X, y)
    M = hessian.dense(H)
    for i in range(2):
        exact = written_out(net, i, X, y)
        assert (M[i] - exact).abs().max() <= 1e-8 * exact.abs().max()
    v = torch.from_numpy(np.random.default_rng(2).standard_normal(H.like.shape))
    torch.testing.assert_close(H.product(v), (M @ v[..., None])[..., 0], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("activation", ["relu", "tanh", "silu"])
def test_extremal_eigenvalues_are_those_of_the_dense_hessian(activation):
    net, X, y = small(1, activation)
    exact = torch.linalg.eigvalsh(written_out(net, 0, X, y))
    found = curvature.ends(hessian.of_loss(net, X, y), np.random.default_rng(0))
    assert found.low < 0 < found.high
    assert abs(found.low - float(exact[0])) <= 1e-8 * found.high
    assert abs(found.high - float(exact[-1])) <= 1e-8 * found.high
    assert max(found.residuals) <= 1e-8 * found.high
    assert found.convexity == pytest.approx(-float(exact[0] / exact[-1]), rel=1e-6)


def test_a_small_hessian_is_written_out_and_blocks_are_chosen_by_name():
    net, X, y = small(1)
    exact = written_out(net, 0, X, y)
    rows = torch.arange(30, 54)  # W2 stands behind the 30 entries of W1
    block = exact[rows][:, rows]
    H = hessian.of_loss(net, X, y, only=("W2",))
    assert H.sizes == (24,) and len(rows) <= curvature.SMALL
    torch.testing.assert_close(hessian.dense(H)[0], block, rtol=1e-8, atol=1e-12)
    found = curvature.ends(H, np.random.default_rng(0))
    ends = torch.linalg.eigvalsh(block)
    assert found.low == pytest.approx(float(ends[0]), abs=1e-10 * found.high)
    assert found.high == pytest.approx(float(ends[-1]), rel=1e-10)


def test_convolutions_and_points_of_an_attack_have_products_too():
    net = classifier.convolutional(rngs(2), (1, 4, 4), (2,), (3,), kernel=3, activation="tanh")
    X, y = torch.from_numpy(np.random.default_rng(0).random((9, 16))), torch.arange(9) % 3
    Z, values = pgd(net, X, y, Attack(0.1), rngs(2))
    H = hessian.of_loss(net, Z, y)
    v = torch.from_numpy(np.random.default_rng(2).standard_normal(H.like.shape))
    step = 1e-4

    def value(t):
        parts = torch.split(v, list(H.sizes), 1)
        change = [t * p.reshape(W.shape) for p, W in zip(parts, net.parameters, strict=True)]
        there = weight_ball.shifted(net, change)
        return losses.cross_entropy.values(classifier.outputs(there, Z), y.expand(2, 9)).mean(1)

    second = (value(step) - 2 * value(0) + value(-step)) / step**2
    torch.testing.assert_close((v * H.product(v)).sum(1), second, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(value(0), values.mean(1))


def test_any_function_of_tensors_has_a_hessian():
    rng = np.random.default_rng(0)
    A = torch.from_numpy(rng.standard_normal((2, 5, 5)))
    w = torch.from_numpy(rng.standard_normal((2, 5)))
    quadratic = hessian.of(lambda ts: (ts[0] * (A @ ts[0][..., None])[..., 0]).sum(1), [w])
    torch.testing.assert_close(hessian.dense(quadratic), A + A.mT)
    linear = hessian.of(lambda ts: ts[0].sum(1), [w])
    assert (hessian.dense(linear) == 0).all()
    torch.testing.assert_close(hessian.exact_traces(quadratic)[:, 0], 2 * A.diagonal(dim1=1, dim2=2).sum(1))


def test_a_function_that_ignores_scale_has_curvature_falling_with_its_square():
    w = torch.from_numpy(np.random.default_rng(0).standard_normal((1, 60)))
    M = torch.from_numpy(np.random.default_rng(1).standard_normal((60, 60)))

    def angle(tensors):
        u = tensors[0] / tensors[0].norm(dim=1, keepdim=True)
        return torch.tanh((u * (u @ M)).sum(1))

    one, two = (curvature.ends(hessian.of(angle, [c * w]), np.random.default_rng(0)) for c in (1.0, 3.0))
    assert two.high == pytest.approx(one.high / 9, rel=1e-8)
    assert two.low == pytest.approx(one.low / 9, rel=1e-8)


def test_the_density_has_the_moments_of_the_spectrum():
    net, X, y = small()
    H = hessian.of_loss(net, X, y)
    M = hessian.dense(H)
    v = torch.from_numpy(np.random.default_rng(2).standard_normal(H.like.shape))
    nodes, shares = curvature.quadrature(H, v, 6)
    u = v / v.norm(dim=1, keepdim=True)
    power = u
    for k in range(12):  # Gauss: exact to order 2·6 − 1
        moment = (u * power).sum(1)
        torch.testing.assert_close((shares * nodes**k).sum(1), moment, rtol=1e-9, atol=1e-12)
        power = (M @ power[..., None])[..., 0]
    nodes, shares = curvature.density(H, rngs(2), probes=200, steps=8)
    torch.testing.assert_close(shares.sum(1), torch.ones(2, dtype=torch.float64))
    P = M.shape[1]
    for k in (1, 2):
        moment = torch.linalg.matrix_power(M, k)
        spread = (2 * (moment @ moment).diagonal(dim1=1, dim2=2).sum(1)).sqrt() / P / 200**0.5
        found = (shares * nodes**k).sum(1)
        assert ((found - moment.diagonal(dim1=1, dim2=2).mean(1)).abs() < 5 * spread).all()


def test_quadrature_stops_where_the_krylov_space_does():
    H = hessian.of(lambda ts: (torch.tensor([1.0, 1.0, 4.0]) * ts[0] ** 2).sum(1), [torch.ones(1, 3).double()])
    nodes, shares = curvature.quadrature(H, torch.tensor([[1.0, 2.0, 2.0]]).double(), 3)
    assert torch.isfinite(nodes).all()
    for value, share in ((2.0, 5 / 9), (8.0, 4 / 9)):
        assert float(shares[(nodes - value).abs() < 1e-9].sum()) == pytest.approx(share)


def test_traces_scatter_around_those_of_the_blocks():
    net, X, y = small()
    H = hessian.of_loss(net, X, y)
    exact = torch.stack([M.diagonal() for M in hessian.dense(H)])
    blocks = torch.stack([part.sum(1) for part in torch.split(exact, list(H.sizes), 1)], 1)
    torch.testing.assert_close(hessian.exact_traces(H), blocks)
    mean, error = hessian.traces(H, rngs(2), probes=100)
    assert ((mean - blocks).abs() < 5 * error).all() and (error < 0.3 * blocks.abs().amax()).all()
    diagonal = hessian.of(
        lambda ts: (ts[0] ** 2).sum(1) + 3 * (ts[1] ** 2).sum(1), [torch.ones(1, 4), torch.ones(1, 2)]
    )
    mean, error = hessian.traces(diagonal, rngs(1), probes=2)
    assert mean.tolist() == [[8.0, 12.0]] and (error == 0).all()


NET, POINTS, LABELS = small()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: hessian.of_loss(NET, POINTS, LABELS, only=("W7",)), "only must name"),
        (lambda: hessian.of_loss(NET, POINTS, LABELS + 9), "labels of 3 outputs"),
        (lambda: curvature.ends(hessian.of_loss(NET, POINTS, LABELS), np.random.default_rng(0)), "one network at"),
        (lambda: hessian.traces(hessian.of_loss(NET, POINTS, LABELS), rngs(2), probes=1), "two probes"),
        (lambda: hessian.traces(hessian.of_loss(NET, POINTS, LABELS), rngs(3)), "one generator for each of 2"),
    ],
)
def test_a_bad_request_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()

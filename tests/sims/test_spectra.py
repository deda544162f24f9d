"""Singular values of layers against matrices written out column by column, and what is built on them."""

import math

import numpy as np
import pytest
import torch

from sims import classifier, convolution_operator, spectra


def rngs(k, seed=0):
    return np.random.default_rng(seed).spawn(k)


def kernel(out, c, k, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((out, c, k, k)))


def by_columns(W, shape, padding, stride=1):
    """The matrix of a convolution, each column the image of a single pixel."""
    c, half = W.shape[1], W.shape[-1] // 2
    pixels = torch.eye(c * math.prod(shape), dtype=W.dtype).reshape(-1, c, *shape)
    if padding == "circular":
        reach = [range(-half, side + half) for side in shape]  # wraps as often as the kernel is wide
        pixels = pixels[:, :, [i % shape[0] for i in reach[0]]][:, :, :, [j % shape[1] for j in reach[1]]]
    images = torch.nn.functional.conv2d(pixels, W, stride=stride, padding=0 if padding == "circular" else half)
    return images.flatten(1).T


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", convolution_operator.PADDINGS)
@pytest.mark.parametrize(
    ("out", "c", "k", "shape"), [(3, 2, 3, (5, 4)), (2, 3, 5, (4, 6)), (1, 1, 1, (3, 3)), (4, 2, 7, (2, 3))]
)
def test_the_matrix_and_the_values_are_those_of_the_columns(stride, padding, out, c, k, shape):
    W = kernel(out, c, k)
    M = by_columns(W, shape, padding, stride)
    torch.testing.assert_close(convolution_operator.matrix(W, shape, padding, stride), M, rtol=0, atol=1e-13)
    s = np.linalg.svd(M.numpy(), compute_uv=False)
    seen = convolution_operator.singular_values(W, shape, padding, stride).numpy()
    np.testing.assert_allclose(seen, s, rtol=0, atol=1e-12 * s[0])


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize(("k", "shape"), [(3, (9, 8)), (5, (7, 10)), (1, (8, 9))])
def test_lanczos_finds_the_leading_values_without_the_matrix(stride, k, shape):
    W = kernel(5, 3, k)
    s = np.linalg.svd(by_columns(W, shape, "zeros", stride).numpy(), compute_uv=False)
    seen = convolution_operator.leading(W, shape, 4, np.random.default_rng(1), stride=stride)
    np.testing.assert_allclose(seen, s[:4], rtol=1e-9)


def test_the_reshaped_kernel_is_another_matrix():
    W = kernel(4, 4, 3)
    operator = convolution_operator.singular_values(W, (8, 8))[0]
    reshaped = torch.linalg.svdvals(W.flatten(1))[0]
    assert reshaped / math.sqrt(9) <= operator <= reshaped * math.sqrt(9)
    assert abs(operator / reshaped - 1) > 0.2


def test_layers_of_a_small_convolutional_network_are_operators_on_the_images_that_reach_them():
    net = classifier.convolutional(rngs(2), (1, 8, 6), (3, 4), (5, 3), kernel=3)
    found = spectra.singular_values(net)
    shapes = [(8, 6), (4, 3), None, None]
    for W, s, shape in zip(net.weights, found, shapes, strict=True):
        for V, values in zip(W, s, strict=True):
            M = V if shape is None else by_columns(V, shape, "zeros")
            np.testing.assert_allclose(values, np.linalg.svd(M.numpy(), compute_uv=False), rtol=0, atol=1e-12)


def test_scale_free_numbers_of_known_spectra():
    s = torch.tensor([[3.0, 3.0, 3.0], [4.0, 2.0, 0.0]], dtype=torch.float64)
    torch.testing.assert_close(spectra.stable_rank(s), torch.tensor([3.0, 20 / 16], dtype=torch.float64))
    torch.testing.assert_close(spectra.peak(s), torch.tensor([1.0, 2.0], dtype=torch.float64))
    expected = torch.tensor([0.0, math.sqrt(8 / 3) / 2], dtype=torch.float64)
    torch.testing.assert_close(spectra.variation(s), expected)
    for of in (spectra.stable_rank, spectra.peak, spectra.variation):
        torch.testing.assert_close(of(1e-100 * s), of(s))
    W = torch.from_numpy(np.random.default_rng(0).standard_normal((6, 4)))
    frobenius = (W**2).sum() / torch.linalg.matrix_norm(W, 2) ** 2
    torch.testing.assert_close(spectra.stable_rank(torch.linalg.svdvals(W)), frobenius)
    assert spectra.stable_rank(torch.zeros(3)) == 0


@pytest.mark.parametrize("conv", [False, True])
def test_a_folded_normalisation_is_the_layer_and_the_normalisation(conv):
    torch.manual_seed(0)
    layer = torch.nn.Conv2d(2, 3, 3, padding=1) if conv else torch.nn.Linear(4, 3)
    norm = torch.nn.BatchNorm2d(3) if conv else torch.nn.BatchNorm1d(3)
    with torch.no_grad():
        for value in (norm.weight, norm.bias, norm.running_mean, norm.running_var):
            value.uniform_(0.5, 2.0)
    norm.eval()
    x = torch.randn(5, 2, 6, 6) if conv else torch.randn(5, 4)
    W, b = spectra.with_normalisation(
        layer.weight,
        layer.bias,
        norm.weight,
        norm.bias,
        (norm.running_mean, norm.running_var),
        norm.eps,
    )
    seen = torch.nn.functional.conv2d(x, W, b, padding=1) if conv else torch.nn.functional.linear(x, W, b)
    torch.testing.assert_close(seen, norm(layer(x)))


def test_what_is_no_convolution_is_refused():
    W = kernel(2, 2, 3)
    with pytest.raises(ValueError, match="k odd"):
        convolution_operator.matrix(W[..., :2, :2], (4, 4))
    with pytest.raises(ValueError, match=r"\(height, width\)"):
        convolution_operator.singular_values(W, (4,))
    with pytest.raises(ValueError, match="zeros, circular"):
        convolution_operator.singular_values(W, (4, 4), "reflect")
    with pytest.raises(ValueError, match="k must lie below 32"):
        convolution_operator.leading(W, (4, 4), 32, np.random.default_rng(0))
    with pytest.raises(ValueError, match="k must lie below 8"):
        convolution_operator.leading(W, (4, 4), 8, np.random.default_rng(0), stride=2)
    with pytest.raises(ValueError, match="stride must be at least 1, got 0"):
        convolution_operator.matrix(W, (4, 4), stride=0)
    with pytest.raises(ValueError, match=r"convolution_operator\.leading"):
        spectra.singular_values(classifier.convolutional(rngs(1), (1, 40, 40), (8,), (2,)))
    W, b = torch.ones(2, 2), torch.ones(2)
    with pytest.raises(ValueError, match="variances"):
        spectra.with_normalisation(W, b, b, b, (b, -b))

"""Each network of a stack gets images of its own, and none of them twice."""

import numpy as np
import pytest

from sims import image_sets, images


def generators(k):
    return np.random.default_rng(3).spawn(k)


@pytest.fixture
def mnist(tmp_path, monkeypatch):
    """A folder with an mnist.npz of 30 and 20 images, no two of them alike."""
    pixels = np.arange(50 * 784, dtype=np.uint32).reshape(50, 28, 28)
    y = np.arange(50) % 10
    np.savez(
        tmp_path / "mnist.npz",
        x_train=(pixels[:30] // 784).astype(np.uint8),
        y_train=y[:30],
        x_test=(pixels[30:] // 784).astype(np.uint8),
        y_test=y[30:],
    )
    monkeypatch.setenv(images.FOLDER, str(tmp_path))


def test_members_have_their_own_digits_and_no_image_twice():
    (X, y), (Z, t) = image_sets.drawn(generators(2), "digits", 100, 50)
    assert (X.shape, y.shape, Z.shape, t.shape) == ((2, 100, 64), (2, 100), (2, 50, 64), (2, 50))
    assert set(y.ravel().tolist()) == set(range(10)) and X.min() >= 0 and X.max() <= 1
    assert not np.array_equal(X[0], X[1])
    both = np.concatenate([X[0], Z[0]])
    assert len(np.unique(both, axis=0)) == len(both)


def test_a_member_does_not_depend_on_its_company():
    (X, y), (Z, t) = image_sets.drawn(generators(2), "digits", 20, 10)
    for part, alone in zip(
        (X, y, Z, t), sum(image_sets.drawn(generators(2)[1:], "digits", 20, 10), ()), strict=True
    ):
        assert np.array_equal(part[1], alone[0])


def test_mnist_keeps_its_own_split_and_its_labels(mnist):
    (X, y), (Z, t) = image_sets.drawn(generators(1), "mnist", 30, 20)
    assert sorted(np.rint(X[0, :, 0].numpy() * 255)) == list(range(30))
    assert sorted(np.rint(Z[0, :, 0].numpy() * 255)) == list(range(30, 50))
    for points, labels in ((X, y), (Z, t)):
        assert np.array_equal(np.rint(points[0, :, 0].numpy() * 255) % 10, labels[0])


@pytest.mark.parametrize(
    ("data", "n", "fresh", "says"),
    [
        ("cifar", 5, 5, "'digits' or 'mnist', got 'cifar'"),
        ("digits", 1349, 5, "between"),
        ("digits", 5, 0, "between"),
    ],
)
def test_what_is_not_there_is_refused(data, n, fresh, says):
    with pytest.raises(ValueError, match=says):
        image_sets.drawn(generators(1), data, n, fresh)

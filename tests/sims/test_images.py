import numpy as np
import pytest
from sklearn import datasets

from sims import images


def tiny_mnist(folder, **changes):
    arrays = {
        "x_train": np.arange(6 * 4, dtype=np.uint8).reshape(6, 2, 2) * 10,
        "y_train": np.array([7, 2, 3, 2, 7, 9]),
        "x_test": np.full((3, 2, 2), 255, dtype=np.uint8),
        "y_test": np.array([2, 7, 0]),
    } | changes
    np.savez(folder / "mnist.npz", **{k: v for k, v in arrays.items() if v is not None})


def test_digits_are_split_by_the_generator_alone():
    one, two, other = (images.digits(np.random.default_rng(s)) for s in (0, 0, 1))
    assert np.array_equal(one.X_train, two.X_train) and np.array_equal(one.y_test, two.y_test)
    assert not np.array_equal(one.X_train, other.X_train)


def test_digits_are_pixels_and_signs_and_each_image_appears_once():
    data = images.digits(np.random.default_rng(0), test=0.3)
    X = np.vstack([data.X_train, data.X_test])
    assert X.shape == (177 + 179, 64)
    assert X.min() == 0 and X.max() == 1
    assert set(data.y_train) == set(data.y_test) == {-1.0, 1.0}
    bunch = datasets.load_digits()
    kept = bunch.data[np.isin(bunch.target, (2, 7))] / 16
    assert np.array_equal(np.sort(X, axis=0), np.sort(kept, axis=0))
    assert len(data.y_test) == round(0.3 * len(X))


def test_the_order_of_the_classes_sets_the_signs():
    a, b = (images.digits(np.random.default_rng(0), c) for c in ((2, 7), (7, 2)))
    assert np.array_equal(a.y_train, -b.y_train)


def test_more_than_two_classes_are_numbered():
    assert set(images.digits(np.random.default_rng(0), (3, 1, 8)).y_train) == {0.0, 1.0, 2.0}


def test_mnist_is_read_from_a_folder(tmp_path):
    tiny_mnist(tmp_path)
    data = images.mnist(tmp_path)
    assert data.X_train.shape == (4, 4)
    assert data.y_train.tolist() == [1, -1, -1, 1]
    assert data.X_train[1].tolist() == [40 / 255, 50 / 255, 60 / 255, 70 / 255]
    assert data.X_test.tolist() == [[1.0] * 4] * 2
    assert data.X_train.dtype == data.y_train.dtype == np.float64


def test_mnist_is_found_through_the_environment(tmp_path, monkeypatch):
    tiny_mnist(tmp_path)
    monkeypatch.setenv("LEMMATA_DATA", str(tmp_path))
    assert images.mnist(classes=(3, 9)).y_train.tolist() == [-1, 1]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"no file .*mnist\.npz: put mnist\.npz there"):
        images.mnist(tmp_path)


def test_a_missing_array_is_named(tmp_path):
    tiny_mnist(tmp_path, y_test=None)
    with pytest.raises(ValueError, match="must hold plain arrays"):
        images.mnist(tmp_path)


def test_pickles_are_never_read(tmp_path):
    tiny_mnist(tmp_path, y_test=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="must hold plain arrays"):
        images.mnist(tmp_path)


def test_without_file_or_network_the_message_says_what_to_give(monkeypatch):
    def offline(*args, **options):
        raise OSError("no route")

    monkeypatch.delenv("LEMMATA_DATA", raising=False)
    monkeypatch.setattr(datasets, "fetch_openml", offline)
    with pytest.raises(ValueError, match=r"set LEMMATA_DATA to a folder with mnist\.npz"):
        images.mnist()


def test_openml_serves_where_no_folder_is_given(monkeypatch):
    bunch = type("Bunch", (), {"data": np.full((70000, 1), 51), "target": np.array(["2", "7"] * 35000)})
    monkeypatch.delenv("LEMMATA_DATA", raising=False)
    monkeypatch.setattr(datasets, "fetch_openml", lambda *args, **options: bunch)
    data = images.mnist()
    assert len(data.y_train) == 60000 and len(data.y_test) == 10000
    assert data.X_train[0, 0] == 0.2 and data.y_train[0] == -1


def tiny_cifar(folder):
    pixels = np.arange(2 * 2 * 2 * 3, dtype=np.uint8).reshape(2, 2, 2, 3)
    labels = np.array([3, 0])
    np.savez(folder / "cifar10_subset.npz", x_train=pixels, y_train=labels, x_test=pixels, y_test=labels)


def test_cifar_is_read_from_a_folder_colour_by_colour(tmp_path, monkeypatch):
    tiny_cifar(tmp_path)
    data = images.cifar10(tmp_path)
    assert (data.X_train[0] * 255).tolist() == [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]
    assert data.y_train.tolist() == data.y_test.tolist() == [3, 0]
    monkeypatch.setenv("LEMMATA_DATA", str(tmp_path))
    assert images.cifar10(classes=(0, 3)).y_test.tolist() == [1, -1]


def test_without_cifar_the_message_says_what_to_give(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match=r"put cifar10_subset\.npz there"):
        images.cifar10(tmp_path)

    def offline(*args, **options):
        raise OSError("no route")

    monkeypatch.delenv("LEMMATA_DATA", raising=False)
    monkeypatch.setattr(datasets, "fetch_openml", offline)
    with pytest.raises(ValueError, match=r"CIFAR-10 is not here .* folder with cifar10_subset\.npz"):
        images.cifar10()


@pytest.mark.parametrize("classes", [(2,), (2, 2), (2, 11)])
def test_bad_classes_are_refused(classes):
    with pytest.raises(ValueError, match="two different digits"):
        images.digits(np.random.default_rng(0), classes)


@pytest.mark.parametrize("test", [0.0, 1.0, -1.0])
def test_a_bad_share_is_refused(test):
    with pytest.raises(ValueError, match="share held out"):
        images.digits(np.random.default_rng(0), test=test)

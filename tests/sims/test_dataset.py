"""A user's file becomes points with labels −1 and +1, or is refused in one line that says where and why."""

from pathlib import Path

import numpy as np
import pytest

from sims.claim import ROOT
from sims.dataset import MNIST_ROWS, load

X = np.arange(24.0).reshape(8, 3)
y = np.array([0, 0, 0, 0, 1, 1, 1, 1])


def npz(folder, **arrays):
    path = folder / "points.npz"
    np.savez(path, **arrays)
    return str(path)


def text(folder, content, name="points.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def test_given_test_points_are_used_and_labels_become_signs(tmp_path):
    data = load(npz(tmp_path, X=X, y=2 + 5 * y, X_test=X[:5] + 1, y_test=np.array([7, 2, 2, 2, 2]), other=y))
    assert data.name == "points"
    assert np.array_equal(data.X, X)
    assert data.y.tolist() == [-1, -1, -1, -1, 1, 1, 1, 1]
    assert data.y_test.tolist() == [1, -1, -1, -1, -1]
    assert np.array_equal(data.X_test, X[:5] + 1)
    assert data.remarks == ("labels: 2 is −1, 7 is +1",)


@pytest.mark.parametrize("labels", [y, y.astype(bool), 2 * y - 1, 7 - 2.5 * (1 - y), (10 * y).astype(np.uint8)])
def test_any_two_numbers_are_labels_the_larger_one_is_plus(tmp_path, labels):
    data = load(npz(tmp_path, X=X, y=labels))
    everything = np.vstack([np.column_stack([data.X, data.y]), np.column_stack([data.X_test, data.y_test])])
    everything = everything[np.argsort(everything[:, 0])]
    assert np.array_equal(everything, np.column_stack([X, 2 * y - 1]))
    assert any("labels" in remark for remark in data.remarks) == (set(labels) != {-1, 1})


def test_half_of_each_class_is_held_out_always_the_same_half(tmp_path):
    rare = np.array([1, 1, 1, 1, 1, 0, 0, 0])
    one, two = load(npz(tmp_path, X=X, y=rare)), load(npz(tmp_path, X=X, y=rare))
    assert (one.y == 1).sum() == 3 and (one.y == -1).sum() == 2
    assert (one.y_test == 1).sum() == 2 and (one.y_test == -1).sum() == 1
    assert np.array_equal(one.X, two.X) and np.array_equal(one.y_test, two.y_test)
    assert one.remarks[-1].endswith(f"held out, drawn with seed {ROOT}")


def test_a_class_of_one_point_is_kept_for_training(tmp_path):
    data = load(npz(tmp_path, X=X, y=np.array([0, 0, 0, 1, 0, 0, 0, 0])))
    assert (data.y == 1).sum() == 1 and not (data.y_test == 1).any()


ROWS = "1,2,0\n3,4,1\n5,6,0\n7,8,1\n"


@pytest.mark.parametrize(
    "content",
    [
        ROWS,
        "a,b,label\n" + ROWS,
        "\ufeff" + ROWS,
        ROWS.replace("\n", "\r\n"),
        "\n" + ROWS.replace("3,4", '" 3","4e0"') + "\n\n",
        ROWS.rstrip("\n"),
    ],
)
def test_csv_in_its_usual_dialects(tmp_path, content):
    data = load(text(tmp_path, content))
    together = np.vstack([data.X, data.X_test])
    assert sorted(together.tolist()) == [[1, 2], [3, 4], [5, 6], [7, 8]]
    assert data.y.tolist() == [1 if first % 4 == 3 else -1 for first in data.X[:, 0]]
    assert any("'label'" in remark for remark in data.remarks) == ("label" in content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "holds no rows"),
        ("\n\n", "holds no rows"),
        ("a,b,label\n", "holds no rows"),
        ("1,2,0\n3,4,1\n5,6\n7,8,1\n", "line 3 has 2 entries but line 1 has 3"),
        ("a,b,c\n1,2,0\n3,4,1,9\n", "line 3 has 4 entries but line 1 has 3"),
        ("1,2,0\n3,red,1\n5,6,0\n7,8,1\n", "line 2, column 2 must be a number, got 'red'"),
        ("1,two,0\n3,4,1\n5,6,0\n7,8,1\n", "line 1, column 2 must be a number, got 'two'"),
        ("1,2,cat\n3,4,dog\n5,6,cat\n7,8,dog\n", r"line 1, column 3 \(the label\) must be a number, got 'cat'"),
        ("1,2,0\n3,,1\n5,6,0\n7,8,1\n", "line 2, column 2 must be a number, got ''"),
        ("h,k,c\n\n1,2,0\n3,nan,1\n5,6,0\n7,8,1\n", "line 4, column 2 must be finite, got nan"),
        ("1,2,0\n3,4,1\n-inf,6,0\n7,8,1\n", "line 3, column 1 must be finite, got -inf"),
        ("1,2,0\n3,4,inf\n5,6,0\n7,8,1\n", r"line 2, column 3 \(the label\) must be finite"),
        ("1;2;0\n3;4;1\n5;6;0\n7;8;1\n", "separate the features and the label by commas"),
        ("1\n2\n3\n4\n", "separate the features and the label by commas"),
        ("1,2,0\n3,4,1\n5,6,0\n", "at least 4 rows are needed, got 3"),
        ("1,2,0\n3,4,0\n5,6,0\n7,8,0\n", r"one class only \(all 0\)"),
        ("1,2,0\n3,4,1\n5,6,2\n7,8,1\n", r"y must have two classes, got 3 \(0, 1, 2\)"),
        ("1,2,.1\n3,4,.2\n5,6,.3\n7,8,.4\n0,0,.5\n1,1,.6\n", "got 6 .*, …"),
        (b"\xff\xfe\x00\x01,2\n", "not readable as CSV"),
    ],
)
def test_a_bad_csv_is_refused_naming_the_line(tmp_path, content, words):
    with pytest.raises(ValueError, match=words):
        load(text(tmp_path, content))


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"X": X}, "no array y, it holds X"),
        ({"y": y, "Z": X}, "no array X, it holds Z, y"),
        ({"Z": X}, "no array X and no array y"),
        ({"X": X, "y": y, "X_test": X}, "X_test and y_test without the other"),
        ({"X": X.astype(object), "y": y}, "plain arrays of numbers, not objects: .*astype"),
        ({"X": X, "y": np.array(["a"] * 4 + ["b"] * 4)}, "y must hold real numbers, got dtype <U1"),
        ({"X": X * 1j, "y": y}, "X must hold real numbers"),
        ({"X": X[:, 0], "y": y}, r"X must have 2 dimension\(s\), got shape \(8,\)"),
        ({"X": X, "y": y[:, None]}, r"y must have 1 dimension\(s\)"),
        ({"X": X, "y": y[:7]}, "X has 8 rows but y has 7"),
        ({"X": X[:0], "y": y[:0]}, "X must not be empty"),
        ({"X": X[:, :0], "y": y}, "X must not be empty"),
        ({"X": np.where(X == 5, np.nan, X), "y": y}, r"X must be finite, got nan at \(1, 2\)"),
        ({"X": X, "y": np.where(y == 1, np.inf, 0)}, r"y must be finite, got inf at \(4,\)"),
        ({"X": X[3:6], "y": y[3:6]}, "at least 4 rows are needed, got 3"),
        ({"X": X[3:6], "y": y[3:6], "X_test": X, "y_test": y}, "at least 4 rows are needed, got 3"),
        ({"X": X, "y": 0 * y}, r"one class only \(all 0\)"),
        ({"X": X, "y": np.arange(8)}, "y must have two classes, got 8"),
        ({"X": X, "y": y, "X_test": X[:, :2], "y_test": y}, "X_test has 2 columns but X has 3"),
        ({"X": X, "y": y, "X_test": X[:2], "y_test": y}, "X_test has 2 rows but y_test has 8"),
        ({"X": X, "y": y, "X_test": X * np.nan, "y_test": y}, "X_test must be finite"),
        ({"X": X, "y": y, "X_test": X, "y_test": 3 * y}, "y_test holds 3, but the labels in y are 0 and 1"),
    ],
)
def test_bad_arrays_are_refused(tmp_path, arrays, words):
    with pytest.raises(ValueError, match=words):
        load(npz(tmp_path, **arrays))


@pytest.mark.parametrize("source", ["points.parquet", "points", "mnst", ""])
def test_another_kind_of_file_is_refused(source):
    with pytest.raises(ValueError, match=r"ending in \.npz or \.csv, or digits, or mnist"):
        load(source)


@pytest.mark.parametrize("name", ["absent.npz", "absent.csv"])
def test_a_missing_file_and_a_folder_are_refused(tmp_path, name):
    with pytest.raises(ValueError, match=r"there is no file .*absent"):
        load(str(tmp_path / name))
    (tmp_path / name).mkdir()
    with pytest.raises(ValueError, match="there is no file"):
        load(str(tmp_path / name))


def test_a_file_that_only_calls_itself_npz_is_refused(tmp_path):
    for content in ("", "1,2,3\n", b"\x80\x04K\x01."):
        with pytest.raises(ValueError, match=r"is not an \.npz archive: write it with numpy\.savez"):
            load(text(tmp_path, content, "points.npz"))


def test_a_damaged_archive_is_refused(tmp_path):
    path = Path(npz(tmp_path, X=X, y=y))
    content = path.read_bytes()
    path.write_bytes(content[:150] + b"\xff" * 40 + content[190:])
    with pytest.raises(ValueError, match="plain arrays"):
        load(str(path))


def test_digits_and_mnist_by_name(tmp_path, monkeypatch):
    data = load("digits")
    assert data.X.shape == (178, 64) and len(data.y_test) == 178 and data.remarks[0] == "labels: 2 is −1, 7 is +1"
    assert np.array_equal(load("digits").X, data.X)
    monkeypatch.setenv("LEMMATA_DATA", str(tmp_path))
    with pytest.raises(ValueError, match=r"no file .*mnist\.npz"):
        load("mnist")
    pixels, digit = np.arange(600 * 4, dtype=np.uint32).reshape(600, 2, 2) % 256, np.tile([2, 7, 5], 200)
    np.savez(tmp_path / "mnist.npz", x_train=pixels, y_train=digit, x_test=pixels[:9], y_test=digit[:9])
    data = load("mnist")
    assert data.X.shape == (MNIST_ROWS, 4) and data.X_test.shape == (6, 4) and data.y[:2].tolist() == [-1, 1]
    assert "the first 250 of 400 training images" in data.remarks[1]

import numpy as np
import pytest

from sims import sample


def rng(seed=0):
    return np.random.default_rng(seed)


def test_the_same_seed_draws_the_same_numbers():
    draws = [
        (
            sample.teacher(r, 9),
            sample.teacher(r, 9, 3),
            sample.inputs(r, 4, 9),
            sample.inputs(r, 4, 9, 2),
            sample.signs(r, 3, 5),
        )
        for r in (rng(), rng())
    ]
    for a, b in zip(*draws, strict=True):
        assert np.array_equal(a, b)


@pytest.mark.parametrize("k", [1, 4, 9])
def test_a_sparse_teacher_has_exactly_k_signs(k):
    w_star = sample.teacher(rng(k), 9, k)
    assert np.count_nonzero(w_star) == k
    assert set(np.abs(w_star)) <= {0.0, 1.0}


def test_sparse_inputs_have_the_right_density_and_no_empty_row():
    X = sample.inputs(rng(), 4000, 50, 5)
    assert set(np.unique(X)) == {-1.0, 0.0, 1.0}
    assert X.any(axis=1).all()
    density = np.abs(X).mean() * (1 - 0.9**50)  # rows that vanish were drawn again
    assert abs(density - 0.1) < 5 * np.sqrt(0.09 / X.size)
    assert abs(X.mean()) < 5 * np.sqrt(0.1 / X.size)


def test_very_sparse_inputs_still_have_no_empty_row():
    assert (np.abs(sample.inputs(rng(), 200, 10, 0.1)).sum(axis=1) >= 1).all()


def test_ties_are_labelled_minus_one():
    X = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    assert sample.labels(X, np.array([1.0, 0.0])).tolist() == [1, -1, -1]


def test_shifting_the_margin_adds_rho_to_every_margin_in_the_sup_norm():
    X, y, w_star = sample.planted(rng(), 20, 7)
    before = y * (X @ w_star) / np.abs(w_star).sum()
    after = y * (sample.shift_margin(X, y, w_star, 0.3) @ w_star) / np.abs(w_star).sum()
    np.testing.assert_allclose(after, before + 0.3, rtol=0, atol=1e-13)


def test_planted_data_carry_both_labels_and_are_separated_by_their_teacher():
    for seed in range(50):
        X, y, w_star = sample.planted(rng(seed), 2, 3)
        assert sorted(y) == [-1, 1]
        assert (y * (X @ w_star) > 0).all()


def test_planted_data_gives_up_when_one_label_cannot_occur():
    never = type("Never", (), {"standard_normal": lambda self, shape: np.ones(shape)})()
    with pytest.raises(ValueError, match="one label only"):
        sample.planted(never, 3, 2)


def test_all_signs_are_all_of_them():
    S = sample.all_signs(4)
    assert S.shape == (16, 4)
    assert len(np.unique(S, axis=0)) == 16
    assert set(np.unique(S)) == {-1.0, 1.0}
    assert S[0].tolist() == [-1] * 4


def test_signs_are_balanced():
    S = sample.signs(rng(), 1000, 30)
    assert set(np.unique(S)) == {-1.0, 1.0}
    assert abs(S.mean()) < 5 / np.sqrt(S.size)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sample.teacher(rng(), 5, 6), "at most d=5, got 6"),
        (lambda: sample.teacher(rng(), 0), "d must be at least 1, got 0"),
        (lambda: sample.inputs(rng(), 3, 5, 0), "k must be positive"),
        (lambda: sample.all_signs(21), "draw some with signs"),
        (lambda: sample.planted(rng(), 1, 5), "n must be at least 2"),
        (lambda: sample.labels(np.array([[np.nan, 1.0]]), np.ones(2)), "finite"),
        (lambda: sample.labels(np.ones((2, 3)), np.ones(2)), "3 finite numbers"),
        (lambda: sample.shift_margin(np.ones((2, 3)), np.ones(2), np.ones(3), -1.0), "rho"),
        (lambda: sample.shift_margin(np.ones((2, 3)), np.ones(2), np.zeros(3), 1.0), "w_star is 0"),
    ],
)
def test_a_bad_request_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()

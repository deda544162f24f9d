"""Patch data and their network: against torch's derivatives, and the traps of the model, one by one."""

import numpy as np
import pytest
import torch

from sims import patch


def setting(seed=0, n=6, d=40, m=5, **how):
    return patch.paper_setting(np.random.default_rng(seed), n, d, m, **how)


def by_autograd(data, W, left, mix, power, eta, steps):
    """Descent by torch's derivatives of the loss on the images as they are."""
    clean, attacked, y = (torch.from_numpy(a) for a in (data.X, patch.shifted(data, left), data.y))
    V = torch.tensor(W, requires_grad=True)

    def loss(X):
        z = X @ V.T
        f = (torch.sign(z) * torch.abs(z) ** power).sum((1, 2))
        return torch.nn.functional.softplus(-y * f).mean()

    for _ in range(steps):
        (gradient,) = torch.autograd.grad((1 - mix) * loss(clean) + mix * loss(attacked), V)
        with torch.no_grad():
            V -= eta * gradient
    return V.detach().numpy()


@pytest.mark.parametrize("descend", [patch.descend, patch.descend_in_span])
@pytest.mark.parametrize(("power", "patches", "mix"), [(3, 2, 0.9), (2, 3, 0.5), (4, 2, 0.0), (2.5, 4, 1.0)])
def test_descent_follows_autograd(descend, power, patches, mix):
    s = setting(patches=patches)
    W = descend(s.data, s.W, left=0.3, mix=mix, power=power, eta=0.2, at=np.array([0, 7, 150]))
    assert np.array_equal(W[0], s.W)
    for k, steps in ((1, 7), (2, 150)):
        np.testing.assert_allclose(W[k], by_autograd(s.data, s.W, 0.3, mix, power, 0.2, steps), rtol=0, atol=1e-10)


def test_both_descents_agree_through_all_phases():
    s = setting(n=5, d=60, m=8)
    how = {"left": s.left, "mix": 0.9, "power": 3, "eta": 0.1, "at": np.array([10, 3000])}
    W, V = patch.descend(s.data, s.W, **how), patch.descend_in_span(s.data, s.W, **how)
    np.testing.assert_allclose(W, V, rtol=0, atol=1e-10)
    assert patch.noise_margins(W[1], s.data, 3).max() > 1


def test_noise_is_orthogonal_to_the_signal():
    s = setting(d=300, patches=4)
    assert np.abs(patch.noise_patches(s.data) @ s.data.w_star).max() < 1e-15
    signal = s.data.X[np.arange(6), s.data.place] @ s.data.w_star
    np.testing.assert_allclose(signal, s.data.alpha * s.data.y, rtol=1e-14)


def test_noise_that_leaks_into_the_signal_breaks_the_recursion():
    """The rows must be orthogonal to w*, else v moves u."""
    s = setting()
    leaky = patch.PatchData(s.data.X + 0.1 * s.data.w_star, s.data.y, s.data.place, s.data.w_star, s.data.alpha)
    W = patch.descend(leaky, s.W, left=0.3, mix=0.5, power=3, eta=0.2, at=np.array([200]))[0]
    V = patch.descend(s.data, s.W, left=0.3, mix=0.5, power=3, eta=0.2, at=np.array([200]))[0]
    assert np.abs((W - V) @ s.data.w_star).max() > 1e-3


def test_the_network_is_odd():
    s = setting(patches=3)
    np.testing.assert_allclose(patch.outputs(s.W, -s.data.X, 2.5), -patch.outputs(s.W, s.data.X, 2.5), rtol=1e-13)


def test_an_even_activation_would_fit_one_label_only():
    s = setting()
    z = s.data.X @ s.W.T
    assert ((np.abs(z) ** 3).sum((1, 2)) > 0).all()
    assert (patch.outputs(s.W, s.data.X, 3) < 0).any()


def test_the_worst_shift_is_at_an_end():
    s = setting()
    for W in (s.W, -s.W):
        along = [patch.margins(W, s.data, 3, c) for c in np.linspace(0.4, 2 * s.data.alpha - 0.4, 41)]
        np.testing.assert_allclose(patch.worst_margins(W, s.data, 3, 0.4), np.min(along, axis=0), rtol=1e-12)


def test_an_unrestricted_attack_replaces_noise_and_undoes_memorisation():
    """Why the adversary may not touch the noise: with the noise of an image of the other class it wins."""
    s = setting(n=6, d=200, m=20)
    W = patch.descend_in_span(s.data, s.W, left=s.left, mix=0.9, power=3, eta=0.1, at=np.array([4000]))[0]
    assert patch.robust_error(W, s.data, 3, s.left) == 0
    taken = patch.noise_patches(s.data)
    other = np.array([np.flatnonzero(s.data.y != label)[0] for label in s.data.y])
    swapped = patch.shifted(s.data, s.left)
    swapped[np.arange(2) != s.data.place[:, None]] = taken[other][:, 0]
    assert (s.data.y * patch.outputs(W, swapped, 3) < 0).all()


def test_errors_on_fresh_points_are_those_of_the_images():
    s = setting(n=4, d=30, m=6)
    left, points = 0.9, 300
    seen = patch.on_fresh_points(np.random.default_rng(3), s.W, s.data, s.sigma, 3, left, points)
    rng = np.random.default_rng(3)
    data = patch.draw(rng, points, s.data.w_star, patches=2, alpha=s.data.alpha, sigma=s.sigma)
    assert seen.clean == np.mean(patch.margins(s.W, data, 3, data.alpha) <= 0)
    assert seen.robust == patch.robust_error(s.W, data, 3, left)
    np.testing.assert_allclose(seen.noise, patch.noise_margins(s.W, data, 3), rtol=1e-10, atol=1e-16)


def test_many_fresh_points_are_drawn_in_turns(monkeypatch):
    s = setting(n=4, d=30, m=6)
    monkeypatch.setattr(patch, "CHUNK", 1000)
    seen = patch.on_fresh_points(np.random.default_rng(3), s.W, s.data, s.sigma, 3, 0.5, 101)
    assert len(seen.noise) == 101


def test_huge_margins_do_not_overflow():
    s = setting(n=3, d=10, m=4)
    W = patch.descend_in_span(s.data, 30 * s.W, left=0.1, mix=0.5, power=3, eta=0.01, at=np.array([100]))
    assert np.isfinite(W).all() and patch.margins(W[0], s.data, 3, s.data.alpha).max() > 700


def test_a_level_is_passed_between_two_steps():
    at = np.array([0, 10, 20])
    assert patch.passing(at, np.array([0.0, 0.5, 1.5])) == 15
    assert patch.passing(at, np.array([2.0, 3.0, 4.0])) == 0
    assert patch.passing(at, np.array([0.0, 0.1, 0.2])) == 20


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mix": 1.5}, r"mix must be in \[0, 1\]"),
        ({"power": 1.0}, "power must be at least 2"),
        ({"eta": 0.0}, "eta must be positive"),
        ({"left": 99.0}, "left must be at most alpha"),
        ({"at": np.array([3, 2])}, "increasing steps"),
    ],
)
def test_a_bad_request_is_refused_in_words(changes, words):
    s = setting()
    how = {"left": 0.3, "mix": 0.5, "power": 3, "eta": 0.1, "at": np.array([1])} | changes
    with pytest.raises(ValueError, match=words):
        patch.descend(s.data, s.W, **how)


def test_bad_data_are_refused_in_words():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="length 1"):
        patch.draw(rng, 3, np.ones(4), patches=2, alpha=1.0, sigma=1.0)
    with pytest.raises(ValueError, match="at least 2"):
        patch.draw(rng, 3, np.eye(4)[0], patches=1, alpha=1.0, sigma=1.0)

"""Claims about networks are simulated on the GPU, a pretended one, where the command chooses it."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from pretended_gpu import PretendedGPU

from sims import device, stack
from sims.claims.flat_minima import residual_networks_leave_flat_minima_unless_regularised as flat
from sims.claims.price_of_implicit_bias import sign_descent_generalises_worse_under_attack as signs
from sims.worst_flatness import Ascent

CLAIMS = {
    "two digits": (signs, replace(signs.CLAIM.quick[0], m=8, epochs=10, k=2, seed=0)),
    "ten digits": (signs, replace(signs.CLAIM.quick[0], data="digits10", n=10, m=1, epochs=10, k=1, seed=0)),
    "residual networks": (flat, replace(flat.CLAIM.quick[0], n=6, fresh=6, width=2, stages=1, batch=3, epochs=1)),
}


def test_a_gpu_is_taken_where_there_is_one_unless_the_command_says_otherwise(monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    for found, said, place in (
        (True, "auto", "cuda"),
        (True, "cpu", "cpu"),
        (True, "cuda:1", "cuda:1"),
        (False, "auto", "cpu"),
    ):
        monkeypatch.setattr(torch.cuda, "is_available", lambda found=found: found)
        monkeypatch.setenv("LEMMATA_DEVICE", said)
        assert device.chosen() == place
    assert not torch.backends.cudnn.allow_tf32
    monkeypatch.setenv("LEMMATA_DEVICE", "cuda")
    with pytest.raises(ValueError, match="finds no GPU here"):
        device.chosen()


@pytest.mark.parametrize("name", CLAIMS)
def test_claims_are_simulated_where_the_command_says(monkeypatch, name):
    """In float32, where a few steps of training leave six figures of which some are lost to their differences."""
    claim, case = CLAIMS[name]
    monkeypatch.setattr(signs, "FRESH", {2: 20, 10: 20})
    monkeypatch.setattr(flat, "SEARCH", Ascent(2))
    monkeypatch.setattr(device, "chosen", lambda: "cpu")
    here = claim.simulate(case).exhibit
    monkeypatch.setattr(device, "chosen", lambda: "cuda")
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "a GPU")
    places, portions = set(), stack.portions

    def watched(net, n):
        places.add(net.weights[0].device.type)
        return portions(net, n)

    monkeypatch.setattr(stack, "portions", watched)
    with PretendedGPU():
        there = claim.simulate(case).exhibit
    assert places == {"cuda"}
    assert (str(here.pop("device")), str(there.pop("device"))) == ("cpu", "a GPU")
    assert here.keys() == there.keys()
    for key, value in here.items():
        if value.dtype.kind == "f":
            np.testing.assert_allclose(there[key], value, rtol=1e-3, atol=1e-4, err_msg=key)
        else:
            np.testing.assert_array_equal(there[key], value)

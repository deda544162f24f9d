"""Probabilities and margins of outputs worked out by hand."""

import math

import torch

from sims import confidence


def test_confidence_of_known_outputs():
    F = torch.tensor([[[0.0, math.log(3.0)], [math.log(4.0), 0.0]]], dtype=torch.float64)
    y = torch.tensor([[0, 0]])
    torch.testing.assert_close(confidence.confidence(F), torch.tensor([[0.75, 0.8]], dtype=torch.float64))
    expected = torch.tensor([[-0.5, 0.6]], dtype=torch.float64)
    torch.testing.assert_close(confidence.probability_margins(F, y), expected)
    single = F[..., :1] - F[..., 1:]
    signs = torch.tensor([[1.0, 1.0]], dtype=torch.float64)
    torch.testing.assert_close(confidence.probability_margins(single, signs), expected)
    torch.testing.assert_close(confidence.confidence(single), confidence.confidence(F))
    values = torch.tensor([[1.0, 2.0, 6.0]])
    chosen = torch.tensor([[True, False, True]])
    assert float(confidence.mean_where(values, chosen)) == 3.5
    assert confidence.mean_where(values, ~chosen[..., :1] & chosen).isnan().all()

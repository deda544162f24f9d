"""A ledger of records made up for the report: every outcome, scalars and vectors, a row that raised, 400 rows."""

import math
from dataclasses import replace

import numpy as np

from sims.claim import Verdict
from sims.record import Record

FAILURE = "ValueError: X has rank 15 < n=16 (d=64): not every y can be interpolated, <b>really</b>"


def record(paper, name, verdict, rival, *, rows=32, shape=(), spread=1e-3, **changes):
    """A record of so many rows whose observations scatter around the prediction."""
    rng = np.random.default_rng(sum(map(ord, name)))
    predicted = tuple(np.asarray(rng.uniform(0.5, 2, shape)) for _ in range(rows))
    made = Record(
        paper=paper,
        name=name,
        statement=r"The solution satisfies $\lVert w\rVert_p\le\varepsilon$.",
        source="Somebody et al. 2020, Thm 1",
        assumptions=(r"$n\le d$", "the data are separable"),
        mode="full",
        looks=1,
        verdict=verdict,
        rival=rival,
        fingerprint="0" * 16,
        cases=tuple({"n": 16, "d": 64, "seed": k} for k in range(rows)),
        predicted=predicted,
        rivalled=tuple(1.2 * a for a in predicted),
        observed=tuple(a * (1 + spread * rng.standard_normal(shape)) for a in predicted),
        doubt=tuple(np.full(shape, 2 * spread) for _ in range(rows)),
        exhibits=({},) * rows,
        failures=(),
        seconds=12.5,
        versions={"numpy": "2.1.0", "torch": "2.6.0"},
    )
    return replace(made, **changes)


def ledger():
    """Eight claims of two papers: every outcome, scalars and vectors, a row that raised, 400 rows."""
    bias, benign = "price_of_implicit_bias", "benign_overfitting"
    case = {"n": 16, "d": 64, "seed": 99}
    return [
        record(
            bias,
            "descent_finds_min_norm",
            Verdict(3.2e-9, 1.1e-9, 1e-6),
            Verdict(0.43, 1e-9, 1e-6),
            rows=400,
            statement="Steepest descent in the geometry of $\\ell_p$, begun at zero, on squared loss converges\n"
            "to the interpolator of least norm,\n\n"
            "$$w_\\infty=\\operatorname*{argmin}_{w:\\,Xw=y}\\lVert w\\rVert_p,\\qquad p\\in(1,2].$$",
            source="Gunasekar et al. 2018, Thm 1; $p=2$ is classical",
            looks=1,
            seconds=4321.0,
        ),
        record(
            bias,
            "robust_margin_is_penalised",
            Verdict(0.0012, 0.0003, 0.005),
            Verdict(0.43, 0.002, 0.005),
            shape=(12,),
            spread=0.02,
            statement=r"The robust margin of $w$ is "
            r"$\min_i y_i\langle w,x_i\rangle-\varepsilon\lVert w\rVert_{p^*}$, and its maximiser over "
            r"$\lVert w\rVert_p\le 1$ has $\tilde R_S(w)\le\frac{2\varepsilon^\star}{\sqrt n}$ for every "
            r"$\varepsilon<\varepsilon^\star$.",
        ),
        record(bias, "bound_is_never_crossed", Verdict(-0.31, 0, 0.0), Verdict(0.08, 0, 0.0), mode="quick"),
        record(bias, "worst_case_loss_is_closed_form", None, None, failures=((case, FAILURE, "…\n" + FAILURE),)),
        record(
            benign,
            "excess_risk_follows_effective_ranks",
            Verdict(0.013, 0.006, 0.02),
            Verdict(0.9, 0.01, 0.02),
            looks=3,
            shape=(5,),
            predicted=tuple(np.logspace(-3, 1, 5) for _ in range(32)),
            observed=tuple(np.logspace(-3, 1, 5) * (1 + 0.01 * k / 32) for k in range(32)),
            rivalled=tuple(np.logspace(-3, 1, 5) * 3 for _ in range(32)),
            doubt=tuple(np.logspace(-4, 0, 5) for _ in range(32)),
        ),
        record(benign, "variance_peaks_at_n_equals_d", Verdict(0.08, 0.01, 0.02), Verdict(0.5, 0.01, 0.02)),
        record(
            benign, "adversarial_training_generalises_worse", Verdict(-0.04, 0.06, 0.0), Verdict(-0.01, 0.005, 0.0)
        ),
        record(
            benign,
            "noise_is_absorbed",
            Verdict(math.nan, math.inf, 0.02),
            Verdict(0.5, math.inf, 0.02),
            predicted=(np.array(1.0),) * 32,
            rivalled=(np.array(1.1),) * 32,
        ),
    ]

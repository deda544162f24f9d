"""Spectra of Hessians: extremal eigenvalues by Lanczos, densities by stochastic Lanczos quadrature."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float
from scipy.sparse import linalg
from torch import Tensor

from sims.hessian import Hessian, dense, draw

Array = npt.NDArray[np.float64]
SMALL = 40  # up to so many parameters the Hessian is written out


@dataclass(frozen=True)
class Ends:
    """The smallest and the largest eigenvalue, each with the length of Hv − λv for its unit vector v.

    An eigenvalue lies within the residual of each number; that it is the extremal one, a random start makes
    overwhelmingly likely, and no residual proves.
    """

    low: float
    high: float
    residuals: tuple[float, float]

    @property
    def convexity(self) -> float:
        """|λ_min|/λ_max: 0 where the loss is convex and flat in some direction."""
        return abs(self.low) / self.high if self.high else float("nan")


def ends(H: Hessian, rng: np.random.Generator, *, tol: float = 1e-10) -> Ends:
    """The extremal eigenvalues of a single network, by Lanczos with restarts from a random vector.

    Errors: `residuals`; relative to the largest eigenvalue in size they are about `tol`.
    Raises:
        ValueError: if there is more than one member.
        scipy.sparse.linalg.ArpackNoConvergence: if the iteration does not converge.
    """
    B, P = H.like.shape
    if B != 1:
        raise ValueError(f"eigenvalues are found one network at a time, got {B}: take each by stack.taken")

    def product(v: Array) -> Array:
        return np.asarray(H.product(torch.from_numpy(v.reshape(1, P)).to(H.like))[0].cpu().numpy(), np.float64)

    if P <= SMALL:
        found, vectors = np.linalg.eigh(dense(H)[0].cpu().numpy())
        found, vectors = found[[0, -1]], vectors[:, [0, -1]]
    else:
        operator = linalg.LinearOperator((P, P), matvec=product, dtype=np.float64)
        start = rng.standard_normal(P)
        found, vectors = linalg.eigsh(operator, 2, which="BE", v0=start, tol=tol, ncv=min(P, SMALL))
    order = np.argsort(found)
    gaps = [float(np.linalg.norm(product(vectors[:, i]) - found[i] * vectors[:, i])) for i in order]
    return Ends(float(found[order[0]]), float(found[order[-1]]), (gaps[0], gaps[1]))


def density(
    H: Hessian, rngs: Sequence[np.random.Generator], *, probes: int = 4, steps: int = 40
) -> tuple[Float[Tensor, "B k"], Float[Tensor, "B k"]]:
    """Nodes and weights of the spectral measure (1/P) Σ δ_{λ_i} of each member: stochastic Lanczos quadrature.

    Errors: for one probe v the moments up to 2·steps − 1 are exactly those of ⟨v, H^k v⟩; their means over probes
    scatter around tr H^k/P.
    Source: Golub & Meurant 2010, ch. 6; Ghorbani, Krishnan & Xiao 2019.
    """
    P = H.like.shape[1]
    parts = [quadrature(H, draw(H, rngs, signs=False), min(steps, P)) for _ in range(probes)]
    return torch.cat([nodes for nodes, _ in parts], 1), torch.cat([shares for _, shares in parts], 1) / probes


def quadrature(H: Hessian, v: Float[Tensor, "B P"], steps: int) -> tuple[Tensor, Tensor]:
    """Gauss quadrature of the measure that v and H define, with full reorthogonalisation."""
    tiny = torch.finfo(v.dtype).tiny
    basis = [v / v.norm(dim=1, keepdim=True)]
    T = v.new_zeros((len(v), steps, steps))
    for i in range(steps):
        u = H.product(basis[i])
        T[:, i, i] = (u * basis[i]).sum(1)
        Q = torch.stack(basis, 1)
        for _ in range(2):
            u = u - ((Q @ u[..., None]).mT @ Q)[:, 0]
        size = u.norm(dim=1)
        if i + 1 < steps:
            size = torch.where(size > torch.finfo(v.dtype).eps * T.abs().amax((1, 2)), size, 0.0)
            T[:, i, i + 1] = T[:, i + 1, i] = size
            basis.append(torch.where(size > 0, 1.0, 0.0)[:, None] * u / size.clamp(min=tiny)[:, None])
    nodes, vectors = torch.linalg.eigh(T)
    return nodes, vectors[:, 0].square()

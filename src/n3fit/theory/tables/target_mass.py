"""Target-mass corrections of structure functions (arXiv:0709.1775), in the three forms of the card key ``TMC``.

With mu = M^2/Q^2, rho^2 = 1 + 4 x^2 mu, xi = 2x/(1 + rho) and the integrals

    h2 = int_xi^1 du F2(u)/u^2,   g2 = int_xi^1 du (u - xi) F2(u)/u^2,   h3 = int_xi^1 du xF3(u)/u

the exact form (TMC 3) is

    F2 -> x^2/(xi^2 rho^3) F2(xi) + 6 mu x^3/rho^4 h2 + 12 mu^2 x^4/rho^5 g2
    FL -> x^2/(xi^2 rho) FL(xi) + 4 mu x^3/rho^2 h2 + 8 mu^2 x^4/rho^3 g2
    xF3 -> x^2/(xi^2 rho^2) xF3(xi) + 2 mu x^3/rho^3 h3.

TMC 1 (that of APFEL) has no g2. In TMC 2 the integrals are approximated by the functions at xi (eqs. 24 to 26 there).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from n3fit.typing import Floats


@dataclass(frozen=True)
class TargetMassTerms:
    """The terms of a corrected structure function.

    Attributes
    ----------
    xi : float
        Where the uncorrected structure functions are evaluated.
    own : float
        Factor of the structure function itself.
    f2 : float
        Factor of F2 besides.
    integrand : str
        F2 or F3: the structure function in the integrals.
    single, double : float
        Factors of h2 or h3, and of g2.
    """

    xi: float
    own: float
    f2: float
    integrand: str
    single: float
    double: float

    def kernel(self, z: Floats) -> Floats:
        """Return the kernel in z = xi / u whose convolution with the integrand is the sum of the integrals."""
        if self.integrand == "F3":
            return np.full_like(z, self.single)
        return self.single * z / self.xi + self.double * (1 - z)


def target_mass_terms(kind: str, x: float, *, mu: float, form: int) -> TargetMassTerms:
    """Return the terms of F2, FL or F3 (``kind``) at Bjorken ``x``.

    Parameters
    ----------
    kind : str
    x : float
    mu : float
        Squared mass of the target over Q^2.
    form : int
        ``TMC`` of the card: 1, 2 or 3.
    """
    rho = float(np.sqrt(1 + 4 * x**2 * mu))
    xi = 2 * x / (1 + rho)
    power, single, double, integrand = {
        "F2": (3, 6 * mu * x**3 / rho**4, 12 * mu**2 * x**4 / rho**5, "F2"),
        "FL": (1, 4 * mu * x**3 / rho**2, 8 * mu**2 * x**4 / rho**3, "F2"),
        "F3": (2, 2 * mu * x**3 / rho**3, 0.0, "F3"),
    }[kind]
    own = x**2 / (xi**2 * rho**power)
    if form != 2:
        return TargetMassTerms(xi, own, 0.0, integrand, single, double if form == 3 else 0.0)
    ratio, f2 = mu * x * xi / rho, 0.0
    if kind == "F2":
        factor = 1 + 6 * ratio * (1 - xi) ** 2
    elif kind == "FL":
        factor = 1.0
        f2 = own * (4 * ratio * (1 - xi) + 8 * ratio**2 * (xi - 1 - np.log(xi)))
    else:
        factor = 1 - ratio * (1 - xi) * float(np.log(xi))
    return TargetMassTerms(xi, own * factor, float(f2), integrand, 0.0, 0.0)

# %% [markdown]
# # A PDF model of one's own
#
# A fit parametrises the PDFs by a neural network, unless `parameters.model` in the runcard names another *PDF model*.
# Here is one from the class to its fit: for each fitted flavour the polynomial of arXiv:1412.3989,
#
# x f(x) = x^(1-α) (1-x)^β (a₀ + a₁ T₁(y) + … + a_n T_n(y)),  y = 1 - 2 √x,
#
# with Chebyshev polynomials T. [PDF models](../pdf_models.md) describes the interface, and two models that come with
# n3fit.
#
# ## The class
#
# A model is a class with two methods. Its fields are keys of the runcard. `initial_values` returns the variables of one
# replica; `evaluate` computes all replicas at once, with functions of `n3fit.backends.operations`, and so runs on every
# backend. The factor x^(1-α) (1-x)^β, sum rules and positivity are added by n3fit.

# %%
from pathlib import Path

_ = Path("chebyshev_pdf.py").write_text('''\
"""PDFs as Chebyshev polynomials in the square root of x."""

from pydantic import Field

from n3fit.pdf_models import PDFModel


class Chebyshev(PDFModel):
    """A Chebyshev polynomial in 1 - 2 sqrt(x) for each flavour (arXiv:1412.3989)."""

    degree: int = Field(default=4, ge=1, le=8, description="degree of the polynomial")

    def initial_values(self, flavours, random):
        values = random.normal(0.0, 0.1, (self.degree + 1, len(flavours)))
        values[0] += 1.0
        return {"coefficients": values}

    def evaluate(self, x, variables, flavours):
        from n3fit.backends import operations as op

        y = 1 - 2 * op.pow(x, 0.5)
        terms = [op.tensor_ones_like(x), y]
        while len(terms) <= self.degree:
            terms.append(2 * y * terms[-1] - terms[-2])
        return op.einsum("bxk,rkf->brxf", op.concatenate(terms, axis=-1), variables["coefficients"])
''')

# %% [markdown]
# ## The package
#
# A runcard can name only what an installed package registers. In a package of your own, that is a part of its
# `pyproject.toml`, before `pip install`:
#
# ```toml
# [project.entry-points."n3fit.pdf_models"]
# chebyshev = "chebyshev_pdf:Chebyshev"
# ```
#
# This notebook has no package to install, and writes beside the module what `pip install` would write.

# %%
metadata = Path("chebyshev_pdf-1.0.dist-info")
metadata.mkdir(exist_ok=True)
(metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: chebyshev-pdf\nVersion: 1.0\n")
_ = (metadata / "entry_points.txt").write_text("[n3fit.pdf_models]\nchebyshev = chebyshev_pdf:Chebyshev\n")

# %% [markdown]
# ## The fit
#
# The exponents α and β are fitted inside wide ranges: `trainable: true`.

# %%
from n3fit import api

runcard = Path("chebyshev.yml")
_ = runcard.write_text("""\
description: a fit of Chebyshev polynomials

dataset_inputs:
  - {dataset: NMC_NC_NOTFIXED_EM-F2, variant: legacy_dw}
  - {dataset: NMC_NC_NOTFIXED_P_EM-SIGMARED, variant: legacy}
  - {dataset: BCDMS_NC_NOTFIXED_P_EM-F2, variant: legacy_dw}
  - {dataset: BCDMS_NC_NOTFIXED_D_EM-F2, variant: legacy_dw}
  - {dataset: HERA_NC_318GEV_EP-SIGMARED, variant: legacy}
  - {dataset: HERA_CC_318GEV_EP-SIGMARED, variant: legacy}
datacuts: {t0pdfset: n3fit_dis_t0, q2min: 3.49, w2min: 12.5}
theory: {theoryid: dis_nnlo}

trvlseed: 1
nnseed: 2
mcseed: 3

parameters:
  model: chebyshev
  model_settings: {degree: 4}
  optimizer: {optimizer_name: Nadam, learning_rate: 1.0e-2}
  epochs: 2000
  stopping_patience: 0.2
  positivity: {initial: 184.8}
  integrability: {initial: 10}

fitting:
  fitbasis: EVOL
  basis:
    - {fl: sng, trainable: true, smallx: [0.9, 1.3], largex: [1.4, 5.0]}
    - {fl: g, trainable: true, smallx: [0.7, 1.3], largex: [2.0, 7.0]}
    - {fl: v, trainable: true, smallx: [0.3, 0.9], largex: [1.4, 5.0]}
    - {fl: v3, trainable: true, smallx: [0.1, 0.8], largex: [1.4, 5.0]}
    - {fl: v8, trainable: true, smallx: [0.3, 0.9], largex: [1.4, 5.0]}
    - {fl: t3, trainable: true, smallx: [-0.4, 1.0], largex: [1.4, 5.0]}
    - {fl: t8, trainable: true, smallx: [0.5, 1.2], largex: [1.4, 5.0]}
    - {fl: t15, trainable: true, smallx: [0.9, 1.3], largex: [1.4, 5.0]}

positivity:
  posdatasets:
    - {dataset: NNPDF_POS_2P24GEV_F2U, maxlambda: 1e6}
    - {dataset: NNPDF_POS_2P24GEV_FLL, maxlambda: 1e6}
    - {dataset: NNPDF_POS_2P24GEV_XGL, maxlambda: 1e6}
integrability:
  integdatasets:
    - {dataset: NNPDF_INTEG_3GEV_XT3, maxlambda: 1e2}
    - {dataset: NNPDF_INTEG_3GEV_XT8, maxlambda: 1e2}
added_filter_rules:
  - {dataset: NNPDF_POS_2P24GEV_FLL, rule: "x > 5.0e-7"}
  - {dataset: NNPDF_POS_2P24GEV_XGL, rule: "x > 0.1"}
""")
fit = api.fit(runcard, replicas=range(1, 9), output="chebyshev")

# %%
fit.chi2["datasets"]

# %% [markdown]
# Everything else works as with networks: figures, selection of replicas, evolution, reports.

# %% alt="The gluon of the fit with Chebyshev polynomials, and its ratio to n3fit_dis_t0"
fit.plot("g", reference="n3fit_dis_t0")

# %% alt="T8 of the fit with Chebyshev polynomials"
fit.plot("T8")

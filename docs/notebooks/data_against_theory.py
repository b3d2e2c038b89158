# %% [markdown]
# # Data against theory
#
# The predictions of a PDF set for the data of a runcard, and their chi2 by data set: with the runcard's cuts, theory
# and covariances, without a fit.
#
# ## The data
#
# Only the keys of data, cuts, theory and t0 set are needed.

# %%
from pathlib import Path

from n3fit import api

runcard = Path("data.yml")
_ = runcard.write_text("""\
dataset_inputs:
  - {dataset: NMC_NC_NOTFIXED_P_EM-SIGMARED, variant: legacy}
  - {dataset: SLAC_NC_NOTFIXED_P_EM-F2, variant: legacy_dw}
  - {dataset: BCDMS_NC_NOTFIXED_P_EM-F2, variant: legacy_dw}
  - {dataset: HERA_NC_318GEV_EP-SIGMARED, variant: legacy}
  - {dataset: HERA_CC_318GEV_EM-SIGMARED, variant: legacy}
  - {dataset: HERA_CC_318GEV_EP-SIGMARED, variant: legacy}
datacuts: {t0pdfset: n3fit_dis_t0, q2min: 3.49, w2min: 12.5}
theory: {theoryid: dis_nnlo}
""")
api.data_cuts(runcard)

# %% [markdown]
# ## Chi2
#
# Of one set or of several: names of LHAPDF sets, their folders, fits. With `output` there are also a page with figures
# and two tables.

# %%
result = api.chi2(runcard, "n3fit_dis_t0", output="comparison")
result

# %% [markdown]
# Numbers by name:

# %%
row = result.sets[0].row("HERA_NC_318GEV_EP-SIGMARED", "t0")
print(f"{row.central:.1f} for {row.points} points")

# %% [markdown]
# ## Point by point
#
# `comparison/predictions.csv` has every point: kinematics, data, their uncertainty, and the prediction.

# %%
import pandas as pd

table = pd.read_csv("comparison/predictions.csv")
table[["dataset", "x", "q2", "data", "data_error", "central"]].iloc[::200].round(4)

# %% [markdown]
# Data over theory of one data set, shifts by correlated systematics not included:

# %% alt="HERA data over the prediction of n3fit_dis_t0 against x"
import matplotlib.pyplot as plt

hera = table[table.dataset == "HERA_NC_318GEV_EP-SIGMARED"]
figure, axes = plt.subplots(figsize=(6.4, 4), layout="constrained")
points = axes.scatter(hera.x, hera.data / hera.central, c=hera.q2, norm="log", s=12, zorder=3)
axes.errorbar(hera.x, hera.data / hera.central, hera.data_error / hera.central, fmt="none", ecolor="silver")
axes.axhline(1.0, color="black", linewidth=1)
axes.set(xscale="log", xlabel="x", ylabel="data / theory", title="HERA, neutral currents, 920 GeV protons")
figure.colorbar(points, label="Q² in GeV²")
plt.show()

# %% [markdown]
# Pulls of all data sets, difference over uncertainty. Without correlations they would follow the normal distribution
# that is drawn.

# %% alt="Histogram of the pulls of all points beside the normal distribution"
import numpy as np

pulls = (table.data - table.central) / table.data_error
edges = np.linspace(-4, 4, 33)
figure, axes = plt.subplots(figsize=(6, 3.4), layout="constrained")
axes.hist(
    [pulls[table.process == name] for name in table.process.unique()],
    edges,
    stacked=True,
    density=True,
    label=list(table.process.unique()),
)
axes.plot(edges, np.exp(-(edges**2) / 2) / np.sqrt(2 * np.pi), color="black")
axes.set(xlabel="(data - theory) / uncertainty", ylabel="density")
axes.legend()
plt.show()

# %% [markdown]
# [Chi2 of PDF sets](../chi2.md) describes the covariances, the page and both files.

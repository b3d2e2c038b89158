# %% [markdown]
# # A fit in Python
#
# A small fit from its runcard to figures: eight replicas, six data sets of deep-inelastic scattering with the theory
# that comes with n3fit, and fewer epochs than a fit for physics has. It takes about half a minute on two cores.
#
# ## The runcard
#
# A runcard is a text file. This one is short; [Runcard](../runcard.md) has all keys.

# %%
from pathlib import Path

runcard = Path("small.yml")
_ = runcard.write_text("""\
description: a small NNLO fit to deep-inelastic scattering

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
  nodes_per_layer: [25, 20, 8]
  activation_per_layer: [tanh, tanh, linear]
  optimizer: {optimizer_name: Nadam, learning_rate: 2.621e-3, clipnorm: 6.073e-6}
  epochs: 1500
  stopping_patience: 0.1
  positivity: {initial: 184.8}
  integrability: {initial: 10}

fitting:
  fitbasis: EVOL
  basis:
    - {fl: sng, trainable: false, smallx: [1.09, 1.12], largex: [1.48, 3.12]}
    - {fl: g, trainable: false, smallx: [0.75, 1.10], largex: [2.81, 5.67]}
    - {fl: v, trainable: false, smallx: [0.48, 0.74], largex: [1.55, 3.53]}
    - {fl: v3, trainable: false, smallx: [0.11, 0.44], largex: [1.73, 3.46]}
    - {fl: v8, trainable: false, smallx: [0.55, 0.78], largex: [1.52, 3.36]}
    - {fl: t3, trainable: false, smallx: [-0.45, 0.93], largex: [1.75, 3.42]}
    - {fl: t8, trainable: false, smallx: [0.59, 0.87], largex: [1.52, 3.52]}
    - {fl: t15, trainable: false, smallx: [1.09, 1.14], largex: [1.49, 3.22]}

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

# %% [markdown]
# `check` reads the data and the theory, and estimates what the fit needs, before anything is trained.

# %%
from n3fit import api

api.check(runcard, replicas=range(1, 9))

# %% [markdown]
# ## The fit
#
# All replicas train at once. While they do, the cell shows the epochs, the mean losses of training and validation over
# the replicas that still train, and the time that is left; the line below is what remains at the end. A reporter passed
# as `progress` replaces it: `progress=NullReporter()` of `n3fit.progress` shows nothing. An existing fit is replaced
# only with `force=True`.

# %%
fit = api.fit(runcard, replicas=range(1, 9), output="small")

# %% [markdown]
# The fit folder `small` has everything that a fit by the command has; `api.open_fit("small")` opens it again later.

# %%
fit

# %% [markdown]
# ## Chi2
#
# By data set, per point, of the mean prediction:

# %%
fit.chi2["datasets"]

# %% [markdown]
# The losses of each replica, and when its training was best:

# %% alt="Training and validation chi2 of each replica, coloured by its best epoch"
import matplotlib.pyplot as plt

training = fit.results.training
figure, axes = plt.subplots(figsize=(5, 3.6), layout="constrained")
axes.scatter(training.training_chi2, training.validation_chi2, c=training.best_epoch + 1)
for number, x, y in zip(fit.replicas, training.training_chi2, training.validation_chi2, strict=True):
    axes.annotate(str(number), (x, y), xytext=(4, 4), textcoords="offset points")
axes.set(xlabel="training chi2 per point", ylabel="validation chi2 per point")
figure.colorbar(axes.collections[0], label="best epoch")
plt.show()

# %% [markdown]
# ## Distributions
#
# The line is the mean of the replicas that pass positivity, the band their central 68 %.

# %% alt="The gluon of the fit with its 68 % band, and the ratio to the set n3fit_dis_t0"
fit.plot("g", reference="n3fit_dis_t0")

# %% alt="The up valence distribution of the fit"
fit.plot("u_v", xscale="linear")

# %% [markdown]
# ## From here to a set
#
# For physics, take the [runcard of the first fit](../first_fit.md) and a hundred replicas or more. Then `api.postfit`
# chooses replicas, `api.evolve` writes the LHAPDF set, and `api.report` a page with all figures.
#
# [Looking at a set](looking_at_a_set.md) goes on with what a set has.

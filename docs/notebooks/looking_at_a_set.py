# %% [markdown]
# # Looking at a set
#
# What is in a PDF set, how its distributions look, and numbers from them: moments, luminosities, distances and
# correlations. Everything works the same for sets in the LHAPDF format, wherever they come from, and for fits.
#
# ## The set that comes with n3fit
#
# `n3fit_dis_t0` is the mean of a fit to deep-inelastic data; fits take their t0 covariance from it.

# %%
from n3fit import api

api.describe_pdf("n3fit_dis_t0")

# %% [markdown]
# `check_pdf` reads every member and checks files, grids, coupling, sum rules and positivity.

# %%
api.check_pdf("n3fit_dis_t0")

# %% [markdown]
# ## A set with replicas
#
# Uncertainties require replicas. Those of a short fit will do to see how it goes: two data sets, twelve replicas, and
# far fewer epochs than a fit for physics. `api.get_pdf(NAME)` fetches a published set instead.
#
# `init` writes a runcard for chosen data, with a comment on every key. Only the number of epochs is changed here.

# %%
from pathlib import Path

card = api.init(data=["NMC_NC_NOTFIXED_P_EM-SIGMARED:legacy", "HERA_NC_318GEV_EP-SIGMARED:legacy"])
runcard = Path("short.yml")
_ = runcard.write_text(card.text.replace("epochs: 17000", "epochs: 600"))
fit = api.fit(runcard, replicas=range(1, 13), output="short")

# %% [markdown]
# `evolve` writes its LHAPDF set. The evolution operators are computed once and kept in the cache.

# %%
folder = api.evolve("short")
sorted(path.name for path in folder.iterdir())[:4]

# %% [markdown]
# An *ensemble* gives the members of a set at any scale. `open_ensemble` takes a fit, or the name or folder of a set.

# %%
ensemble = api.open_ensemble(folder)
mean_of_dis = api.open_ensemble("n3fit_dis_t0")
at_10 = ensemble.at(10.0)
at_10.members.shape  # replicas, nodes in x, flavours

# %% [markdown]
# ## Distributions
#
# `band` has the central value, the limits of the 68 % interval and the standard deviation of one distribution, at the
# points in x that are passed.

# %% alt="Gluon, valence and singlet distributions of the short fit at 10 GeV with their 68 % bands"
import matplotlib.pyplot as plt
import numpy as np

x = np.geomspace(1e-4, 0.9, 120)
figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
for flavour, scale in (("g", 0.1), ("u_v", 1.0), ("d_v", 1.0), ("Sigma", 0.1)):
    band = at_10.band(flavour, x)
    (line,) = axes.plot(x, scale * band.central, label=flavour if scale == 1 else f"{flavour} / 10")
    axes.fill_between(x, scale * band.low, scale * band.high, alpha=0.3, color=line.get_color())
axes.set(xscale="log", ylim=(0, 1.6), xlabel="x", ylabel="x f(x, Q = 10 GeV)")
axes.legend()
plt.show()

# %% [markdown]
# One distribution with its ratio to another set is one call:

# %% alt="The up antiquark of the short fit at 10 GeV, and its ratio to n3fit_dis_t0"
from n3fit.report.pdf_plots import plot_pdf

plot_pdf(ensemble, "ubar", 10.0, reference=mean_of_dis)

# %% [markdown]
# ## Moments
#
# Sum rules and momentum fractions, with their uncertainties. What is missing from a sum rule at a scale above the
# initial one has moved below the smallest node in x.

# %%
from n3fit.ensembles import moments

for moment in moments(at_10):
    expected = "" if moment.expected is None else f"  expected {moment.expected:g}"
    print(f"{moment.formula:24} {moment.central:8.4f} +- {moment.deviation:.4f}{expected}")

# %% [markdown]
# ## Luminosities
#
# Of proton-proton collisions at 13.6 TeV, by channel, here as the ratio to those of `n3fit_dis_t0`, whose largest scale
# is 100 GeV.

# %% alt="Luminosities of the short fit over those of n3fit_dis_t0, by channel"
from n3fit.ensembles import luminosities

masses = np.geomspace(20.0, 90.0, 8)
found = luminosities(ensemble, energy=13_600.0, masses=masses)
reference = luminosities(mean_of_dis, energy=13_600.0, masses=masses)

figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
for channel, band in found.bands.items():
    divisor = reference.bands[channel].central
    (line,) = axes.plot(found.masses, band.central / divisor, label=channel)
    axes.fill_between(found.masses, band.low / divisor, band.high / divisor, alpha=0.25, color=line.get_color())
axes.set(xscale="log", ylim=(0.75, 1.25), xlabel="invariant mass in GeV", ylabel="ratio to n3fit_dis_t0")
axes.legend(ncols=4)
plt.show()

# %% [markdown]
# ## Distances
#
# The distance of two ensembles is the difference of their means in units of its uncertainty (arXiv:1002.4407). The two
# halves of one fit describe the same distribution, so theirs are around 1.

# %% alt="Distances between two halves of the replicas, around 1"
from n3fit.ensembles import distances

halves = [api.open_ensemble(fit, members=numbers).at() for numbers in np.array_split(fit.replicas[fit.chosen], 2)]
figure, axes = plt.subplots(figsize=(6, 3.2), layout="constrained")
for flavour in ("g", "Sigma", "V", "T3", "T8"):
    axes.plot(x, distances(*(half.members_of(flavour, x) for half in halves)).central, label=flavour)
axes.axhline(1.0, color="grey", linewidth=1)
axes.set(xscale="log", ylim=(0, 5), xlabel="x", ylabel="distance of the means")
axes.legend(ncols=5)
plt.show()

# %% [markdown]
# ## Correlations
#
# `correlation_matrix` has the correlations between all pairs of flavours and points; flavours in blocks.

# %% alt="Matrix of correlations between flavours and points in x"
from n3fit.ensembles import correlation_matrix, find_parton

names = ["g", "u", "d", "ubar", "dbar", "s"]
points = np.array([1e-3, 1e-2, 0.1, 0.3, 0.6])
matrix = correlation_matrix(at_10, [find_parton(name) for name in names], points)

figure, axes = plt.subplots(figsize=(5.2, 4.4), layout="constrained")
image = axes.imshow(matrix, cmap="RdBu_r", vmin=-1, vmax=1)
centres = len(points) * (np.arange(len(names)) + 0.5) - 0.5
axes.set_xticks(centres, names)
axes.set_yticks(centres, names)
for edge in np.arange(1, len(names)) * len(points) - 0.5:
    axes.axhline(edge, color="white")
    axes.axvline(edge, color="white")
figure.colorbar(image, label="correlation at 10 GeV")
plt.show()

# %% [markdown]
# [Fits in Python](../python.md) has more of the same, such as tables for pandas.

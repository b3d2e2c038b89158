"""Default values that several packages share: cuts, thresholds of postfit, limits of PDF sets.

Plain constants without numpy, so that the command shows its help at once.
"""

from __future__ import annotations

Q2_MIN, W2_MIN = 3.49, 12.5
"""Kinematic cuts in GeV2: deep-inelastic points need Q2 > Q2_MIN and W2 > W2_MIN."""

MAX_TAU = 0.08
"""Kinematic cut: fixed-target Drell-Yan points need M2 / s up to MAX_TAU."""

EMBEDDED_THEORY = "dis_nnlo"
"""The theory that is shipped with n3fit."""

DEFAULT_T0_SET = "n3fit_dis_t0"
"""The PDF set of the t0 covariance, shipped with n3fit, where the runcard names none."""

MAX_TRIES = 1000
"""Draws of the pseudodata of one replica before giving up on finding positive cross-sections."""

NEW_CARD_SEED = 1
"""Number that the seeds of a new runcard follow from."""

NEW_DATA_POINTS = 8
"""Points of a new data set."""

NEW_DATA_PROCESS = "DIS_NC"
"""Process type of a new data set."""

BUILD_JOBS = 2
"""Processes that build the tables of a theory."""

REPLICAS = range(1, 21)
"""Replica numbers of a fit."""

SCAN_REPLICAS = range(1, 11)
"""Replica numbers of every trial of a hyperparameter scan."""

SCAN_SEED = 42
"""Seed of a hyperparameter scan."""

SCAN_SAMPLERS = ("tpe", "random", "grid", "cmaes")
"""Choices of the trials of a hyperparameter scan, the default first."""

RETRIES = 1
"""Workers that a task on a cluster may lose before it is an error."""

CHI2_DEVIATIONS = 4.0
"""Standard deviations by which the chi2 of a replica may exceed the mean of the replicas, in postfit."""

ARC_LENGTH_DEVIATIONS = 4.0
"""The same for arc lengths."""

INTEGRABILITY_LIMIT = 0.5
"""Largest integrability number of a replica, in postfit."""

Q_MAX = 1e5
"""Largest scale of LHAPDF sets, in GeV."""

HIGH_SCALE = 100.0
"""Scale in GeV at which reports show PDFs besides the initial one."""

SUM_RULE_TOLERANCE = 1e-3
"""Largest deviation of momentum and quark numbers in the check of an LHAPDF set."""

HESSIAN_DIRECTIONS = 50
"""Directions of a Hessian set that is made of replicas."""

COMPRESSED_REPLICAS = 100
"""Replicas of a compressed set."""

RANDOM_CHOICES = 1000
"""Random choices of replicas that a compressed set is compared with."""

COMPRESSION_SEED = 1
"""Seed of the choice of the replicas of a compressed set."""

THEORY_TOLERANCE = 1e-3
"""Largest relative deviation of a prediction in the check of a theory."""

"""The commented text of the files of a new data set."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template
from types import MappingProxyType

METADATA_TEXT = """\
# What the measurement is, and where its numbers are. Check everything with: n3fit data check FOLDER
# In a runcard the data set is called ${set}_${observable}.

# The name of this folder: EXPERIMENT_PROCESS_ENERGY, and more words if necessary. The energy is 13TEV, 2P76TEV,
# 318GEV, or NOTFIXED where the points have different ones.
setname: ${set}
# Count up when the numbers change, and say why.
version: 1
version_comment: first version

nnpdf_metadata:
  # Data sets of one experiment are one group in tables of chi2.
  experiment: ${experiment}
  # Category of the process. Theory uncertainties are correlated within it: DIS NC, DIS CC, DY NC, DY CC, DY, JETS,
  # DIJET, HERAJET, HERADIJET, TOP, SINGLETOP, PHOTON, SHP.
  nnpdf31_process: ${category}

# Optional: where the measurement is published.
arXiv:
  url: ''
  journal: ''
iNSPIRE:
  url: ''
hepdata:
  url: ''
  version: -1

# One entry for each observable; each is a data set of its own, named SETNAME_OBSERVABLE.
implemented_observables:
- observable_name: ${observable}
  observable:
    description: What was measured
    label: '${experiment} ${observable}'
    # Units of central values and uncertainties, '' for none: predictions must have the same (conversion_factor below).
    units: ''
  # Type of the process, on which default cuts and theory covariances depend; see docs/own_data.md for all of them.
  # Observables that may be negative have ASY or POL in this type or in the name of the observable.
  process_type: ${process}
  # Tables of the publication, and the number of points of each where there are several.
  tables: []
  npoints: []
  # Number of points.
  ndata: ${points}
  plotting:
    dataset_label: '${experiment} ${observable}'
    y_label: 'observable'
    plot_x: ${first}
    x_scale: ${scale}
  # The variables by which cuts are made and points are distinguished, each described below.
  kinematic_coverage: [${coverage}]
  kinematics:
    variables:
${variables}
    file: kinematics_${observable}.yaml
  # FK tables of a theory: theory_ID/fastkernel/NAME.pineappl.lz4. One list for each operand of the operation; the rows
  # of the tables in a list follow each other. Operations: 'null' (one operand), RATIO, ASY, ADD (two operands), ...
  theory:
    conversion_factor: 1.0
    operation: 'null'
    FK_tables:
    - - ${table}
  data_central: data_${observable}.yaml
  # Several files are put side by side.
  data_uncertainties:
  - uncertainties_${observable}.yaml
  # Optional: other uncertainties, central values or tables for the same points; `variant: NAME` in a runcard.
  # variants:
  #   without_lumi:
  #     data_uncertainties: [uncertainties_without_lumi.yaml]
"""

NUMBERS_TEXT: Mapping[str, str] = MappingProxyType(
    {
        "data": """\
# The central value of each point, in the order of the other files, in the units of metadata.yaml.
data_central:
${values}
""",
        "kinematics": """\
# The kinematic variables of each point: the limits of a bin and its middle, or a point alone with `mid`, and null for
# min and max. Energies, masses and momenta are in GeV, their squares in GeV^2. Bins must not overlap.
bins:
${bins}
""",
        "uncertainties": """\
# One standard deviation of each source of uncertainty at each point, in the units of the data (not in percent), also
# for MULT. Signs matter: they say whether two points move together. Write 0 where a source has no effect. For two
# different values up and down, write half of their sum, and move the central value by half of their difference.
#
# treatment  ADD: absolute. MULT: proportional to the observable, such as a luminosity: in the covariance of a fit it
#            is relative to the prediction of the t0 set, not to the central value.
# type       UNCORR: independent at each point.
#            CORR: one nuisance parameter for all points of this data set.
#            THEORYUNCORR, THEORYCORR: the same for uncertainties of theory that are part of the data.
#            Any other name, such as MYEXPLUMI23: one nuisance parameter for all points of all data sets of a fit that
#            have this name.
#            SKIP: not used.
#            SCALEVAR: shifts of the predictions from scale variations; several columns may have this type.
# `stat` is the statistical uncertainty, ADD and UNCORR; a correlated one is given by columns of type CORR.
definitions:
  stat:
    description: statistical uncertainty
    treatment: ADD
    type: UNCORR
${definitions}
bins:
${bins}
""",
    }
)
"""Text of the files of numbers, by what they have."""


def fill(text: str, **values: str) -> str:
    """Return a text with its ``${name}`` replaced."""
    return Template(text).substitute(values).replace("\n\n\n", "\n\n").replace("UNCORR\n\nbins", "UNCORR\nbins")

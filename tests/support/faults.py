"""The faults that n3fit has to survive, by number, and which tests belong to which of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).parents[1] / "faults"
"""The folder with a test, or several, for each fault."""

FAULTS: Mapping[int, str] = MappingProxyType(
    {
        1: "unknown or misspelt key in a runcard",
        2: "key given twice",
        3: "numbers and truth values in unusual notation",
        4: "tabs, byte-order mark, other encodings, empty or hostile files",
        5: "YAML tags that would make objects",
        6: "last layer does not match the basis",
        7: "bounds of preprocessing exponents in the wrong order or not finite",
        8: "patience and numbers of epochs outside their ranges",
        9: "dropout with one network for each flavour",
        10: "data set given twice",
        11: "data set of a fold that is not in the fit",
        12: "training fractions of 0 and 1",
        13: "negative, absent and too large seeds",
        14: "positivity set among the data",
        15: "feature scaling together with exponents at large x",
        16: "keys of older programs without effect",
        17: "names of fits and files with paths or spaces",
        18: "truncated, missing or changed files of data",
        19: "values that are not numbers, negative uncertainties",
        20: "numbers of points that disagree",
        21: "variant that does not exist",
        22: "units and names of systematics",
        23: "data set of which the cuts leave nothing",
        24: "data set of one point",
        25: "uncertainties that are all zero",
        26: "pseudodata that are always negative",
        27: "cuts that leave no data at all",
        28: "damaged FK table",
        29: "rows of a table that are not those of the data",
        30: "operands on different x-grids",
        31: "missing K-factor",
        32: "FK table with numbers that are not finite",
        33: "initial scale or charm of the theory that does not match",
        34: "FK table with another checksum",
        35: "evolution operators of another theory",
        36: "evolution operators or grids of another x-grid",
        37: "PDF set missing or with too few members",
        38: "malformed info file or grid of a PDF set",
        39: "singular covariance",
        40: "tiny negative eigenvalue of a covariance",
        41: "covariance that is not symmetric",
        42: "ill-conditioned covariance in single precision",
        43: "theory covariance in another order of points",
        44: "covariance that differs when it is computed again",
        45: "theory covariance with a removed data set",
        46: "one replica that becomes nan",
        47: "loss that becomes infinite",
        48: "positivity that is never satisfied",
        49: "no validation data",
        50: "gradients clipped replica by replica",
        51: "replicas that finish early",
        52: "one replica alone or among many",
        53: "training resumed from a checkpoint",
        54: "activations on all backends",
        55: "learning rate of one fit in the next",
        56: "vanishing normalisation of a sum rule",
        57: "SIGTERM and SIGINT",
        58: "kill -9 while files are written",
        59: "full disk, quota, read-only place, no permission",
        60: "two processes on one folder",
        61: "the same replica started twice",
        62: "lock that a crash or another host left",
        63: "clock that jumps",
        64: "device without enough memory",
        65: "GPU that cannot be used",
        66: "backend that is not installed",
        67: "fork after the backend has started",
        68: "limits of cores and memory of a job",
        69: "worker killed during a replica",
        70: "client killed, command run again",
        71: "scheduler that cannot be reached",
        72: "worker with another version of n3fit",
        73: "objects that cannot be sent to a worker",
        74: "study whose last record is torn",
        75: "trial without enough memory",
        76: "results in another order of completion",
        77: "weights of another architecture",
        78: "truncated or empty file of weights",
        79: "links, huge shapes and bombs in HDF5 files",
        80: "pickles and archives in place of weights",
        81: "archives with members outside of their folder",
        82: "text of a runcard in HTML",
        83: "downloads over HTTP, with another checksum, or broken off",
        84: "output folder that is a link",
        85: "JSON with numbers that are not finite",
        86: "fewer good replicas than requested",
        87: "one damaged replica",
        88: "PDF set read by two readers",
        89: "sum rules after evolution",
        90: "postfit run twice",
        91: "central member that is the mean",
        92: "report without data, of one replica, with chi2 that is not finite",
    }
)
"""Each fault in a few words."""


def numbers_in(name: str) -> tuple[int, ...]:
    """Return the numbers of the faults that a test is about.

    >>> numbers_in("test_fault_60_61_a_second_process[jax]")
    (60, 61)
    """
    found = re.match(r"test_fault_((?:\d\d_)+)", name)
    return () if found is None else tuple(int(number) for number in found[1].rstrip("_").split("_"))


def find_tests(paths: Iterable[Path]) -> dict[int, list[str]]:
    """Return the names of the tests of each fault in some files, without importing them."""
    found: dict[int, list[str]] = {}
    for path in paths:
        for name in re.findall(r"^(?:async )?def (test_fault_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            for number in numbers_in(name):
                found.setdefault(number, []).append(name)
    return found

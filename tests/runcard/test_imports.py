"""The package runcard: which modules it imports."""

import subprocess
import sys

from support.import_graph import find_circle, imports_of

LOWER = (
    "n3fit.runcard",
    "n3fit.errors",
    "n3fit.conditions",
    "n3fit.defaults",
    "n3fit.lagrange",
    "n3fit.paths",
    "n3fit.html_tables",
    "n3fit.pdf_models",
    "n3fit.perturbative_order",
    "n3fit.vocabulary",
    "n3fit.theory.bases",
    "n3fit.theory.sum_rules",
    "n3fit.storage.",
)


def test_no_circle() -> None:
    assert find_circle(imports_of("runcard")) == []


def test_only_constants_of_other_packages() -> None:
    others = {name for found in imports_of("runcard").values() for name in found if not name.startswith(LOWER)}
    assert others == set()


def test_no_array_library_is_loaded() -> None:
    heavy = ("numpy", "scipy", "keras", "jax", "pandas")
    program = f"import sys, n3fit.runcard; print(*sorted(set({heavy}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == ""

"""The command ``n3fit`` of a source tree, run as a process of its own with a cache folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fits import CACHE_VARIABLE, NO_BYTECODE, FitError
from processes import Finished, run_process


@dataclass(frozen=True)
class Version:
    """A copy of a source tree and what its commands leave behind.

    Parameters
    ----------
    name : str
    revision : str
        Commit of the tree, with ``+`` where its files differ from it; empty outside of git.
    sources : Path
        The copy of its folder ``src``.
    work : Path
        Folder for fits.
    """

    name: str
    revision: str
    sources: Path
    work: Path

    @property
    def cache(self) -> Path:
        """The cache folder of n3fit; always the same, since compiled programs may depend on its name."""
        return self.work / "cache"

    @property
    def _kept(self) -> Path:
        return self.work / "cache-kept"

    def empty(self) -> None:
        """Rename the cache, so that the next command begins with an empty one."""
        shutil.rmtree(self._kept, ignore_errors=True)
        if self.cache.exists():
            self.cache.rename(self._kept)

    def warm_up(self, *, add: bool) -> None:
        """Take back what was in the cache before it was emptied, with what was added since or in place of it."""
        if add:
            if self._kept.exists():
                shutil.copytree(self._kept, self.cache, dirs_exist_ok=True)
            shutil.rmtree(self._kept, ignore_errors=True)
        elif self._kept.exists():
            shutil.rmtree(self.cache, ignore_errors=True)
            self._kept.rename(self.cache)

    def run(
        self,
        words: Sequence[str | Path],
        *,
        backend: str = "jax",
        environment: Mapping[str, str] | None = None,
        timeout: float = 3600.0,
    ) -> Finished:
        """Run ``n3fit`` with ``words`` to its end.

        Parameters
        ----------
        environment : mapping, optional
            More variables.

        Raises
        ------
        FitError
            The command failed.
        """
        earlier = os.environ.get("PYTHONPATH")
        variables = {
            CACHE_VARIABLE: str(self.cache),
            "PYTHONPATH": os.pathsep.join([str(self.sources), *([earlier] if earlier else [])]),
            "KERAS_BACKEND": backend,
            "TF_CPP_MIN_LOG_LEVEL": "2",
            NO_BYTECODE: "",
            **(environment or {}),
        }
        finished = run_process([sys.executable, "-m", "n3fit", *words], environment=variables, timeout=timeout)
        if finished.code != 0:
            reason = finished.killed or " ".join(finished.errors.strip().splitlines()[-2:])
            raise FitError(f"n3fit {words[0]}, {self.name}: exit code {finished.code}: {reason}")
        return finished


def prepare_version(name: str, tree: Path, scratch: Path) -> Version:
    """Copy ``tree/src`` below ``scratch`` and compile it to bytecode, as an installation does.

    Raises
    ------
    ValueError
        The folder has no n3fit.
    """
    if not (tree / "src" / "n3fit" / "__main__.py").is_file():
        raise ValueError(f"{tree} is no source tree of n3fit: there is no src/n3fit/__main__.py")
    work = scratch / name
    sources = work / "src"
    shutil.copytree(tree / "src", sources, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(sources)], check=True)
    return Version(name, read_revision(tree), sources, work)


def read_revision(tree: Path) -> str:
    """Return the commit of a tree, with ``+`` where its files differ from it; nothing outside of git."""
    words = ["git", "-C", str(tree), "describe", "--always", "--dirty=+", "--exclude=*"]
    try:
        done = subprocess.run(words, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""

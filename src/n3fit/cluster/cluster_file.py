"""Files that describe a cluster: a class of dask or dask-jobqueue with its arguments, or the address of a scheduler."""

from __future__ import annotations

import inspect
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from n3fit.errors import CommandLineError, MissingExtraError, ResourceError, did_you_mean
from n3fit.storage.yaml_files import read_yaml

CONNECT_SECONDS = 30.0
"""Time after which a scheduler that does not answer is unreachable."""

LOCAL = "LocalCluster"

_KEYS = ("class", "jobs", "workers", "arguments", "address", "timeout")
_OURS = (
    "n_workers",
    "threads_per_worker",
    "asynchronous",
    "loop",
    "silence_logs",
    "job_cls",
    "nanny",
    "worker_command",
)
"""Arguments that n3fit sets itself."""


@dataclass(frozen=True)
class ClusterFile:
    """The description of a cluster.

    Parameters
    ----------
    source : str
        The file, for messages.
    kind : str
        Class of dask or dask-jobqueue; empty if there is an address.
    jobs : int
        Number of jobs, or of processes of a LocalCluster.
    arguments : mapping
        Arguments of the class.
    address : str
        Of a scheduler that runs already; empty if there is a class.
    timeout : float
        Seconds after which the scheduler is unreachable.
    """

    source: str
    kind: str = ""
    jobs: int = 1
    arguments: Mapping[str, Any] = field(default_factory=dict)
    address: str = ""
    timeout: float = CONNECT_SECONDS


def read_cluster_file(path: Path) -> ClusterFile:
    """Read and check the description of a cluster.

    Raises
    ------
    CommandLineError
        The file cannot be read, or a key is unknown, missing or has a value of another kind.
    MissingExtraError
        dask-jobqueue is needed and not installed.
    """
    content = read_yaml(path, error=CommandLineError)
    if not isinstance(content, dict):
        raise CommandLineError(
            f"{path}: expected a mapping with the key class or address", hint="see `n3fit cluster template slurm`"
        )
    for key in content:
        if key not in _KEYS:
            raise CommandLineError(
                f"{path}: {key}: unknown key", hint=did_you_mean(key, _KEYS) or f"the keys are {', '.join(_KEYS)}"
            )
    timeout = _number(path, content, "timeout", CONNECT_SECONDS, (int, float))
    if ("class" in content) == ("address" in content):
        raise CommandLineError(
            f"{path}: expected one of class and address, received {'both' if 'class' in content else 'none of them'}"
        )
    if "address" in content:
        return ClusterFile(str(path), address=_address(path, content), timeout=timeout)
    if "jobs" in content and "workers" in content:
        raise CommandLineError(f"{path}: expected one of jobs and workers, which mean the same, received both")
    jobs = _number(path, content, "workers" if "workers" in content else "jobs", 1, (int,))
    kind, arguments = content["class"], content.get("arguments") or {}
    if not isinstance(arguments, dict):
        raise CommandLineError(f"{path}: arguments: expected a mapping, received {type(arguments).__name__}")
    classes = cluster_classes()
    if kind not in classes:
        known = ", ".join(sorted(classes))
        raise CommandLineError(
            f"{path}: class: expected a class of dask-jobqueue or {LOCAL}, received {kind!r}",
            hint=did_you_mean(str(kind), classes) or f"the classes are {known}",
        )
    _check_arguments(path, kind, classes[kind], arguments)
    return ClusterFile(str(path), kind, int(jobs), arguments, timeout=timeout)


def _import_job_queues() -> Any:
    """Import dask-jobqueue, which sets a handler of SIGINT that ends the process, and set the handler before again."""
    before = signal.getsignal(signal.SIGINT)
    try:
        import dask_jobqueue
    except ValueError as error:  # handlers are set in the main thread only
        raise ResourceError(
            f"dask-jobqueue cannot be imported in a thread ({error})", hint="start the fit in the main thread"
        ) from error
    finally:
        if before is not None and signal.getsignal(signal.SIGINT) is not before:
            signal.signal(signal.SIGINT, before)
    return dask_jobqueue


def cluster_classes() -> dict[str, type]:
    """Return the classes of clusters by their names.

    Raises
    ------
    MissingExtraError
        dask-jobqueue is not installed.
    """
    try:
        from distributed import LocalCluster

        dask_jobqueue = _import_job_queues()
    except ImportError as error:
        raise MissingExtraError("dask_jobqueue", "cluster") from error
    queues = {
        name: kind
        for name, kind in vars(dask_jobqueue).items()
        if isinstance(kind, type) and name.endswith("Cluster") and name != "JobQueueCluster"
    }
    return {**queues, LOCAL: LocalCluster}


def argument_names(kind: type) -> list[str]:
    """Return the names of the arguments of a class of clusters, those of its jobs included."""
    job = getattr(kind, "job_cls", None)
    names = dict.fromkeys([*parameters(kind), *(parameters(job) if job is not None else ())])
    return [name for name in names if name not in ("self", "scheduler", "name", *_OURS)]


def parameters(kind: type) -> list[str]:
    """Return the names of the parameters of a class of dask or dask-jobqueue, those of its bases included."""
    names: dict[str, None] = {}
    for one in kind.__mro__:
        if one.__module__.split(".")[0] not in ("distributed", "dask_jobqueue") or "__init__" not in vars(one):
            continue
        for name, parameter in inspect.signature(vars(one)["__init__"]).parameters.items():
            if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
                names[name] = None
    return list(names)


def _check_arguments(path: Path, kind: str, cls: type, arguments: Mapping[str, Any]) -> None:
    known = argument_names(cls)
    for name in arguments:
        if name in _OURS or (kind == LOCAL and name == "processes"):
            raise CommandLineError(f"{path}: arguments: {name}: is set by n3fit", hint="remove it")
        if name not in known:
            raise CommandLineError(
                f"{path}: arguments: {name}: unknown argument of {kind}",
                hint=did_you_mean(name, known) or f"the arguments are {', '.join(known)}",
            )


def _number(path: Path, content: Mapping[str, Any], key: str, default: float, kinds: tuple[type, ...]) -> Any:
    value: Any = content.get(key, default)
    of_kind = isinstance(value, kinds) and not isinstance(value, bool)
    if not of_kind or not value > 0:
        what = "a number of 1 or more" if float not in kinds else "a number of seconds above 0"
        raise CommandLineError(f"{path}: {key}: expected {what}, received {value!r}")
    return value


def _address(path: Path, content: Mapping[str, Any]) -> str:
    address = content["address"]
    for key in ("jobs", "workers", "arguments"):
        if key in content:
            raise CommandLineError(f"{path}: {key}: has no meaning beside address: the workers run already")
    if not isinstance(address, str) or "://" not in address:
        raise CommandLineError(f"{path}: address: expected text such as tcp://host:8786, received {address!r}")
    return address

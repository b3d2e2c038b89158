"""Commented files that describe clusters, to be adapted."""

from __future__ import annotations

from types import MappingProxyType

_SLURM = """# A cluster of Slurm jobs for `n3fit fit CARD -o FOLDER --cluster THIS_FILE`.
# n3fit has to run where jobs can be submitted until the fit is done; FOLDER has to be on a file system that all
# machines share. Needs: pip install "n3fit[cluster]"
class: SLURMCluster
# Jobs in the queue at the same time; a job that ends before the fit does is submitted again.
jobs: 4
arguments:
  # Cores of one job, and its processes: each process fits one block of replicas at a time, with its share of the cores.
  cores: 4
  processes: 1
  # Memory of one job; see `n3fit check CARD`.
  memory: 8GB
  # Time limit. Blocks of jobs that reach it go on from their checkpoints in other jobs.
  walltime: "04:00:00"
  # queue: NAME
  # account: NAME
  # A minute before the time limit the workers write their checkpoints.
  job_extra_directives: ["--signal=B:TERM@60"]
  # Commands before the worker starts, such as modules or an environment.
  job_script_prologue: []
  # Network interface that all machines share, such as ib0.
  # interface: ib0
  log_directory: slurm-logs
# Any other class of dask-jobqueue (PBSCluster, SGECluster, LSFCluster, OARCluster, ...) with its arguments is written
# in the same way, see https://jobqueue.dask.org; LocalCluster has workers on this machine.
# A scheduler that runs already is one line instead of all the above:
#   address: tcp://host:8786
"""

_HTCONDOR = """# A cluster of HTCondor jobs for `n3fit fit CARD -o FOLDER --cluster THIS_FILE`.
# n3fit has to run where jobs can be submitted until the fit is done; FOLDER has to be on a file system that all
# machines share. Needs: pip install "n3fit[cluster]"
class: HTCondorCluster
# Jobs in the queue at the same time; a job that ends before the fit does is submitted again.
jobs: 4
arguments:
  # Cores of one job, and its processes: each process fits one block of replicas at a time, with its share of the cores.
  cores: 4
  processes: 1
  # Memory and disk of one job; see `n3fit check CARD`.
  memory: 8GB
  disk: 1GB
  # Further commands of the submit description.
  job_extra_directives:
    getenv: "True"
    should_transfer_files: "NO"
    # Before it is evicted a worker has a minute to write its checkpoint.
    kill_sig: SIGTERM
    job_max_vacate_time: "60"
  # Commands before the worker starts, such as the activation of an environment.
  job_script_prologue: []
  log_directory: htcondor-logs
# A scheduler that runs already is one line instead of all the above:
#   address: tcp://host:8786
"""

TEMPLATES = MappingProxyType({"slurm": _SLURM, "htcondor": _HTCONDOR})
"""Text of the file by batch system."""

"""A folder to copy to a machine with a GPU and without network, and to run ``gpu.py`` there.

``python benchmarks/bundle.py [--output n3fit-gpu] [--have FILE] [--python 3.12 --platform manylinux_2_28_x86_64]
[--theories FOLDER ...]``. It holds what is committed of sources, tests and benchmarks, with the embedded theory, the
wheels that the machine lacks, and ``run.sh``; the same folder is put into ``n3fit-gpu.tar.gz`` beside it. The machine
is taken to have Linux, Python 3.11 or later with pip, and the packages of ``--have`` (a file with a name on each line,
as in the output of ``pip list --format freeze``; by default jax with CUDA, numpy and scipy). What only evolution and
reports need is left out: see ``--leave-out``. A bundle of more than ``--limit`` MB is not written.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from pathlib import Path

from gpu import TESTED
from wheels import WheelError, download_wheels

ROOT = Path(__file__).parent.parent
HAVE = ("jax", "jaxlib", "ml-dtypes", "opt-einsum", "numpy", "scipy", "pip", "setuptools")
NOT_NEEDED = ("eko", "ekore", "yadism", "numba", "llvmlite", "matplotlib", "pillow", "tensorboard")
TESTING = ("pytest>=8.3,<10", "hypothesis>=6.100,<7", "pytest-xdist>=3.6,<4")
NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")

SOURCES = (
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "src",
    "runcards",
    "benchmarks",
    "tests/conftest.py",
    "tests/support",
)
"""What the bundle holds of the repository, beside the tests that are run."""

RUN = """\
#!/bin/sh
# Run the benchmark with what this folder holds and the packages of the Python given by PYTHON (default: python3).
# Options are those of gpu.py; results lie in the folder results.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
if [ ! -e "$here/env/.ready" ]; then
  "$python" -m venv --system-site-packages --without-pip --clear "$here/env"
  site=$("$here/env/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  # the packages of the interpreter, also where it belongs to a virtual environment itself
  "$python" -c 'import sys; print("\\n".join(p for p in sys.path if p.endswith("-packages")))' > "$site/outer.pth"
  echo "$here/source/src" > "$site/n3fit.pth"
  cp -r "$here"/metadata/* "$site"
  "$python" -m pip install --quiet --no-index --no-deps --no-cache-dir --disable-pip-version-check \\
    --target "$site" "$here"/wheels/*.whl
  touch "$here/env/.ready"
fi
exec "$here/env/bin/python" "$here/source/benchmarks/gpu.py" --output "$here/results" "$@"
"""


def read_names(path: Path) -> set[str]:
    """Return the names of packages in a file, one at the beginning of each line."""
    matches = (NAME.match(line.strip()) for line in path.read_text(encoding="utf-8").splitlines())
    return {match[0] for match in matches if match}


def export_sources(folder: Path) -> None:
    """Write the committed files of this repository that are needed into ``folder``."""
    folder.mkdir(parents=True)
    command = ["git", "-C", str(ROOT), "archive", "HEAD", "--", *SOURCES, *TESTED]
    archive = subprocess.run(command, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)


def write_metadata(sources: Path, folder: Path) -> None:
    """Write the metadata of the installed package, of which the sources stay where they are."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--disable-pip-version-check"]
        subprocess.run([*command, "-w", scratch, str(sources)], check=True)
        with zipfile.ZipFile(next(Path(scratch).glob("*.whl"))) as wheel:
            wheel.extractall(folder, [name for name in wheel.namelist() if ".dist-info/" in name])
    for record in folder.glob("*/RECORD"):
        record.unlink()  # it names files that are not there


def size_mb(path: Path) -> float:
    """Return the size of a file, or of all files of a folder, in MB (10^6 bytes)."""
    files = [path] if path.is_file() else [entry for entry in path.rglob("*") if entry.is_file()]
    return sum(file.stat().st_size for file in files) / 1e6


def build(arguments: argparse.Namespace, folder: Path) -> list[str]:
    """Write the content of the bundle into an empty folder; return the names of the wheels."""
    sources, wheels = folder / "source", folder / "wheels"
    export_sources(sources)
    project = tomllib.loads((sources / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    have = set(HAVE) if arguments.have is None else read_names(arguments.have) | {"jax"}
    names = download_wheels(
        [*project["dependencies"], *TESTING],
        wheels,
        leave_out=have | set(arguments.leave_out),
        python_version=arguments.python,
        platforms=arguments.platform,
    )
    write_metadata(sources, folder / "metadata")
    for theory in arguments.theories:
        shutil.copytree(theory, folder / "theories" / theory.name)
    script = folder / "run.sh"
    script.write_text(RUN, encoding="utf-8")
    script.chmod(0o755)
    return names


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("n3fit-gpu"), help="the folder; it must not exist")
    parser.add_argument("--have", type=Path, help="file with the names of the packages that the machine has")
    parser.add_argument("--leave-out", nargs="*", default=NOT_NEEDED, help="packages that are not needed")
    parser.add_argument("--python", help="version of Python there, such as 3.12; default: as here")
    parser.add_argument("--platform", nargs="*", default=(), help="platforms of wheels there; default: as here")
    parser.add_argument("--theories", type=Path, nargs="*", default=(), help="folders of theories to add")
    parser.add_argument("--limit", type=float, default=60.0, help="MB")
    return parser.parse_args()


def main() -> int:
    """Write folder and archive, and print their sizes."""
    arguments = parse()
    output: Path = arguments.output
    archive = output.with_name(f"{output.name}.tar.gz")
    for path in (output, archive):
        if path.exists():
            raise SystemExit(f"{path} exists already: remove it, or choose another folder with --output")
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{output.name}-", dir=output.parent) as scratch:
        folder = Path(scratch) / output.name
        try:
            names = build(arguments, folder)
        except WheelError as error:
            raise SystemExit(str(error)) from error
        size = size_mb(folder)
        print("\n".join(f"{size_mb(folder / 'wheels' / name):6.1f} MB  {name}" for name in names))
        print(f"{size_mb(folder / 'source'):6.1f} MB  source\n{size:6.1f} MB  {output}")
        if size > arguments.limit:
            raise SystemExit(
                f"the bundle has {size:.1f} MB, more than {arguments.limit:.0f}: name what the machine has"
                " with --have, or what is not needed with --leave-out"
            )
        with tarfile.open(Path(scratch) / archive.name, "w:gz") as stream:
            stream.add(folder, arcname=output.name)
        (Path(scratch) / archive.name).rename(archive)
        folder.rename(output)
    print(f"{size_mb(archive):6.1f} MB  {archive}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

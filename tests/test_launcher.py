"""The entry point and foreign packages of the same name."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import n3fit_launcher

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that adds a distribution and its files to the path; None means no list of files."""

    def add(name: str, files: tuple[str, ...] | None) -> None:
        folder = tmp_path / f"{name}-4.1.5.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 4.1.5\n")
        if files is not None:
            (folder / "RECORD").write_text("".join(f"{file},,\n" for file in files))
            for file in (name for name in files if not name.startswith("..")):
                path = folder.parent / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
        monkeypatch.syspath_prepend(tmp_path)

    return add


def test_no_clash_here() -> None:
    assert n3fit_launcher.find_clash() is None


@pytest.mark.parametrize(
    "files",
    [
        ("validphys/__init__.py", "n3fit/__init__.py", "../../../bin/n3fit"),
        ("nnpdf.pth",),
        None,
    ],
)
def test_nnpdf_in_the_environment(
    install: Install, capsys: pytest.CaptureFixture[str], files: tuple[str, ...] | None
) -> None:
    install("nnpdf", files)
    assert n3fit_launcher.main() == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "n3fit: error: nnpdf 4.1.5 in this environment has a package and a command called n3fit too, and they overwrite"
        " each other (install n3fit into an environment of its own:"
        " python -m venv n3fit-env && n3fit-env/bin/pip install n3fit)\n"
    )


@pytest.mark.parametrize(
    ("name", "files"),
    [("nnpdf", ("validphys/__init__.py",)), ("nnpdf_data", ("nnpdf_data/__init__.py",)), ("nnpdf-data", None)],
)
def test_other_distributions_without_that_package(install: Install, name: str, files: tuple[str, ...] | None) -> None:
    install(name, files)
    assert n3fit_launcher.find_clash() is None


def test_another_package_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "n3fit").mkdir()
    (tmp_path / "n3fit" / "__init__.py").write_text("")
    launcher = Path(n3fit_launcher.__file__).parent.parent
    program = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}]; sys.path.append({str(launcher)!r});"
        "from n3fit_launcher import main; sys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 4
    assert done.stderr.splitlines() == [
        f"n3fit: error: the package n3fit that Python finds is another one ({tmp_path / 'n3fit'})"
        f" ({n3fit_launcher.HINT})"
    ]


def test_python_m_n3fit() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "n3fit", "--version"], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.startswith("n3fit, version ")


@pytest.mark.parametrize(("code", "ended"), [(0, []), (2, []), (130, [130]), (143, [143])])
def test_an_interrupted_command_ends_at_once(monkeypatch: pytest.MonkeyPatch, code: int, ended: list[int]) -> None:
    """Threads of libraries that still compute would make the end of the interpreter an abort."""
    found: list[int] = []
    monkeypatch.setattr("n3fit.cli.main.main", lambda: code)
    monkeypatch.setattr("os._exit", found.append)
    assert n3fit_launcher.main() == code
    assert found == ended


def test_an_interruption_of_the_imports_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupted:
        def __getattr__(self, name: str) -> object:
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "n3fit.cli.main", Interrupted())
    assert n3fit_launcher.main() == 130
    assert capsys.readouterr().err == "n3fit: interrupted before the work began\n"

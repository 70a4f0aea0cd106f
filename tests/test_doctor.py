"""The doctor names what keeps mypy from checking shapes, and the mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from mypy_plugin.__main__ import main

ACTIVE = '[tool.mypy]\nplugins = ["mypy_plugin"]\n'


def diagnosed(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    configuration: str,
    source: str = "x: int = 1\n",
) -> tuple[int, str]:
    """Run the doctor over a project of one file."""
    (folder / "pyproject.toml").write_text(configuration)
    (folder / "model.py").write_text(source)
    arguments = ["doctor", "--config-file", str(folder / "pyproject.toml")]
    code = main([*arguments, str(folder / "model.py")])
    return code, capsys.readouterr().out


@pytest.mark.xdist_group("typecheck")
def test_all_is_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = diagnosed(tmp_path, capsys, ACTIVE)
    assert code == 0, text
    assert "mypy refuses a wrong matrix product" in text
    assert text.endswith("All is well.\n")


@pytest.mark.parametrize(
    ("configuration", "source", "finding"),
    [
        ("[tool.mypy]\nstrict = true\n", "", 'add plugins = ["mypy_plugin"] to'),
        (ACTIVE + 'disable_error_code = ["tensor-shape"]\n', "", "enable tensor-shape"),
        (ACTIVE, "def f(x): return x\n", "f has no annotations, so mypy does not look inside"),
        (ACTIVE, "# mypy: ignore-errors\n", "remove that line"),
        (ACTIVE + 'exclude = ["model"]\n', "", "is excluded by 'model'"),
        (
            ACTIVE + '[[tool.mypy.overrides]]\nmodule = "model"\nignore_errors = true\n',
            "",
            "the configuration ignores its errors",
        ),
    ],
)
def test_names_the_mend(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    configuration: str,
    source: str,
    finding: str,
) -> None:
    code, text = diagnosed(tmp_path, capsys, configuration, source)
    assert code == 1
    assert finding in text


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    main(["doctor", "--config-file", str(tmp_path / "pyproject.toml"), str(tmp_path / "no.py")])
    assert "no.py is no file" in capsys.readouterr().out

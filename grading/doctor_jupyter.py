"""What `grading doctor` looks at in Jupyter: nbgrader's parts, the widgets, and the notebooks' kernel."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_config_path, jupyter_path

from grading.finding import OK, WRONG, Finding

SERVER_EXTENSIONS = {
    "jupyterlab": "JupyterLab",
    "nbgrader.server_extensions.formgrader": "the formgrader",
    "nbgrader.server_extensions.assignment_list": "the Assignment List",
    "nbgrader.server_extensions.validate_assignment": "the button Validate",
}
LAB_EXTENSIONS = {
    "@jupyter/nbgrader": "nbgrader's menu",
    "anywidget": "what shows the questions",
    "@jupyter-widgets/jupyterlab-manager": "what connects the questions",
}
SECONDS = 5
"""How long the kernel's Python may take to answer."""


def jupyter() -> Iterator[Finding]:
    """Yield what is found of Jupyter's extensions and of the kernel python3."""
    yield from _extensions()
    yield _kernel()


def _extensions() -> Iterator[Finding]:
    """Check that JupyterLab has nbgrader's parts and the widgets, and that nobody has turned them off."""
    found = _server_extensions()
    off = [name for name in SERVER_EXTENSIONS if not found.get(name, (False, None))[0]]
    for name in off:
        said = f"{SERVER_EXTENSIONS[name]} is not there ({name})"
        todo = f"jupyter server extension enable --sys-prefix {name}"
        if name in found:
            said = f"{SERVER_EXTENSIONS[name]} is turned off ({name})"
            todo = f"take the line with this name out of {found[name][1]}"
        yield Finding("server extensions", WRONG, said, todo)
    if not off:
        yield Finding("server extensions", OK, f"{', '.join(SERVER_EXTENSIONS.values())} are on")
    there = {
        name
        for name in LAB_EXTENSIONS
        if any((Path(folder) / name / "package.json").is_file() for folder in jupyter_path("labextensions"))
    }
    disabled = _disabled()
    wrong = False
    for name, what in LAB_EXTENSIONS.items():
        parts = [one for one in disabled if one == name or one.startswith(f"{name}:")]
        if name not in there:
            said = f"{what} is not installed ({name})"
            todo = f"python -m pip install --force-reinstall {_lab(name)}"
        elif parts:
            said = f"{what} is turned off ({', '.join(parts)})"
            todo = f"take {'it' if len(parts) == 1 else 'them'} out of {disabled[parts[0]]}"
        else:
            continue
        wrong = True
        yield Finding("lab extensions", WRONG, said, todo)
    if not wrong:
        yield Finding("lab extensions", OK, f"{', '.join(LAB_EXTENSIONS)} are there and on")


def _lab(name: str) -> str:
    """Return the package that brings a lab extension."""
    return {"@jupyter/nbgrader": "nbgrader", "anywidget": "anywidget"}.get(name, "jupyterlab_widgets")


def server_extensions() -> set[str]:
    """Return the server extensions that are on."""
    return {name for name, (on, _) in _server_extensions().items() if on}


def _server_extensions() -> dict[str, tuple[bool, Path]]:
    """Return which are on or off and the file that says so, as Jupyter merges them: the first folder wins."""
    found: dict[str, tuple[bool, Path]] = {}
    for folder in map(Path, reversed(jupyter_config_path())):
        parts = sorted((folder / "jupyter_server_config.d").glob("*.json"))
        for path in [*parts, folder / "jupyter_server_config.json"]:
            listed = _json(path, "ServerApp", "jpserver_extensions")
            found |= {name: (bool(on), path) for name, on in listed.items()}
    return found


def _disabled() -> dict[str, Path]:
    """Return the lab extensions that are off and the file that says so, as JupyterLab merges its settings."""
    found: dict[str, tuple[bool, Path]] = {}
    pages = [Path(folder) / "labconfig" / "page_config.json" for folder in reversed(jupyter_config_path())]
    for path in [Path(sys.prefix) / "share/jupyter/lab/settings/page_config.json", *pages]:
        listed = _json(path, "disabledExtensions")
        found |= {name: (bool(off), path) for name, off in listed.items()}
    return {name: path for name, (off, path) in sorted(found.items()) if off}


def _json(path: Path, *names: str) -> dict[str, Any]:
    """Return a table inside a JSON file, empty where there is none; a list stands for a table of true."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    for name in names:
        data = data.get(name) if isinstance(data, dict) else None
    if isinstance(data, list):
        return dict.fromkeys(map(str, data), True)
    return data if isinstance(data, dict) else {}


def _kernel() -> Finding:
    """Check that the kernel of the notebooks is a Python that has the course's questions."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    manager: Any = KernelSpecManager()
    todo = "python -m ipykernel install --sys-prefix --name python3"
    try:
        spec = manager.get_kernel_spec("python3")
    except NoSuchKernel:
        return Finding("kernel", WRONG, "there is no kernel python3, which every notebook asks for", todo)
    program = spec.argv[0] if spec.argv else ""
    # Jupyter puts the server's own Python in the place of these names.
    named = {"python", f"python{sys.version_info[0]}", f"python{sys.version_info[0]}.{sys.version_info[1]}"}
    program = sys.executable if program in named else program
    where = f"kernel python3 ({spec.resource_dir})"
    code = (
        "import importlib.util as u, sys; print(all(map(u.find_spec, ['course', 'anywidget', 'ipykernel'])))"
    )
    try:
        # Elsewhere than in the course folder, where `course` would be found whatever is installed.
        run = subprocess.run(
            [program, "-c", code],
            cwd=tempfile.gettempdir(),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        said = f"{where} starts {program}, which does not run ({type(error).__name__})"
        return Finding("kernel", WRONG, said, todo)
    if run.stdout.strip() != "True":
        said = f"{where} starts {program}, in which the course is not installed, so no question would show"
        if program == sys.executable:
            todo = "in the course folder run: python -m pip install -c .ci/constraints.txt -e ."
        return Finding("kernel", WRONG, said, todo)
    return Finding("kernel", OK, f"python3 starts {program}, which has the course")

"""The shape of the kit: who imports whom, what the wheel holds, and that the documents are true."""

import ast
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import click
import pytest

import course.cli
import grading.cli

ROOT = Path(__file__).resolve().parent.parent
STUDENT = ["course", "course.model", "course.scoring", "course.widgets"]
"""What a student's kernel loads."""


def modules() -> dict[str, Path]:
    found = {}
    for package in ("course", "grading"):
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "lessons" not in parts and "work" not in parts:
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def test_course_never_imports_grading_or_nbgrader():
    for name, path in modules().items():
        if name.split(".")[0] == "course":
            foreign = {n for n in imports(path) if n.split(".")[0] in {"grading", "nbgrader"}}
            assert not foreign, f"{name} imports {foreign}"


def test_grading_uses_only_the_named_parts_of_course():
    allowed = {"course", "course.model", "course.scoring", "course.reading", "course.bank"}
    for name, path in modules().items():
        if name.split(".")[0] == "grading":
            used = {n for n in imports(path) if n.split(".")[0] == "course" and n in modules()}
            assert used <= allowed, f"{name} imports {used - allowed}"


def test_one_module_alone_opens_the_gradebook_with_nbgraders_own_api():
    readers = {
        name for name, path in modules().items() if any(n.startswith("nbgrader.api") for n in imports(path))
    }
    assert readers == {"grading.gradebook"}


def test_there_are_no_import_cycles():
    known = modules()
    graph = {
        name: {n for n in imports(path) if n in known and n != name and not name.startswith(f"{n}.")}
        for name, path in known.items()
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"cycle: {' -> '.join((*trail, name))}"
        if name not in done:
            for other in graph[name]:
                visit(other, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("name", STUDENT)
def test_what_a_student_loads_is_light(name):
    heavy = ["nbformat", "jupytext", "nbgrader", "pydantic", "scipy", "matplotlib", "grading"]
    program = f"import sys, {name}; print([m for m in {heavy!r} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_importing_course_loads_no_widgets():
    program = (
        "import sys, course; print([m for m in ('anywidget', 'ipywidgets', 'IPython') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "copy"
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(copy)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_holds_code_and_nothing_of_a_course_or_class(wheel):
    names = [name for name in wheel.namelist() if ".dist-info/" not in name]
    assert all(name.startswith(("course/", "grading/")) for name in names)
    kinds = re.compile(
        r"^(course|grading)/([a-z]+/){0,2}(__)?[a-z_]+(__)?(\.html)?\.(py|js|css|j2|typ|typed)$"
        r"|^course/templates/\w+\.(md|toml)$"
    )
    assert [name for name in names if not kinds.match(name)] == []
    for part in ("lessons", "rubrics", "claims.csv", "source", "work/", "notebooks", "misconceptions"):
        assert not [name for name in names if f"/{part}" in name]


def test_the_wheel_holds_every_module_and_widget_file(wheel):
    names = set(wheel.namelist())
    for path in modules().values():
        assert path.relative_to(ROOT).as_posix() in names
    for path in (ROOT / "course" / "widgets").glob("*.[jc]s*"):
        assert path.relative_to(ROOT).as_posix() in names


def commands() -> list[tuple[str, click.Command]]:
    groups = (("course", course.cli.main), ("grading", grading.cli.main))
    return [
        (f"{program} {name}", command)
        for program, group in groups
        for name, command in group.commands.items()
    ]


@pytest.mark.parametrize(("name", "command"), commands())
def test_every_command_is_in_the_readme_and_shows_an_example(name, command):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"`{name}" in readme
    assert f"Example: {name}" in (command.help or "").replace("\b\n", "")


@pytest.fixture(params=["a small course", "the course itself"])
def course_folder(request, small_course, tmp_path):
    """A folder with a course that may be changed."""
    if request.param == "a small course":
        return small_course
    folder = tmp_path / "copy"
    code = shutil.ignore_patterns("*.py", "*.js", "*.css", "__pycache__")
    shutil.copytree(ROOT / "course", folder / "course", ignore=code)
    return folder


def test_the_examples_of_write_a_lesson_work(course_folder):
    page = (ROOT / "course" / "README.md").read_text(encoding="utf-8")
    lesson = re.search(r"```text\n(.*?)```", page, re.DOTALL)[1]
    graded, assignment = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    words = re.search(r"^course (new .*)$", page, re.MULTILINE)[1].split()
    row = re.search(r"`(S5-01,.*?)`", page)[1]
    run = [sys.executable, "-m", "course"]
    subprocess.run([*run, *words], cwd=course_folder, check=True, capture_output=True)
    texts = course_folder / "course"
    (texts / "lessons/lost-and-found/lesson.md").write_text(lesson, encoding="utf-8")
    (texts / "lessons/lost-and-found/graded.toml").write_text(graded, encoding="utf-8")
    for name, added in (("course.toml", assignment), ("claims.csv", row)):
        text = (texts / name).read_text(encoding="utf-8").rstrip("\n")
        (texts / name).write_text(f"{text}\n{added}\n", encoding="utf-8")
    checked = subprocess.run([*run, "check"], cwd=course_folder, capture_output=True, text=True, check=False)
    assert checked.returncode == 0 and "lost-and-found" not in checked.stdout, checked.stdout
    built = subprocess.run([*run, "build"], cwd=course_folder, capture_output=True, text=True, check=False)
    assert built.returncode == 0 and not built.stderr, built.stderr
    check = course_folder / "source/check-lost-and-found/check-lost-and-found.ipynb"
    final = course_folder / "source/final/final.ipynb"
    assert "lost-and-found-umbrella" in check.read_text(encoding="utf-8")
    assert "lost-and-found-encounter" in final.read_text(encoding="utf-8")


def test_nothing_committed_names_a_machine_or_an_index():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    words = re.compile(
        r"/(?:root|home)/\w+/|\bpy" r"pi\.|python" r"hosted|registry\.n" r"pm|--index-url|--extra-index"
    )
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.is_file() and path.suffix in {".py", ".md", ".toml", ".txt", ".js", ".css", ".ipynb", ""}:
            if path.name == Path(__file__).name:
                continue
            found = words.search(path.read_text(encoding="utf-8", errors="replace"))
            assert not found, f"{name}: {found[0]}"

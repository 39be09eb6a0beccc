"""`course new`: a lesson folder from the template, and its place in course.toml."""

import re
import unicodedata
from pathlib import Path

import tomlkit

from course.bank import load_course
from course.course_files import FOLDER

TEMPLATES = Path(__file__).parent / "templates"
LONGEST = 32
"""Characters of a folder name: with a word or two after it, an id still fits where nbgrader keeps ids."""
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))]
)
"""Names that no folder on Windows can have."""


class TitleError(ValueError):
    """A title that no lesson can be made from; says why and what to do."""


def start_lesson(root: Path, title: str) -> list[str]:
    """Write a lesson called `title` that already builds; return what was done, a line for each step.

    It stands last in the course, before the review where that is last.

    Raises
    ------
    TitleError : where the title gives no new folder name.
    CourseError : where the course has problems; nothing is written then.
    """
    slug = folder_name(title)
    folder = root / FOLDER / "lessons" / slug
    if folder.exists():
        raise TitleError(f"there is a lesson folder {FOLDER}/lessons/{slug} already - choose another title")
    load_course(root)
    settings = root / FOLDER / "course.toml"
    document = tomlkit.parse(settings.read_text(encoding="utf-8-sig"))
    listed = document["lessons"]
    assert isinstance(listed, tomlkit.items.Array)  # noqa: S101 - load_course has refused anything else
    folder.mkdir()
    done = []
    for template in sorted(TEMPLATES.iterdir()):
        text = template.read_text(encoding="utf-8").replace("LESSON-SLUG", slug)
        text = text.replace("LESSON TITLE", title.replace("\\", "").replace('"', "'"))
        (folder / template.name).write_text(text, encoding="utf-8", newline="\n")
        done.append(f"wrote {FOLDER}/lessons/{slug}/{template.name}")
    position = len(listed) - 1 if listed and str(listed[-1]) == "review" else len(listed)
    listed.insert(position, slug)
    settings.write_text(tomlkit.dumps(document), encoding="utf-8", newline="\n")
    done.append(f"added {slug} to {FOLDER}/course.toml")
    done.append(f"Next: write {FOLDER}/lessons/{slug}/lesson.md, then `course check` and `course build`.")
    return done


def folder_name(title: str) -> str:
    """Return the folder name of a title: its letters a-z and digits, whole words up to `LONGEST`.

    Raises
    ------
    TitleError : where nothing is left of it, or Windows keeps the name for itself.
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii")
    words: list[str] = re.findall(r"[a-z0-9]+", plain.lower())
    if not words:
        raise TitleError(
            f"the title '{title}' has no letters or digits a-z - give one that has, such as Lost and found"
        )
    name = words[0][:LONGEST]
    for word in words[1:]:
        if len(name) + 1 + len(word) > LONGEST:
            break
        name += f"-{word}"
    if name in _RESERVED:
        raise TitleError(f"Windows keeps the name '{name}' for itself - add a word to the title")
    return name

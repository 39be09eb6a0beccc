"""Files and names from strangers: what is opened, what is shown, and which names can be a student's."""

import os
import stat
import sys
from datetime import datetime
from types import SimpleNamespace

import pytest

from grading import handedin, untrusted
from grading.handedin import parse_time
from grading.untrusted import RefusedError, list_folder, name_problem, plain, printable, read_file, utc


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-22 08:00:35.123456 UTC", datetime(2026, 11, 22, 8, 0, 35, 123456)),
        ("2026-11-01 10:00:00 +0200", datetime(2026, 11, 1, 8)),
        ("2026-11-01T10:00:00-03:30", datetime(2026, 11, 1, 13, 30)),
        ("2026-07-01 10:00:00 Europe/Berlin", datetime(2026, 7, 1, 8)),
        ("2026-07-01 10:00:00", datetime(2026, 7, 1, 10)),
        ("2026-07-01 10:00:00 PDT", None),
        ("2026-07-01 10:00:00 ../../etc/passwd", None),
        ("0001-01-01 00:00:00 +0200", None),
        ("yesterday", None),
    ],
)
def test_times_are_read_with_their_zone_or_not_at_all(text, time):
    assert parse_time(text) == time


@pytest.mark.parametrize("name", ["ana", "o'neil", "ana.b@x.org", "7", "Ñandú", "a b", "x,y", "ana+lab"])
def test_usual_student_ids_are_possible(name):
    assert name_problem(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        " a",
        "a/b",
        "a\\b",
        "..",
        ".a",
        "a.",
        "-a",
        "=1",
        "+1",
        "@x",
        "a\nb",
        "a\u202eb",
        "ana\u3164",
        "<b>",
        "nul",
    ],
)
def test_names_that_cannot_be_a_folder_or_a_table_cell_are_refused(name):
    assert name_problem(name)


@pytest.mark.parametrize(
    "name",
    ["Com1.x", "a*", "a[b]", "{x}", "a|b", 'a"b', "a:b", "x" * 65],
)
def test_names_that_cannot_be_a_pattern_or_a_file_on_windows_are_refused(name):
    assert name_problem(name)


def test_shown_names_hold_no_command_for_a_terminal_or_a_page():
    assert printable("a\x1b[31m\u202eb\n") == "a\\x1b[31m\\u202eb\\n"
    assert printable("x" * 200) == "x" * 100 + "…"
    assert plain("<script>`[x](y)`</script>") == "?script???x?(y)???script?"
    assert plain("check-gate (1), 2.ipynb") == "check-gate (1), 2.ipynb"


@pytest.mark.parametrize(
    ("mode", "tag", "kind"),
    [
        (stat.S_IFREG, 0, "file"),
        (stat.S_IFREG, 0x9000_001A, "file"),  # OneDrive
        (stat.S_IFREG, 0x8000_0013, "file"),  # stored without its repeats
        (stat.S_IFDIR, 0x9000_701A, "folder"),
        (stat.S_IFDIR, 0xA000_0003, "link"),  # junction
        (stat.S_IFREG, 0xA000_001D, "link"),  # of the Windows Subsystem for Linux
        (stat.S_IFLNK, 0xA000_000C, "link"),
    ],
)
def test_on_windows_a_file_in_the_cloud_is_a_file_and_a_junction_a_link(mode, tag, kind):
    status = SimpleNamespace(st_mode=mode, st_reparse_tag=tag, st_file_attributes=0x400 if tag else 0)
    assert untrusted._kind(status) == kind


@pytest.fixture(params=[True, False], ids=["as on Linux", "as on Windows"])
def anchored(request, monkeypatch):
    """Both ways to open a file: relative to an open folder, and by looking first (Windows)."""
    if request.param and not untrusted._ANCHORED:
        pytest.skip("this system cannot open relative to a folder")
    monkeypatch.setattr(untrusted, "_ANCHORED", request.param)


def test_files_are_read_within_limits_only(tmp_path, anchored):
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "x").write_bytes(b"1")
    assert read_file(tmp_path, ["a"], 5) == b"12345"
    assert read_file(tmp_path, ["d", "x"], 5) == b"1"
    for parts, limit, told in (
        (["a"], 4, "too large"),
        (["b"], 5, "is missing"),
        (["c", "a"], 5, "is missing"),
        (["a", "a"], 5, "is a link or not a folder"),
        (["d"], 5, "regular file"),
    ):
        with pytest.raises(RefusedError, match=told):
            read_file(tmp_path, parts, limit)
    first = list_folder(tmp_path)[0]
    assert (first.name, first.kind, first.size) == ("a", "file", 5)
    with pytest.raises(RefusedError, match="more than 1 files"):
        list_folder(tmp_path, most=1)
    with pytest.raises(RefusedError, match="is missing"):
        list_folder(tmp_path / "nowhere")


@pytest.mark.parametrize("later", [b"1234567", b"123", b""])
def test_a_file_that_is_written_while_it_is_read_is_not_taken(tmp_path, anchored, monkeypatch, later):
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    real = os.fstat

    def changed(handle):
        status = real(handle)
        path.write_bytes(later)
        return status

    with monkeypatch.context() as patch:
        patch.setattr(untrusted.os, "fstat", changed)
        with pytest.raises(RefusedError, match="was being changed while it was read"):
            read_file(tmp_path, ["a"], 10)
    assert read_file(tmp_path, ["a"], 10) == later


class Vanishing:
    """Entries as os.scandir gives them, with a name that is gone and one that cannot be looked at."""

    def __init__(self, real):
        self.real = real

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.real.close()

    def __iter__(self):
        for entry in self.real:
            yield Gone(entry.name) if entry.name in ("gone", "odd") else entry


class Gone:
    def __init__(self, name):
        self.name = name

    def stat(self, *, follow_symlinks):
        raise FileNotFoundError(2, "gone") if self.name == "gone" else OSError(5, "I/O error")


def test_a_name_that_vanishes_or_cannot_be_looked_at_hides_no_other(tmp_path, anchored, monkeypatch):
    for name in ("ana", "gone", "odd", "zoe"):
        (tmp_path / name).write_bytes(b"x")
    real = os.scandir
    monkeypatch.setattr("grading.untrusted.os.scandir", lambda place: Vanishing(real(place)))
    found = [(entry.name, entry.kind) for entry in list_folder(tmp_path)]
    assert found == [("ana", "file"), ("odd", "special"), ("zoe", "file")]


def test_a_file_name_that_is_no_text_as_windows_allows_stops_nothing(tmp_path, monkeypatch):
    (tmp_path / "ana").mkdir()
    entry = untrusted.Entry("\ud800.ipynb", "file", 2, 0.0, 0)
    monkeypatch.setattr(handedin, "list_folder", lambda root, parts: [entry])
    monkeypatch.setattr(handedin, "read_file", lambda root, parts, limit: b"{}")
    found = handedin.read_handed_in(tmp_path, ["ana"], [SimpleNamespace(name="check")])
    assert found.reasons == {"check": "there is no check.ipynb in the submission (it holds ?.ipynb)"}
    assert found.digest == handedin.handed_in_digest(tmp_path, ["ana"], ["check"])


def test_a_time_that_no_calendar_holds_is_no_time():
    assert utc(0) == datetime(1970, 1, 1)
    for seconds in (1e18, -1e18, float("nan"), float("inf")):
        assert utc(seconds) is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows needs a privilege to make links")
def test_no_link_is_followed_at_any_step(tmp_path, anchored):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "x").write_bytes(b"secret")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "real" / "y").symlink_to("x")
    os.mkfifo(tmp_path / "real" / "pipe")
    for parts in (["link", "x"], ["real", "y"], ["real", "pipe"], ["real", "..", "link", "x"]):
        with pytest.raises(RefusedError):
            read_file(tmp_path, parts, 100)
    with pytest.raises(RefusedError):
        list_folder(tmp_path, ["link"])
    kinds = {entry.name: entry.kind for entry in list_folder(tmp_path, ["real"])}
    assert kinds == {"pipe": "special", "x": "file", "y": "link"}

"""The folders of graded copies on disk."""

from datetime import datetime

from classroom import CHECK

from grading.copies import write_folder
from grading.handedin import HandedIn

NOTEBOOK = f"{CHECK}.ipynb"


def test_a_graded_copys_folder_holds_what_is_ours_alone_and_the_time_of_scores_that_stand(tmp_path):
    folder = tmp_path / "ana" / CHECK
    ours = {NOTEBOOK, "timestamp.txt", "submission_secret.txt"}

    def there():
        return {path.name for path in folder.iterdir()}

    found = HandedIn(timestamp=datetime(2026, 3, 2, 9, 30), secret="x" * 16)
    write_folder(folder, {CHECK: "{}"}, found)
    assert there() == ours
    (folder / "older.ipynb").write_text("{}", encoding="utf-8")
    write_folder(folder, {CHECK: "{}"}, None)
    assert there() == ours
    assert (folder / "timestamp.txt").read_text(encoding="utf-8") == "2026-03-02 09:30:00.000000 UTC"
    write_folder(folder, {CHECK: "{}"}, HandedIn())
    assert there() == {NOTEBOOK}

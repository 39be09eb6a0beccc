"""grading.analysis gives the numbers that others have published, to the last digit they print."""

import csv
import tomllib
from pathlib import Path

import pytest

import grading.analysis

SETS = Path(__file__).resolve().parent / "published"


def value(text):
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        return text


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        header, *lines = list(csv.reader(file))
    rows = []
    for line in lines:
        cells = dict(zip(header, map(value, line), strict=True))
        times = int(cells.pop("count", 1))
        rows += [list(cells.values())] * times
    return rows


def expectations():
    for folder in sorted(path for path in SETS.iterdir() if path.is_dir()):
        told = tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))
        assert told["source"] and told["numbers"]
        for one in told["expected"]:
            settings = "-".join(str(v)[:12] for v in one.get("arguments", {}).values())
            given = "-".join(map(str, one.get("given", [])))
            yield pytest.param(folder, one, id=f"{folder.name}:{one['call']}:{one['get']}:{settings}{given}")


def found(result, way):
    for step in way.split("."):
        result = result[int(step)] if step.isdigit() else getattr(result, step)
    return result


@pytest.mark.parametrize(("folder", "one"), list(expectations()))
def test_a_published_number_is_met_to_its_last_digit(folder, one):
    given = one["given"] if "given" in one else [table(folder / "data.csv")]
    result = getattr(grading.analysis, one["call"])(*given, **one.get("arguments", {}))
    digits = len(one["printed"].partition(".")[2])
    assert f"{float(found(result, one['get'])):.{digits}f}" == one["printed"]


def test_every_function_of_the_package_that_has_a_publication_is_among_them():
    met = {param.values[1]["call"] for param in expectations()}
    assert {
        "cronbach_alpha",
        "kr20",
        "item_statistics",
        "moodle_statistics",
        "wilson_interval",
        "feldt_interval",
        "cohen_kappa",
        "krippendorff_alpha",
        "gwet_ac",
        "exact_agreement",
        "icc",
    } <= met

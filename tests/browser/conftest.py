"""Fixtures of the browser tests: one Chromium and one Jupyter server for all of them."""

import os
from collections.abc import Iterator

import pytest
from lab import FRONT_ENDS, NoBrowserError, Server, chromium
from playwright.sync_api import Browser, Page


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A running Chromium; without one the browser tests are skipped, saying so, but never in CI."""
    try:
        with chromium() as running:
            yield running
    except NoBrowserError as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a browser profile of its own."""
    profile = browser.new_context(viewport={"width": 1280, "height": 1600})
    yield profile.new_page()
    profile.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running Jupyter server with an empty folder."""
    running = Server(tmp_path_factory.mktemp("jupyter"))
    yield running
    running.stop()


@pytest.fixture(params=FRONT_ENDS)
def front_end(request: pytest.FixtureRequest) -> str:
    """JupyterLab, then Notebook 7."""
    return str(request.param)

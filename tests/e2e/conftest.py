"""Browser journeys: the product as people meet it, in a real Chromium, with a real worker."""

import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest
from django.db import connections
from playwright.sync_api import Browser

from tests.e2e import chromium
from tests.e2e.house import Builder, House
from tests.e2e.visitor import PHONE, WIDE, Visitor

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in the very thread that uses the ORM

FAILED = pytest.StashKey[bool]()


class Open(Protocol):
    """Open a browser of a person."""

    def __call__(self, house: House, *, phone: bool = False, dark: bool = False, scripts: bool = True) -> Visitor: ...


@pytest.fixture(scope="package")
def chrome(django_db_setup: None) -> Iterator[Browser]:
    """Django keeps a connection of its own for code beside Playwright's loop: none may be left on either side."""
    connections.close_all()
    with chromium.running() as browser:
        yield browser
        connections.close_all()


@pytest.fixture
def build(service_environment: dict[str, str], valkey: object, tmp_path: Path) -> Builder:
    """Say ``build.house(scene)``; worker and beat write their logs to the test's folder."""
    return Builder(environment=service_environment, folder=tmp_path)


@pytest.fixture
def visit(chrome: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Open a browser for one person; at the end nothing may have gone wrong in any of them."""
    visitors: list[Visitor] = []
    with ExitStack() as stack:

        def open_browser(house: House, *, phone: bool = False, dark: bool = False, scripts: bool = True) -> Visitor:
            context = chrome.new_context(
                viewport=PHONE if phone else WIDE,
                has_touch=phone,
                is_mobile=phone,
                color_scheme="dark" if dark else "light",
                java_script_enabled=scripts,
                reduced_motion="reduce",
            )
            stack.callback(context.close)
            visitors.append(Visitor(context=context, url=house.url))
            return visitors[-1]

        yield open_browser
        if request.node.stash.get(FAILED, False):
            for number, visitor in enumerate(visitors):
                visitor.page.screenshot(path=tmp_path / f"failed-{number}.png", full_page=True)
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note a failure where the fixtures can see it."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report

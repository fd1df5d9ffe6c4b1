"""Browser journeys: the product as people meet it, in a real Chromium, with a real worker."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest
from django.db import connections
from playwright.sync_api import Browser

from tests.e2e import chromium
from tests.e2e.house import Builder, House
from tests.e2e.visitor import PHONE, WIDE, Visitor

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in the very thread that uses the ORM


class Open(Protocol):
    """Open a browser of a person; it is closed at the end of the block, before the house is."""

    def __call__(
        self, house: House, *, phone: bool = False, dark: bool = False, scripts: bool = True
    ) -> AbstractContextManager[Visitor]: ...


@pytest.fixture(scope="package")
def chrome(django_db_setup: None) -> Iterator[Browser]:
    """Django keeps a connection of its own for code beside Playwright's loop: none may be left on either side."""
    connections.close_all()
    with chromium.running() as browser:
        yield browser
        connections.close_all()


@pytest.fixture
def build(service_environment: dict[str, str], valkey: object, tmp_path: Path) -> Builder:
    """Say ``build.house(scene)``; worker and desk write their logs to the test's folder."""
    return Builder(environment=service_environment, folder=tmp_path)


@pytest.fixture
def visit(chrome: Browser, tmp_path: Path) -> Open:
    """Open a browser for one person; at the end nothing may have gone wrong in it, and a failure leaves a picture."""
    numbers = count()

    @contextmanager
    def open_browser(
        house: House, *, phone: bool = False, dark: bool = False, scripts: bool = True
    ) -> Iterator[Visitor]:
        with chrome.new_context(
            viewport=PHONE if phone else WIDE,
            has_touch=phone,
            is_mobile=phone,
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
        ) as context:
            visitor, number = Visitor(context=context, url=house.url), next(numbers)
            try:
                yield visitor
                visitor.finish()
            except BaseException as failure:
                failure.add_note(f"Complaints of browser {number}: {visitor.complaints}")
                visitor.page.screenshot(path=tmp_path / f"failed-{number}.png", full_page=True)
                raise
        assert visitor.complaints == []

    return open_browser

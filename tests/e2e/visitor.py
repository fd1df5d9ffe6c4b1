"""A person at a browser. Whatever the browser complains about on the way fails the test."""

import re
from dataclasses import dataclass, field

from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Error,
    Locator,
    Page,
    Response,
    ViewportSize,
    expect,
)

from pools.models import User
from tests.fixtures.people import PASSWORD

ANSWERED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
WIDE: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


@dataclass
class Visitor:
    """``complaints`` are script errors, refusals of the security policy, dialogs, and answers of 5xx."""

    context: BrowserContext
    url: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(10_000)
        self.page = self.new_page()

    def new_page(self) -> Page:
        """Open another tab."""
        page = self.context.new_page()
        page.on("console", self.heard)
        page.on("pageerror", self.crashed)
        page.on("dialog", self.asked)
        page.on("response", self.answered)
        return page

    def heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not ANSWERED.match(message.text):
            self.complaints.append(f"console: {message.text}")

    def crashed(self, error: Error) -> None:
        self.complaints.append(f"script: {error}")

    def answered(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status} {response.url}")

    def asked(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def finish(self) -> None:
        """Let every tab load to its end, so that nothing is asked for any more when the server ends."""
        for page in self.context.pages:
            page.wait_for_load_state()

    def sign_in(self, person: User) -> "Visitor":
        """Type name and password, as a person does."""
        self.go("/")
        self.page.get_by_label("Username").fill(person.username)
        self.page.locator("input[type=password]").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("navigation", name="Main")).to_be_visible()
        return self

    def arrive(self, person: User) -> "Visitor":
        """Be signed in already, where a test is about something else."""
        client = Client()
        client.force_login(person)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": self.url}])
        return self

    def go(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.url + path)

    def press(self, name: str) -> None:
        """Click the button, or the link that looks like one, with this name; there must be one only."""
        self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name)).click()

    def see(self, text: str, seconds: float = 10) -> Locator:
        """Wait until this text is on the page."""
        found = self.page.get_by_text(text).first
        expect(found).to_be_visible(timeout=seconds * 1000)
        return found

    def heading(self, text: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(text)

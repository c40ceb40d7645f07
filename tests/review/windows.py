"""A window of the browser, as the tests of the desk use it."""

from typing import Any

SIZE = {"width": 1280, "height": 720}


class Window:
    """One signed-in browser window that remembers what went wrong in it."""

    def __init__(self, context: Any, base: str) -> None:
        self.page = context.new_page()
        self.base = base
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.wrong.append(dialog.message), dialog.dismiss()))
        self.page.on("console", lambda line: self.wrong.append(line.text) if "Content Security" in line.text else None)

    def go(self, url: str) -> Any:
        self.page.goto(self.base + url)
        return self.page

    def wait(self, selector: str) -> Any:
        """The element, once it is there and the page's script has done its part: HTML is read before a script runs."""
        found = self.page.wait_for_selector(selector)
        self.page.wait_for_load_state()
        return found

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.wait_for_load_state()  # the page that a key led to listens only once it is loaded
            self.page.keyboard.press(key)

    def chosen(self) -> str:
        return str(self.page.locator("#rows [aria-current]").get_attribute("data-claim"))

    def decide(self, key: str) -> None:
        """Presses a key that decides, and waits for the next claim."""
        self.page.wait_for_load_state()
        with self.page.expect_response(lambda answer: "/claims/" in answer.url and answer.request.method == "POST"):
            self.page.keyboard.press(key)

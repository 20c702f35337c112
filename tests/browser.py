"""A headless Chromium without a network, for the tests of pages."""

import json
import shutil
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

PROGRAMS = ("chromium", "chromedriver")
LOCAL = ("file:", "data:", "blob:")


def start_browser() -> webdriver.Chrome:
    """Start it; without one the test fails and says what to install."""
    paths = {name: shutil.which(name) for name in PROGRAMS}
    absent = [name for name, path in paths.items() if path is None]
    if absent:
        pytest.fail(
            f"no {' and no '.join(absent)} on PATH: pages cannot be tested "
            "(apt-get install chromium chromium-driver)"
        )
    options = webdriver.ChromeOptions()
    options.binary_location = paths["chromium"]
    for flag in (
        "--headless=new",
        "--no-sandbox",  # the tests may run as root
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--host-resolver-rules=MAP * ~NOTFOUND",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service(paths["chromedriver"]))


class Page:
    """An open replay and what the tests ask of it."""

    def __init__(self, browser: webdriver.Chrome, path: Path, size: tuple[int, int]) -> None:
        self.browser = browser
        width, height = size
        self.phone = width < 600
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": self.phone},
        )
        browser.execute_cdp_cmd("Network.enable", {})
        browser.execute_cdp_cmd(
            "Network.emulateNetworkConditions",
            {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0},
        )
        for log in ("browser", "performance"):
            browser.get_log(log)  # what an earlier page left
        browser.get(path.as_uri())
        self.wait("window.replay && replay.firstFrame > 0")

    def run(self, script: str, *arguments):
        return self.browser.execute_script("return " + script, *arguments)

    def wait(self, condition: str) -> None:
        WebDriverWait(self.browser, 20, poll_frequency=0.02).until(
            lambda browser: browser.execute_script("return Boolean(" + condition + ")"), condition
        )

    def text(self, selector: str) -> str:
        return self.run("document.querySelector(arguments[0]).innerText", selector)

    def texts(self, selector: str) -> list[str]:
        script = "[...document.querySelectorAll(arguments[0])].map(found => found.innerText)"
        return self.run(script, selector)

    def click(self, selector: str) -> None:
        self.browser.find_element("css selector", selector).click()

    def press(self, key: str, modifiers: int = 0) -> None:
        """A key by its DOM name; modifier 8 is shift."""
        text = {"text": " "} if key == " " else {"text": key} if len(key) == 1 else {}
        for kind in ("keyDown", "keyUp"):
            event = {"type": kind, "key": key, "code": key, "modifiers": modifiers}
            if kind == "keyDown":
                event |= text
            self.browser.execute_cdp_cmd("Input.dispatchKeyEvent", event)

    def point(self, x: float, y: float) -> None:
        """Click, or on a phone tap, at window pixels."""
        if self.phone:
            self.touch("touchStart", [(x, y)])
            self.touch("touchEnd", [])
            return
        for kind in ("mousePressed", "mouseReleased"):
            event = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
            self.browser.execute_cdp_cmd("Input.dispatchMouseEvent", event)

    def touch(self, kind: str, fingers: list[tuple[float, float]]) -> None:
        points = [{"x": x, "y": y, "id": at} for at, (x, y) in enumerate(fingers)]
        event = {"type": kind, "touchPoints": points}
        self.browser.execute_cdp_cmd("Input.dispatchTouchEvent", event)

    def complaints(self) -> list[str]:
        """Messages of the console, and requests that left the machine."""
        found = [entry["message"] for entry in self.browser.get_log("browser")]
        for entry in self.browser.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                if not url.startswith(LOCAL):
                    found.append(f"asked for {url}")
        return found

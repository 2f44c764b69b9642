"""A picture in a browser, Chromium without a window, and how it is used there. Needs Selenium, which Debian's own Python has."""

import shutil
import time

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains

# Each step of the browser has this much time; none is measured.
SECONDS = 60
CHROMIUM = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1"]


def browser():
    options = Options()
    for argument in CHROMIUM:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
    driver.set_page_load_timeout(SECONDS)
    driver.set_script_timeout(SECONDS)
    return driver


class Faults(list):
    def expect(self, what, got, *wanted):
        if got not in wanted:
            self.append(f"{what}: {got!r}, not {' or '.join(repr(one) for one in wanted)}")

    def check(self, what, holds):
        if not holds:
            self.append(what)


class Page:
    """One picture in one browser."""

    def __init__(self, driver, path, faults, screenshots):
        self.driver, self.path, self.faults, self.screenshots = driver, path, faults, screenshots

    def open(self, width=1280, height=800, scheme="light", scripts=True, hash="", touch=False):
        self.driver.get("about:blank")
        command = self.driver.execute_cdp_cmd
        command("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        command("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        command("Emulation.setScriptExecutionDisabled", {"value": not scripts})
        command("Emulation.setTouchEmulationEnabled", {"enabled": touch})
        self.driver.get(self.path.as_uri() + hash)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def shoot(self, name):
        if self.screenshots:
            self.driver.save_screenshot(str(self.screenshots / f"{self.path.stem}-{name}.png"))

    def quiet(self):
        for entry in self.driver.get_log("browser"):
            self.faults.append(f"{self.path.name}: the console says {entry['message']}")

    def hash(self):
        return self.run("return location.hash")

    def frames(self):
        """[name, left, right, top] of each shown frame, in pixels of the page."""
        return self.run("""return [...document.querySelectorAll('svg.f:not(.gone)')].map((frame) => {
          const box = frame.querySelector('rect').getBoundingClientRect();
          return [frame.querySelector('title').textContent.split('\\n')[0], box.left, box.right, box.top + scrollY];
        })""")

    def click(self, index, kind="mouse"):
        """On the frame of this place in the document, by a real mouse."""
        x, y = self.run(
            """const frame = document.querySelectorAll('svg.f')[arguments[0]];
          frame.scrollIntoView({ block: 'center' });
          const box = frame.querySelector('rect').getBoundingClientRect();
          return [box.left + Math.min(box.width / 2, 30), box.top + box.height / 2]""",
            index,
        )
        command = self.driver.execute_cdp_cmd
        if kind == "touch":
            command("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
            command("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
            return
        for event in ("mouseMoved", "mousePressed", "mouseReleased"):
            button = {"button": "left", "clickCount": 1} if event != "mouseMoved" else {}
            command("Input.dispatchMouseEvent", {"type": event, "x": x, "y": y, **button})

    def key(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def until(self, what, script, *arguments):
        """Waits until it is so."""
        end = time.monotonic() + 10
        while not self.run("return " + script, *arguments):
            if time.monotonic() > end:
                self.faults.append(f"{self.path.name}: {what}: not within 10 s")
                return
            time.sleep(0.02)

    def found(self):
        return self.run("return document.getElementById('found').textContent")

    def details(self):
        return self.run("return document.querySelector('.details').innerText")

    def search(self, words):
        self.run(
            """const field = document.getElementById('search');
          field.value = arguments[0]; field.dispatchEvent(new Event('input'))""",
            words,
        )

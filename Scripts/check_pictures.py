#!/usr/bin/env python3
"""Uses flame graphs in a browser, and says what is wrong with them.

    check_pictures.py pages DIRECTORY [SCREENSHOTS]
    check_pictures.py hostile DIRECTORY
    check_pictures.py shoot PICTURE.svg WIDTH light|dark FILE.png

`pages` opens the pictures that check-pictures.sh makes, and exits with 1 where one is not as it should be. `hostile` starts
programs whose names are markup, out of a process whose name is; it is what check-pictures.sh records. `shoot` keeps a whole picture as the browser shows it.
"""

import ctypes
import os
import pathlib
import re
import shutil
import sys
import time

# Each step of the browser has this much time; none is measured.
SECONDS = 60
CHROMIUM = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1"]
PR_SET_NAME = 15


def hostile(directory):
    directory = pathlib.Path(directory)
    true = os.fsencode(shutil.which("true"))
    names = [
        b"\"><img src=x onerror=window.ran=1>.sh",
        b"' onload='window.ran=1",
        b"<script>window.ran=1<" + b"/script>",
        b"]]><script>window.ran=1<" + b"/script>",
        b"&lt;script&gt;window.ran=1",
        b"\xe2\x80\xaegnp.exe",
        b"\xff\xfe\x80 not UTF-8",
        b"\x1b[31mred\x07\n",
        b"javascript:window.ran=1",
    ]
    long = b"/".join([b"<b>" + b"x" * 240] * 14)
    for name in names + [long]:
        path = os.fsencode(directory) + b"/" + name
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copy(true, path)
        for comm in (b"</text><script>", b"\"'&<\xff\xe2\x80\xae"):
            ctypes.CDLL(None).prctl(PR_SET_NAME, ctypes.c_char_p(comm), 0, 0, 0)
            os.waitpid(os.posix_spawn(path, [b"true"], os.environ), 0)


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
        command("Emulation.setDeviceMetricsOverride",
                {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
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
        x, y = self.run("""const frame = document.querySelectorAll('svg.f')[arguments[0]];
          frame.scrollIntoView({ block: 'center' });
          const box = frame.querySelector('rect').getBoundingClientRect();
          return [box.left + Math.min(box.width / 2, 30), box.top + box.height / 2]""", index)
        command = self.driver.execute_cdp_cmd
        if kind == "touch":
            command("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
            command("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
            return
        for event in ("mouseMoved", "mousePressed", "mouseReleased"):
            button = {"button": "left", "clickCount": 1} if event != "mouseMoved" else {}
            command("Input.dispatchMouseEvent", {"type": event, "x": x, "y": y, **button})

    def key(self, *keys):
        from selenium.webdriver.common.action_chains import ActionChains

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
        self.run("""const field = document.getElementById('search');
          field.value = arguments[0]; field.dispatchEvent(new Event('input'))""", words)


def folded_share(path, pattern):
    """The share of the stacks with a frame that matches, as the picture writes it."""
    matched = total = 0
    for line in path.read_text(errors="replace").splitlines():
        stack, _, number = line.rpartition(" ")
        total += int(number)
        matched += int(number) * any(re.search(pattern, frame) for frame in stack.split(";"))
    return f"{matched * 1000 // total / 10:.1f}%"


def check_static(page):
    """Every width and scheme, with scripts and without: nothing is cut, labels stay in their frames."""
    for scripts in (True, False):
        for width in (1280, 400):
            for scheme in ("light", "dark"):
                page.open(width, 800, scheme, scripts)
                name = f"{'script' if scripts else 'static'}-{width}-{scheme}"
                page.shoot(name)
                where = f"{page.path.name} ({name})"
                tools = page.run("return document.querySelector('.tools') !== null")
                page.faults.expect(f"{where}: tools", tools, scripts)
                wide = page.run("return document.documentElement.scrollWidth")
                page.faults.check(f"{where}: {wide} pixels wide", wide <= width)
                cut = page.run("""return [...document.querySelectorAll('text')].filter((text) => {
                    return !text.closest('.f') && text.getBoundingClientRect().right > innerWidth
                }).map((text) => text.textContent)""")
                page.faults.expect(f"{where}: text beyond the edge", cut, [])
                paper = page.run("return getComputedStyle(document.querySelector('.paper')).fill")
                page.faults.expect(f"{where}: paper", paper, "rgb(255, 255, 255)" if scheme == "light" else "rgb(22, 24, 28)")
                frames = page.frames()
                page.faults.check(f"{where}: frames beyond the edge",
                                  all(left >= -1 and right <= width + 1 for _, left, right, _ in frames))
                page.quiet()


def check_use(page, folded):
    faults, where = page.faults, page.path.name
    page.open()
    before = page.frames()
    inner = page.run("""return [...document.querySelectorAll('svg.f')].findIndex((frame) =>
        Number(frame.dataset.d) > 1 && parseFloat(frame.getAttribute('width')) < 60)""")
    # Details at the pointer, zoom by a click, back by the browser's own button.
    page.click(inner)
    page.until("a click zooms", "location.hash === '#zoom=' + arguments[0]", inner)
    zoomed = page.frames()
    faults.check(f"{where}: a zoom moves frames", zoomed != before and len(zoomed) < len(before))
    name = page.run("return document.querySelectorAll('svg.f title')[arguments[0]].textContent.split('\\n')[0]", inner)
    faults.check(f"{where}: the zoomed frame is as wide as all",
                 any(frame[0] == name and frame[2] - frame[1] > 1280 * 0.97 for frame in zoomed))
    faults.check(f"{where}: details of the frame", page.details().startswith(name))
    page.shoot("zoomed")
    page.driver.refresh()
    faults.expect(f"{where}: a reload keeps the zoom", page.frames(), zoomed)
    page.driver.back()
    page.until("the way back leads to all", "location.hash === ''")
    page.until("the way back draws all", "document.querySelectorAll('svg.f.gone').length === 0")
    faults.expect(f"{where}: frames after the way back", page.frames(), before)
    page.driver.forward()
    page.until("the way forward leads to the zoom", "location.hash === '#zoom=' + arguments[0]", inner)
    page.run("document.getElementById('reset').click()")
    faults.expect(f"{where}: frames after a reset", page.frames(), before)

    # The search's share is that of the folded lines: what matches twice in a stack counts once.
    for pattern in ("main|make", "cc1|as$", "^/usr/", "posix_spawn|vfork|fork", "nosuchframe", "."):
        page.search(pattern)
        share = folded_share(folded, re.compile(pattern, re.IGNORECASE))
        faults.check(f"{where}: /{pattern}/ says {page.found()!r}, fold {share}", page.found().startswith(f"Matched {share} ("))
    page.search("main|make")
    page.shoot("search")
    kept = page.found()
    page.driver.refresh()
    faults.expect(f"{where}: a reload keeps the search", page.found(), kept)
    page.search("(")
    faults.check(f"{where}: half an expression is text", "taken as text" in page.found())
    page.search("")
    faults.expect(f"{where}: no search", page.found(), "")

    # Keyboard alone.
    from selenium.webdriver.common.keys import Keys

    page.open()
    page.key("/")
    faults.expect(f"{where}: / goes to the search", page.run("return document.activeElement.id"), "search")
    page.key("main")
    faults.check(f"{where}: typed search", page.found().startswith("Matched "))
    page.key(Keys.ESCAPE)
    faults.expect(f"{where}: Escape ends the search", page.hash(), "", "#")
    depth = "return Number(document.activeElement.dataset.d)"
    page.key(Keys.ARROW_UP, Keys.ARROW_UP)
    faults.expect(f"{where}: arrows go inwards", page.run(depth), 2)
    page.key(Keys.ARROW_DOWN)
    faults.expect(f"{where}: arrows go outwards", page.run(depth), 1)
    page.key(Keys.ENTER)
    faults.check(f"{where}: Enter zooms", page.hash().startswith("#zoom="))
    page.key(Keys.ESCAPE)
    faults.expect(f"{where}: Escape shows all", page.hash(), "", "#")
    flame = page.frames()
    page.key("i")
    page.until("i turns it over", "location.hash === '#view=icicle'")
    icicle = page.frames()
    faults.check(f"{where}: the root is on top", icicle[0][3] == min(frame[3] for frame in icicle))
    faults.check(f"{where}: it was at the bottom", flame[0][3] == max(frame[3] for frame in flame))
    page.shoot("icicle")
    page.key(Keys.ARROW_DOWN)
    faults.expect(f"{where}: arrows are turned, too", page.run(depth) >= 1, True)
    page.driver.refresh()
    faults.expect(f"{where}: a reload keeps the direction", page.frames(), icicle)
    page.key(Keys.TAB)
    faults.check(f"{where}: Tab goes to something", page.run("return document.activeElement !== document.documentElement"))

    # An address that means nothing shows all.
    page.open(hash="#zoom=99999999&view=side&widths=none&search=")
    faults.expect(f"{where}: a strange address", [frame[:3] for frame in page.frames()], [frame[:3] for frame in before])

    # A finger: details first, zoom second; they lie in the window.
    page.open(400, 700, touch=True)
    page.click(inner, "touch")
    page.until("a tap shows details", "document.querySelector('.details').innerText.startsWith(arguments[0])", name)
    faults.expect(f"{where}: one tap does not zoom", page.hash(), "")
    bottom = page.run("return document.querySelector('.details').getBoundingClientRect().bottom")
    faults.check(f"{where}: details end at {bottom} of 700", bottom <= 701)
    page.shoot("tapped-400")
    page.click(inner, "touch")
    page.until("two taps zoom", "location.hash === '#zoom=' + arguments[0]", inner)
    page.quiet()


def check_difference(page, widths):
    faults, where = page.faults, page.path.name
    page.open()
    faults.expect(f"{where}: widths", page.run("return document.getElementById('widths').textContent"), f"Widths: {widths}")
    lines = page.run("return [...document.querySelectorAll('svg.f title')].map((title) => title.textContent.split('\\n'))")
    faults.check(f"{where}: each frame has both numbers",
                 all(len(line) == 4 and line[1].startswith("head: ") and line[2].startswith("base: ") for line in lines))
    gone = next(index for index, line in enumerate(lines) if line[3].endswith("gone") or line[1].startswith("head: 0 "))
    shown = "return document.querySelectorAll('svg.f')[arguments[0]].classList.contains('gone')"
    faults.expect(f"{where}: what is gone is hidden", page.run(shown, gone), widths == "head")
    page.key("w")
    faults.expect(f"{where}: w shows what is gone", page.run(shown, gone), widths != "head")
    page.click(gone if widths == "head" else 0)
    faults.check(f"{where}: details have both", "head: " in page.details() and "base: " in page.details())
    page.shoot("gone")
    page.search(".")
    faults.check(f"{where}: {page.found()}", page.found().startswith("Matched head 100.0%, base 100.0%"))
    page.quiet()


def check_hostile(page):
    faults, where = page.faults, page.path.name
    page.open()
    page.search("script")
    page.search("")
    for index in range(page.run("return document.querySelectorAll('svg.f').length")):
        page.run("document.querySelectorAll('svg.f')[arguments[0]].dispatchEvent("
                 "new PointerEvent('pointerover', { bubbles: true }))", index)
    page.click(1)
    faults.expect(f"{where}: nothing ran", page.run("return window.ran === undefined"), True)
    faults.expect(f"{where}: one script", page.run("return document.querySelectorAll('script').length"), 1)
    faults.expect(f"{where}: no image", page.run("return document.querySelectorAll('img, b').length"), 0)
    text = page.run("return [...document.querySelectorAll('svg.f title')].map((title) => title.textContent).join('\\n')")
    for name in ("</text><script>", '"><img src=x onerror=window.ran=1>.sh', "\\u{202e}gnp.exe", "<b>xxx", " characters"):
        faults.check(f"{where}: {name} is there as text", name in text)
    faults.check(f"{where}: no mark turns the writing", "\u202e" not in text)
    page.quiet()


def check_large(page):
    page.open()
    page.until("it draws", "document.querySelector('.details') !== null")
    page.click(5)
    page.search("left")
    page.faults.check(f"{page.path.name}: {page.found()}", page.found().startswith("Matched "))
    page.faults.check(f"{page.path.name}: it says that frames are left out", "frames left out are not searched" in page.found())
    page.shoot("1280")
    page.quiet()


def browser():
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    for argument in CHROMIUM:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
    driver.set_page_load_timeout(SECONDS)
    driver.set_script_timeout(SECONDS)
    return driver


def shoot(picture, width, scheme, file):
    driver = browser()
    try:
        page = Page(driver, pathlib.Path(picture).resolve(), Faults(), None)
        page.open(int(width), 600, scheme)
        height = page.run("return document.documentElement.height.baseVal.value")
        page.open(int(width), int(height), scheme)
        driver.save_screenshot(file)
    finally:
        driver.quit()


def pages(directory, screenshots):
    from selenium.common.exceptions import WebDriverException

    directory = pathlib.Path(directory)
    if screenshots:
        screenshots = pathlib.Path(screenshots)
        screenshots.mkdir(parents=True, exist_ok=True)
    faults = Faults()
    checks = [
        ("build", check_static), ("build", lambda page: check_use(page, directory / "build.folded")),
        ("phases", check_static), ("samples", check_static),
        ("change", check_static), ("change", lambda page: check_difference(page, "head")),
        ("share", check_static), ("share", lambda page: check_difference(page, "base")),
        ("hostile", check_static), ("hostile", check_hostile), ("many", check_large), ("widest", check_large),
    ]
    driver = browser()
    try:
        for name, check in checks:
            start = time.monotonic()
            page = Page(driver, directory / f"{name}.svg", faults, screenshots)
            try:
                check(page)
            except (WebDriverException, StopIteration) as problem:
                faults.append(f"{name}.svg: the check ended early: {(str(problem) or repr(problem)).splitlines()[0]}")
            print(f"{name}: {time.monotonic() - start:.1f} s", file=sys.stderr)
    finally:
        driver.quit()
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["hostile", directory]:
            hostile(directory)
        case ["shoot", picture, width, ("light" | "dark") as scheme, file]:
            shoot(picture, width, scheme, file)
        case ["pages", directory, *rest] if len(rest) < 2:
            sys.exit(pages(directory, *(rest or [None])))
        case _:
            sys.exit(__doc__)

"""Opens the pictures in a directory, and says what is wrong with them: python3 -m bench.checks.pictures.browse DIRECTORY [SCREENSHOTS]

Run by Debian's own Python, which has Selenium.
"""

import pathlib
import sys
import time

from selenium.common.exceptions import WebDriverException

from bench.checks.pictures.looks import check_difference, check_hostile, check_large, check_static
from bench.checks.pictures.page import Faults, Page, browser
from bench.checks.pictures.use import check_use


def check(directory, screenshots):
    directory = pathlib.Path(directory)
    if screenshots:
        screenshots = pathlib.Path(screenshots)
        screenshots.mkdir(parents=True, exist_ok=True)
    faults = Faults()
    checks = [
        ("build", check_static),
        ("build", lambda page: check_use(page, directory / "build.folded")),
        ("phases", check_static),
        ("samples", check_static),
        ("change", check_static),
        ("change", lambda page: check_difference(page, "head")),
        ("share", check_static),
        ("share", lambda page: check_difference(page, "base")),
        ("hostile", check_static),
        ("hostile", check_hostile),
        ("many", check_large),
        ("widest", check_large),
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
    sys.exit(check(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))

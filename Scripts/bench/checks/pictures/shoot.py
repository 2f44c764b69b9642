"""Keeps a whole picture as the browser shows it: python3 -m bench.checks.pictures.shoot PICTURE.svg WIDTH light|dark FILE.png

Run by Debian's own Python, which has Selenium.
"""

import pathlib
import sys

from bench.checks.pictures.page import Faults, Page, browser


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


if __name__ == "__main__":
    shoot(*sys.argv[1:])

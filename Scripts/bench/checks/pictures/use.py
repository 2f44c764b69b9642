"""What people do with a picture: zoom, search, keyboard, the address, a finger."""

import re

from selenium.webdriver.common.keys import Keys


def folded_share(path, pattern):
    """The share of the stacks with a frame that matches, as the picture writes it."""
    matched = total = 0
    for line in path.read_text(errors="replace").splitlines():
        stack, _, number = line.rpartition(" ")
        total += int(number)
        matched += int(number) * any(re.search(pattern, frame) for frame in stack.split(";"))
    return f"{matched * 1000 // total / 10:.1f}%"


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
    faults.check(
        f"{where}: the zoomed frame is as wide as all", any(frame[0] == name and frame[2] - frame[1] > 1280 * 0.97 for frame in zoomed)
    )
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

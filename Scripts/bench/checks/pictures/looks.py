"""What a picture looks like, of every kind: sizes and schemes, differences, names that are markup, many stacks."""


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
                page.faults.check(
                    f"{where}: frames beyond the edge", all(left >= -1 and right <= width + 1 for _, left, right, _ in frames)
                )
                page.quiet()


def check_difference(page, widths):
    faults, where = page.faults, page.path.name
    page.open()
    faults.expect(f"{where}: widths", page.run("return document.getElementById('widths').textContent"), f"Widths: {widths}")
    lines = page.run("return [...document.querySelectorAll('svg.f title')].map((title) => title.textContent.split('\\n'))")
    faults.check(
        f"{where}: each frame has both numbers",
        all(len(line) == 4 and line[1].startswith("head: ") and line[2].startswith("base: ") for line in lines),
    )
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
        page.run(
            "document.querySelectorAll('svg.f')[arguments[0]].dispatchEvent(new PointerEvent('pointerover', { bubbles: true }))", index
        )
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

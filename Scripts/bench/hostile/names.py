"""Names that stand for longer ones."""

from bench.hostile.making import compile_program, maker


def substitution(index):
    if index == 0:
        return "S_"
    index -= 1
    digits, text = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", ""
    while True:
        text, index = digits[index % 36] + text, index // 36
        if index == 0:
            return f"S{text}_"


def doubling_name(levels):
    name = "_Z1fI1PIiiE"
    for level in range(1, levels):
        name += substitution(1) + "I" + substitution(level + 1) * 2 + "E"
    return name + "EvT_"


def base62(number):
    """Rust's numbers: "_" is 0, "0_" is 1."""
    if number == 0:
        return "_"
    number -= 1
    digits, text = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", ""
    while True:
        text, number = digits[number % 62] + text, number // 62
        if number == 0:
            return text + "_"


def rust_name(levels):
    """f::<(T, T)> where T is such a tuple of its own: each level points back at the one before twice."""
    text, last = "INvC1a1f", None
    for _ in range(levels):
        place = len(text)
        text += "Tuu" if last is None else "TB" + base62(last) + "B" + base62(last)
        text += "E"
        last = place
    return "_R" + text + "E"


@maker("program")
def plain(directory):
    compile_program(directory, "-g")


@maker("program")
def cpp_doubling(directory):
    compile_program(directory, name=doubling_name(30))


@maker("program")
def cpp_conversions(directory):
    name = "N1AcvT_IiEEv"
    for _ in range(26):
        name = "N1AcvT_IL_Z" + name + "EEEv"
    compile_program(directory, name="_Z" + name)


@maker("program")
def rust_doubling(directory):
    compile_program(directory, name=rust_name(40))


@maker("program")
def swift_doubling(directory):
    levels = 21
    letters = "".join("A" + chr(ord("E") + level) + "G" for level in range(levels - 1))
    compile_program(directory, name="$s1m1fyyAA1PVy" + "ADy" * (levels - 1) + "S2iG" + letters + "F")

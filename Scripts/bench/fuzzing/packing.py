"""Numbers as bytes."""

import struct


def u(form: str, *values: int) -> bytes:
    return struct.pack("<" + form, *values)


def uleb(value: int) -> bytes:
    out = bytearray()
    while True:
        byte, value = value & 0x7F, value >> 7
        out.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(out)

"""Changes programs."""

import struct


class Elf:
    """A 64-bit little-endian ELF file whose section headers are changed in place."""

    def __init__(self, path):
        self.path = path
        self.data = bytearray(path.read_bytes())
        (self.table,) = struct.unpack_from("<Q", self.data, 40)
        self.count, self.names = struct.unpack_from("<HH", self.data, 60)

    def header(self, index):
        return self.table + 64 * index

    def name(self, index):
        (start,) = struct.unpack_from("<Q", self.data, self.header(self.names) + 24)
        (offset,) = struct.unpack_from("<I", self.data, self.header(index))
        return self.data[start + offset : self.data.index(0, start + offset)].decode()

    def section(self, name):
        return next(index for index in range(self.count) if self.name(index) == name)

    def move_into_hole(self, name, size):
        """The section lies behind the file's end from now on, in a hole of so many bytes."""
        struct.pack_into("<QQ", self.data, self.header(self.section(name)) + 24, len(self.data), size)
        self.write(len(self.data) + size)

    def write(self, size=None):
        with open(self.path, "r+b") as file:
            file.write(self.data)
            file.truncate(len(self.data) if size is None else size)

import Glibc
import LinuxSystem
import PerfRecords

/// /sys/kernel/btf/vmlinux in memory: mapped if the kernel allows that (from 6.16 on), otherwise read as far as needed.
///
/// A read returns one page at a time, and reading all of its five megabytes takes longer than everything else that
/// starts a recording. Types that the kernel's first source files use come first, among them every struct that is
/// looked up here.
@safe
package struct KernelTypesFile: ~Copyable {
    package static let path = "/sys/kernel/btf/vmlinux"

    private let file: OwnedDescriptor
    private let base: UnsafeMutableRawPointer
    private let count: Int
    package private(set) var isComplete: Bool

    /// The largest file accepted, in bytes; no kernel's is larger.
    private static let mostBytes = 1 << 28
    /// Bytes read at first of each of its two sections, types and strings.
    private static let startSize = 1 << 18

    /// `nil` if the file cannot be read. `maps`: whether to try to map it.
    package init?(maps: Bool = true) {
        guard let file = try? OwnedDescriptor(reading: Self.path), let size = try? FileStatus(file.number).size,
            1...Self.mostBytes ~= size
        else { return nil }
        var mapped = unsafe maps ? mmap(nil, size, PROT_READ, MAP_PRIVATE, file.number, 0) : MAP_FAILED
        let isMapped = unsafe mapped != MAP_FAILED
        if !isMapped {
            unsafe mapped = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        }
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { return nil }
        unsafe self.init(file: file, base: mapped, count: size, isComplete: isMapped)
        if !isMapped { readStart() }
    }

    private init(file: consuming OwnedDescriptor, base: UnsafeMutableRawPointer, count: Int, isComplete: Bool) {
        self.file = file
        unsafe self.base = base
        self.count = count
        self.isComplete = isComplete
    }

    deinit { unsafe munmap(base, count) }

    package func withBytes<Result>(_ body: (RawSpan) -> Result) -> Result {
        unsafe body(UnsafeRawBufferPointer(start: base, count: count).bytes)
    }

    /// Reads the header, the first types and the first strings. Parts not read are zero, and parse as empty types.
    private func readStart() {
        read(0..<Self.startSize)
        guard let strings = withBytes(TypeInformation.init)?.stringsStart else { return }
        read(strings..<strings + Self.startSize)
    }

    package mutating func readAll() {
        guard !isComplete else { return }
        read(0..<count)
        isComplete = true
    }

    private func read(_ range: Range<Int>) {
        let range = range.clamped(to: 0..<count)
        var offset = range.lowerBound
        while offset < range.upperBound {
            let got = try? retryingInterrupts {
                unsafe pread(file.number, base + offset, range.upperBound - offset, offset)
            }
            guard let got, got > 0 else { return }
            offset += got
        }
    }
}

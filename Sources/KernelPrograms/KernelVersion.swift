import Glibc

/// The first two numbers of a kernel's release: "6.1.0-50-amd64" is 6.1.
package struct KernelVersion: Comparable {
    let major: Int
    let minor: Int

    package init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    package init?(release: String) {
        let numbers = release.split(separator: ".", maxSplits: 2).prefix(2).map { Int($0.prefix { $0.isNumber }) }
        guard numbers.count == 2, let major = numbers[0], let minor = numbers[1] else { return nil }
        self.init(major, minor)
    }

    package static func < (left: Self, right: Self) -> Bool { (left.major, left.minor) < (right.major, right.minor) }
}

extension KernelVersion {
    /// The running kernel's, by uname(2).
    package static var running: KernelVersion? {
        var names = utsname()
        guard unsafe uname(&names) == 0 else { return nil }
        let release = unsafe withUnsafeBytes(of: &names.release) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return KernelVersion(release: release)
    }
}

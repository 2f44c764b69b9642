/// What a control group's path says of who made it: a container's runtime (Docker, Podman, containerd, CRI-O, LXC), a
/// pod of Kubernetes or Podman, or systemd.
///
/// The path is what a machine under test chose, and so data: it may have any bytes, and may look like what it is not.
package struct ControlGroupName: Hashable, Sendable {
    /// The container's id, 64 hexadecimal digits; LXC's is a name.
    package var container: String?
    /// The pod's uid, as Kubernetes writes it, or its id, as Podman does.
    package var pod: String?
    /// systemd's unit, such as `nginx.service`.
    package var unit: String?
    /// The path itself.
    package let path: String

    /// Bytes after which a path is none: the kernel has no longer ones (PATH_MAX).
    package static let longestPath = 4096

    /// The innermost of each. A container's scope is no unit, and neither is that of a container around it.
    package init(path: String) {
        self.path = path
        let names = path.split(separator: "/").map(String.init)
        for (index, name) in names.enumerated().reversed() {
            if pod == nil { pod = Self.pod(name) }
            let above = index > 0 ? names[index - 1] : ""
            if let id = Self.container(name) ?? Self.containerOfLXC(name, below: above) {
                container = container ?? id
            } else if name.hasSuffix(".service") || name.hasSuffix(".scope") {
                unit = unit ?? name
            }
        }
    }

    /// The name of a container of LXC: `lxc.payload.NAME`; in older versions `lxc.payload/NAME` and `lxc/NAME`.
    private static func containerOfLXC(_ name: String, below directory: String) -> String? {
        if directory == "lxc" || directory == "lxc.payload" { return name }
        let prefix = "lxc.payload."
        return name.hasPrefix(prefix) && name != prefix ? String(name.dropFirst(prefix.count)) : nil
    }

    /// The id in a directory's name: `ID`, `docker-ID.scope`, `libpod-ID`, `cri-containerd-ID.scope`, `crio-ID`; `nil` for
    /// others, and for the group of Podman's monitor.
    package static func container(_ name: String) -> String? {
        guard !name.contains("conmon") else { return nil }
        let stem = name.hasSuffix(".scope") ? name.dropLast(6) : name[...]
        let id = stem.suffix(64)
        guard id.utf8.count == 64, id.utf8.allSatisfy(isDigit) else { return nil }
        let prefix = stem.dropLast(64)
        return prefix.isEmpty || prefix.hasSuffix("-") || prefix.hasSuffix(":") ? String(id) : nil
    }

    /// The uid in a directory's name: `podUID`, `kubepods-burstable-podUID.slice`, where systemd's has `_` for `-`, perhaps
    /// with a container behind it (`….slice:cri-containerd:ID`); the id in Podman's `machine-libpod_pod_ID.slice`.
    package static func pod(_ name: String) -> String? {
        let slice = name.prefix { $0 != ":" }
        let stem = slice.hasSuffix(".slice") ? slice.dropLast(6) : slice
        let id = stem.suffix(64)
        if id.utf8.count == 64, id.utf8.allSatisfy(isDigit), stem.dropLast(64).hasSuffix("libpod_pod_") {
            return String(id)
        }
        guard let last = stem.split(separator: "-").last(where: { $0.hasPrefix("pod") }),
            last.startIndex == stem.startIndex || stem.hasPrefix("kubepods")
        else { return nil }
        let uid = String(stem[last.startIndex...].dropFirst(3).map { $0 == "_" ? "-" : $0 })
        return isUID(uid) ? uid : nil
    }

    /// A UUID, or the hash that the uid of a static pod is.
    private static func isUID(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return (parts.map(\.utf8.count) == [8, 4, 4, 4, 12] || parts.map(\.utf8.count) == [32])
            && parts.allSatisfy { $0.utf8.allSatisfy(isDigit) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
    }
}

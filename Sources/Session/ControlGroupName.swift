/// What a control group's path says of who made it: a container's runtime (Docker, Podman, containerd and CRI-O) or systemd.
package struct ControlGroupName: Hashable, Sendable {
    /// The container's id, 64 hexadecimal digits.
    package var container: String?
    /// systemd's unit, such as `nginx.service`.
    package var unit: String?

    /// The innermost of each.
    package init(path: String) {
        for component in path.split(separator: "/").reversed() {
            if container == nil, let id = Self.container(String(component)) {
                container = id
            } else if unit == nil, component.hasSuffix(".service") || component.hasSuffix(".scope") {
                unit = String(component)
            }
        }
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

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
    }
}

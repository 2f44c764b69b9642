import Session
import Testing

struct ControlGroupNameTests {
    private static let id = String(repeating: "0123456789abcdef", count: 4)
    private static let other = String(repeating: "fedcba9876543210", count: 4)

    /// Paths as the runtimes make them (cgroup v2 by systemd, by cgroupfs, Kubernetes, LXC).
    @Test(
        arguments: [
            ("/system.slice/docker-\(id).scope", id, nil),
            ("/docker/\(id)", id, nil),
            ("/machine.slice/libpod-\(id).scope/container", id, nil),
            ("/libpod_parent/libpod-\(id)", id, nil),
            ("/kubepods.slice/kubepods-pod1.slice/cri-containerd-\(id).scope", id, nil),
            ("/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:\(id)", id, "containerd.service"),
            ("/sys/fs/cgroup/system.slice/nginx.service", nil, "nginx.service"),
            ("/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope", nil, "app-x.scope"),
            ("/machine.slice/libpod-conmon-\(id).scope", nil, "libpod-conmon-\(id).scope"),
            ("/docker/\(id.dropLast())", nil, nil), ("/docker/\(id.uppercased())", nil, nil),
            ("/docker/x\(id)", nil, nil),
            // A container in another: neither's scope is a unit of systemd's.
            ("/system.slice/docker-\(other).scope/docker/\(id)", id, nil),
            ("/system.slice/docker-\(other).scope/system.slice/docker-\(id).scope", id, nil),
            // systemd in a container, and a container below a unit.
            ("/machine.slice/libpod-\(id).scope/container/system.slice/cron.service", id, "cron.service"),
            ("/user.slice/user@0.service/user.slice/libpod-\(id).scope", id, "user@0.service"),
            ("/lxc.payload.web", "web", nil), ("/lxc/web/system.slice/cron.service", "web", "cron.service"),
            ("/lxc.payload/web", "web", nil), ("/lxc", nil, nil), ("/lxc.payload.", nil, nil),
            ("/lxc.monitor.web", nil, nil),
            ("", nil, nil), ("/", nil, nil), ("/../../\(id)", id, nil), ("/.scope", nil, ".scope"),
        ] as [(String, String?, String?)])
    func names(path: String, container: String?, unit: String?) {
        let name = ControlGroupName(path: path)
        #expect(name.container == container)
        #expect(name.unit == unit)
        #expect(name.path == path)
    }

    private static let uid = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"

    @Test(
        arguments: [
            ("/kubepods/burstable/pod\(uid)/\(id)", uid),
            (
                "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod\(underscored).slice/crio-\(id).scope",
                uid
            ),
            ("/kubepods.slice/kubepods-pod\(underscored).slice/cri-containerd-\(id).scope", uid),
            ("/system.slice/containerd.service/kubepods-besteffort-pod\(underscored).slice:cri-containerd:\(id)", uid),
            // The uid of a static pod.
            ("/kubepods/pod\(id.prefix(32))/\(id)", String(id.prefix(32))),
            ("/machine.slice/machine-libpod_pod_\(other).slice/libpod-\(id).scope", other),
            ("/kubepods/pod\(uid.dropLast())/\(id)", nil), ("/kubepods/podx/\(id)", nil),
            ("/system.slice/tripod\(uid)", nil), ("/system.slice/x-pod\(underscored).slice", nil), ("/pod", nil),
            ("/docker/\(id)", nil), ("/:/pod:", nil),
        ] as [(String, String?)])
    func pods(path: String, pod: String?) { #expect(ControlGroupName(path: path).pod == pod) }

    private static var underscored: String { String(uid.map { $0 == "-" ? "_" : $0 }) }

    /// Whoever may make a control group chooses its name.
    @Test(arguments: ["/\u{0}\u{1b}[31m/\u{301}\(id)", String(repeating: "/pod-", count: 800), "/e\u{301}.scope/ü-pod"])
    func oddNamesAreHarmless(path: String) { #expect(ControlGroupName(path: path).pod == nil) }
}

import Session
import Testing

struct ControlGroupNameTests {
    private static let id = String(repeating: "0123456789abcdef", count: 4)

    /// Paths as the runtimes make them (cgroup v2 by systemd, by cgroupfs, Kubernetes).
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
            ("", nil, nil), ("/", nil, nil),
        ] as [(String, String?, String?)])
    func names(path: String, container: String?, unit: String?) {
        let name = ControlGroupName(path: path)
        #expect(name.container == container)
        #expect(name.unit == unit)
    }
}

import Foundation
import Testing

@testable import Capture

struct ControlGroupSearchTests {
    private static let first = String(repeating: "ab12", count: 16)
    private static let second = String(repeating: "ab34", count: 16)

    private func root() throws -> String {
        let root = NSTemporaryDirectory() + "groups-\(UUID().uuidString)"
        for path in [
            "system.slice/docker-\(Self.first).scope/inner", "machine.slice/libpod-\(Self.second)/container",
            "machine.slice/libpod-conmon-\(Self.second)", "system.slice/nginx.service/below",
            "a/web.service", "b/web.service", "user.slice/app.scope",
        ] {
            try FileManager.default.createDirectory(atPath: root + "/" + path, withIntermediateDirectories: true)
        }
        return root
    }

    @Test func theOnlyOne() throws {
        let root = try root()
        defer { try? FileManager.default.removeItem(atPath: root) }
        func path(_ wanted: ControlGroupSearch.Wanted) throws -> String {
            String(try ControlGroupSearch.path(of: wanted, below: [root + "/nowhere", root]).dropFirst(root.count))
        }
        #expect(try path(.container("ab12")) == "/system.slice/docker-\(Self.first).scope")
        #expect(try path(.container(Self.second)) == "/machine.slice/libpod-\(Self.second)")
        #expect(try path(.unit("nginx")) == "/system.slice/nginx.service")
        #expect(try path(.unit("app.scope")) == "/user.slice/app.scope")
        #expect { try path(.unit("web")) } throws: { "\($0)".contains("2 control groups of a unit web") }
        #expect { try path(.container("ab")) } throws: { "\($0)".contains("2 control groups") }
        #expect { try path(.container("cd")) } throws: { "\($0)".contains("no control group of a container") }
    }

    @Test(arguments: ["", "ab", "AB12", "web", "../x", "ab12*"]) func noIDs(id: String) {
        #expect { try ControlGroupSearch.path(of: .container(id)) } throws: {
            "\($0)".contains("is no container's id")
        }
    }
}

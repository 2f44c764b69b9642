internal import PerfData
package import Session
package import SpawnStatistics

extension SessionOrigin {
    package init(_ session: Session) {
        let metadata = session.metadata
        self.init(
            id: metadata?.id?.text, host: metadata?.host ?? session.file.description.hostname,
            startWall: metadata?.startWall, recorder: metadata?.recorder?.text)
        if let group = metadata?.options?.cgroup.map(ControlGroupName.init(path:)) {
            (container, unit) = (group.container, group.unit)
        }
    }
}

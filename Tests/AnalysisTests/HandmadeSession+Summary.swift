import Analysis
import TestSupport

extension HandmadeSession {
    func summary(root: Int32? = 10) throws -> SessionSummary {
        try withSession(root: root) { SessionSummary($0) }
    }
}

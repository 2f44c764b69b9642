import FuzzTargets
import Testing

@Suite struct FuzzCorpusTests {
}

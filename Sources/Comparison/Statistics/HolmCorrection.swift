/// Corrects the p-values of several tests so that the chance of any false positive stays within the level: the smallest
/// is multiplied by their number, the next by one less, and so on, and none becomes less than the one before.
/// (Holm, "A simple sequentially rejective multiple test procedure", 1979)
package enum HolmCorrection {
    package static func adjusted(_ values: [Double]) -> [Double] {
        var result = values
        var largest = 0.0
        let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
        for (rank, index) in order.enumerated() {
            largest = max(largest, min(1, values[index] * Double(values.count - rank)))
            result[index] = largest
        }
        return result
    }
}

import ByteAccess
import PerfRecords

extension SessionWriter {
    /// The layout of the file; computes offsets and bytes without I/O.
    struct Layout {
        /// A feature's section in the file.
        struct Section: Hashable {
            var bit: Int
            var offset: UInt64
            var size: UInt64
        }

        static let headerSize = 104
        static let attributeEntrySize = EventAttributes.encodedSize + 16

        /// Everything before the data.
        let start: [UInt8]
        let early: [Section]
        let dataOffset: UInt64
        private let attributesSize: UInt64

        init(events: [Event], features: [Feature]) {
            let attributesSize = events.count * Self.attributeEntrySize
            self.attributesSize = UInt64(attributesSize)
            var bytes = [UInt8](repeating: 0, count: Self.headerSize)
            var idOffset = UInt64(Self.headerSize + attributesSize)
            for event in events {
                let size = UInt64(event.ids.count * 8)
                bytes += event.attributes.encoded()
                bytes.store(idOffset)
                bytes.store(size)
                idOffset += size
            }
            for event in events {
                for id in event.ids { bytes.store(id) }
            }

            bytes.pad(to: 8)
            let kept = features.filter { 0..<FeatureEncoding.Bit.count ~= $0.bit }
            bytes += SessionWriter.earlyTableMagic
            bytes.store(UInt64(kept.count))
            var offset = UInt64(bytes.count + kept.count * 24)
            var sections: [Section] = []
            for feature in kept {
                let section = Section(bit: feature.bit, offset: offset, size: UInt64(feature.payload.count))
                sections.append(section)
                bytes.store(UInt64(section.bit))
                bytes.store(section.offset)
                bytes.store(section.size)
                offset += (section.size + 7) & ~7
            }
            for feature in kept {
                bytes += feature.payload
                bytes.pad(to: 8)
            }
            bytes.pad(to: 4096)
            early = sections
            dataOffset = UInt64(bytes.count)

            let header = Self.header(
                attributesSize: self.attributesSize, dataOffset: dataOffset, dataSize: 0, bits: [])
            bytes.replaceSubrange(0..<Self.headerSize, with: header)
            start = bytes
        }

        func header(dataSize: UInt64, bits: [Int]) -> [UInt8] {
            Self.header(attributesSize: attributesSize, dataOffset: dataOffset, dataSize: dataSize, bits: bits)
        }

        /// `struct perf_file_header`.
        private static func header(attributesSize: UInt64, dataOffset: UInt64, dataSize: UInt64, bits: [Int]) -> [UInt8]
        {
            var bytes = Array("PERFILE2".utf8)
            bytes.store(UInt64(headerSize))
            bytes.store(UInt64(attributeEntrySize))
            bytes.store(UInt64(headerSize))
            bytes.store(attributesSize)
            bytes.store(dataOffset)
            bytes.store(dataSize)
            // event_types: unused since perf 3.x
            bytes.store(UInt64(0))
            bytes.store(UInt64(0))
            for word in 0..<4 {
                let mask = bits.filter { $0 / 64 == word }.reduce(UInt64(0)) { $0 | 1 << UInt64($1 % 64) }
                bytes.store(mask)
            }
            return bytes
        }

        /// The feature table at `offset`, after the data: one section per set bit, in the order of the bits, then the
        /// payloads that are not before the data.
        func finalTable(replacing features: [Feature], at offset: UInt64) -> (bytes: [UInt8], bits: [Int]) {
            let replaced = Set(features.map(\.bit))
            var sections = early.filter { !replaced.contains($0.bit) }
            var position = offset + UInt64((sections.count + features.count) * 16)
            for feature in features {
                let size = UInt64(feature.payload.count)
                sections.append(Section(bit: feature.bit, offset: position, size: size))
                position += size
            }
            sections.sort { $0.bit < $1.bit }
            var bytes: [UInt8] = []
            for section in sections {
                bytes.store(section.offset)
                bytes.store(section.size)
            }
            for feature in features { bytes += feature.payload }
            return (bytes, sections.map(\.bit))
        }
    }
}

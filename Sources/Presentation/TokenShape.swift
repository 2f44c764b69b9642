/// Secrets recognised by their form, as the issuing services document it.
enum TokenShape {
    private struct Shape {
        var prefix: [UInt8]
        /// The fewest bytes after the prefix.
        var fewest: Int
        /// Whether dots separate parts of the token.
        var hasPoints = false
        /// Whether the token must have a digit, since ordinary names begin with the same prefix.
        var hasDigit = false

        init(_ prefix: String, _ fewest: Int, hasPoints: Bool = false, hasDigit: Bool = false) {
            self.prefix = Array(prefix.utf8)
            self.fewest = fewest
            self.hasPoints = hasPoints
            self.hasDigit = hasDigit
        }
    }

    private static let shapes: [UInt8: [Shape]] = Dictionary(
        grouping: [
            // GitHub, GitLab, npm, PyPI, Docker, Hugging Face
            Shape("ghp_", 16), Shape("gho_", 16), Shape("ghu_", 16), Shape("ghs_", 16), Shape("ghr_", 16),
            Shape("github_pat_", 16), Shape("glpat-", 16), Shape("gldt-", 16), Shape("glrt-", 16), Shape("glptt-", 16),
            Shape("glsoat-", 16), Shape("npm_", 30, hasDigit: true), Shape("pypi-", 30, hasDigit: true),
            Shape("dckr_pat_", 16), Shape("hf_", 30, hasDigit: true),
            // Amazon, Google, DigitalOcean, HashiCorp's Vault, Tailscale
            Shape("AKIA", 16), Shape("ASIA", 16), Shape("AIza", 30), Shape("ya29.", 20, hasPoints: true),
            Shape("GOCSPX-", 20), Shape("dop_v1_", 30), Shape("hvs.", 20), Shape("tskey-", 16),
            // Slack, Stripe, Shopify, SendGrid, OpenAI and Anthropic
            Shape("xoxa-", 8), Shape("xoxb-", 8), Shape("xoxe-", 8), Shape("xoxe.", 8, hasPoints: true),
            Shape("xoxo-", 8),
            Shape("xoxp-", 8), Shape("xoxr-", 8), Shape("xoxs-", 8), Shape("xapp-", 8), Shape("sk_live_", 16),
            Shape("sk_test_", 16), Shape("rk_live_", 16), Shape("rk_test_", 16), Shape("shpat_", 16),
            Shape("SG.", 20, hasPoints: true), Shape("sk-", 20, hasDigit: true),
            // JSON Web Tokens (RFC 7519): base64 of `{"`, two or three parts
            Shape("eyJ", 20, hasPoints: true), Shape("AGE-SECRET-KEY-1", 16),
        ], by: { $0.prefix[0] })

    /// The end of the token that begins at `start`; `nil` if none does. `start` must not be inside a word.
    static func end(_ bytes: ArraySlice<UInt8>, _ start: Int) -> Int? {
        guard let candidates = shapes[bytes[start]] else { return nil }
        for shape in candidates where bytes[start...].starts(with: shape.prefix) {
            let body = start + shape.prefix.count
            var end = body
            while end < bytes.endIndex, isWord(bytes[end]) || (shape.hasPoints && bytes[end] == UInt8(ascii: ".")) {
                end += 1
            }
            guard end - body >= shape.fewest else { continue }
            if !shape.hasDigit || bytes[body..<end].contains(where: { (0x30...0x39).contains($0) }) { return end }
        }
        return nil
    }

    /// Whether the byte may be part of a token.
    static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }
}

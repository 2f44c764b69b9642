/// The one table of secrets: what of a command line is neither kept nor shown. `•••` stands in the place of each.
///
/// | what | examples |
/// |---|---|
/// | the value of a flag, variable, header or key that is called password, passwd, passphrase, pass, token, secret, key, apikey, credential, auth, cookie, private, or ends in such a word | `--password x`, `--password=x`, `-Dkey.storePassword=x`, `API_KEY=x`, `?token=x`, `"secret": "x"`, `Authorization: x`, `X-Api-Key: x` |
/// | short options of programs | `mysql -px`, `-p x` (also mariadb, mongo…, sshpass, and with `login`), `curl -u user:x`, `-b name=x`, `redis-cli -a x`, `ldapsearch -w x`, `smbclient -U user%x`, `7z -px`, `zip -P x` |
/// | the password in a URL, and what is as long as a token in its place | `https://user:x@host/`, `https://x@host/` |
/// | what follows `Bearer`, and private keys | `Bearer x`, `-----BEGIN PRIVATE KEY-----` |
/// | tokens known by their looks | `ghp_…`, `github_pat_…`, `glpat-…`, `AKIA…`, `xoxb-…`, `sk_live_…`, `eyJ….….…` and others (`TokenShape`) |
///
/// All of these are found inside of texts, too: `sh -c 'mysql -px'`. A name that ends in what is told about a secret is none
/// (`--key-file path`, `--token-ttl 5`, `SSH_AUTH_SOCK=…`), nor are keys that open nothing (`--sort-key`, `--public-key`), switches
/// (`--no-auth`, `--use-token`, `password=false`) and small numbers (`--pass 2`). Where a word may be either it is hidden.
///
/// Time grows with the bytes, whatever they are, and hiding twice is hiding once.
package enum Secrets {
    package static let mark = "•••"

    /// The words of a command.
    package static func hidden(in words: [String]) -> [String] {
        zip(words, CommandSecrets.ranges(in: words.map { Array($0.utf8) })).map { word, ranges in
            ranges.isEmpty ? word : String(decoding: SecretRanges.hiding(ranges, in: Array(word.utf8)), as: UTF8.self)
        }
    }

    /// Hides the secrets in words that need be no UTF-8; those without secrets stay as they are.
    package static func hidden(in words: [[UInt8]]) -> [[UInt8]] {
        zip(words, CommandSecrets.ranges(in: words)).map { SecretRanges.hiding($1, in: $0) }
    }

    /// A command line that is one text.
    package static func hidden(in text: String) -> String {
        let bytes = Array(text.utf8)
        let ranges = CommandSecrets.ranges(in: bytes[...])
        return ranges.isEmpty ? text : String(decoding: SecretRanges.hiding(ranges, in: bytes), as: UTF8.self)
    }
}

/// The one table of secrets: the parts of a command line that are neither stored nor shown. `•••` replaces each.
///
/// | what | examples |
/// |---|---|
/// | the value of a flag, variable, header or key whose name is or ends in password, passwd, passphrase, pass, token, secret, key, apikey, credential, auth, cookie or private | `--password x`, `--password=x`, `-Dkey.storePassword=x`, `API_KEY=x`, `?token=x`, `"secret": "x"`, `Authorization: x`, `X-Api-Key: x` |
/// | short options of programs | `mysql -px`, `-p x` (also mariadb, mongo…, sshpass, and with `login`), `curl -u user:x`, `-b name=x`, `redis-cli -a x`, `ldapsearch -w x`, `smbclient -U user%x`, `7z -px`, `zip -P x` |
/// | the password in a URL, or a user name long enough for a token | `https://user:x@host/`, `https://x@host/` |
/// | the word after `Bearer`, and private keys | `Bearer x`, `-----BEGIN PRIVATE KEY-----` |
/// | tokens of known form | `ghp_…`, `github_pat_…`, `glpat-…`, `AKIA…`, `xoxb-…`, `sk_live_…`, `eyJ….….…` and others (`TokenShape`) |
///
/// All of these are also found inside texts: `sh -c 'mysql -px'`. Names that end in a description of a secret are not
/// secret (`--key-file path`, `--token-ttl 5`, `SSH_AUTH_SOCK=…`), nor are keys that unlock nothing (`--sort-key`,
/// `--public-key`), switches (`--no-auth`, `--use-token`, `password=false`) and small numbers (`--pass 2`). Ambiguous
/// words are hidden.
///
/// Time is linear in the bytes, whatever they are. Hiding is idempotent.
package enum Secrets {
    package static let mark = "•••"

    /// Hides the secrets in the words of a command.
    package static func hidden(in words: [String]) -> [String] {
        zip(words, CommandSecrets.ranges(in: words.map { Array($0.utf8) })).map { word, ranges in
            ranges.isEmpty ? word : String(decoding: SecretRanges.hiding(ranges, in: Array(word.utf8)), as: UTF8.self)
        }
    }

    /// Hides the secrets in words that may be invalid UTF-8; words without secrets stay unchanged.
    package static func hidden(in words: [[UInt8]]) -> [[UInt8]] {
        zip(words, CommandSecrets.ranges(in: words)).map { SecretRanges.hiding($1, in: $0) }
    }

    /// Hides the secrets in a command line given as one text.
    package static func hidden(in text: String) -> String {
        let bytes = Array(text.utf8)
        let ranges = CommandSecrets.ranges(in: bytes[...])
        return ranges.isEmpty ? text : String(decoding: SecretRanges.hiding(ranges, in: bytes), as: UTF8.self)
    }
}

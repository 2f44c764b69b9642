import Presentation
import TestSupport
import Testing

@Suite struct SecretsTests {
    /// Words are divided by spaces, and `_` stands for a space in one; `•••` is what is hidden of `SECRET…`.
    private static func words(_ text: String) -> [String] {
        text.split(separator: " ").map { String($0.replacing("_", with: " ")) }
    }

    private static func check(_ command: String, _ hidden: String) {
        let result = Secrets.hidden(in: words(command))
        #expect(result == words(hidden), "\(command)")
        #expect(Secrets.hidden(in: result) == result, "twice: \(command)")
        #expect(!result.joined().contains("SECRET"), "\(command)")
    }

    @Test(
        arguments: [
            ("x --password SECRET -v", "x --password ••• -v"), ("x --password=SECRET y", "x --password=••• y"),
            ("x -password SECRET", "x -password •••"), ("x --passwd=SECRET", "x --passwd=•••"),
            ("x --db-pass SECRET", "x --db-pass •••"), ("x --token SECRET", "x --token •••"),
            ("x --auth-token=SECRET", "x --auth-token=•••"), ("x --client-secret SECRET", "x --client-secret •••"),
            ("x --api-key SECRET", "x --api-key •••"), ("x --apikey=SECRET", "x --apikey=•••"),
            ("x --accessKey SECRET", "x --accessKey •••"), ("x --key SECRET", "x --key •••"),
            ("x --private-key=SECRET", "x --private-key=•••"), ("x --credential SECRET", "x --credential •••"),
            ("x --passphrase SECRET_WORDS", "x --passphrase •••"), ("x --proxy-auth SECRET", "x --proxy-auth •••"),
            ("keytool -storepass SECRET -keypass SECRET", "keytool -storepass ••• -keypass •••"),
            ("x --password -SECRET1", "x --password •••"), ("x --password2 SECRET", "x --password2 •••"),
        ])
    func flagsAreKnownByTheirNames(command: String, hidden: String) { Self.check(command, hidden) }

    @Test(
        arguments: [
            ("env TOKEN=SECRET make", "env TOKEN=••• make"), ("make APIKEY=SECRET", "make APIKEY=•••"),
            ("docker run -e PGPASSWORD=SECRET_AND_MORE db", "docker run -e PGPASSWORD=••• db"),
            ("x --env=DBPASSWORD=SECRET_X", "x --env=DBPASSWORD=•••"),
            ("java -Djavax.net.ssl.keyStorePassword=SECRET", "java -Djavax.net.ssl.keyStorePassword=•••"),
            ("mount -o user=a,password=SECRET,vers=3", "mount -o user=a,password=•••,vers=3"),
            ("psql host=h_password=SECRET_user=u", "psql host=h_password=•••_user=u"),
            ("helm --set db.password=SECRET", "helm --set db.password=•••"),
            ("x Server=s;Password=SECRET;User=u", "x Server=s;Password=•••;User=u"),
            ("aws configure set aws-secret-access-key SECRET", "aws configure set aws-secret-access-key •••"),
            ("openssl -passin pass:SECRET", "openssl -passin pass:•••"),
            ("x {\"user\":\"u\",\"password\":_\"SECRET\"}", "x {\"user\":\"u\",\"password\":_\"•••\"}"),
        ])
    func variablesAndMembersAre(command: String, hidden: String) { Self.check(command, hidden) }

    @Test(
        arguments: [
            ("mysql -uroot -pSECRET db", "mysql -uroot -p••• db"), ("mysqldump -p SECRET", "mysqldump -p •••"),
            ("/usr/bin/mariadb -h h -pSECRET", "/usr/bin/mariadb -h h -p•••"),
            ("sudo docker exec c mysql -pSECRET", "sudo docker exec c mysql -p•••"),
            ("curl -u user:SECRET https://h", "curl -u user:••• https://h"), ("curl -uuser:SECRET", "curl -uuser:•••"),
            ("curl -sSu user:SECRET h", "curl -sSu user:••• h"), ("curl --user user:SECRET", "curl --user user:•••"),
            ("curl --user=user:SECRET", "curl --user=user:•••"), ("curl -b sid=SECRET h", "curl -b ••• h"),
            ("curl -H Authorization:_Basic_SECRET h", "curl -H Authorization:_••• h"),
            ("curl -HX-Api-Key:SECRET", "curl -HX-Api-Key:•••"),
            ("curl --header Cookie:_a=SECRET", "curl --header Cookie:_•••"),
            ("git -c http.extraHeader=Authorization:_SECRET", "git -c http.extraHeader=Authorization:_•••"),
            ("sshpass -p SECRET ssh -p 22 h", "sshpass -p ••• ssh -p 22 h"),
            ("sshpass -pSECRET ssh h", "sshpass -p••• ssh h"),
            ("docker login -u me -p SECRET r", "docker login -u me -p ••• r"),
            ("redis-cli -a SECRET", "redis-cli -a •••"),
            ("ldapsearch -D cn -w SECRET", "ldapsearch -D cn -w •••"), ("smbclient -U u%SECRET", "smbclient -U u%•••"),
            ("7z x -pSECRET a.7z", "7z x -p••• a.7z"), ("zip -P SECRET a", "zip -P ••• a"),
            ("lftp -u u,SECRET h", "lftp -u u,••• h"),
            ("spawnscope record --redact SECRET -- x", "spawnscope record --redact ••• -- x"),
        ])
    func optionsOfProgramsAre(command: String, hidden: String) { Self.check(command, hidden) }

    @Test(
        arguments: [
            ("git clone https://user:SECRET@host/r.git", "git clone https://user:•••@host/r.git"),
            ("x postgres://u:SECRET/SLASH@h:5432/db", "x postgres://u:•••@h:5432/db"),
            ("x redis://:SECRET@h", "x redis://:•••@h"),
            ("x --url=amqp://u:SECRET@h?x=y@z", "x --url=amqp://u:•••@h?x=y@z"),
            ("x https://SECRETSECRETSECRETSECRET@github.com", "x https://•••@github.com"),
            ("x https://h/?a=1&token=SECRET&b=2", "x https://h/?a=1&token=•••&b=2"),
            ("x a://u:SECRET@h,b://v:SECRET@i", "x a://u:•••@i"),
        ])
    func passwordsOfURLsAre(command: String, hidden: String) {
        let result = Secrets.hidden(in: Self.words(command))
        #expect(!result.joined().contains("SECRET"), "\(result)")
        #expect(hidden.hasPrefix("x a:") || result == Self.words(hidden))
        #expect(Secrets.hidden(in: result) == result)
    }

    @Test(
        arguments: [
            "ghp_" + String(repeating: "a1", count: 18), "github_pat_" + String(repeating: "a1", count: 20),
            "glpat-" + String(repeating: "a1", count: 10), "AKIAABCDEFGHIJKLMNOP", "xoxb-123456789-abcdef",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "sk_live_" + String(repeating: "a1", count: 12),
            "hf_" + String(repeating: "a1", count: 17), "ya29.a0" + String(repeating: "B", count: 30),
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4\n\nMIIE\n-----END RSA PRIVATE KEY-----",
        ])
    func tokensAreKnownByTheirLooks(token: String) {
        for text in [token, "a=\(token)", "x:\(token)", "say '\(token)'", "(\(token))"] {
            let hidden = Secrets.hidden(in: ["run", text, "more"])
            #expect(hidden[0] == "run" && hidden[2] == "more" && hidden[1].contains("•••"))
            #expect(!hidden[1].contains(token.hasPrefix("-") ? "MIIE" : token), "\(hidden)")
        }
        let text = "curl -H 'X: \(token)'"
        #expect(Secrets.hidden(in: text).contains("•••"))
    }

    @Test(
        arguments: [
            ("mysql -pSECRET db; ls -p x", "mysql -p••• db; ls -p x"),
            ("TOKEN=SECRET make test", "TOKEN=••• make test"),
            ("PASSWORD='SECRET two' make", "PASSWORD='•••' make"),
            ("a && curl -u 'u:SECRET' h | wc", "a && curl -u 'u:•••' h | wc"),
            ("x --password \"SECRET two\" -v", "x --password \"•••\" -v"),
            ("sh -c 'curl -H \"Authorization: Bearer SECRET\" h'", "sh -c 'curl -H \"Authorization: •••\" h'"),
            ("bash -lc \"mysql -p'SECRET'\"", "bash -lc \"mysql -p•••\""),
            ("curl -d \"{\\\"password\\\": \\\"SECRET\\\"}\" h", "curl -d \"{\\\"password\\\": \\\"•••\\\"}\" h"),
        ])
    func theSameInTexts(text: String, hidden: String) {
        #expect(Secrets.hidden(in: text) == hidden)
        #expect(Secrets.hidden(in: hidden) == hidden)
        for shell in [["sh", "-c"], ["/bin/bash", "-ec"], ["sudo", "su", "-c"]] {
            #expect(Secrets.hidden(in: shell + [text]) == shell + [hidden])
        }
    }

    /// What is no secret is shown.
    @Test(
        arguments: [
            "x --key-file path", "x --passes 3", "x --keyboard de", "make -j2 check", "x --password-file f -p 22",
            "ssh -p 22 h",
            "docker run -p 80:80 --name db i", "x --max-tokens 100 --tokenizer t", "x --token-type bearer",
            "x --no-password y",
            "x --author me", "env SSH_AUTH_SOCK=/run/x PWD=/home/me a", "x password=false", "x --use-token y",
            "sort --key 2,2 f",
            "openssl req -key ./server.pem -keyform PEM", "x --sort-key name", "x --public-key=abc",
            "ffmpeg -pass 1 -i x",
            "x https://user@host/a:b@c", "x http://host:8080/a@b", "git clone ssh://git@host:22/r",
            "git clone git@host:a/b",
            "x --bypass y", "x a:b", "std::string::c", "curl -u user h", "curl -o out http://h", "perf record -p 4711",
            "x -p SECRETS",
            "x --password --verbose", "x --monkey b", "npm_config_user_agent_string_is_long", "ghp_short", "eyJ",
            "bearer",
            "x --cookie-jar f", "sk-", "mysql -P 3306 -u root", "login", "tar -xzf a.tgz -C /tmp", "x CACHE_KEY=abc",
        ])
    func otherWordsStay(command: String) {
        let words = command.split(separator: " ").map(String.init)
        #expect(Secrets.hidden(in: words) == words)
        #expect(Secrets.hidden(in: command) == command)
    }

    /// What is no UTF-8 stays as it was, but for what is hidden of it.
    @Test func anyBytesAreWords() {
        let words: [[UInt8]] = [[0xff, 0xfe], Array("--password=".utf8) + [0xff, 0x80], [], Array("-".utf8)]
        #expect(Secrets.hidden(in: words) == [words[0], Array("--password=•••".utf8), [], Array("-".utf8)])
    }

    /// Nothing traps, hiding twice is hiding once, and what was there stays in order.
    @Test(arguments: 1...40)
    func randomWords(seed: UInt64) {
        var random = Xorshift(seed: seed &* 0x9e37_79b9)
        let parts = [
            "-", "--", "password", "=", ":", "//", "@", " ", "\"", "'", "\\", "token", "http", "a", "1", "-p", "mysql",
            "sh", "-c",
            "curl", "-u", ";", "&", ",", "eyJ", "Bearer ", "\n", "•••", "ghp_aaaaaaaaaaaaaaaaaaaa", "{", "}",
            "-----BEGIN ", "key",
        ]
        for _ in 0..<100 {
            let words = (0..<random.next(below: 6)).map { _ in
                (0..<random.next(below: 8)).map { _ in parts[random.next(below: parts.count)] }.joined()
            }
            let hidden = Secrets.hidden(in: words)
            #expect(hidden.count == words.count)
            #expect(Secrets.hidden(in: hidden) == hidden, "\(words)")
            let text = words.joined(separator: " ")
            _ = Secrets.hidden(in: text)
        }
    }

    /// The longest argument that Linux takes, of whatever makes the most work: a half of a second as it is not
    /// optimised. A square of it would be minutes, and the limit is a watchdog for that.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "a://", "a:", "a=", "key=./", "password=1&", "\"", "'a ", "\\\"", "://u:", "@", "eyJ.", "-----BEGIN ",
            "Bearer ", "sh -c '",
            "--password ", "login -x ", "\"password\":", "a,", "X-Key: ./\n", "key='./", ": ", "a b", "-", ",a", "\\",
        ])
    func timeIsLinear(piece: String) {
        let count = 131_072 / piece.utf8.count
        let word = String(repeating: piece, count: count)
        #expect(Secrets.hidden(in: ["sh", "-c", word, word]).count == 4)
    }
}

@Suite struct SecretPatternTests {
    @Test func matchesAreHidden() throws {
        let pattern = try SecretPattern("hunter[0-9]+|geheim")
        #expect(
            pattern.hidden(in: ["x", "-phunter22!", "geheim,geheim", "hunter"]) == ["x", "-p•••!", "•••,•••", "hunter"])
        #expect(try SecretPattern("x*").hidden(in: ["", "axxb", "b"]) == ["", "a•••b", "b"])
        #expect(try SecretPattern("ü").hidden(in: ["grün"]) == ["gr•••n"])
    }

    @Test(arguments: ["(", "[", "*", "a{2,1}", "(?<x"])
    func whatIsNoExpressionIsRefused(text: String) {
        #expect(throws: SecretPatternError.self) { try SecretPattern(text) }
    }

    /// One that goes back and forth does not keep a recording waiting: what it does not come to is hidden.
    @Test func timeIsBounded() throws {
        let word = Array(String(repeating: "ab", count: 65536).utf8)
        let pattern = try SecretPattern("b{3}")
        func hidden(after pieces: Int) -> [String] {
            var asked = 0
            let hidden = pattern.hidden(in: [word, Array("more".utf8)]) {
                asked += 1
                return asked > pieces
            }
            return hidden.map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(hidden(after: 0) == ["•••", "•••"])
        // Pieces overlap by a half.
        let start = String(repeating: "ab", count: 3 * SecretPattern.piece / 4)
        #expect(hidden(after: 3) == [start + "•••", "•••"])
        #expect(hidden(after: .max) == [String(decoding: word, as: UTF8.self), "more"])
    }

    /// By the clock: an expression whose time grows by the third power of a piece, on many of them.
    @Test(.timeLimit(.minutes(1))) func theClockEndsIt() throws {
        let word = String(repeating: "ab", count: 1 << 20)
        #expect(try SecretPattern("a.*b.*c.*d").hidden(in: [word, "more"])[1] == "•••")
    }

    /// Wherever it stands in a long word, and whatever its bytes are.
    @Test func longWordsAreLookedAtInPieces() throws {
        let pattern = try SecretPattern("hunter2")
        for place in [0, 250, 255, 256, 506, 510, 512, 760, 9000] {
            let word = String(repeating: "a", count: place) + "hunter2" + String(repeating: "b", count: 5000)
            #expect(pattern.hidden(in: [word]) == [word.replacing("hunter2", with: "•••")], "\(place)")
        }
        #expect(pattern.hidden(in: [[0xff] + Array("hunter2".utf8)]) == [Array("•••".utf8)])
        #expect(pattern.hidden(in: [[0xff, 0x61]]) == [[0xff, 0x61]])
    }
}

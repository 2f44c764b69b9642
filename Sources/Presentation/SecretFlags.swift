/// Short options that take secrets, by program, since their names do not show it; other words that affect what follows.
enum SecretFlags {
    enum Value {
        /// The whole value.
        case whole
        /// The part after the first such byte: `user:password`.
        case behind(UInt8)
        /// The whole value if it has a `=`: a cookie. Otherwise it names a file.
        case cookie
    }

    struct Option {
        var letter: UInt8
        var value: Value
        var form = Form.either
    }

    enum Form {
        /// `-pSECRET`, `-p SECRET`.
        case either
        /// Only `-pSECRET`: a bare `-p` makes the program prompt for it.
        case attached
        /// Only `-p SECRET`: other options begin with the same letter.
        case apart
    }

    /// `-p` after the word `login`: `docker login -p …`.
    static let login = [option("p")]

    /// How a word determines the meaning of later ones.
    enum Role {
        case program([Option])
        /// A shell, which takes a command line after `-c`.
        case shell
        /// A `login` subcommand, as in `docker login`.
        case login
        /// A `set` subcommand: `npm config set NAME VALUE`.
        case set
    }

    /// The role of a word, by its file name; `nil` if it has none.
    static func role(of name: String) -> Role? {
        if let known = roles[name] { return known }
        if name.hasPrefix("ldap") { return .program([option("w")]) }
        return name.hasPrefix("snmp") ? .program([option("A"), option("X"), option("c")]) : nil
    }

    private static func option(_ letter: Unicode.Scalar, _ value: Value = .whole, _ form: Form = .either) -> Option {
        Option(letter: UInt8(ascii: letter), value: value, form: form)
    }

    private static let roles: [String: Role] = {
        var all: [String: Role] = ["login": .login, "set": .set]
        func add(_ programs: String, _ options: Option...) {
            for program in programs.split(separator: " ") { all[String(program)] = .program(options) }
        }
        let colon = UInt8(ascii: ":")
        add("mysql mysqldump mysqladmin mysqlimport mysqlshow mysqlcheck mysqlpump mysqlslap mycli", option("p"))
        add("mariadb mariadb-dump mariadb-admin mariadb-import mariadb-show mariadb-check", option("p"))
        add("mongo mongosh mongodump mongorestore mongoimport mongoexport sshpass useradd usermod", option("p"))
        add("curl", option("u", .behind(colon)), option("U", .behind(colon)), option("b", .cookie))
        add("http https xh", option("a", .behind(colon)))
        add("ab", option("A", .behind(colon)), option("P", .behind(colon)))
        add("smbclient rpcclient smbget", option("U", .behind(UInt8(ascii: "%"))))
        add("lftp", option("u", .behind(UInt8(ascii: ","))))
        add("redis-cli", option("a"))
        add("sqlcmd bcp osql zip unzip ipmitool", option("P"))
        add("7z 7za 7zr 7zz rar unrar", option("p", .whole, .attached))
        add("openssl", option("k", .whole, .apart))
        // Programs that sshpass, for example, runs: their own options replace its options.
        add("ssh scp sftp rsync")
        let shells = "sh bash dash zsh ksh mksh ash fish busybox su runuser script flock"
        for shell in shells.split(separator: " ") { all[String(shell)] = .shell }
        return all
    }()
}

/// Programs whose short options take secrets, which no name tells, and other words that tell what follows.
enum SecretFlags {
    enum Value {
        /// All of it.
        case whole
        /// What follows the first of these: `user:password`.
        case behind(UInt8)
        /// A cookie is `name=value`; without that it is a file.
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
        /// The first alone: without more it asks for it.
        case attached
        /// The second alone: other options begin with the same letter.
        case apart
    }

    /// `-p` of whatever logs in: `docker login -p …`.
    static let login = [option("p")]

    /// What a word makes of those behind it.
    enum Role {
        case program([Option])
        /// It takes a command line behind `-c`.
        case shell
        /// `docker login`.
        case login
        /// `npm config set NAME VALUE`
        case set
    }

    /// By a word's name.
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
        // What sshpass, for one, is given to run.
        add("ssh scp sftp rsync")
        let shells = "sh bash dash zsh ksh mksh ash fish busybox su runuser script flock"
        for shell in shells.split(separator: " ") { all[String(shell)] = .shell }
        return all
    }()
}

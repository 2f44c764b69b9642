import TestSupport
import Testing

@testable import Symbolication

private func text(_ bytes: [UInt8]?) -> String { bytes.map { String(decoding: $0, as: UTF8.self) } ?? "-" }

@Suite struct NameTests {
    /// Mangled, as perf demangles it, readable. `-`: left as it is.
    @Test(
        arguments: [
            ("main", "-", "-"),
            ("_Z4spinl", "spin", "spin"),
            ("_ZN12_GLOBAL__N_14spinEl", "(anonymous namespace)::spin", "(anonymous namespace)::spin"),
            ("_ZN3BoxIiEclEl", "Box<int>::operator()", "Box<int>::operator()"),
            ("_ZN3BoxIiEptEv", "Box<int>::operator->", "Box<int>::operator->"),
            ("_Z3foov.cold", "foo", "foo"),
            // Rust, the older and the newer mangling.
            (
                "_ZN4core3fmt9Formatter3pad17h0123456789abcdefE", "core::fmt::Formatter::pad",
                "core::fmt::Formatter::pad"
            ),
            ("_RNvC6_123foo3bar", "123foo::bar", "123foo::bar"),
            // OCaml and Java.
            ("camlFoo__bar_12", "Foo.bar_12", "Foo.bar_12"), ("camlFoo__$2b_1", "Foo.+_1", "Foo.+_1"),
            ("camlnope", "-", "-"),
            ("Ljava/lang/Object;hash(I[JLx/Y;)V", "java.lang.Object.hash(int, long[], x.Y)", "-"),
            ("f(", "-", "-"), ("x(y)", "-", "-"),
            // Swift is beyond perf.
            ("$s4main3fooyyF", "-", "main.foo()"),
            ("$s4main3BoxV3add_2toS2i_SitKF", "-", "main.Box.add(_:to:)"),
            ("$s4main3BoxV5valueSivg", "-", "main.Box.value.getter"),
            ("$s4main3fooyyFyycfU_", "-", "closure #1 in main.foo()"),
            ("_T04main3fooyyF", "-", "main.foo()"),
            // Broken ones.
            ("_Z", "-", "-"), ("_ZN", "-", "-"), ("$s", "-", "$s"), ("_R", "-", "-"), ("", "-", "-"),
        ] as [(String, String, String)])
    func demangling(mangled: String, perf: String, readable: String) {
        #expect(text(Demangler.perf(Array(mangled.utf8)[...])) == perf)
        #expect(text(Demangler.readable(Array(mangled.utf8)[...])) == readable)
    }

    @Test func longNamesStay() {
        let name = Array("_Z".utf8) + Array(repeating: UInt8(ascii: "P"), count: 100_000) + Array("i".utf8)
        #expect(Demangler.perf(name[...]) == nil)
        #expect(Demangler.readable(name[...]) == nil)
    }

    /// Damaged manglings of every kind: an answer each time.
    @Test func damagedManglings() {
        let seed = RandomSeed.ofThisRun
        var random = Xorshift(seed: seed)
        let originals = [
            "_ZN3BoxIiEclEl", "_RNvC6_123foo3bar", "$s4main3BoxV3add_2toS2i_SitKF", "camlFoo__$2b_1", "La/B;c([I)V",
        ]
        for _ in 0..<4000 {
            var name = Array((originals.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: name.indices, using: &random)
                name[index] = UInt8.random(in: 1...255, using: &random)
            }
            if let result = Demangler.perf(name[...]) { #expect(result.count < 4096, "seed \(seed)") }
            if let result = Demangler.readable(name[...]) { #expect(result.count < 4096, "seed \(seed)") }
        }
    }

    /// What perf prints as symbol and DSO, and what the Perl script makes of it; `-`: nothing.
    @Test(
        arguments: [
            ("main", "/bin/x", "main"),
            (nil, "/usr/bin/bash", "[bash]"), (nil, "[unknown]", "[unknown]"),
            (nil, "[kernel.kallsyms]", "[[kernel.kallsyms]]"),
            (nil, "/tmp/perf-12.map", "[perf-12.map]"), (nil, "//anon", "[anon]"), (nil, "[vdso]", "[[vdso]]"),
            (nil, "/memfd:jit (deleted)", "[unknown] "),
            ("f(int)", "/x", "f"), ("(anonymous namespace)::f", "/x", "-"),
            ("a::(anonymous namespace)::f(int)", "/x", "a::(anonymous namespace)::f"),
            ("net/http.(*Client).Do", "/x", "net/http.(*Client).Do"),
            ("Lorg/x/Y;.call(Lz;)V", "/x", "Lorg/x/Y:.call"),
            ("RegExp:[\"&']", "/x", "RegExp:[&]"),
            ("a->b", "/x", "a;b_[i]"), ("a->b_[i]->c", "/x", "a;b_[i];c_[i]"), ("T::operator->", "/x", "T::operator"),
            ("->a", "/x", ";a_[i]"), ("->", "/x", "-"), ("[unknown]", "/x/lib.so", "[lib.so]"),
        ] as [(String?, String, String)])
    func folding(symbol: String?, dso: String, folded: String) {
        #expect(text(FoldedNames.perf(symbol: symbol.map { Array($0.utf8) }, dso: Array(dso.utf8))) == folded)
    }

    @Test func javaLosesItsL() {
        #expect(FoldedNames.java("Lorg/x/Y:.call") == "org/x/Y:.call")
        #expect(FoldedNames.java("List") == "List")
        #expect(FoldedNames.java("La/b;Lc_[i]") == "a/b;Lc_[i]")
    }

    /// Nothing that a name holds may break a line, a stack or a terminal.
    @Test(
        arguments: [
            ("plain", "plain"), ("a;b\nc", "a:b\\u{a}c"), ("x\u{1B}[31m", "x\\u{1b}[31m"),
            ("a\u{85}b\u{2028}c\u{202E}", "a\\u{85}b\\u{2028}c\\u{202e}"),
            ("clock_gettime@@GLIBC_2.17", "clock_gettime"), ("memcpy@GLIBC_2.2.5", "memcpy"), ("puts@plt", "puts@plt"),
            ("_Z4spinl@plt", "spin@plt"), ("@plt", "@plt"), ("größe", "größe"),
        ] as [(String, String)])
    func bestNames(raw: String, name: String) {
        #expect(FoldedNames.best(symbol: Array(raw.utf8)[...]) == name)
    }

    @Test(
        arguments: [
            ("/usr/lib/libc.so.6", "[libc.so.6]"), ("[vdso]", "[vdso]"), ("/x/y (deleted)", "[y]"), ("/a;b", "[a:b]"),
            ("/", "[/]"),
        ] as [(String, String)])
    func bestUnknowns(path: String, name: String) {
        #expect(FoldedNames.best(unknownIn: path) == name)
    }
}

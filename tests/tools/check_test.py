"""Each check of tools/check finds the fault that it is there for, and passes the same tree without it."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tools" / "check"))
sys.dont_write_bytecode = True

import documents  # noqa: E402
import functions  # noqa: E402
import headers  # noqa: E402
import includes  # noqa: E402
import leftovers  # noqa: E402
import sizes  # noqa: E402
from tree import Tree  # noqa: E402

PUBLIC = '/// A header.\n#pragma once\nnamespace [[gnu::visibility("default")]] rondo {\n}\n'


def long_function(lines):
    return "void f() {\n" + "  g();\n" * (lines - 2) + "}\n"


class CheckTest(unittest.TestCase):
    def faults_of(self, check, files):
        with tempfile.TemporaryDirectory() as root:
            for name, text in files.items():
                path = Path(root, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return [str(fault) for fault in check.check(Tree(root))]

    def assert_fault(self, check, files, *parts):
        """Exactly one fault, which mentions all parts."""
        faults = self.faults_of(check, files)
        self.assertEqual(len(faults), 1, faults)
        for part in parts:
            self.assertIn(part, faults[0])

    def assert_clean(self, check, files):
        self.assertEqual(self.faults_of(check, files), [])


class Includes(CheckTest):
    def test_lower_levels_and_the_module_itself_may_be_included(self):
        self.assert_clean(includes, {"src/ops/a.cpp": '#include "ops/b.h"\n#include "tensor/c.h"\n#include <rondo/ops.h>\n'})

    def test_a_higher_level_may_not(self):
        self.assert_fault(includes, {"src/tensor/a.cpp": '\n#include "ops/b.h"\n'}, "src/tensor/a.cpp:2", "level 4")

    def test_another_module_of_the_same_level_may_not(self):
        self.assert_fault(includes, {"src/data/a.h": '#include "autograd/b.h"\n'}, "autograd/b.h")

    def test_public_headers_have_levels_too(self):
        self.assert_fault(includes, {"src/base/a.cpp": "#include <rondo/model.h>\n"}, "rondo/model.h", "level 7")
        self.assert_fault(includes, {"include/rondo/tensor.h": "#include <rondo/nn.h>\n"}, "rondo/nn.h")

    def test_public_headers_in_a_folder_belong_where_it_does(self):
        self.assert_clean(includes, {"include/rondo/layers/train.h": "#include <rondo/layers/model.h>\n",
                                     "include/rondo/tasks/layers.h": "#include <rondo/model.h>\n"})
        self.assert_fault(includes, {"include/rondo/layers/base.h": "#include <rondo/data/error.h>\n"}, "data/error.h", "level 3")
        self.assert_fault(includes, {"src/base/a.cpp": "#include <rondo/tasks/layers.h>\n"}, "level 9")
        self.assert_fault(includes, {"include/rondo/misc/layers.h": ""}, "belongs to no level")
        self.assert_fault(includes, {"src/nn/a.cpp": "#include <rondo/misc/layers.h>\n"}, "belongs to no level")

    def test_public_headers_include_no_third_party(self):
        self.assert_fault(includes, {"include/rondo/data.h": "#include <nlohmann/json.hpp>\n"}, "nlohmann")
        self.assert_fault(includes, {"include/rondo/data.h": "#include <zlib.h>\n"}, "zlib.h")

    def test_users_see_no_internal_headers(self):
        for path in ("include/rondo/data.h", "examples/a.cpp"):
            self.assert_fault(includes, {path: '#include "base/json.h"\n'}, path, "internal")
        self.assert_clean(includes, {"apps/rondo/a.cpp": '#include "base/json.h"\n#include "help.h"\n'})

    def test_an_unknown_place_is_asked_for_its_level(self):
        self.assert_fault(includes, {"src/misc/a.cpp": ""}, "level")
        self.assert_fault(includes, {"src/nn/a.cpp": "#include <rondo/misc.h>\n"}, "rondo/misc.h", "level")


class Functions(unittest.TestCase):
    def names(self, text):
        return [(found.name, found.length) for found in functions.functions(text)]

    def test_functions_of_every_kind_are_found(self):
        self.assertEqual(self.names("int f(int a = 3) { return a; }"), [("f", 1)])
        self.assertEqual(self.names("namespace n {\nclass [[x]] A : B {\n public:\n  A() : a_{1}, b_(2) {\n  }\n};\n}"),
                         [("A", 2)])
        self.assertEqual(self.names("template <class T = int>\nauto A::g(T) const -> B<T> {\n}\n"), [("A::g", 3)])
        self.assertEqual(self.names("B::B() : x({.n = 1}),\n y() {\n}\nvoid f() {}"), [("B::B", 3), ("f", 1)])
        self.assertEqual(self.names("bool operator==(A a, A b) {\n}"), [("operator==", 2)])

    def test_what_is_no_function_is_not(self):
        self.assertEqual(self.names("enum class E : int { a, b };\nint a[] = {1, 2};\nA b{f(1)};\n"
                                    "struct S { int x{2}; S() = default; };\nauto l = [](int x) { return x; };"), [])

    def test_braces_in_comments_strings_and_directives_do_not_count(self):
        self.assertEqual(self.names('void f() {\n  // {\n  g("{", \'{\', R"({)", 1\'000);\n}\n#define X {\nvoid h() {}'),
                         [("f", 4), ("h", 1)])


class Sizes(CheckTest):
    def test_functions(self):
        self.assert_clean(sizes, {"src/base/a.cpp": long_function(60)})
        self.assert_fault(sizes, {"src/base/a.cpp": "\n" + long_function(61)}, "src/base/a.cpp:2", "function f of 61")
        body = "def f():\n" + "    g()\n" * 60
        self.assert_fault(sizes, {"tools/a.py": body}, "function f of 61")

    def test_files(self):
        for path, limit in (("include/rondo/a.h", 300), ("src/base/a.cpp", 500), ("dev", 500)):
            self.assert_clean(sizes, {path: "\n" * limit})
            self.assert_fault(sizes, {path: "\n" * (limit + 1)}, path, str(limit))
        self.assert_fault(sizes, {"data.bin": "x" * ((1 << 20) + 1)}, "1 MiB")

    def test_listed_exceptions_are_allowed_up_to_what_they_say(self):
        listed = {"docs/design.md": "- `a.cpp` `f`: 70 lines, a table\n"}
        self.assert_clean(sizes, {"a.cpp": long_function(70), **listed})
        self.assert_fault(sizes, {"a.cpp": long_function(71), **listed}, "function f of 71")
        self.assert_fault(sizes, {"a.cpp": long_function(5), **listed}, "needless")
        self.assert_clean(sizes, {"a.cpp": "\n" * 510, "docs/design.md": "- `a.cpp`: 510 lines, a table\n"})


class Headers(CheckTest):
    def test_a_header_in_order_passes(self):
        self.assert_clean(headers, {"include/rondo/a.h": PUBLIC, "src/base/b.h": "// B.\n#pragma once\nnamespace rondo {\n}\n"})

    def test_what_each_needs(self):
        path = "include/rondo/a.h"
        self.assert_fault(headers, {path: PUBLIC.replace("#pragma once", "")}, "#pragma once")
        self.assert_fault(headers, {path: PUBLIC.replace("/// A header.", "")}, "comment")
        self.assert_fault(headers, {path: PUBLIC.replace(' [[gnu::visibility("default")]]', "")}, "hidden")
        self.assert_fault(headers, {path: PUBLIC + "#define A 1\n"}, "macro")
        self.assert_fault(headers, {path: PUBLIC + "using namespace std;\n"}, "using namespace")


class Documents(CheckTest):
    def test_links(self):
        files = {"docs/a.md": "[b](../b.md#two-words) [c](https://x.y) [d](#here)\n# Here\n", "b.md": "## Two words\n"}
        self.assert_clean(documents, files)
        self.assert_fault(documents, {**files, "b.md": "## Two\n"}, "docs/a.md:1", "no such heading")
        self.assert_fault(documents, {"a.md": "\n[b](b.md)\n"}, "a.md:2", "there is no b.md")
        quoted = {"a.md": "see `src/x.cpp` and `src/NAME/y.cpp`\n", "src/x.cpp": ""}
        self.assert_clean(documents, quoted)
        self.assert_fault(documents, {"a.md": quoted["a.md"]}, "a.md:1", "there is no src/x.cpp")

    def test_readmes_have_the_same_commands(self):
        english = "One\n```sh\n./dev demo  # try it\n```\n"
        self.assert_clean(documents, {"README.md": english, "README.zh.md": english.replace("One", "一").replace("try it", "试")})
        self.assert_fault(documents, {"README.md": english, "README.zh.md": english.replace("demo", "test")}, "README.zh.md:3")
        self.assert_fault(documents, {"README.md": english + english, "README.zh.md": english}, "README.md has 2")
        self.assert_fault(documents, {"README.md": english}, "README.zh.md: missing")


class Leftovers(CheckTest):
    def test_each_is_found(self):
        self.assert_clean(leftovers, {"a.md": "framework/x build/wo" "rk/x a TODOs\n"})
        self.assert_fault(leftovers, {"a.cpp": "\n// TO" "DO: more\n"}, "a.cpp:2", "note")
        self.assert_fault(leftovers, {"a.md": "see /ho" "me/me/x\n"}, "machine")
        self.assert_fault(leftovers, {"a.h": "}  // namespace g" "nu::visibility\n"}, "namespace rondo")


if __name__ == "__main__":
    unittest.main()

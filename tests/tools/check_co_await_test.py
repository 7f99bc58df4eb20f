"""tools/check-co-await: each of its rules fires, and lets pass what g++ 12 compiles well."""

import os
import subprocess
import sys
import tempfile
import unittest

from load_tool import TOOLS, load_tool

co_await = load_tool("check-co-await")


def body(statements):
    return "Task<> f() {\n" + statements + "\n}\n"


GOOD = {
    "alone": "co_await f(a);",
    "with a result": "T x = co_await f(a);",
    "assigned": "x = co_await f(a);",
    "returned": "co_return co_await f(a);",
    "cast away": "T x = co_await static_cast<A&&>(a).b<int>(c[0]);",
    "block before it": "if (x) {\n  co_await f(a);\n} else {\n  co_await g();\n}",
    "branch without braces": "if (x) co_await f(a);\nelse co_await g();",
    "body of loops": "for (auto& x : xs) co_await f(x);\nwhile (y) co_await g();\ndo { co_await h(); } while (z);",
    "after a label": "switch (x) {\n  case A::b:\n    co_await f();\n    break;\n  default: co_await g();\n}",
    "try block": "try {\n  co_await f();\n} catch (const Failure& failure) {\n  x = failure;\n}",
    "braces and ? in the neighbourhood": "T y{1, 2};\nint z = y ? 1 : 2;\nco_await f(y, z);",
    "lambda that captures nothing": "scope.spawn([](A a) -> Task<> { co_await a.f(); }(a));",
    "capturing lambda that is no coroutine": "timer.once(d, [&stream] { stream.close(); });",
    "subscript": "T x = co_await f(list[i]);",
    "in a comment": "// if (co_await f()) { }\n/* co_await ? */ g();",
    "in a string": 'g("if (co_await f()) ?", R"(co_await {})");',
    "co_await within a lambda's own statement": "g([](A a) -> Task<> {\n  T x = co_await a;\n  co_return;\n}(b), T{1});",
}

BAD = {
    "if": ("if (co_await f()) g();", "header of if"),
    "if with initialiser": ("if (T x = co_await f(); x) g();", "header of if"),
    "if constexpr": ("if constexpr (co_await f()) g();", "header of if"),
    "while": ("while (co_await f()) g();", "header of while"),
    "do while": ("do { g(); } while (co_await f());", "header of while"),
    "for": ("for (int i = 0; i < co_await f(); ++i) g();", "header of for"),
    "range for": ("for (auto x : co_await f()) g();", "header of for"),
    "switch": ("switch (co_await f()) { case 1: break; }", "header of switch"),
    "braced aggregate": ("co_await f(T{1, 2});", "`{`"),
    "designated initialiser": ("T t = co_await f({.a = 1});", "`{`"),
    "aggregate of a result": ("T t{co_await f()};", "`{`"),
    "conditional operator": ("co_await f(a ? b : c);", "`?`"),
    "conditional await": ("T x = a ? co_await f() : d;", "`?`"),
    "lambda with captures in the statement": ("co_await f([a] { return a; });", "a lambda with captures"),
    "reference captures in the statement": ("co_await f([&] { return a; });", "a lambda with captures"),
    "coroutine lambda": ("auto g = [a]() -> Task<> { co_await a; };", "coroutine captures"),
    "coroutine lambda by reference": ("g([&](int i) -> Task<> { co_return; });", "coroutine captures"),
    "coroutine lambda with this": ("g([this] { co_yield 1; });", "coroutine captures"),
    "coroutine lambda, nested block": ("g([a] { if (a) { co_await a; } });", "coroutine captures"),
    "argument": ("f(co_await g());", "larger expression"),
    "macro of a test": ("EXPECT_EQ(co_await f(), 1);", "larger expression"),
    "operand": ("T x = a && co_await f();", "larger expression"),
    "in a lambda's body": ("g([](A a) -> Task<> { if (co_await a) b(); }(c));", "header of if"),
}

TASK_DEFAULTS_GOOD = (
    "Task<> f(int a = 1, bool b = false, A* c = nullptr);",
    "Task<Reply> f(Command c, Cancel& cancel, Millis patience = Millis(0));",
    "class A {\n public:\n  Task<> f(std::string a);\n  void g(std::string a = {});\n};",
)
TASK_DEFAULTS_BAD = (
    'Task<> f(std::string a = "x");',
    "class A {\n public:\n  Task<std::vector<int>> f(int a, Options b = Options());\n};",
    "Task<> A::f(std::vector<int> a = {}) { co_return; }",
    "static Task<> f(int a, std::map<int, int> b = {});",
)


class CoAwait(unittest.TestCase):
    def test_lets_pass_what_is_allowed(self):
        for name, statements in GOOD.items():
            with self.subTest(name):
                self.assertEqual(co_await.check("a.cc", body(statements)), [])

    def test_refuses_what_is_not_and_says_where(self):
        for name, (statements, word) in BAD.items():
            with self.subTest(name):
                found = co_await.check("a.cc", body(statements))
                self.assertTrue(any(word in what for _, what in found), f"{statements}: {found}")
                self.assertEqual({line for line, _ in found}, {2})

    def test_refuses_default_arguments_of_class_type_on_tasks(self):
        for source in TASK_DEFAULTS_GOOD:
            with self.subTest(source):
                self.assertEqual(co_await.check("a.h", source), [])
        for source in TASK_DEFAULTS_BAD:
            with self.subTest(source):
                found = co_await.check("a.h", source)
                self.assertEqual(len(found), 1, found)
                self.assertIn("default argument", found[0][1])

    def test_finds_its_way_through_declarations(self):
        source = """
namespace a::b {
template <class T>
class [[nodiscard]] C : public D<T> {
 public:
  C() : x_{1}, y_(2) {}
  explicit C(int x) noexcept : x_{x} { start({1, 2}); }
  int f() const { return x_ ? 1 : 2; }
  auto g() -> Task<T> { co_return co_await h(); }
 private:
  enum class E : int { one, two };
  int x_ = 0;
  std::map<int, int> m_{{1, 2}, {3, 4}};
} instance;
}  // namespace a::b
Task<> bad() { co_await f(T{}); }
"""
        self.assertEqual([line for line, _ in co_await.check("a.h", source)], [16])

    def test_the_line_is_that_of_the_await(self):
        source = body("g();\n\n/* two\nlines */\nif (a &&\n    co_await f()) g();")
        self.assertEqual([line for line, _ in co_await.check("a.cc", source)], [7])

    def test_the_script_prints_the_place_and_fails(self):
        with tempfile.TemporaryDirectory() as root:
            path = os.path.join(root, "a.cc")
            with open(path, "w", encoding="utf-8") as file:
                file.write(body("while (co_await f()) g();"))
            command = [sys.executable, os.path.join(TOOLS, "check-co-await"), root]
            bad = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(bad.returncode, 1)
            self.assertTrue(bad.stdout.startswith("a.cc:2: "), bad.stdout)
            with open(path, "w", encoding="utf-8") as file:
                file.write(body("co_await f();"))
            good = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual((good.returncode, good.stdout), (0, ""))


if __name__ == "__main__":
    unittest.main()

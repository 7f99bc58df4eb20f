// What can be seen of the status page without a browser; tools/screenshots looks at it with one.
#include "supervisor/status_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "supervisor/page_source.h"
#include "tests/support/child_process.h"

namespace ryumem {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  const std::size_t end = text.find(to, at);
  return at == text.npos || end == text.npos
             ? ""
             : text.substr(at + from.size(), end - at - from.size());
}

TEST(StatusPage, IsOneTextThatLoadsNothingElse) {
  const HttpAnswer page = status_page();
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_THAT(page.body, AllOf(HasSubstr("<!doctype html>"), Not(HasSubstr("@STYLE@")),
                               Not(HasSubstr("@SCRIPT@")), HasSubstr("prefers-color-scheme: dark"),
                               HasSubstr("width=device-width")));
  for (const char* outside : {"https://", "//cdn", "<link rel=\"stylesheet\"", "src=\"", "@import"})
    EXPECT_THAT(page.body, Not(HasSubstr(outside)));
}

TEST(StatusPage, MakesNoMarkupOfText) {
  const std::string script(page_source("page.js"));
  for (const char* way : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
                          "setAttribute(\"style", "setAttribute(\"on"})
    EXPECT_THAT(script, Not(HasSubstr(way)));
}

// The digests as another program works them out from what a browser sees.
TEST(StatusPage, LetsOnlyItsOwnScriptAndStyleBeUsed) {
  const HttpAnswer page = status_page();
  EXPECT_THAT(page.more_headers,
              AllOf(HasSubstr("default-src 'none'"), HasSubstr("frame-ancestors 'none'"),
                    HasSubstr("connect-src 'self'"), Not(HasSubstr("unsafe"))));
  const test::TempDir folder;
  const auto digest = [&](const std::string& text) {
    const std::string file = folder.write("text", text);
    test::ChildProcess openssl(
        {"sh", "-c", "openssl dgst -sha256 -binary <" + file + " | openssl base64"});
    EXPECT_EQ(openssl.wait(Seconds(30)), 0);
    return "'sha256-" + openssl.out().substr(0, 44) + "'";
  };
  EXPECT_THAT(page.more_headers,
              HasSubstr("script-src " + digest(between(page.body, "<script>", "</script>")) + ";"));
  EXPECT_THAT(page.more_headers,
              HasSubstr("style-src " + digest(between(page.body, "<style>", "</style>")) + ";"));
}

}  // namespace
}  // namespace ryumem

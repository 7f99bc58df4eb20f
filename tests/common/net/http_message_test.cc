#include "common/net/http_message.h"

#include <gtest/gtest.h>

#include "common/base/failure.h"

namespace ryumem {
namespace {

constexpr std::string_view kPost =
    "POST /internal/a%20b?x=1&y=%26&z HTTP/1.1\r\nHost: here\r\nX-Key:  some key \r\n"
    "content-LENGTH: 7\r\n\r\n{\"a\":1}";
constexpr std::string_view kChunked =
    "PUT /up HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n"
    "4\r\nwiki\r\n0A;name=value\r\n0123456789\r\n0\r\n\r\n";
constexpr std::string_view kGet = "GET /metrics HTTP/1.1\r\n\r\n";

HttpLimits limits(std::size_t head, std::size_t body) {
  HttpLimits out;
  out.head = head;
  out.body = body;
  return out;
}

void expect_post(const HttpQuery& query) {
  EXPECT_EQ(query.method, "POST");
  EXPECT_EQ(query.path, "/internal/a b");
  EXPECT_EQ(query.params, (std::map<std::string, std::string>{{"x", "1"}, {"y", "&"}, {"z", ""}}));
  EXPECT_EQ(query.header("x-key"), "some key");
  EXPECT_EQ(query.header("none"), "");
  EXPECT_EQ(query.body, "{\"a\":1}");
}

void expect_chunked(const HttpQuery& query) {
  EXPECT_EQ(query.method, "PUT");
  EXPECT_EQ(query.body, "wiki0123456789");
}

void expect_refused(std::string_view bytes, HttpLimits within = HttpLimits()) {
  HttpParser parser(within);
  parser.feed(bytes);
  try {
    const std::optional<HttpQuery> query = parser.next();
    ADD_FAILURE() << (query ? "accepted: " : "waits for more: ") << bytes.substr(0, 80);
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), Kind::rejected);
    EXPECT_STRNE(failure.what(), "");
  }
}

TEST(HttpParser, ReadsARequest) {
  HttpParser parser{HttpLimits()};
  EXPECT_FALSE(parser.next());
  EXPECT_TRUE(parser.idle());
  parser.feed(kPost);
  EXPECT_FALSE(parser.idle());
  const std::optional<HttpQuery> query = parser.next();
  ASSERT_TRUE(query);
  expect_post(*query);
  EXPECT_TRUE(parser.idle());
  EXPECT_FALSE(parser.next());
}

TEST(HttpParser, ReadsARequestWhereverItIsCut) {
  for (const std::string_view whole : {kPost, kChunked, kGet})
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
      HttpParser parser{HttpLimits()};
      parser.feed(whole.substr(0, cut));
      ASSERT_FALSE(parser.next()) << cut;
      parser.feed(whole.substr(cut));
      const std::optional<HttpQuery> query = parser.next();
      ASSERT_TRUE(query) << cut;
      if (whole == kPost) expect_post(*query);
      if (whole == kChunked) expect_chunked(*query);
      EXPECT_TRUE(parser.idle());
    }
}

TEST(HttpParser, ReadsRequestsThatComeByteByByte) {
  const std::string all = std::string(kPost) + std::string(kChunked) + std::string(kGet);
  HttpParser parser{HttpLimits()};
  std::vector<HttpQuery> queries;
  for (const char byte : all) {
    parser.feed(std::string_view(&byte, 1));
    if (std::optional<HttpQuery> query = parser.next()) queries.push_back(*query);
  }
  ASSERT_EQ(queries.size(), 3U);
  expect_post(queries[0]);
  expect_chunked(queries[1]);
  EXPECT_EQ(queries[2].path, "/metrics");
}

TEST(HttpParser, ReadsRequestsThatComeAllAtOnce) {
  HttpParser parser{HttpLimits()};
  for (int i = 0; i < 100; ++i) {
    parser.feed(kPost);
    parser.feed(kChunked);
  }
  for (int i = 0; i < 100; ++i) {
    const std::optional<HttpQuery> post = parser.next();
    const std::optional<HttpQuery> chunked = parser.next();
    ASSERT_TRUE(post && chunked);
    expect_post(*post);
    expect_chunked(*chunked);
  }
  EXPECT_FALSE(parser.next());
  EXPECT_TRUE(parser.idle());
}

TEST(HttpParser, KnowsWhetherTheConnectionIsKept) {
  const auto kept = [](const std::string& head) {
    HttpParser parser{HttpLimits()};
    parser.feed("GET / " + head + "\r\n\r\n");
    EXPECT_TRUE(parser.next());
    return parser.keep_alive();
  };
  EXPECT_TRUE(kept("HTTP/1.1"));
  EXPECT_TRUE(kept("HTTP/1.1\r\nConnection: Keep-Alive"));
  EXPECT_FALSE(kept("HTTP/1.1\r\nConnection: Close"));
  EXPECT_FALSE(kept("HTTP/1.0"));
  EXPECT_TRUE(kept("HTTP/1.0\r\nConnection: keep-alive"));
}

TEST(HttpParser, KeepsAnyByteOfABody) {
  std::string body;
  for (int byte = 0; byte < 256; ++byte) body += static_cast<char>(byte);
  HttpParser parser{HttpLimits()};
  parser.feed("POST / HTTP/1.1\r\nContent-Length: 256\r\n\r\n" + body);
  EXPECT_EQ(parser.next()->body, body);
}

TEST(HttpParser, RefusesWhatIsNoRequest) {
  for (const char* line : {"", "GET", "GET /", "GET / HTTP/2", "GET  / HTTP/1.1", " GET / HTTP/1.1",
                           "GET / HTTP/1.1 x", "GET x HTTP/1.1", "GET http://a/ HTTP/1.1",
                           "\x16\x03\x01", "GET / http/1.1"})
    expect_refused(std::string(line) + "\r\n\r\n");
  for (const char* header : {"no colon", ": no name", " folded"})
    expect_refused("GET / HTTP/1.1\r\nA: b\r\n" + std::string(header) + "\r\nC: d\r\n\r\n");
}

TEST(HttpParser, RefusesLengthsThatAreNone) {
  for (const char* length : {"-1", "+1", "1.5", "0x10", "ten", "1 2", "99999999999999999999999",
                             "18446744073709551616", "65537"})
    expect_refused("POST / HTTP/1.1\r\nContent-Length: " + std::string(length) + "\r\n\r\n");
}

TEST(HttpParser, RefusesChunksThatAreNone) {
  for (const char* chunks :
       {"-1\r\n", "\r\n", "xyz\r\n", "4\r\nwikiXX", "4\r\nwiki4\r\n", "FFFFFFFFFFFFFFFF\r\n",
        "FFFFFFFFFFFFFFFFF\r\n", "10001\r\n", "0\r\nTrailer: x\r\n\r\n"})
    expect_refused("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(chunks));
  const std::string endless(100, '1');
  expect_refused("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + endless);
  expect_refused("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" + endless + "\r\na\r\n");
  expect_refused("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n");
}

TEST(HttpParser, KeepsToItsLimits) {
  const HttpLimits small = limits(100, 10);
  const std::string post = "POST / HTTP/1.1\r\nContent-Length: ";
  expect_refused(post + "11\r\n\r\n", small);
  expect_refused("GET /" + std::string(200, 'x'), small);
  expect_refused("GET /" + std::string(200, 'x') + " HTTP/1.1\r\n\r\n", small);
  expect_refused("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n5\r\n",
                 small);

  HttpParser parser(small);
  parser.feed(post + "10\r\n\r\n0123456789");
  EXPECT_EQ(parser.next()->body, "0123456789");
}

TEST(HttpParser, SurvivesGarbage) {
  std::uint32_t seed = 1;
  for (int round = 0; round < 3000; ++round) {
    // A valid request with some bytes changed: it is read, refused, or waits; nothing else.
    std::string bytes(round % 2 == 0 ? kPost : kChunked);
    for (int change = 0; change < 1 + round % 4; ++change) {
      seed = seed * 1664525U + 1013904223U;
      bytes[(seed >> 8U) % bytes.size()] = static_cast<char>(seed >> 24U);
    }
    HttpParser parser{HttpLimits()};
    try {
      for (const char byte : bytes) {
        parser.feed(std::string_view(&byte, 1));
        while (parser.next()) {
        }
      }
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), Kind::rejected);
    }
  }
}

TEST(HttpAnswer, WritesItselfAsHttp) {
  EXPECT_EQ(HttpAnswer(200, "{}").wire(true),
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
            "Connection: keep-alive\r\n\r\n{}");
  EXPECT_EQ(HttpAnswer(422, "", "text/plain").wire(false),
            "HTTP/1.1 422 Unprocessable Entity\r\nContent-Type: text/plain\r\n"
            "Content-Length: 0\r\nConnection: close\r\n\r\n");
}

}  // namespace
}  // namespace ryumem

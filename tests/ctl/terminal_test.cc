#include "ctl/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ryumem {
namespace {

ScreenSize size_of(std::size_t columns, std::size_t rows) {
  ScreenSize size;
  size.columns = columns;
  size.rows = rows;
  return size;
}

TEST(Painted, CutsAtTheEdgesAndClearsWhatWasThereBefore) {
  const std::vector<Line> lines = {{Span("abcdef")}, {Span("日本語")}, {Span("gone")}};
  EXPECT_EQ(painted(lines, size_of(4, 2), false), "\x1b[Habc…\x1b[K\r\n日…\x1b[K");
  EXPECT_EQ(painted({{Span("ab")}}, size_of(4, 2), false), "\x1b[Hab\x1b[K\x1b[J");
}

TEST(Painted, TonesAreColoursUnlessNoneAreWanted) {
  const std::vector<Line> lines = {{Span("a"), Span("b", Tone::bad), Span("c", Tone::good)}};
  EXPECT_EQ(painted(lines, size_of(9, 1), true), "\x1b[Ha\x1b[1;31mb\x1b[0m\x1b[32mc\x1b[0m\x1b[K");
  EXPECT_EQ(painted(lines, size_of(9, 1), false), "\x1b[Habc\x1b[K");
}

TEST(Painted, AHeadFillsItsLine) {
  EXPECT_EQ(painted({{Span("x", Tone::head)}}, size_of(3, 1), false),
            "\x1b[H\x1b[7mx  \x1b[0m\x1b[K");
}

}  // namespace
}  // namespace ryumem

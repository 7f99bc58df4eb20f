// The prices that this version has with it. They are those of November 2026 as far as they are
// known to us; a model that is not here costs an unknown amount, and the metrics say so.
#include "common/ops/prices.h"

namespace ryumem {

std::string_view shipped_price_table() {
  return R"(# PROVIDER MODEL INPUT OUTPUT: US dollars for a million tokens.
# The longest MODEL that fits counts; a * at its end stands for any ending.

gemini  gemini-3.5-flash-lite   0.30  2.50
gemini  gemini-3.6-flash        1.50  7.50
gemini  gemini-3.5-flash        1.50  7.50   # answered by gemini-3.6-flash since October 2026
gemini  gemini-embedding-001    0.15  0

openai  gpt-6-luna              0.10  0.50
openai  gpt-4o                  2.50  10
openai  gpt-4o-mini             0.15  0.60
openai  gpt-4.1                 2     8
openai  gpt-4.1-mini            0.40  1.60
openai  text-embedding-3-small  0.02  0
openai  text-embedding-3-large  0.13  0
openai  text-embedding-ada-002  0.10  0

litellm gpt-6-luna              0.10  0.50
litellm text-embedding-3-small  0.02  0
litellm text-embedding-3-large  0.13  0

ollama  *                       0     0      # one's own machine
)";
}

}  // namespace ryumem

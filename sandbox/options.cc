#include "sandbox/options.h"

#include <charconv>

#include "common/base/failure.h"
#include "common/base/text.h"

namespace ryumem::sandbox {
namespace {

constexpr int kMostPerMinute = 2'000'000'000;

[[noreturn]] void refuse(const std::string& what) {
  throw Failure(Kind::usage, what + "; see ryumem-sandbox --help");
}

int number(const std::string& flag, const std::string& text, int least, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
    refuse(flag + ": \"" + text + "\" is not a whole number from " + std::to_string(least) +
           " to " + std::to_string(most));
  return value;
}

void listen(Options& options, const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0)
    refuse("--listen: \"" + text + "\" is not ADDRESS:PORT such as 127.0.0.1:8000");
  options.host = text.substr(0, colon);
  if (options.host.size() > 2 && options.host.front() == '[' && options.host.back() == ']')
    options.host = options.host.substr(1, options.host.size() - 2);
  options.port = number("--listen", text.substr(colon + 1), 0, 65535);
}

void face(Options& options, const std::string& text) {
  if (text != "server" && text != "model" && text != "both")
    refuse("--face: \"" + text + "\" is not one of server, model, both");
  options.server_face = text != "model";
  options.model_face = text != "server";
}

// "schema,tool": each of them to `take`.
template <class Take>
void each_word(const std::string& flag, const std::string& text, Take take) {
  try {
    for (const std::string& word : split(text, ',')) take(word);
  } catch (const Failure& failure) {
    refuse(flag + ": " + failure.what());
  }
}

void rate_window(Options& options, const std::string& text) {
  if (text != "sliding" && text != "bucket")
    refuse("--rate-window: \"" + text + "\" is not one of sliding, bucket");
  options.rates.sliding = text == "sliding";
}

void rate_hints(Options& options, const std::string& text) {
  if (text != "headers" && text != "none")
    refuse("--rate-hints: \"" + text + "\" is not one of headers, none");
  options.rates.told = text == "headers";
}

}  // namespace

Options parse_options(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    std::string flag = arguments[at];
    if (flag == "--help" || flag == "-h") {
      options.help = true;
      continue;
    }
    if (flag == "--version") {
      options.version = true;
      continue;
    }
    if (flag == "--die-with-parent") {
      options.die_with_parent = true;
      continue;
    }
    const std::size_t equal = flag.find('=');
    const bool inline_value = equal != std::string::npos;
    std::string value = inline_value ? flag.substr(equal + 1) : "";
    flag = flag.substr(0, equal);
    if (flag != "--listen" && flag != "--face" && flag != "--internal-key" &&
        flag != "--dimensions" && flag != "--port-file" && flag != "--refuse" &&
        flag != "--ignore" && flag != "--requests-per-minute" && flag != "--tokens-per-minute" &&
        flag != "--rate-window" && flag != "--rate-hints")
      refuse("unknown option \"" + arguments[at] + "\"");
    if (!inline_value) {
      if (at + 1 == arguments.size()) refuse(flag + ": its value is missing");
      value = arguments[++at];
    }
    if (flag == "--listen") listen(options, value);
    if (flag == "--face") face(options, value);
    if (flag == "--internal-key") options.internal_key = value;
    if (flag == "--dimensions")
      options.dimensions = static_cast<std::size_t>(number(flag, value, 1, 65536));
    if (flag == "--port-file") options.port_file = value;
    Manners& manners = options.manners;
    if (flag == "--refuse")
      each_word(flag, value, [&](const std::string& word) { manners.refuse(word); });
    if (flag == "--ignore")
      each_word(flag, value, [&](const std::string& word) { manners.ignore(word); });
    if (flag == "--requests-per-minute")
      options.rates.requests = number(flag, value, 0, kMostPerMinute);
    if (flag == "--tokens-per-minute")
      options.rates.tokens = number(flag, value, 0, kMostPerMinute);
    if (flag == "--rate-window") rate_window(options, value);
    if (flag == "--rate-hints") rate_hints(options, value);
  }
  return options;
}

std::string usage_text() {
  return R"(ryumem-sandbox: stands in for the Ryumem server and for a model, with faults on demand.

usage: ryumem-sandbox [options]

  --listen ADDRESS:PORT  where to listen; port 0 takes a free one (127.0.0.1:8000)
  --face FACE            server, model or both (both)
  --internal-key KEY     answer 403 to server calls without this X-Internal-Key (any is accepted)
  --dimensions N         length of the model's vectors, and the only one the server takes (768)
  --refuse WORD,...      what the model's server does not understand: schema, tool, json, or a
                         member of requests such as reasoning_effort
  --ignore WORD,...      what it accepts and forgets: schema, tool, json
  --port-file FILE       write the port there once listening
  --requests-per-minute N, --tokens-per-minute N
                         what the model allows each path and key; more is a 429 (0: no limit)
  --rate-window WINDOW   how that is counted: sliding, in any minute, or bucket, which fills up
                         again all the time (sliding)
  --rate-hints HINTS     headers: every answer tells what is allowed, what is left and how long to
                         wait; none: nothing does (headers)
  --die-with-parent      stop when the process that started this one ends
  --help, --version

Endpoints, faults and scripted answers are described in sandbox/README.md.
)";
}

}  // namespace ryumem::sandbox

// A strict reader of the Prometheus text format, for tests: what a scraper and promtool would
// complain about, it complains about.
#pragma once

#include <cstdlib>
#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace ryumem::test {

struct Exposition {
  struct Family {
    std::string help;
    std::string type;
  };
  std::map<std::string, Family> families;
  std::map<std::string, double> samples;  // by name and labels, as they are written
  std::vector<std::string> faults;        // empty: the text is as it should be

  /// The sample, or NaN.
  double at(const std::string& sample) const {
    const auto found = samples.find(sample);
    return found == samples.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
  }
};

namespace detail {

inline bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// "name{labels" without the le label, and le by itself.
inline std::string without_le(const std::string& sample, std::string* le) {
  const std::size_t at = sample.find("le=\"");
  if (at == std::string::npos) return sample;
  const std::size_t end = sample.find('"', at + 4);
  *le = sample.substr(at + 4, end - at - 4);
  std::string rest = sample.substr(0, at) + sample.substr(end + 1);
  for (const char* left : {",}", "{,", "{}"}) {
    const std::size_t found = rest.find(left);
    if (found != std::string::npos)
      rest.replace(found, 2, left[0] == ',' ? "}" : left[1] == ',' ? "{" : "");
  }
  return rest;
}

class Reader {
 public:
  Exposition read(const std::string& text) {
    if (text.empty() || text.back() != '\n') fault("the last line has no end", "");
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (line.rfind("# ", 0) == 0)
        read_comment(line);
      else
        read_sample(line);
    }
    for (const auto& [name, family] : out_.families) check_family(name, family);
    for (const auto& [series, buckets] : buckets_) check_histogram(series, buckets);
    return out_;
  }

 private:
  using Buckets = std::vector<std::pair<double, double>>;  // bound, cumulative count

  void fault(const std::string& what, const std::string& where) {
    out_.faults.push_back(what + ": " + where);
  }

  void read_comment(const std::string& line) {
    std::istringstream words(line);
    std::string hash, keyword, name, rest;
    words >> hash >> keyword >> name;
    std::getline(words, rest);
    rest = rest.empty() ? rest : rest.substr(1);
    Exposition::Family& family = out_.families[name];
    std::string& field = keyword == "HELP" ? family.help : family.type;
    if (keyword != "HELP" && keyword != "TYPE") fault("unknown comment", line);
    if (!field.empty()) fault("said twice", line);
    if (rest.empty()) fault("says nothing", line);
    field = rest;
    current_ = name;
  }

  void read_sample(const std::string& line) {
    const std::size_t blank = line.rfind(' ');
    if (blank == std::string::npos) return fault("not a sample", line);
    const std::string sample = line.substr(0, blank);
    const std::string number = line.substr(blank + 1);
    char* end = nullptr;
    const double value = std::strtod(number.c_str(), &end);
    if (number.empty() || *end != '\0') fault("not a number", line);
    const std::size_t brace = sample.find('{');
    const std::string name = sample.substr(0, brace);
    if (brace != std::string::npos && sample.back() != '}') fault("labels not closed", line);
    if (!out_.samples.emplace(sample, value).second) fault("sample given twice", line);
    check_membership(name, sample, value, line);
  }

  void check_membership(const std::string& name, const std::string& sample, double value,
                        const std::string& line) {
    const std::string& type = out_.families[current_].type;
    std::string le;
    const std::string series = without_le(sample, &le);
    if (type == "histogram") {
      if (name == current_ + "_bucket" && !le.empty())
        buckets_[series].emplace_back(
            le == "+Inf" ? std::numeric_limits<double>::infinity() : std::stod(le), value);
      else if (name != current_ + "_sum" && name != current_ + "_count")
        fault("not of the histogram above it", line);
    } else if (name != current_) {
      fault("belongs to no family", line);
    }
    if (type == "counter" && value < 0) fault("a counter below zero", line);
  }

  void check_family(const std::string& name, const Exposition::Family& family) {
    static const std::set<std::string> types = {"counter", "gauge", "histogram"};
    if (family.help.empty()) fault("no HELP", name);
    if (types.count(family.type) == 0) fault("no TYPE", name);
    if ((family.type == "counter") != ends_with(name, "_total"))
      fault("_total is for counters and only for them", name);
    for (const char* unit : {"_ms", "_us", "_ns", "_milliseconds", "_kb", "_minutes"})
      if (ends_with(name, unit)) fault("not a base unit", name);
    if (name.rfind("ryumem_", 0) != 0 && name.rfind("process_", 0) != 0) fault("no prefix", name);
  }

  void check_histogram(const std::string& series, const Buckets& buckets) {
    for (std::size_t i = 1; i < buckets.size(); ++i)
      if (buckets[i].first <= buckets[i - 1].first || buckets[i].second < buckets[i - 1].second)
        fault("buckets do not rise", series);
    if (buckets.back().first != std::numeric_limits<double>::infinity())
      return fault("no +Inf bucket", series);
    std::string count = series;
    count.replace(count.find("_bucket"), 7, "_count");
    if (out_.at(count) != buckets.back().second) fault("+Inf bucket and count differ", series);
    count.replace(count.find("_count"), 6, "_sum");
    if (out_.samples.count(count) == 0) fault("no sum", series);
  }

  Exposition out_;
  std::string current_;
  std::map<std::string, Buckets> buckets_;
};

}  // namespace detail

inline Exposition read_exposition(const std::string& text) { return detail::Reader().read(text); }

}  // namespace ryumem::test

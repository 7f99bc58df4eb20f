// A folder of a test's own.
#pragma once

#include <string>
#include <string_view>

namespace ryumem::test {

/// An empty folder below TMPDIR (or /tmp); its destruction removes it with all that is in it.
class TempDir {
 public:
  /// Throws std::runtime_error.
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  /// The path of `name` in the folder.
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }
  /// Writes a file and gives its path.
  std::string write(std::string_view name, std::string_view text) const;

 private:
  std::string path_;
};

/// All of a file, or "" if there is none.
std::string read_file(const std::string& path);

}  // namespace ryumem::test

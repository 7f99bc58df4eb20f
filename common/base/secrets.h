// What must never be seen: keys and passwords, wherever they turn up in a text that is written
// somewhere. Answers and errors of others may repeat what they were sent.
#pragma once

#include <string>
#include <string_view>

namespace ryumem {

/// A value that without_secrets() takes out as long as this lives. Values of less than six
/// characters are no secrets, and would be found in the middle of words.
class KeptSecret {
 public:
  explicit KeptSecret(std::string value);
  ~KeptSecret();
  KeptSecret(KeptSecret&& other) noexcept;
  KeptSecret& operator=(KeptSecret&&) = delete;

 private:
  std::string value_;
};

/// The same for as long as the process lives.
void keep_secret(const std::string& value);

/// `text` with "***" in the place of every value that is kept, and of what looks like a secret
/// anyway: the user and password of a URL, what stands behind `Bearer`, behind `api_key=` or
/// `"api_key":` and the like, and keys of known shapes.
std::string without_secrets(std::string_view text);

}  // namespace ryumem

#include <custody/words/result.hpp>

int main() {
  const custody::Result<int> result = custody::Errc::not_found;
  return result ? 1 : 0;
}

#include <custody/words/result.hpp>

#ifndef OUR_SODIUM
#error the libsodium of the product is not used
#endif

int main() {
  const custody::Result<int> result = custody::Errc::not_found;
  return result ? 1 : 0;
}

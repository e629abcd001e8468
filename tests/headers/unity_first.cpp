#include <custody/sealing.hpp>

const char* custody_unity_first() { return custody::text(custody::Errc::unset); }

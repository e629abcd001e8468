#include <custody/sealing.hpp>

const char* custody_unity_third() { return custody::text(custody::Errc::unset); }

#include <string>

using namespace std;  // as hosts do, before and after

#include <custody/sealing.hpp>

const char* custody_unity_second() { return custody::text(custody::Errc::unset); }

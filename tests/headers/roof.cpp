#include <custody/custody.hpp>

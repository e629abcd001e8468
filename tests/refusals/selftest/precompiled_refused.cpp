// VERDICT: REFUSED
// REFUSES-FIRST: custody[T1]
#include "../demo.hpp"
#ifdef CUSTODY_REFUSED
static_assert(sizeof(Nickname) == 0, "custody[T1]");
#endif

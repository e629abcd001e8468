// VERDICT: ACCEPTED
// REFUSES: custody[T1]
#include "../demo.hpp"
#ifdef CUSTODY_REFUSED
Nickname name;
#endif

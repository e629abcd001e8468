// VERDICT: WRONG_REASON
// REFUSES: custody
#ifdef CUSTODY_REFUSED
#include <custody/no_such_header.hpp>
#endif

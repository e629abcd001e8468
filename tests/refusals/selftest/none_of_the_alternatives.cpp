// VERDICT: WRONG_REASON
// REFUSES-ANY: private | inaccessible
#ifdef CUSTODY_REFUSED
static_assert(sizeof(int) == 0, "custody[T1]");
#endif

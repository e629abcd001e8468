// VERDICT: NO_EXPECTATION
#ifdef CUSTODY_REFUSED
static_assert(sizeof(int) == 0, "custody[T1]");
#endif

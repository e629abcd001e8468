// VERDICT: WRONG_REASON
// REFUSES: custody[T1]
#ifdef CUSTODY_REFUSED
static_assert(sizeof(int) == 0, "custody[T11]");
#endif

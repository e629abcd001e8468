// VERDICT: WRONG_REASON
// REFUSES-FIRST: custody[T1]
#ifdef CUSTODY_REFUSED
static_assert(sizeof(int) == 0, "another");
static_assert(sizeof(int) == 0, "custody[T1]");
#endif

// VERDICT: WRONG_REASON
// REFUSES: custody[T1]
// REFUSES-LINES: 2
#ifdef CUSTODY_REFUSED
static_assert(sizeof(int) == 0, "custody[T1]");
static_assert(sizeof(int) == 1, "second");
static_assert(sizeof(int) == 2, "third");
#endif

// VERDICT: TWIN_BROKEN
// REFUSES: custody[T1]
Nickname name;
#ifdef CUSTODY_REFUSED
static_assert(sizeof(Nickname) == 0, "custody[T1]");
#endif

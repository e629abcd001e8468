// VERDICT: TWIN_BROKEN
// REFUSES: custody[T1]
static_assert(sizeof(int) == 0, "custody[T1]");

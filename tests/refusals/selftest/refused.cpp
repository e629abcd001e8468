// VERDICT: REFUSED
// REFUSES: custody[T1]: the sentence
// REFUSES-FIRST: custody[T1]
// REFUSES-ANY: no such wording | custody[T1]
// REFUSES-SHORT
#ifdef CUSTODY_REFUSED
static_assert(sizeof(int) == 0, "custody[T1]: the sentence");
#endif

// VERDICT: WRONG_REASON
// REFUSES: custody[T1]
#ifdef CUSTODY_REFUSED
int one() { retrun 1; }
#endif

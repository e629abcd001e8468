// VERDICT: WRONG_REASON
// REFUSES: custody[T1]
#ifdef CUSTODY_REFUSED
int one() { return undeclared; }  // custody[T1]
#endif

// VERDICT: REFUSED
// REFUSES-FIRST: custody[T1]: a "quoted" word
#ifdef CUSTODY_REFUSED
#error custody[T1]: a "quoted" word
#endif

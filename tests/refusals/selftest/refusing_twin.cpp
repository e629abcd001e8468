// VERDICT: REFUSED
// REFUSES-FIRST: custody[T1]: two marks are compared (PIPL Art. 6). Fix: do not.
// REFUSES-SHORT
#include <custody/words/rule.hpp>

struct Mark {
  template <class Other>
  friend CUSTODY_DETAIL_REFUSE(
      "custody[T1]: two marks are compared (PIPL Art. 6). Fix: do not.", operator==(const Mark&, const Other&));
};
template <class A, class B>
concept Comparable = requires(A a, B b) { a == b; };
static_assert(!Comparable<Mark, int>);

#ifdef CUSTODY_REFUSED
bool same(Mark a, Mark b) { return a == b; }
#endif

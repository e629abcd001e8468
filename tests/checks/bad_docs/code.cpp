// snippet: good
int one() {
  return a[0] + ';';  // kept; as "it" \is [

}
// end: good
  // snippet: indented
  int two();
    int three();
  // end: indented
// snippet: open
